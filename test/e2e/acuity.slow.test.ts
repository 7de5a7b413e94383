import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { Code, until } from './code.ts';
import { story } from './steps.ts';

const tools = inject('vscode');

describe.skipIf(!tools)('measures a person’s acuity, from an empty folder', () => {
  let code: Code;
  let page: Page;
  let panel: Frame;
  let folder: string;

  beforeAll(async () => {
    ({ code, page, folder } = await Code.inFolder(tools!, 'eyes', (eyes) =>
      writeFileSync(join(eyes, 'notes.qa.jsonl'), ''),
    ));
  });
  afterAll(() => code?.stop());

  const step = story(() => page);

  step('shows the next step in the panel of a folder without measurements', async () => {
    await code.run('Chirality: Open Acuity');
    panel = await code.webview('main.message');
    await panel.getByRole('heading', { name: 'Acuity' }).waitFor();
  });

  step('accepts answers by arrow keys, each question once', async () => {
    await panel.getByRole('button', { name: 'Measure My Acuity' }).click();
    await panel.getByRole('button', { name: 'Start' }).click();
    const picture = panel.locator('.stimulus img');
    await picture.waitFor({ timeout: 180_000 });
    const rows = readdirSync(join(folder, 'acuity/rows')).map((name) =>
      readFileSync(join(folder, 'acuity/rows', name, 'data.qa.jsonl'), 'utf8')
        .trimEnd()
        .split('\n'),
    )[0]!;
    const samples = rows.map((line) => JSON.parse(line) as Sample);
    expect(samples).toHaveLength(88);
    // The same words are asked of an original and its mirror: every second answer is wrong.
    for (let n = 1; n <= 60; n++) {
      // A key counts once the image is there.
      await picture.waitFor();
      const question = await panel.locator('.question').textContent();
      const answer = samples.find((one) => one.question === question)!.answer;
      await page.keyboard.press(answer === 'Yes' ? 'ArrowRight' : 'ArrowLeft');
      const answered = () => panel.locator('progress').getAttribute('value');
      await until(`answer ${n}`, async () => (await answered()) === `${n}`);
    }
  });

  step('ends on Escape and saves the answers under a name', async () => {
    await page.keyboard.press('Escape');
    await panel.getByRole('heading', { name: '60 of 88 answered' }).waitFor();
    expect(readdirSync(join(folder, 'acuity'))).toEqual(['rows']);
    await panel.getByRole('button', { name: 'Keep Answers…' }).click();
    const box = page.locator('.quick-input-box input');
    await box.waitFor();
    await box.fill('Ada');
    await page.keyboard.press('Enter');
    await panel.locator('.finding', { hasText: 'Ada' }).waitFor();
    const [file] = readdirSync(join(folder, 'acuity/people'));
    expect(file).toMatch(/^Ada-side-[0-9a-f]{8}\.jsonl$/);
    expect(
      readFileSync(join(folder, 'acuity/people', file!), 'utf8')
        .trimEnd()
        .split('\n'),
    ).toHaveLength(60);
  });

  step('opens the answers of a point, and the row with its mirror', async () => {
    await panel.locator('.dot[role=button]').last().press('Enter');
    await panel.locator('.trial img').first().waitFor();
    await panel.locator('.trial').first().click();
    const pair = await code.webview('figure img');
    await until('the image', () =>
      pair
        .locator('figure img')
        .first()
        .evaluate((img) => (img as HTMLImageElement).naturalWidth === 448),
    );
    expect(code.refused).toEqual([]);
  });
});
