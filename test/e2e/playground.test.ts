import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import type { Sample } from '../../src/core/spatial/sample.ts';
import { chirality, tinyProject } from '../unit/lab/recipes/cli.ts';
import { Code, until } from './code.ts';
import { story } from './steps.ts';

const tools = inject('vscode');

describe.skipIf(!tools)('the Playground in VS Code', () => {
  let code: Code;
  let page: Page;
  let folder: string;
  let row: Sample;
  let panel: Frame;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'chirality play '));
    await tinyProject(folder);
    const trained = await chirality(folder, 'train', 'sft.run.yaml');
    if (trained.code !== 0) throw new Error(trained.stderr);
    [row] = rowsOf('train/data.qa.jsonl') as [Sample];
    code = await Code.start(tools!, { settings: { 'security.workspace.trust.enabled': false } });
    page = code.page;
    await code.openFolder(join(folder, 'train'));
  });
  afterAll(async () => {
    await code?.stop();
    if (folder) rmSync(folder, { recursive: true });
  });

  const rowsOf = (name: string): Sample[] =>
    readFileSync(join(folder, name), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Sample);
  const step = story(() => page);
  const item = () => page.locator('.monaco-list-row', { hasText: 'step-000030' });

  step('opens with the row of the cursor', async () => {
    await code.openFile('data.qa.jsonl');
    await code.run('Chirality: Open Playground');
    panel = await code.webview('#question');
    await expect.poll(() => panel.locator('#question').inputValue()).toBe(row.question);
    expect(await panel.locator('#answer').inputValue()).toBe(row.answer);
    await panel.locator('.frame img').nth(1).waitFor();
  });

  step('takes a checkpoint of a run, which it loads to answer', async () => {
    await panel.getByRole('button', { name: 'Add Model' }).click();
    await code.choose('Model Folder');
    const input = page.locator('.quick-input-widget input');
    // The dialog writes the folder it starts from when it is ready, over what is typed before.
    const checkpoint = join(folder, 'runs/sft/checkpoints/step-000030');
    await until('the folder to stay', async () => {
      await input.fill(checkpoint);
      await new Promise((resolve) => setTimeout(resolve, 500));
      return (await input.inputValue()) === checkpoint;
    });
    await page.locator('.quick-input-widget').getByRole('button', { name: 'Add Model' }).click();
    await panel.locator('.models li', { hasText: 'step-000030' }).waitFor();
    await panel.locator('#question').press('Control+Enter');
    await expect.poll(() => panel.locator('.one-model .answer-text').count()).toBe(2);
    expect(await panel.locator('.one-model .status .badge').textContent()).toMatch(
      /consistent|only the|neither/,
    );
  });

  step('a changed question is mirrored as it is typed', async () => {
    const typed = `${row.question.replace(/\?$/, '')} left ?`;
    await panel.locator('#question').fill(typed);
    await expect
      .poll(() => panel.locator('.mirrored-question').textContent())
      .toMatch(/right \?|not mirrored/);
    await panel.locator('#question').fill(row.question);
  });

  step('the question becomes a row', async () => {
    const before = rowsOf('train/data.qa.jsonl').length;
    await panel.getByRole('button', { name: 'Save as Sample' }).click();
    await code.choose('data.qa.jsonl');
    await code.notification(`Saved as line ${before + 1} of data.qa.jsonl.`).waitFor();
    const rows = rowsOf('train/data.qa.jsonl');
    expect(rows).toHaveLength(before + 1);
    expect(rows.at(-1)).toMatchObject({ question: row.question, answer: row.answer, images: row.images });
    expect(rows.at(-1)!.meta?.asked).toHaveLength(1);
  });

  step('the Engines view lists the model, and unloads it', async () => {
    await code.run('Chirality: Focus on Engines View');
    await item().hover();
    await item().getByRole('button', { name: 'Unload Model' }).click();
    await expect.poll(() => item().count()).toBe(0);
  });

  step('after a reload, what was asked is there again, and can be asked again', async () => {
    await code.reload();
    panel = await code.webview('#question');
    await expect.poll(() => panel.locator('.history .entry').count()).toBe(1);
    expect(await panel.locator('#question').inputValue()).toBe(row.question);
    await panel.locator('.frame img').nth(1).waitFor();
    await panel.locator('#question').press('Control+Enter');
    await expect.poll(() => panel.locator('.history .entry').count()).toBe(2);
    await expect.poll(() => panel.locator('.one-model .status .badge').count()).toBe(1);
  });
});
