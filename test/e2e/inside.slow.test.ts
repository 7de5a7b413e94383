import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { trainedProject } from '../unit/lab/recipes/cli.ts';
import { Code } from './code.ts';
import { story } from './steps.ts';

const tools = inject('vscode');

// Looking inside a model that was trained, without a terminal and without a mouse in the pages.
describe.skipIf(!tools)('interpretability in VS Code', () => {
  let code: Code;
  let page: Page;
  let folder: string;

  beforeAll(async () => {
    folder = await trainedProject('chirality-inside-', 'sft');
    writeFileSync(join(folder, 'question.prompt.txt'), '{question}');
    const stage = 'user: question.prompt.txt, options: none, max_tokens: 16';
    const strategy = `about: A test.\nstages:\n  answer: { ${stage} }\n`;
    writeFileSync(join(folder, 'once.strategy.yaml'), strategy);
    code = await Code.start(tools!, { settings: { 'security.workspace.trust.enabled': false } });
    ({ page } = code);
    await code.openFolder(folder, ':text-is("val")');
  });
  afterAll(async () => {
    await code?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const step = story(() => page);
  /** Goes on with what is ticked in a list of several, of which one is waited for. */
  const accept = async (text: string, ...ticked: string[]) => {
    const row = (of: string) => page.locator('.quick-input-list .monaco-list-row', { hasText: of }).first();
    await row(text).waitFor();
    for (const one of ticked) {
      // A long list has only rows that can be seen.
      await page.keyboard.type(one);
      await row(one).click();
    }
    await page.keyboard.press('Enter');
    await row(ticked.at(-1) ?? text).waitFor({ state: 'hidden' });
  };
  const lookInside = async (question: string) => {
    await code.run('Chirality: Open Interpretability');
    await code.choose('sft');
    const panel = await code.webview('header > .tools');
    const button = panel.getByRole('button', { name: /^Analyse (Model|with Options)…$/ });
    await button.focus();
    await page.keyboard.press('Enter');
    await code.choose(question);
  };

  step('analyses a set with two prompting strategies and opens the panel', async () => {
    await lookInside('Attention analysis');
    await accept('Step 30');
    await code.choose('val');
    await accept('Training prompt', 'once.strategy.yaml');
    const panel = await code.webview('.finding');
    await panel.locator('.bars').waitFor();
    await panel.getByText('Values by layer, and comparison of analyses').press('Enter');
  });

  step('adds the second strategy by keyboard, as pairs of lines', async () => {
    const panel = await code.webview('.beside');
    await panel.locator('.beside vscode-checkbox').focus();
    await page.keyboard.press('Space');
    const names = panel.locator('.layer-chart li');
    await names.nth(3).waitFor();
    expect((await names.allInnerTexts()).sort()).toEqual([
      'once, Mirror',
      'once, Original',
      'trained, Mirror',
      'trained, Original',
    ]);
    await panel.getByRole('region', { name: 'Dependence on input' }).waitFor();
  });

  step('adds activation patching results once available', async () => {
    await lookInside('Activation patching');
    await code.choose('Step 30');
    await code.choose('val');
    await code.choose('Training prompt');
    const panel = await code.webview('.moved-table, .bars');
    await panel.getByRole('heading', { name: 'Activation patching' }).waitFor();
    expect(await panel.locator('header').getByLabel('Result', { exact: true }).count()).toBe(1);
  });

  step('opens the pair of a row by keyboard, and shows its attention with the l key', async () => {
    const panel = await code.webview('header .tools');
    const result = panel.locator('header').getByLabel('Result', { exact: true });
    await result.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await panel.getByText(/^All values and/).press('Enter');
    const row = panel.getByRole('region', { name: 'Rows' }).locator('button').first();
    await row.waitFor();
    await row.focus();
    await page.keyboard.press('Enter');
    const pair = await code.webview('header > .place');
    // The pair opens next to the run, which keeps the keys, so that the arrows go on from row to row.
    await page.keyboard.press('Control+2');
    await code.pressUntil('l', page.locator('.quick-input-widget input'));
    await code.choose('sft');
    await pair.locator('.look table').first().waitFor();
    await page.keyboard.press('h');
    await pair.locator('.look caption', { hasText: 'head' }).first().waitFor();
  });
});
