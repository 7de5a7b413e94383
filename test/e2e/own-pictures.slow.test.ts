import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import type { Sample } from '../../src/core/sample/sample.ts';
import { Code } from './code.ts';
import { ownPictures } from './own-table.ts';
import { story } from './steps.ts';

const tools = inject('vscode');

describe.skipIf(!tools)('own pictures in VS Code', () => {
  let code: Code;
  let page: Page;
  let folder: string;

  beforeAll(async () => {
    code = await Code.start(tools!, { settings: { 'security.workspace.trust.enabled': false } });
    ({ page } = code);
    folder = join(code.root, 'workspace');
    ownPictures(folder);
    await code.openFolder(folder, '.explorer-item');
  });
  afterAll(() => code?.stop());

  const step = story(() => page);
  const item = (name: string) =>
    page
      .locator('.pane', { has: page.getByText('Data Sets', { exact: true }) })
      .getByRole('treeitem', { name });

  step('a table of pictures is listed as what can become a data set', async () => {
    await page.getByRole('tab', { name: 'Chirality' }).click();
    await item('fragen.csv').waitFor();
    expect(await item('photos').count()).toBe(0);
  });

  step('its columns are guessed, and shown with the first pictures', async () => {
    await item('fragen.csv').click();
    const panel = await code.webview('.fields');
    await panel.locator('.card img').nth(2).waitFor();
    expect(await panel.locator('.card').count()).toBe(3);
    const chosen = await panel
      .locator('vscode-dropdown')
      .evaluateAll((all) => all.map((each) => (each as HTMLSelectElement).value));
    expect(chosen).toEqual(['Frage, auf Englisch', 'Antwort', 'Bild', '']);
    await panel.getByText('Pictures are read in photos').waitFor();
  });

  step('a button makes it a data set, with every picture', async () => {
    const panel = await code.webview('.fields');
    await panel.getByRole('button', { name: 'Use as Data Set' }).click();
    const made = await code.webview('.grid');
    await made.locator('.card img').nth(5).waitFor();
    const rows = readFileSync(join(folder, 'fragen.qa.jsonl'), 'utf8').trimEnd().split('\n');
    expect(rows).toHaveLength(10);
    const { images, meta } = JSON.parse(rows[0]!) as Sample;
    expect([images, meta]).toEqual([['photos/IMG_1.png'], { Nr: '1' }]);
    // The table has its data set now.
    await item('fragen.csv').waitFor({ state: 'detached' });
  });

  step('of a folder of pictures alone, the annotation editor has one empty row each', async () => {
    rmSync(join(folder, 'fragen.csv'));
    rmSync(join(folder, 'fragen.qa.jsonl'));
    await item('photos').click();
    const editor = await code.webview('.list');
    await editor.getByText('1 of 10').first().waitFor();
    expect(existsSync(join(folder, 'photos.qa.jsonl'))).toBe(true);
    const rows = readFileSync(join(folder, 'photos.qa.jsonl'), 'utf8').trimEnd().split('\n');
    expect(JSON.parse(rows[9]!)).toEqual({
      id: 'IMG_10',
      question: '',
      answer: '',
      images: ['photos/IMG_10.png'],
    });
  });
});
