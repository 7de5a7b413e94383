import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { Code, until } from './code.ts';
import { ownPictures } from '../support/own-table.ts';
import { isEnded, killRuns, stateOf } from './runs.ts';
import { story } from './steps.ts';

const tools = inject('vscode');

// A person with ten images and a table of questions, and no terminal.
// Both runs train in one step, and machines are shared.
describe.skipIf(!tools)('from ten images to a trained model', { timeout: 1_300_000 }, () => {
  let code: Code;
  let page: Page;
  let folder: string;

  beforeAll(async () => {
    ({ code, page, folder } = await Code.inFolder(tools!, 'workspace', ownPictures, '.explorer-item'));
  });
  afterAll(async () => {
    if (folder) for (const runs of ['runs', 'sweeps/sft-grpo/runs']) killRuns(join(folder, runs));
    await code?.stop();
  });

  const step = story(() => page);
  const next = async (name: RegExp) => {
    const panel = await code.webview('.steps');
    await panel.locator('.steps').getByRole('button', { name }).click();
  };

  /** An image of what is asked in the middle of a step. */
  const shoot = async (name: string) => {
    const { CHIRALITY_SHOTS: shots } = process.env;
    if (shots) await page.screenshot({ path: join(shots, `e2e-wizard-${name}.png`) });
  };

  /** Takes the name that a dialog proposes for a new file. */
  const accept = async (title: string) => {
    const dialog = page.locator('.quick-input-widget', { hasText: title });
    const name = dialog.locator('input').first();
    await until('the name proposed', () => name.inputValue());
    await name.press('Enter');
  };

  step('creates a dataset from a table', async () => {
    await page.getByRole('tab', { name: 'Chirality' }).click();
    const sets = page.locator('.pane', { has: page.getByText('Datasets', { exact: true }) });
    await sets.getByRole('treeitem', { name: 'fragen.csv' }).click();
    const panel = await code.webview('.fields');
    await panel.getByRole('button', { name: 'Use as Dataset' }).click();
    await code.webview('.grid');
  });

  step('mirrors all rows by rules', async () => {
    await next(/^Mirror Rows/);
    await accept('Save Mirrored Rows');
    await code.webview('h1:text-is("fragen.mirrored.qa.jsonl")');
  });

  step('plans SFT and GRPO for a new tiny model, with a tenth of the rows held out', async () => {
    await next(/Train/);
    await code.choose('Spatial-GRPO, tiny model');
    const starts = page.locator('.quick-input-widget', { hasText: '(2 of 4)' });
    await starts.waitFor();
    await shoot('starts');
    await code.choose('SFT First, Then GRPO');
    const sets = page.locator('.quick-input-widget', { hasText: '(3 of 4)' });
    await sets.getByText('1 Selected').waitFor();
    await shoot('sets');
    await sets.locator('input[type=text]').press('Enter');
    await accept('Save Sweep');
    await page.locator('.tab.active', { hasText: 'sft-grpo.sweep.yaml' }).waitFor();
    const asked = code.starts.filter({ hasText: 'SFT for 300 steps, then GRPO for 100 steps' });
    await asked
      .filter({ hasText: 'are too few to train a model from scratch' })
      .waitFor({ timeout: 240_000 });
  });

  step('trains both runs in order, with rewards from the first GRPO step', async () => {
    await code.starts.getByRole('button', { name: 'Run Sweep Anyway' }).click();
    const runs = join(folder, 'sweeps/sft-grpo/runs');
    const ended = (name: string) => isEnded(join(runs, name));
    await until('SFT to end', () => Promise.resolve(ended('sft-seed-0')), 600_000);
    await until('GRPO to end', () => Promise.resolve(ended('grpo-seed-0')), 600_000);
    const lines = readFileSync(join(runs, 'grpo-seed-0/metrics.jsonl'), 'utf8').trimEnd().split('\n');
    const rewards = lines.map((line) => (JSON.parse(line) as { reward: number }).reward);
    expect(rewards).toHaveLength(100);
    expect(rewards[0]).toBeGreaterThan(0);
    expect(stateOf(join(runs, 'grpo-seed-0'))).toMatchObject({ status: 'finished' });
    expect(stateOf(join(runs, 'grpo-seed-0'))).not.toHaveProperty('alarm');
  });

  step('lists the SFT checkpoint first as the initial model for GRPO', async () => {
    await code.run('Chirality: New Run Config');
    await code.choose('Spatial-GRPO, tiny model');
    await code.choose('fragen.mirrored.qa.jsonl');
    const first = page.locator('.quick-input-list .monaco-list-row').first();
    await first.getByText(/seed-0, step/).waitFor();
    await shoot('checkpoints');
    await page.keyboard.press('Escape');
    await first.waitFor({ state: 'hidden' });
  });

  step('warns before GRPO of an untrained model', async () => {
    const config = 'preset: demo\nsteps: 3\ndata: { train: fragen.mirrored.qa.jsonl }\n';
    writeFileSync(join(folder, 'blind.run.yaml'), config);
    await code.openFile('blind.run.yaml');
    await code.run('Chirality: Start Run');
    const warned = code.starts.filter({ hasText: 'of the dry run' });
    await warned.getByText('Train with SFT First, Then GRPO').waitFor({ timeout: 240_000 });
    await shoot('warnings');
    await warned.getByRole('button', { name: 'Start Run Anyway' }).click();
    const panel = await code.webview('h1:text-is("blind")');
    await panel.getByText('No training signal.').waitFor({ timeout: 240_000 });
    await code.notification('All completions of the first two steps earned the same reward').waitFor({
      timeout: 240_000,
    });
    expect(await page.locator('.notification-list-item', { hasText: 'did not start' }).count()).toBe(0);
  });
});
