import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { Code, until } from './code.ts';
import { story } from './steps.ts';

const tools = inject('vscode');

const FIXTURES = 'test/fixtures/foreign-runs';
const FOREIGN = ['trl-1.16', 'ms-swift-4.6', 'verl-0.9', 'easyr1', 'trackio-0.43', 'wandb-0.31'];

// In Restricted Mode, where reading works as it does for our own runs.
describe.skipIf(!tools)('runs of other trainers', () => {
  let code: Code;
  let page: Page;
  let folder: string;

  beforeAll(async () => {
    code = await Code.start(tools!, { settings: { 'workbench.colorTheme': 'Dark 2026' } });
    ({ page } = code);
    folder = join(code.root, 'work');
    mkdirSync(folder);
    writeFileSync(join(folder, 'a.qa.jsonl'), '{"id":"a","question":"Left?","answer":"Yes"}\n');
    for (const name of FOREIGN) cpSync(join(FIXTURES, name), join(folder, 'out', name), { recursive: true });
    cpSync(join(FIXTURES, 'data'), join(folder, 'data'), { recursive: true });
    cpSync('test/fixtures/recorded/project/runs/spatial', join(folder, 'runs/own'), { recursive: true });
    const [from, to] = [join(folder, 'out/trl-1.16'), join(folder, 'runs/theirs')];
    execFileSync(process.execPath, ['dist/cli.js', 'import', from, '-o', to, '--quiet'], { stdio: 'pipe' });
    await code.openFolder(folder);
  });
  afterAll(() => code?.stop());

  const step = story(() => page);
  const row = (name: string) => page.locator(`[role=treeitem][aria-label^="${name}"]`).first();
  const openRun = async (name: string) => {
    await row(name).click();
    await page.locator('.tab.active', { hasText: `Run: ${name}` }).waitFor();
    return code.webview('[data-chart] canvas');
  };
  const openTraces = async (name: string) => {
    await openRun(name);
    await code.run('Chirality: Open Traces');
    await page.locator('.tab.active', { hasText: `Traces: ${name}` }).waitFor();
    const panel = await code.webview('.inspector');
    await panel.locator('h1', { hasText: name }).waitFor();
    return panel;
  };

  step('stand in the Runs view, with what they hold, beside ours and an imported one', async () => {
    await page.locator('.activitybar [aria-label^=Chirality]').first().click();
    await row('theirs').waitFor();
    const labels = await Promise.all(
      ['theirs', 'own', 'trl-1.16', 'verl-0.9', 'tiny-spatial', 'offline-run', 'ms-swift-4.6/v0'].map(
        (name) => row(name).getAttribute('aria-label'),
      ),
    );
    expect(labels[0]).toContain('imported from TRL 1.16.0, step 4');
    expect(labels[1]).toContain('finished');
    expect(labels[2]).toContain('TRL · 4 files of completions · curves · TensorBoard');
    expect(labels[4]).toContain('trackio');
  });

  step('show their curves, and say what is not known', async () => {
    const panel = await openRun('trl-1.16');
    const slider = panel.locator('.keyboard[role=slider]').first();
    await until('its last step', async () => (await slider.getAttribute('aria-valuemax')) === '4');
    await panel.locator('.badge', { hasText: 'TRL 1.16.0' }).waitFor();
    await panel.locator('details.notice li', { hasText: "TRL's parquet keeps no pictures." }).waitFor();
    expect(await panel.getByRole('button', { name: 'log' }).count()).toBe(0);
    expect(await panel.getByRole('button', { name: 'Resume' }).count()).toBe(0);
  });

  step('show completions with reward parts, missing values as –, and why there is no picture', async () => {
    const panel = await openTraces('trl-1.16');
    await panel.getByText("TRL's parquet keeps no pictures.").waitFor();
    await panel.getByText('letters_reward 0.25').first().waitFor();
    await panel.locator('.inspector', { hasText: 'not judged' }).waitFor();
    await panel.getByRole('button', { name: /What if/ }).waitFor();
    // verl keeps no advantages: nothing that could be computed anew, and a dash in their place.
    const verl = await openTraces('verl-0.9');
    await verl.locator('.inspector', { hasText: 'verl keeps no pictures.' }).waitFor();
    await verl.locator('.inspector', { hasText: '–' }).waitFor();
    expect(await verl.getByRole('button', { name: /What if/ }).count()).toBe(0);
  });

  step('become judged and joined where a person says what is right and which rows were asked', async () => {
    const pick = async (button: string, label: string) => {
      const panel = await openTraces('trl-1.16');
      await panel.getByRole('button', { name: button }).click();
      await page.locator('.quick-input-list .monaco-list-row', { hasText: label }).first().click();
      return panel;
    };
    let panel = await pick('Which reward means right…', 'accuracy_reward');
    await panel.getByText('0 of 4 right').waitFor();
    panel = await pick('Add data set…', 'worlds.qa.jsonl');
    await panel.locator('.inspector h2', { hasText: 'worlds-3-' }).waitFor();
    await panel.locator('.labels').first().waitFor();
    const run = await openRun('trl-1.16');
    await run.getByText('9 of 9 pairs joined with worlds.qa.jsonl.').waitFor();
    await run.getByRole('button', { name: 'Right: accuracy_reward = 1' }).click();
    await page.locator('.quick-input-list .monaco-list-row', { hasText: 'None of them' }).first().click();
    await run.getByText('Nobody has said which reward means').waitFor();
    const message = page.locator('.notification-list-item', { hasText: 'no reward means right now' });
    await message.getByRole('button', { name: 'Undo' }).click();
    await run.getByRole('button', { name: 'Right: accuracy_reward = 1' }).waitFor();
  });

  step('show the pictures that trackio keeps', async () => {
    const panel = await openTraces('tiny-spatial');
    await until('the picture', () =>
      panel
        .locator('.inspector img, .inspector canvas')
        .first()
        .evaluate((picture) => picture.getBoundingClientRect().width > 0),
    );
    await panel.locator('.inspector', { hasText: 'trackio keeps pictures, but no boxes' }).waitFor();
  });

  step('stand with ours in one chart, also where there is little room', async () => {
    await code.run('Chirality: Compare Runs');
    const input = page.locator('.quick-input-widget input[type=text]');
    for (const name of ['own', 'trl-1.16']) {
      await input.fill(name);
      await page.locator('.quick-input-list .monaco-list-row', { hasText: name }).first().click();
    }
    await input.press('Enter');
    const panel = await code.webview('[data-chart] canvas');
    await panel.getByText('trl-1.16 is a run of TRL 1.16.0: it has no config to compare with.').waitFor();
    const legend = panel.locator('[data-chart]').first();
    await until('both curves', async () => {
      const text = (await legend.textContent())!;
      return text.includes('own') && text.includes('trl-1.16');
    });
    await code.run('View: Toggle Primary Side Bar Visibility');
    await page.setViewportSize({ width: 480, height: 900 });
    await until('no sideways scrolling', () =>
      panel.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth),
    );
    expect(code.refused).toEqual([]);
  });
});
