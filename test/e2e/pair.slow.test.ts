import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { Code, until } from './code.ts';
import { story } from './steps.ts';

const tools = inject('vscode');

// A person's first quarter of an hour, in one window: every step stands on the one before.
describe.skipIf(!tools)('data files in VS Code, in Restricted Mode', () => {
  let code: Code;
  let page: Page;
  let pair: Frame;
  let folder: string;

  beforeAll(async () => {
    code = await Code.start(tools!);
    ({ page } = code);
    folder = join(code.root, 'ein Ordner, ü');
    const worlds = ['worlds', '--count', '6', '--seed', '7', '--size', '96', '-o', folder];
    execFileSync(process.execPath, ['dist/cli.js', ...worlds]);
    const rows = readFileSync(join(folder, 'data.qa.jsonl'), 'utf8');
    // Above 50 MB, VS Code shows a file to people, but not to extensions.
    const large = () => rows.replaceAll('worlds-7', 'x').repeat((60 * 2 ** 20) / rows.length);
    writeFileSync(join(folder, 'large.qa.jsonl'), large());
    appendFileSync(join(folder, 'data.qa.jsonl'), '{"id": "broken", "question": }\n');
    await code.openFolder(folder);
  });
  afterAll(() => code?.stop());

  const step = story(() => page);

  const place = () => pair.locator('.place span').first().textContent();
  const at = (line: number, lines = 7) =>
    expect.poll(place, { timeout: 30_000 }).toBe(`Line ${line} of ${lines}`);
  const cursor = (line: number) =>
    page.locator('.line-numbers.active-line-number').getByText(`${line}`, { exact: true }).waitFor();
  const problem = (text: string) => page.locator('.markers-panel .monaco-list-row', { hasText: text });
  const notification = (text: string | RegExp) => code.notification(text);

  /** Both images are drawn, from bytes, the second one mirrored. */
  const bothDrawn = () =>
    until('both images', () =>
      pair.evaluate(() => {
        const [original, mirror, ...more] = [...document.querySelectorAll('img')];
        if (!original || !mirror || more.length > 0) return false;
        const drawn = [original, mirror].every(
          (img) => img.src.startsWith('blob:') && img.naturalWidth === 96,
        );
        return drawn && getComputedStyle(mirror).transform === 'matrix(-1, 0, 0, 1, 0, 0)';
      }),
    );

  step('lists the problems of an open file', async () => {
    await code.openFile('data.qa.jsonl');
    await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).waitFor();
    await code.run('View: Focus Problems');
    await problem('Not valid JSON').waitFor();
    expect(await problem('Not valid JSON').textContent()).toContain('[Ln 7, Col 30]');
  });

  step('opens the pair of a row next to the editor by keyboard', async () => {
    await page.locator('.view-line').first().click();
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('Control+k');
    await page.keyboard.press('v');
    pair = await code.webview('main .pair');
    await at(1);
    await bothDrawn();
  });

  step('follows the cursor and edits in the editor', async () => {
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await at(3);
    await page.keyboard.press('Control+End');
    const row = '{"id": "new", "question": "Is the cup left of the jug?", "answer": "Yes"}';
    await page.keyboard.type(row);
    await at(8, 8);
    const marks = () => pair.locator('.text mark').allTextContents();
    await expect.poll(marks, { timeout: 30_000 }).toEqual(['left', 'right']);
    for (let i = 0; i < 2; i++) await page.keyboard.press('Control+Shift+k'); // deletes the line, then the broken one
    await expect.poll(() => problem('Not valid JSON').count(), { timeout: 30_000 }).toBe(0);
    await at(6, 6);
    await until('the file as it was', async () => {
      await page.keyboard.press('Control+z');
      return (await page.locator('.tab.dirty').count()) === 0;
    });
    await expect.poll(() => problem('Not valid JSON').count(), { timeout: 30_000 }).toBe(1);
  });

  step('handles single keys in the panel, and moves the editor cursor', async () => {
    await page.keyboard.press('Control+Home');
    await at(1);
    await pair.locator('h2').first().click();
    await page.keyboard.press('j');
    await at(2);
    await page.keyboard.press('j');
    await at(3);
    await cursor(3);
    await page.keyboard.press('k');
    await at(2);
    for (const key of 'jjkjjkk') await page.keyboard.press(key); // quick steps add up
    await at(3);
    await cursor(3);
    await page.keyboard.press('k');
    await at(2);
    await bothDrawn();

    await pair.locator('.labels').nth(1).waitFor();
    await page.keyboard.press('b');
    await pair.locator('.labels').first().waitFor({ state: 'detached' });

    await page.keyboard.down('m');
    await expect.poll(() => pair.locator('img.mirrored').count()).toBe(2);
    await page.keyboard.up('m');
    await expect.poll(() => pair.locator('img.mirrored').count()).toBe(1);

    await page.keyboard.press('?');
    await pair.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await pair.getByRole('dialog').waitFor({ state: 'detached' });

    await page.keyboard.press('o');
    await page.locator('.statusbar-item', { hasText: 'Ln 2, Col 1' }).waitFor();
    await page.keyboard.type('j'); // now it is a letter in the editor
    await page.locator('.tab.dirty', { hasText: 'data.qa.jsonl' }).waitFor();
    await page.keyboard.press('Control+z');
    await at(2);
  });

  step('checks a file of any size on request', async () => {
    await code.run('Chirality: Check Data File');
    await notification(/data\.qa\.jsonl: 1 error in 1 of 7 rows/).waitFor();
    await code.explorerMenu('large.qa.jsonl', 'Check Data File');
    await notification(/large\.qa\.jsonl: .* errors .*The Problems view lists the first 1,000/).waitFor({
      timeout: 200_000,
    });
  });

  step('opens pairs in a file of any size', async () => {
    await code.explorerMenu('large.qa.jsonl', 'Show Pair');
    await expect.poll(place, { timeout: 60_000 }).toMatch(/^Line 1 of [1-9]\d,\d{3}$/);
    await pair.locator('h2').first().click();
    await page.keyboard.press('j');
    await expect.poll(place).toMatch(/^Line 2 of/);
    await bothDrawn();
  });

  step('restores its state after a window reload', async () => {
    await code.reload();
    pair = await code.webview('main .pair');
    await expect.poll(place, { timeout: 60_000 }).toMatch(/^Line 2 of/);
    await bothDrawn();
    expect(await pair.locator('.labels').count()).toBe(0);
  });

  step('shows only applicable commands in the palette', async () => {
    const titles = [
      'Chirality: Show Pair',
      'Chirality: Check Data File',
      'Chirality Pair: Go to Next Row',
    ] as const;
    const [show, check, next] = titles;
    await page.locator('.tab', { hasText: 'Pair: large' }).click();
    await page.locator('.editor-group-container.active .tab', { hasText: 'Pair: large' }).waitFor();
    expect(await code.palette(titles)).toEqual([check, next]);
    await code.openFile('data.qa.jsonl');
    expect(await code.palette(titles)).toEqual([show, check]);
    await code.openFile('manifest.json');
    expect(await code.palette(titles)).toEqual([]);
  });
});
