import { rmSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { trainedProject } from '../unit/lab/recipes/cli.ts';
import { Code } from './code.ts';
import { story } from './steps.ts';

const tools = inject('vscode');

// Looking inside a model that was trained, without a terminal and without a mouse in the pages.
describe.skipIf(!tools)('inside a model', () => {
  let code: Code;
  let page: Page;
  let folder: string;

  beforeAll(async () => {
    folder = await trainedProject('chirality-inside-', 'sft');
    code = await Code.start(tools!, { settings: { 'security.workspace.trust.enabled': false } });
    ({ page } = code);
    await code.openFolder(folder, ':text-is("val")');
  });
  afterAll(async () => {
    await code?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const step = story(() => page);
  const lookInside = async (question: string) => {
    await code.run('Chirality: Look Inside Model');
    await code.choose('sft');
    await code.choose(question);
    await code.choose('last');
    await code.choose('val');
  };

  step('a look over a set fills the Run panel', async () => {
    await lookInside('Where does it look?');
    const panel = await code.webview('.inside .layer-chart');
    await panel.locator('.inside').scrollIntoViewIfNeeded();
    await panel.getByRole('region', { name: 'Layers by heads' }).waitFor();
  });

  step('patches come beside it, once they are there', async () => {
    await lookInside('Where does the side pass to the answer?');
    const panel = await code.webview('.inside .heat');
    await panel.getByRole('heading', { name: 'Where the side passes to the answer' }).waitFor();
    expect(await panel.locator('.inside').getByLabel('Result', { exact: true }).count()).toBe(1);
  });

  step('a row opens its pair by keys, and l shows where the model looks at it', async () => {
    const panel = await code.webview('.inside');
    const result = panel.locator('.inside').getByLabel('Result', { exact: true });
    await result.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    const row = panel.getByRole('region', { name: 'Rows' }).locator('button').first();
    await row.waitFor();
    await row.focus();
    await page.keyboard.press('Enter');
    const pair = await code.webview('main .pair');
    // The pair opens beside the run, which keeps the keys, so that the arrows go on from row to row.
    await page.keyboard.press('Control+2');
    await code.pressUntil('l', page.locator('.quick-input-widget input'));
    await code.choose('sft');
    await pair.locator('.look table').first().waitFor();
    await page.keyboard.press('h');
    await pair.locator('.look caption', { hasText: 'head' }).first().waitFor();
  });
});
