import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { Annotation } from './annotation.ts';
import { Code, until } from './code.ts';
import { killRuns } from './runs.ts';
import { story } from './steps.ts';

const tools = inject('vscode');

/** As the program proposes them. */
const RUN = 'demo-sft';
const CONFIG = `${RUN}.run.yaml`;

// A person who has an empty folder and no terminal.
describe.skipIf(!tools)('first hour: from an empty folder to a report', () => {
  let code: Code;
  let page: Page;
  let folder: string;

  beforeAll(async () => {
    // It has no file that could be waited for.
    ({ code, page, folder } = await Code.inFolder(tools!, 'empty', () => undefined, ''));
  });
  afterAll(async () => {
    if (folder) killRuns(join(folder, 'runs'));
    await code?.stop();
  });

  const step = story(() => page);
  const tab = (name: string) => page.locator('.tab.active', { hasText: name });
  /** Answers a question for a text. */
  const answer = async (title: string, text: string) => {
    const widget = page.locator('.quick-input-widget', { hasText: title });
    await widget.waitFor();
    await widget.locator('input').fill(text);
    await page.keyboard.press('Enter');
    await widget.waitFor({ state: 'hidden' }).catch(() => undefined); // the next question may be in its place
  };
  const makeScenes = async (name: string) => {
    await code.choose('Generate Synthetic Scenes');
    await code.choose('Compact');
    await answer('Enter the number of rows', '24');
    await answer('Enter a name for the new folder', name);
    await until(`the rows of ${name}`, () =>
      Promise.resolve(existsSync(join(folder, name, 'data.qa.jsonl'))),
    );
  };

  step('creates synthetic scenes from the side bar and shows them', async () => {
    await code.run('Chirality: New Dataset');
    await makeScenes('train');
    await tab('data.qa.jsonl').waitFor();
    const panel = await code.webview('.facts');
    await panel.locator('.facts', { hasText: '24\u00a0rows' }).waitFor();
  });

  step('creates a config from a preset and rows, and shows the next step', async () => {
    await code.run('Chirality: New Run Config');
    await code.choose('demo-sft');
    await code.choose('train/data.qa.jsonl');
    await code.choose('Create Tiny Model');
    await makeScenes('val');
    const dialog = page.locator('.quick-input-widget', { hasText: 'Save Run Config' });
    await until('the name proposed', async () =>
      (await dialog.locator('input').first().inputValue()).endsWith(`/${CONFIG}`),
    );
    await page.keyboard.press('Enter');
    await tab(CONFIG).waitFor();
    await code.dismissWarning('rows are too few to train a model from scratch');
    await code.run('Notifications: Clear All Notifications');
    // As a person would: select the number, and type another one.
    await page.locator('.view-line', { hasText: /^steps:/ }).click();
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+End');
    await page.keyboard.type('steps: 6');
    await page.keyboard.press('Control+s');
    await page.locator('.tab.active:not(.dirty)', { hasText: CONFIG }).waitFor();
  });

  for (const name of [RUN, `${RUN}-2`])
    step(`starts ${name} from CodeLens, and shows a message at the end`, async () => {
      await page.locator('.tab', { hasText: CONFIG }).click();
      await code.startAbove(name);
      await code.webview(`h1:text-is("${name}")`);
      await code.notification(`${name} finished: 6 steps`).waitFor({ timeout: 120_000 });
    });

  step('compares the two runs in shared charts', async () => {
    await code.run('Notifications: Clear All Notifications');
    const panel = await code.webview(`h1:text-is("${RUN}-2")`);
    await panel.getByRole('button', { name: 'Compare with other runs' }).click();
    const list = page.locator('.quick-input-widget', { hasText: 'Compare Runs' });
    await list.locator('.monaco-list-row', { hasNotText: `${RUN}-2` }).click();
    await list.getByRole('button', { name: 'OK' }).click();
    await page.locator('.tab.active', { hasText: 'Runs: ' }).waitFor();
    const both = await code.webview('.status + .status');
    await both.locator('[data-chart=loss] canvas').waitFor();
  });

  step('shows both evaluations in the report', async () => {
    await code.run('Chirality: Open Report');
    const report = await code.webview('#consistency-0');
    await until('Save Sweep', async () => {
      const names = await report.locator('#consistency-0 tbody th').allTextContents();
      return [`${RUN}, `, `${RUN}-2, `].every((name) => names.some((text) => text.startsWith(name)));
    });
  });

  step('annotates and saves a row', async () => {
    await page.locator('.tab', { hasText: 'Data: train/data.qa.jsonl' }).click();
    await page.locator('.editor-actions').getByRole('button', { name: 'Annotate Rows' }).first().click();
    const annotation = await Annotation.shown(code);
    await annotation.at(1, 24);
    await annotation.drawn();
    await annotation.frame.locator('.list').focus();
    await page.keyboard.press('Enter');
    await annotation.at(2, 24);
    await page.locator('.editor-group-container.active .tab.active.dirty').waitFor();
    await annotation.save();
    const [first] = readFileSync(join(folder, 'train/data.qa.jsonl'), 'utf8').split('\n');
    expect((JSON.parse(first!) as Sample).variants?.mirror?.review?.state).toBe('accepted');
    expect(code.refused).toEqual([]);
  });
});
