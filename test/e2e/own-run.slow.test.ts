import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { Code, until } from './code.ts';
import { ownPictures } from '../support/own-table.ts';
import { killRuns } from './runs.ts';
import { story } from './steps.ts';

const tools = inject('vscode');

// A person with ten pictures and a table of questions, and no terminal.
describe.skipIf(!tools)('from ten pictures to a trained model', () => {
  let code: Code;
  let page: Page;
  let folder: string;

  beforeAll(async () => {
    ({ code, page, folder } = await Code.inFolder(tools!, 'workspace', ownPictures, '.explorer-item'));
  });
  afterAll(async () => {
    if (folder) killRuns(join(folder, 'runs'));
    await code?.stop();
  });

  const step = story(() => page);
  const next = async (name: RegExp) => {
    const panel = await code.webview('.steps');
    await panel.locator('.steps').getByRole('button', { name }).click();
  };

  /** Takes the name that a dialog proposes for a new file. */
  const accept = async (title: string) => {
    const dialog = page.locator('.quick-input-widget', { hasText: title });
    const name = dialog.locator('input').first();
    await until('the name proposed', () => name.inputValue());
    await name.press('Enter');
  };

  step('the table becomes a data set', async () => {
    await page.getByRole('tab', { name: 'Chirality' }).click();
    const sets = page.locator('.pane', { has: page.getByText('Data Sets', { exact: true }) });
    await sets.getByRole('treeitem', { name: 'fragen.csv' }).click();
    const panel = await code.webview('.fields');
    await panel.getByRole('button', { name: 'Use as Data Set' }).click();
    await code.webview('.grid');
  });

  step('the rules mirror all rows', async () => {
    await next(/Mirror/);
    await code.choose('Nobody'); // rewrites what the rules leave
    await accept('Save the mirrored rows');
    await code.notification('fragen.mirrored.qa.jsonl: 10 rows').waitFor();
    await code.webview('h1:text-is("fragen.mirrored.qa.jsonl")');
  });

  step('a config is made, which evaluates on these rows, as there are no others', async () => {
    await next(/Train/);
    await code.choose('demo-sft');
    const sets = page.locator('.quick-input-widget', { hasText: '(3 of 3)' });
    await sets.getByText('1 Selected').waitFor();
    await sets.locator('input[type=text]').press('Enter');
    await accept('Save the run config');
    await page.locator('.tab.active', { hasText: 'demo-sft.run.yaml' }).waitFor();
    await page.locator('.view-line', { hasText: 'fragen.mirrored.qa.jsonl' }).last().waitFor();
  });

  step(
    'Start leads to a panel with answers, though a question is longer than those of the demo',
    async () => {
      await page.locator('.codelens-decoration a', { hasText: 'Start' }).click();
      const panel = await code.webview('h1:text-is("demo-sft")');
      await panel.locator('[data-chart] canvas').first().waitFor();
      await code.notification('demo-sft finished: 400 steps').waitFor({ timeout: 240_000 });
      await panel.locator('.watched img').nth(5).waitFor();
      expect(await page.locator('.notification-list-item', { hasText: 'did not start' }).count()).toBe(0);
    },
  );
});
