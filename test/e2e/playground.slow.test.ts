import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { chirality, tinyProject } from '../unit/lab/recipes/cli.ts';
import { Code, until } from './code.ts';
import { packExtension } from './extension.ts';
import { story } from './steps.ts';
import { readRows } from '../support/rows.ts';
import { folderOfTests } from '../support/folder.ts';

const tools = inject('vscode');

/** A language model of VS Code, which is silent while there is a file `hold`, and then leaves one for each answer. */
const chat = (folder: string) => `
const { existsSync, appendFileSync } = require('node:fs');
const vscode = require('vscode');
const folder = ${JSON.stringify(folder)};
const info = { id: 'scripted-1', name: 'Scripted', family: 'scripted', version: '1', maxInputTokens: 9999,
  maxOutputTokens: 9999, capabilities: {} };
exports.activate = () => vscode.lm.registerLanguageModelChatProvider('test', {
  provideLanguageModelChatInformation: () => [info],
  provideLanguageModelChatResponse: async (model, messages, options, progress) => {
    while (existsSync(folder + '/hold')) await new Promise((wake) => setTimeout(wake, 50));
    progress.report(new vscode.LanguageModelTextPart('left'));
    appendFileSync(folder + '/said', 'x');
  },
  provideTokenCount: async () => 1,
});
`;

describe.skipIf(!tools)('Playground in VS Code', () => {
  let code: Code;
  let page: Page;
  const folder = folderOfTests('chirality play ');
  let row: Sample;
  let panel: Frame;

  beforeAll(async () => {
    await tinyProject(folder);
    const trained = await chirality(folder, 'train', 'sft.run.yaml');
    if (trained.code !== 0) throw new Error(trained.stderr);
    [row] = rowsOf('train/data.qa.jsonl') as [Sample];
    const contributes = { languageModelChatProviders: [{ vendor: 'test', displayName: 'Test' }] };
    code = await Code.start(tools!, {
      extensions: [packExtension(join(folder, 'model'), { name: 'model', contributes }, chat(folder))],
      settings: { 'security.workspace.trust.enabled': false },
    });
    page = code.page;
    await code.openFolder(join(folder, 'train'));
  });
  afterAll(async () => {
    await code?.stop();
  });

  const rowsOf = (name: string): Sample[] => readRows(join(folder, name));
  const step = story(() => page);
  const item = () => page.locator('.monaco-list-row', { hasText: 'step-000030' });

  step('opens with the row at the cursor', async () => {
    await code.openFile('data.qa.jsonl');
    await code.run('Chirality: Open Playground');
    panel = await code.webview('#question');
    await expect.poll(() => panel.locator('#question textarea').inputValue()).toBe(row.question);
    expect(await panel.locator('#answer input').inputValue()).toBe(row.answer);
    await panel.locator('.frame img').nth(1).waitFor();
  });

  step('evaluates a checkpoint after loading it', async () => {
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
    await panel.locator('#question textarea').press('Control+Enter');
    await expect.poll(() => panel.locator('.one-model .answer-text').count()).toBe(2);
    expect(await panel.locator('.one-model .status .badge').textContent()).toMatch(
      /both views|only the|neither/,
    );
  });

  step('mirrors a changed question while the user types', async () => {
    const typed = `${row.question.replace(/\?$/, '')} left ?`;
    await panel.locator('#question textarea').fill(typed);
    await expect
      .poll(() => panel.locator('.mirrored-question').textContent())
      .toMatch(/right \?|not mirrored/);
    await panel.locator('#question textarea').fill(row.question);
  });

  step('saves the question as a row', async () => {
    const before = rowsOf('train/data.qa.jsonl').length;
    await panel.getByRole('button', { name: 'Save as Row' }).click();
    await code.choose('data.qa.jsonl');
    await code.notification(`Saved to line ${before + 1} of data.qa.jsonl.`).waitFor();
    const rows = rowsOf('train/data.qa.jsonl');
    expect(rows).toHaveLength(before + 1);
    expect(rows.at(-1)).toMatchObject({ question: row.question, answer: row.answer, images: row.images });
    expect(rows.at(-1)!.meta?.asked).toHaveLength(1);
  });

  step('lists the model in the Engines view, and unloads it', async () => {
    await code.run('Chirality: Focus on Engines View');
    await item().hover();
    await item().getByRole('button', { name: 'Unload Model' }).click();
    await expect.poll(() => item().count()).toBe(0);
  });

  step('restores the questions after a reload, and repeats them', async () => {
    await code.reload();
    panel = await code.webview('#question');
    await expect.poll(() => panel.locator('.history .entry').count()).toBe(1);
    expect(await panel.locator('#question textarea').inputValue()).toBe(row.question);
    await panel.locator('.frame img').nth(1).waitFor();
    await panel.locator('#question textarea').press('Control+Enter');
    await expect.poll(() => panel.locator('.history .entry').count()).toBe(2);
    await expect.poll(() => panel.locator('.one-model .status .badge').count()).toBe(1);
  });

  const scripted = () => panel.locator('.one-model', { hasText: 'Scripted' });
  const answersOf = () => scripted().locator('.answer-text').allTextContents();

  step('evaluates a VS Code language model with a workspace strategy, without the image', async () => {
    await panel.getByRole('button', { name: 'Remove step-000030' }).click();
    await panel.getByRole('button', { name: 'Add Model' }).click();
    await page.locator('.quick-input-widget input').fill('Scripted');
    await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Scripted' }).waitFor();
    await page.keyboard.press('Enter');
    await panel.getByText('Skipped: Scripted.').waitFor();
    const way = 'about: Mine.\nstages:\n  answer: { user: question, images: none }\n';
    writeFileSync(join(folder, 'train/mine.strategy.yaml'), way);
    await panel.locator('option', { hasText: 'mine.strategy.yaml' }).waitFor({ state: 'attached' });
    await panel.locator('.how summary').click();
    await panel.getByLabel('Strategy').selectOption({ label: 'mine.strategy.yaml' });
    await panel.locator('#question textarea').press('Control+Enter');
    await expect.poll(answersOf).toEqual(['left', 'left']);
  });

  step('shows output that arrived while the panel was hidden', async () => {
    const said = () => readFileSync(join(folder, 'said'), 'utf8').length;
    const before = said();
    writeFileSync(join(folder, 'hold'), '');
    await panel.locator('#question textarea').fill('On which side of the red cone is the green cylinder?');
    await panel.locator('#question textarea').press('Control+Enter');
    await panel.locator('.one-model[aria-busy=true]').waitFor();
    await code.openFile('data.qa.jsonl');
    await until('the page to be gone', () => Promise.resolve(panel.isDetached()));
    rmSync(join(folder, 'hold'));
    await until('both answers', () =>
      Promise.resolve(existsSync(join(folder, 'said')) && said() === before + 2),
    );
    await page.locator('.tab', { hasText: 'Playground' }).click();
    panel = await code.webview('#question');
    await expect.poll(answersOf).toEqual(['left', 'left']);
    expect(await panel.locator('.one-model[aria-busy=true]').count()).toBe(0);
    await expect.poll(() => panel.locator('.history .entry').count()).toBe(4);
  });
});
