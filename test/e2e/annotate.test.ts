import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { Annotation } from './annotation.ts';
import { Code } from './code.ts';
import { story } from './steps.ts';
import { isSlow } from '../support/slow.ts';

const tools = inject('vscode');

describe.skipIf(!tools)('annotation in VS Code', () => {
  let code: Code;
  let page: Page;
  let annotation: Annotation;
  let editor: Frame;
  let file: string;
  let original: string;

  beforeAll(async () => {
    code = await Code.start(tools!);
    ({ page } = code);
    const folder = join(code.root, 'workspace');
    mkdirSync(folder);
    execFileSync(process.execPath, ['dist/cli.js', 'worlds', '--count', '12', '--seed', '7', '-o', folder]);
    file = join(folder, 'data.qa.jsonl');
    original = readFileSync(file, 'utf8');
    await code.openFolder(folder);
  });
  afterAll(() => code?.stop());

  const step = story(() => page);
  const lines = () => readFileSync(file, 'utf8').trimEnd().split('\n');
  const samples = () => lines().map((line) => JSON.parse(line) as Sample);
  const at = (row: number, rows = 12) => annotation.at(row, rows);
  const dirty = () => page.locator('.tab.active.dirty').waitFor();
  const lookAgain = async () => {
    annotation = await Annotation.shown(code);
    editor = annotation.frame;
  };
  const save = () => annotation.save();
  const drawn = () => annotation.drawn();

  step('opens the rows of the file', async () => {
    annotation = await Annotation.open(code, 'data.qa.jsonl');
    editor = annotation.frame;
    await at(1);
    await drawn();
    await editor.locator('.list').focus();
  });

  step('annotates ten rows by keyboard alone', async () => {
    for (let row = 1; row <= 10; row++) {
      await at(row);
      await page.keyboard.press(row % 5 === 0 ? 'x' : 'Enter');
      await at(row + 1);
    }
    await dirty();
    await save();
    const states = samples().map((row) => row.variants?.mirror?.review?.state);
    const five = [...Array<string>(4).fill('accepted'), 'discarded'];
    expect(states).toEqual([...five, ...five, undefined, undefined]);
    expect(lines().slice(10)).toEqual(original.trimEnd().split('\n').slice(10));
  });

  step('undoes and redoes across a save, byte for byte', async () => {
    const decided = readFileSync(file, 'utf8');
    // VS Code takes one step at a time, and drops what is pressed meanwhile.
    for (let row = 10; row >= 1; row--) {
      await page.keyboard.press('Control+z');
      await at(row);
    }
    await save();
    expect(readFileSync(file, 'utf8')).toBe(original);
    await editor.locator('.list').press('End');
    for (let row = 1; row <= 10; row++) {
      await page.keyboard.press('Control+y');
      await at(row);
    }
    await save();
    expect(readFileSync(file, 'utf8')).toBe(decided);
  });

  if (!isSlow) return;

  step('types letters into every text field without triggering shortcuts', async () => {
    const before = samples();
    await editor.locator('.list').focus();
    await page.keyboard.press('j');
    await at(11);
    await page.keyboard.press('e');
    await editor.locator('#field-question:focus').waitFor();
    for (const name of ['choices', 'tags', 'notes']) await editor.locator('.link', { hasText: name }).click();
    await page.keyboard.press('Escape');
    // The mirror's texts are fields, too. Its key, pressed again where the first press comes late, would close them.
    await editor.locator('.review .button', { hasText: 'Edit' }).click();
    await editor.getByLabel('Answer, mirror').waitFor();
    await editor.getByText('JSON', { exact: true }).click();
    // Those that are there now: the label of a box makes an object of it, which has fields of its own.
    const fields = await editor.locator('textarea:visible, input:visible').elementHandles();
    expect(fields.length).toBeGreaterThan(14);
    for (const field of fields) {
      // The graph as JSON, the last one, is written again for each of these objects.
      if (field === fields.at(-1)) {
        let before = '';
        await expect
          .poll(async () => before === (before = await field.inputValue()) && before.includes('xj"'), {
            interval: 1000,
          })
          .toBe(true);
      }
      // Those of a box that has become an object are others now.
      if (!(await field.evaluate((input) => input.isConnected))) continue;
      await field.focus();
      await page.keyboard.press('Control+End');
      await page.keyboard.type('xj');
      if ((await field.getAttribute('type')) !== 'number') {
        await expect.poll(() => field.inputValue()).toMatch(/xj$/);
      }
    }
    await page.keyboard.press('Escape');
    await at(11);
    // Those that come with a key: a reason, and a relation.
    for (const [key, label] of [
      ['r', 'Reason for discarding'],
      ['l', 'Relation'],
    ] as const) {
      await editor.locator('.list').focus();
      const field = editor.getByLabel(label, { exact: true });
      await code.pressUntil(key, field.and(editor.locator(':focus')));
      await page.keyboard.press('Control+End');
      await page.keyboard.type('xj');
      await expect.poll(() => field.inputValue()).toMatch(/xj$/);
      await page.keyboard.press('Escape');
      await field.waitFor({ state: 'detached' });
    }
    await at(11);
    await save();
    const after = samples();
    expect(after[10]!.question).toBe(`${before[10]!.question}xj`);
    expect(after[10]!.meta).toMatchObject({ tags: ['xj'], notes: 'xj' });
    const typed = expect.stringMatching(/xj$/) as string;
    expect(after[10]!.variants!.mirror).toMatchObject({ route: 'human', question: typed, answer: typed });
    // Texts that do not pass their checks wait for a person.
    expect(['edited', 'pending']).toContain(after[10]!.variants!.mirror!.review!.state);
    expect(after[10]!.scene_graph!.relations).toEqual(before[10]!.scene_graph!.relations);
    expect(after.filter((_, i) => i !== 10)).toEqual(before.filter((_, i) => i !== 10));
    await editor.getByRole('textbox', { name: 'Filter' }).fill('');
    await editor.locator('.list').focus();
  });

  step('reviews the opposite question by the same keys, and adds a relation', async () => {
    await page.keyboard.press('Home');
    await at(1);
    await code.pressUntil('p', editor.getByRole('button', { name: 'Opposite', pressed: true }));
    await page.keyboard.press('x');
    await at(2);
    await page.keyboard.press('p');
    await editor.getByRole('button', { name: 'Mirror', pressed: true }).waitFor();
    const relations = samples()[1]!.scene_graph!.relations.length;
    await page.keyboard.press('l');
    await editor.getByLabel('Relation', { exact: true }).and(editor.locator(':focus')).waitFor();
    await page.keyboard.press('Enter');
    await editor.getByRole('form', { name: 'New relation' }).waitFor({ state: 'detached' });
    await save();
    const [first, second] = samples();
    expect(first!.variants!.polarity!.review!.state).toBe('discarded');
    expect(first!.variants!.mirror!.review!.state).toBe('accepted');
    expect(second!.scene_graph!.relations).toHaveLength(relations + 1);
  });

  step('draws a box and undoes it', async () => {
    await editor.locator('.list').focus();
    await page.keyboard.press('End');
    await at(12);
    await drawn();
    const before = lines()[11]!;
    await page.keyboard.press('n');
    const layer = editor.locator('.draw.drawing').first();
    await layer.waitFor();
    const { x, y, width, height } = (await layer.boundingBox())!;
    await page.mouse.move(x + width * 0.2, y + height * 0.2);
    await page.mouse.down();
    await page.mouse.move(x + width * 0.6, y + height * 0.5, { steps: 5 });
    await page.mouse.up();
    await editor.locator('.grip.chosen').first().waitFor();
    await save();
    const boxes = samples()[11]!.boxes!;
    expect(boxes.at(-1)).toHaveLength(4);
    await editor.locator('.list').focus();
    await page.keyboard.press('Control+z');
    await dirty();
    await save();
    expect(lines()[11]).toBe(before);
  });

  step('merges rows that another program has written to the file', async () => {
    await page.keyboard.press('Enter');
    await dirty();
    const rows = lines();
    writeFileSync(
      file,
      `{"id": "theirs", "question": "Q?", "answer": "A", "images": []}\n${rows.join('\n')}\n`,
    );
    await at(12, 13);
    await save();
    const after = samples();
    expect(after[0]!.id).toBe('theirs');
    expect(after[12]!.variants!.mirror!.review!.state).toBe('accepted');
    expect(lines().slice(1, 12)).toEqual(rows.slice(0, 11));
  });

  const answer = () => editor.locator('#field-answer');
  /** Writes an answer into the last row. */
  const fill = async (text: string) => {
    await editor.locator('.list').focus();
    await page.keyboard.press('End');
    await at(13, 13);
    await expect.poll(() => answer().inputValue()).toBe(samples()[12]!.answer); // the card has followed
    await answer().fill(text);
    await dirty();
    await editor.locator('.list').focus();
  };
  /** What another program does to one row. */
  const rewrite = (row: number, change: object) =>
    writeFileSync(
      file,
      lines()
        .map((line, i) => `${i === row ? JSON.stringify({ ...samples()[i]!, ...change }) : line}\n`)
        .join(''),
    );

  step('keeps a merged edit unsaved through undo and redo', async () => {
    await fill('merged');
    rewrite(11, { question: 'Anew?' });
    await editor.getByText('Anew?').first().waitFor();
    await page.keyboard.press('Control+z');
    await code.notification('Cannot undo or redo').waitFor();
    await dirty();
    await save();
    expect(samples()[12]!.answer).toBe('merged');
    expect(samples()[11]!.question).toBe('Anew?');
  });

  step('recreates a file that was deleted before its edits were saved', async () => {
    const before = lines();
    await fill('written anew');
    rmSync(file);
    await new Promise((resolve) => setTimeout(resolve, 1000)); // VS Code hears of it
    await dirty();
    await save();
    expect(samples()[12]!.answer).toBe('written anew');
    expect(lines().slice(0, 12)).toEqual(before.slice(0, 12));
  });

  step('stores a conflicting edit in a .conflict file and opens it from a message', async () => {
    await fill('mine');
    rewrite(12, { answer: 'theirs' });
    const told = code.notification('saved to data.conflict.qa.jsonl');
    await told.waitFor();
    expect(samples()[12]!.answer).toBe('theirs');
    await told.getByRole('button', { name: 'Open Edits' }).click();
    await page.locator('.tab.active', { hasText: 'data.conflict.qa.jsonl' }).waitFor();
    await lookAgain();
    await at(1, 1);
    await expect.poll(() => answer().inputValue()).toBe('mine');
    await page.locator('.tab.active').click({ button: 'middle' }); // closes it
    await page.locator('.tab.active', { hasText: /^data\.qa\.jsonl/ }).waitFor();
    await lookAgain();
    await save();
  });

  step('restores unsaved edits after a window reload', async () => {
    const saved = readFileSync(file, 'utf8');
    await editor.locator('.list').focus();
    await page.keyboard.press('Home');
    await at(1, 13);
    await page.keyboard.press('e');
    await editor.locator('#field-question:focus').waitFor();
    await page.keyboard.type('Unsaved? ');
    await dirty();
    await new Promise((resolve) => setTimeout(resolve, 3000)); // VS Code keeps backups at rest
    await page.keyboard.type('At all? '); // the same step, of which VS Code asks for no other backup
    await expect.poll(() => editor.locator('#field-question').inputValue()).toContain('At all? ');
    await code.reload();
    await lookAgain();
    await at(1, 13);
    await dirty();
    expect(readFileSync(file, 'utf8')).toBe(saved);
    await expect.poll(() => editor.locator('#field-question').inputValue()).toContain('Unsaved? At all? ');
    await editor.locator('.list').focus();
    await save();
    expect(samples()[0]!.question).toContain('Unsaved? At all? ');
  });

  step('merges the saved edits of a first window in a second window', async () => {
    const other = await code.window(join(code.root, 'workspace'));
    await other.page.bringToFront(); // what is behind is not drawn
    await other.openFile('data.qa.jsonl');
    const annotate = 'Chirality: Annotate Rows';
    if ((await other.palette([annotate])).length > 0) await other.run(annotate);
    const theirs = await other.webview('.list');
    const first = theirs.locator('.place span').first();
    await expect.poll(() => first.textContent()).toBe('Row 1 of 13');
    await theirs.locator('.list').focus();
    const answer = theirs.locator('#field-answer');
    await answer.fill('from the second window');
    await expect.poll(() => other.page.locator('.tab.active.dirty').count()).toBe(1);

    await page.bringToFront();
    await editor.locator('.list').focus();
    await page.keyboard.press('End');
    await at(13, 13);
    const mine = editor.locator('#field-answer');
    await expect.poll(() => mine.inputValue()).toBe(samples()[12]!.answer); // the card has followed
    await mine.fill('from the first window');
    await dirty();
    await save();
    await other.page.bringToFront();
    await other.page.keyboard.press('Control+s');
    await expect.poll(() => other.page.locator('.tab.active.dirty').count()).toBe(0);
    await page.bringToFront();
    const answers = samples().map((row) => row.answer);
    expect([answers[0], answers[12]]).toEqual(['from the second window', 'from the first window']);
    await editor.locator('.list').focus();
    await page.keyboard.press('Home');
    await expect.poll(() => editor.locator('#field-answer').inputValue()).toBe('from the second window');
    await other.page.close();
  });
});
