import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { Code } from './code.ts';
import { ownPictures } from '../support/own-table.ts';
import { story } from './steps.ts';

const tools = inject('vscode');

describe.skipIf(!tools)('user images in VS Code', () => {
  let code: Code;
  let page: Page;
  let folder: string;

  beforeAll(async () => {
    ({ code, page, folder } = await Code.inFolder(tools!, 'workspace', ownPictures, '.explorer-item'));
  });
  afterAll(() => code?.stop());

  const step = story(() => page);
  const item = (name: string) =>
    page
      .locator('.pane', { has: page.getByText('Datasets', { exact: true }) })
      .getByRole('treeitem', { name });

  step('lists a table of images as a possible dataset', async () => {
    await page.getByRole('tab', { name: 'Chirality' }).click();
    await item('fragen.csv').waitFor();
    expect(await item('photos').count()).toBe(0);
  });

  step('guesses the columns, and previews the first images', async () => {
    await item('fragen.csv').click();
    const panel = await code.webview('.fields');
    await panel.locator('.card img').nth(2).waitFor();
    expect(await panel.locator('.card').count()).toBe(3);
    const chosen = await panel
      .locator('vscode-dropdown')
      .evaluateAll((all) => all.map((each) => (each as HTMLSelectElement).value));
    expect(chosen).toEqual(['Frage, auf Englisch', 'Antwort', 'Bild', '', 'utf-8']);
    await panel.getByText('Image folder: photos').waitFor();
  });

  step('creates the dataset with all images on a button press', async () => {
    const panel = await code.webview('.fields');
    await panel.getByRole('button', { name: 'Use as Dataset' }).click();
    const made = await code.webview('.grid');
    await made.locator('.card img').nth(5).waitFor();
    const rows = readFileSync(join(folder, 'fragen.qa.jsonl'), 'utf8').trimEnd().split('\n');
    expect(rows).toHaveLength(10);
    const { id, images } = JSON.parse(rows[0]!) as Sample;
    expect([id, images]).toEqual(['1', ['photos/IMG_1.png']]);
    // The table has its dataset now.
    await item('fragen.csv').waitFor({ state: 'detached' });
  });

  step('opens a folder of images for annotation, with one empty row each', async () => {
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

  step('lists label files of images, but no other XML', async () => {
    const images = Array.from({ length: 10 }, (_, i) => ({ id: i, file_name: `IMG_${i + 1}.png` }));
    const annotations = images.flatMap(({ id }) =>
      [1, 2].map((kind) => ({ image_id: id, category_id: kind, bbox: [140 * kind - 110, 40, 90, 200] })),
    );
    const categories = ['cup', 'plate'].map((name, i) => ({ id: i + 1, name }));
    writeFileSync(join(folder, 'build.xml'), '<project><image name="a.png"/></project>');
    writeFileSync(join(folder, 'coco.json'), JSON.stringify({ images, annotations, categories }));
    await item('coco.json').waitFor();
    expect(await item('build.xml').count()).toBe(0);
  });

  step('previews the boxes of a label file', async () => {
    await page.mouse.move(700, 450); // what is told of another file covers it
    await item('coco.json').click();
    const panel = await code.webview('h1:has-text("coco.json")');
    await panel.locator('.card img').nth(2).waitFor();
    await panel.getByText('2 objects: cup, plate').first().waitFor();
    await panel.getByText('Image folder: photos').waitFor();
  });

  step('creates rows without questions, and shows how to compose questions', async () => {
    const panel = await code.webview('h1:has-text("coco.json")');
    await panel.getByRole('button', { name: 'Use as Dataset' }).click();
    const editor = await code.webview('h1:text-is("coco.qa.jsonl")');
    await editor.getByText('chirality graph compose coco.qa.jsonl -o coco.composed.qa.jsonl').waitFor();
    await editor.locator('.frame img').nth(1).waitFor();
    expect(await editor.locator('.boxes li').count()).toBe(2);
  });

  step('shows these rows in the Dataset panel with the missing question', async () => {
    await page.mouse.move(700, 450);
    await item('coco.qa.jsonl').click();
    const grid = await code.webview('.grid');
    await grid.locator('.card img').nth(5).waitFor();
    expect(await grid.locator('.card').first().textContent()).toContain('"question" is empty');
  });
});
