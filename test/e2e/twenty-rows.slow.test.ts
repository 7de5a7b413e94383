import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { Annotation } from './annotation.ts';
import { Code } from './code.ts';
import { story } from './steps.ts';
import { readRows } from '../support/rows.ts';

const tools = inject('vscode');
const ROWS = 20;

describe.skipIf(!tools)('annotation of 20 rows without boxes, by mouse and keyboard', () => {
  let code: Code;
  let page: Page;
  let annotation: Annotation;
  let editor: Frame;
  let file: string;

  beforeAll(async () => {
    code = await Code.start(tools!);
    ({ page } = code);
    const folder = join(code.root, 'workspace');
    mkdirSync(folder);
    const worlds = ['worlds', '--count', `${ROWS}`, '--seed', '7', '-o', folder];
    execFileSync(process.execPath, ['dist/cli.js', ...worlds]);
    file = join(folder, 'data.qa.jsonl');
    const bare = samples().map(({ id, question, answer, images }) =>
      JSON.stringify({ id, question, answer, images }),
    );
    writeFileSync(file, `${bare.join('\n')}\n`);
    await code.openFolder(folder);
  });
  afterAll(() => code?.stop());

  const step = story(() => page);
  const samples = () => readRows(file);
  const at = (row: number) => annotation.at(row, ROWS);
  const drawn = () => annotation.drawn();
  const relations = () => editor.locator('.relations li');

  step('adds two labelled boxes and a relation per row, and moves on by one key', async () => {
    annotation = await Annotation.open(code, 'data.qa.jsonl');
    editor = annotation.frame;
    await at(1);
    await drawn();
    await editor.locator('.list').focus();
    for (let row = 1; row <= ROWS / 2; row++) {
      await at(row);
      await drawn();
      await annotation.draw('cup', [0.1, 0.3], [0.3, 0.5]);
      await annotation.draw('box', [0.6, 0.3], [0.8, 0.5]);
      await page.keyboard.press('l');
      await editor.getByRole('form', { name: 'New relation' }).waitFor();
      await annotation.drag([0.2, 0.4], [0.7, 0.4]);
      await page.keyboard.press('Enter');
      await relations().first().waitFor();
      await page.keyboard.press('j');
    }
    await at(ROWS / 2 + 1);
  });

  step('undoes and redoes a box, and cancels a drag on Escape', async () => {
    await drawn();
    await annotation.draw('cup', [0.1, 0.3], [0.3, 0.5]);
    const boxes = editor.locator('.boxes li');
    // VS Code takes one step at a time, and drops what is pressed meanwhile.
    const label = editor.getByLabel('Label of object cup');
    await page.keyboard.press('Control+z');
    await label.waitFor({ state: 'detached' });
    await page.keyboard.press('Control+z');
    await expect.poll(() => boxes.count()).toBe(0);
    await page.keyboard.press('Control+Shift+z');
    await expect.poll(() => boxes.count()).toBe(1);
    await page.keyboard.press('Control+Shift+z');
    await label.waitFor();
    await page.keyboard.press('n');
    await editor.locator('.draw.drawing').first().waitFor();
    await annotation.drag([0.5, 0.1], [0.7, 0.3], false);
    await page.keyboard.press('Escape');
    await page.mouse.up();
    await expect.poll(() => editor.locator('.draw.drawing').count()).toBe(0);
    expect(await boxes.count()).toBe(1);
  });

  step('rejects an invalid number at its field, and draws a box while zoomed in', async () => {
    const left = editor.getByLabel('left of object cup, in pixels');
    const before = await left.inputValue();
    await left.fill('9000');
    await editor.locator('.refusal').waitFor();
    await page.keyboard.press('Escape');
    await expect.poll(() => left.inputValue()).toBe(before);
    await editor.locator('.frame').first().hover();
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -240);
    await page.keyboard.up('Control');
    await expect.poll(() => editor.getByRole('button', { name: '×' }).first().textContent()).not.toBe('1×');
    await editor.locator('.list').focus();
    await annotation.draw('ball', [0.45, 0.45], [0.55, 0.55]);
    const width = async (edge: string) =>
      Number(await editor.getByLabel(`${edge} of object ball, in pixels`).inputValue());
    expect((await width('right')) - (await width('left'))).toBeGreaterThan(0);
    await annotation.save();
  });

  step('continues at the same row after a reload, up to the last row', async () => {
    await code.reload();
    annotation = await Annotation.shown(code);
    editor = annotation.frame;
    await at(ROWS / 2 + 1);
    await drawn();
    await editor.locator('.list').focus();
    await page.keyboard.press('j');
    for (let row = ROWS / 2 + 2; row <= ROWS; row++) {
      await at(row);
      await drawn();
      await annotation.draw('cup', [0.1, 0.3], [0.3, 0.5]);
      await page.keyboard.press('j');
    }
    await annotation.save();
    const labels = samples().map((row) => row.scene_graph?.objects.map(({ label }) => label).join(' '));
    const tenth = Array<string>(ROWS / 2).fill('cup box');
    expect(labels).toEqual([...tenth, 'cup ball', ...Array<string>(ROWS / 2 - 1).fill('cup')]);
    for (const { scene_graph } of samples().slice(0, ROWS / 2)) {
      expect(scene_graph!.relations).toMatchObject([{ predicate: 'left of' }]);
    }
  });
});
