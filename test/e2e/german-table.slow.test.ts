import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { Annotation } from './annotation.ts';
import { Code, until } from './code.ts';
import { killRuns } from './runs.ts';
import { story } from './steps.ts';
import { readRows } from '../support/rows.ts';

const tools = inject('vscode');

/**
 * Twelve images and a table as a German Excel saves it: windows-1252, semicolons, decimal commas, paths of Windows. One
 * image is missing, and of one there is only the beginning.
 */
function germanTable(folder: string): void {
  const scenes = mkdtempSync(join(tmpdir(), 'chirality-bilder-'));
  const words = ['worlds', '--count', '12', '--seed', '3', '--size', '320', '-o', scenes];
  execFileSync(process.execPath, ['dist/cli.js', ...words]);
  mkdirSync(join(folder, 'Bilder'), { recursive: true });
  const rows = readFileSync(join(scenes, 'data.qa.jsonl'), 'utf8').trimEnd().split('\n');
  const lines = rows.map((line, i) => {
    const [image] = (JSON.parse(line) as Sample).images;
    const bytes = readFileSync(join(scenes, typeof image === 'string' ? image : image!.path!));
    const name = `Küche ${i + 1}.png`;
    if (i !== 3) writeFileSync(join(folder, 'Bilder', name), i === 7 ? bytes.subarray(0, 900) : bytes);
    const side = i % 2 === 0 ? 'links' : 'rechts';
    return `Bilder\\${name};"Steht das Gerät Nr. ${i + 1} links oder rechts?";${side};${i},5`;
  });
  const text = `Bild;Frage;Lösung;Größe in m\r\n${lines.join('\r\n')}\r\n`;
  writeFileSync(join(folder, 'Fragen.csv'), Buffer.from(text, 'latin1'));
  rmSync(scenes, { recursive: true });
}

// A person with a table of Excel and images, of which two are bad.
describe.skipIf(!tools)('from a German table to a report', () => {
  let code: Code;
  let page: Page;
  let folder: string;
  let annotation: Annotation;

  beforeAll(async () => {
    ({ code, page, folder } = await Code.inFolder(tools!, 'Küche', germanTable, '.explorer-item'));
  });
  afterAll(async () => {
    if (folder) killRuns(join(folder, 'runs'));
    await code?.stop();
  });

  const step = story(() => page);
  const rowsOf = (name: string) => readRows(join(folder, name));
  const tab = (name: string) => page.locator('.tab.active', { hasText: name });
  /** What VS Code has backed up of unsaved edits, which it does at rest. */
  const backedUp = () => {
    const storage = join(code.root, 'user/User/workspaceStorage');
    return readdirSync(storage, { recursive: true, encoding: 'utf8', withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.parentPath.endsWith('chirality.chirality'))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
      .join('\n');
  };
  const accept = async (title: string) => {
    const name = page.locator('.quick-input-widget', { hasText: title }).locator('input').first();
    await until('the name proposed', () => name.inputValue());
    await name.press('Enter');
  };

  step('reads the table in its encoding, with columns and images', async () => {
    await page.getByRole('tab', { name: 'Chirality' }).click();
    const sets = page.locator('.pane', { has: page.getByText('Datasets', { exact: true }) });
    await sets.getByRole('treeitem', { name: 'Fragen.csv' }).click();
    const panel = await code.webview('.fields');
    await panel.locator('.card img').nth(2).waitFor();
    const chosen = await panel
      .locator('vscode-dropdown')
      .evaluateAll((all) => all.map((each) => (each as HTMLSelectElement).value));
    expect(chosen).toEqual(['Frage', 'Lösung', 'Bild', '', 'windows-1252']);
    await panel.locator('.question', { hasText: 'Steht das Gerät Nr. 1 links oder rechts?' }).waitFor();
  });

  step('creates the dataset, and lists both unusable rows in one message', async () => {
    const panel = await code.webview('.fields');
    const use = panel.getByRole('button', { name: 'Use as Dataset' });
    await use.focus();
    await page.keyboard.press('Enter');
    await code.webview('.grid');
    const told = code.notification('Fragen.qa.jsonl: 10 of 12 rows usable');
    await told.waitFor();
    expect(await told.locator('a').allTextContents()).toEqual(
      expect.arrayContaining(['1 image missing', '1 image damaged']),
    );
    const [first] = rowsOf('Fragen.qa.jsonl');
    expect(first).toMatchObject({ images: ['Bilder\\Küche 1.png'], meta: { 'Größe in m': '0,5' } });
  });

  step('opens the unusable row from the message', async () => {
    await code.notification('10 of 12 rows usable').getByRole('link', { name: '1 image damaged' }).click();
    annotation = await Annotation.shown(code);
    await annotation.at(8, 12);
    const bar = annotation.frame.locator('.usable');
    await bar.getByText('10 of 12 rows usable').waitFor();
    await expect.poll(() => annotation.frame.locator('.list .line').count()).toBe(1);
  });

  step('continues with a copy without the unusable rows', async () => {
    await annotation.frame.locator('.usable').getByRole('button', { name: 'Exclude Unusable Rows' }).click();
    await tab('Fragen.usable.qa.jsonl').waitFor();
    expect(rowsOf('Fragen.usable.qa.jsonl')).toHaveLength(10);
    expect(rowsOf('Fragen.qa.jsonl')).toHaveLength(12);
    await code.run('Notifications: Clear All Notifications');
  });

  step('keeps decisions, edits and undo after a reload', async () => {
    annotation = await Annotation.shown(code);
    await annotation.at(1, 10);
    await annotation.drawn();
    expect(await annotation.frame.locator('.usable').count()).toBe(0);
    await annotation.frame.locator('.list').focus();
    // The rules do not read German: an untouched copy is not accepted, and the row says why.
    await page.keyboard.press('x');
    await annotation.at(2, 10);
    await code.pressUntil('e', annotation.frame.locator('#field-question:focus'));
    await page.keyboard.press('End');
    await page.keyboard.type(' Bitte');
    await page.locator('.tab.active.dirty').waitFor();
    await page.keyboard.press('Escape');
    await annotation.frame.locator('.list').focus();
    await page.keyboard.press('Control+z');
    const question = () => annotation.frame.locator('#field-question').inputValue();
    await expect.poll(question).toBe('Steht das Gerät Nr. 2 links oder rechts?');
    // VS Code ignores a redo as long as its undo runs.
    const redone = async () => {
      await page.keyboard.press('Control+y');
      return question();
    };
    await expect.poll(redone).toBe('Steht das Gerät Nr. 2 links oder rechts? Bitte');
    await until('the backup', () => Promise.resolve(backedUp().includes(' Bitte')));
    await code.reload();
    annotation = await Annotation.shown(code);
    await annotation.at(2, 10);
    await expect.poll(question).toBe('Steht das Gerät Nr. 2 links oder rechts? Bitte');
    expect(rowsOf('Fragen.usable.qa.jsonl')[1]!.question).not.toContain('Bitte');
  });

  step('keeps both texts if the file contains another text of an edited row', async () => {
    const path = join(folder, 'Fragen.usable.qa.jsonl');
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('Nr. 2 links oder rechts?', 'Nr. 2 rechts oder links?'));
    await code.notification('saved to Fragen.usable.conflict.qa.jsonl').waitFor();
    await annotation.frame.locator('.list').focus();
    await annotation.save();
    const rows = rowsOf('Fragen.usable.qa.jsonl');
    expect(rows[1]!.question).toBe('Steht das Gerät Nr. 2 rechts oder links?');
    expect(rows[0]!.variants!.mirror!.review!.state).toBe('discarded');
    expect(rowsOf('Fragen.usable.conflict.qa.jsonl')[0]!.question).toContain('Bitte');
    await code.run('Notifications: Clear All Notifications');
  });

  step('creates a config with a held-out part, and starts it', async () => {
    await code.run('Chirality: New Run Config');
    await code.choose('demo-sft');
    await code.choose('Fragen.usable.qa.jsonl');
    await code.choose('Create Tiny Model');
    const sets = page.locator('.quick-input-widget', { hasText: '(4 of 5)' });
    await sets.getByText('1 Selected').waitFor(); // the part to be held out
    await sets.locator('input[type=text]').press('Enter');
    // Cancel in the dialog goes back, and nothing was written.
    const save = page.locator('.quick-input-widget', {
      hasText: 'Save Run Config (5 of 5)',
    });
    await save.locator('input').press('Escape');
    await sets.getByText('1 Selected').waitFor();
    expect(existsSync(join(folder, 'Fragen.usable.val.qa.jsonl'))).toBe(false);
    await sets.locator('input[type=text]').press('Enter');
    await accept('Save Run Config');
    await tab('demo-sft.run.yaml').waitFor();
    expect(existsSync(join(folder, 'Fragen.usable.val.qa.jsonl'))).toBe(true);
    // Rows without reasoning get a target without it, so the dry run warns only about their number.
    await page.getByText('demo-sft.run.yaml: 1 warning of the dry run').waitFor({ timeout: 120_000 });
    await code.dismissWarning('9 rows are too few to train a model from scratch');
    await code.run('Notifications: Clear All Notifications');
    await page.locator('.view-line', { hasText: /^steps:/ }).click();
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+End');
    await page.keyboard.type('steps: 6');
    await page.keyboard.press('Control+s');
    await code.startAbove('demo-sft');
    await code.webview('h1:text-is("demo-sft")');
    await code.notification('demo-sft finished: 6 steps').waitFor({ timeout: 240_000 });
  });

  step('shows results in the report', async () => {
    await code.run('Chirality: Open Report');
    const report = await code.webview('#accuracy-0');
    await report.locator('#accuracy-0 tbody tr').first().waitFor();
    expect(code.refused).toEqual([]);
  });
});
