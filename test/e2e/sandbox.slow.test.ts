import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { rowOfScene, sceneOfRow } from '../../src/core/worlds/sandbox/scene-row.ts';
import { decodePng } from '../../src/lab/images/png.ts';
import { tinyProject, trained } from '../unit/lab/recipes/cli.ts';
import { Annotation } from './annotation.ts';
import { Code } from './code.ts';
import { story } from './steps.ts';
import { folderOfTests } from '../support/folder.ts';

const tools = inject('vscode');

describe.skipIf(!tools)('first question and breaking point of a model', () => {
  let code: Code;
  let page: Page;
  const folder = folderOfTests('chirality-sandbox-');
  let panel: Frame;

  beforeAll(async () => {
    await tinyProject(folder);
    await trained(folder, 'sft', 'grpo');
    code = await Code.start(tools!, { settings: { 'security.workspace.trust.enabled': false } });
    ({ page } = code);
    await code.openFolder(folder, '.monaco-list-row');
  });
  afterAll(async () => {
    await code?.stop();
  });

  const step = story(() => page);
  const models = () => panel.locator('.models li bdi').allTextContents();

  step('opens with a validation row and the answers of the latest runs', async () => {
    await code.run('Chirality: Open Playground');
    panel = await code.webview('#question');
    await expect.poll(() => panel.locator('.one-model .answer-text').count()).toBe(4);
    expect(await panel.locator('h1').textContent()).toBe('data.qa.jsonl, line 1');
    expect(await models()).toEqual(['grpo, step 8', 'sft, step 30']);
  });

  step('adds selected models, or the first match on Enter', async () => {
    const boxes = page.locator('.quick-input-list .monaco-list-row', { hasText: 'grpo' });
    await panel.getByRole('button', { name: 'Add Model' }).click();
    await expect.poll(() => boxes.count()).toBe(4);
    await boxes.nth(1).click();
    await boxes.nth(2).click();
    await page.locator('.quick-input-widget').getByRole('button', { name: 'OK' }).click();
    await expect.poll(models).toEqual(['grpo, step 8', 'grpo, step 6', 'grpo, step 4', 'sft, step 30']);
    await panel.getByRole('button', { name: 'Remove grpo, step 8' }).click();
    await expect.poll(models).toHaveLength(3);
    await panel.getByRole('button', { name: 'Add Model' }).click();
    await page.locator('.quick-input-widget input').fill('grpo');
    await expect.poll(() => boxes.count()).toBe(4);
    await page.keyboard.press('Enter');
    await expect.poll(models).toHaveLength(4);
  });

  step('evaluates models on a dragged scene in the sandbox', async () => {
    await panel.getByRole('button', { name: 'Remove grpo, step 4' }).click();
    await panel.getByRole('button', { name: 'Sandbox', exact: true }).click();
    const verdicts = () => panel.locator('.in-sandbox .status .badge').count();
    await expect.poll(verdicts).toBe(3);
    const before = await panel.locator('.sandbox-question').first().textContent();
    const [frame, solid] = [panel.locator('.scene').first(), panel.locator('button.solid', { hasText: 'A' })];
    const [room, from] = [(await frame.boundingBox())!, (await solid.boundingBox())!];
    const isLeft = from.x + from.width / 2 < room.x + room.width / 2;
    const y = from.y + from.height / 2;
    await page.mouse.move(from.x + from.width / 2, y);
    await page.mouse.down();
    await page.mouse.move(room.x + (isLeft ? 0.85 : 0.15) * room.width, y, { steps: 20 });
    await page.mouse.up();
    await expect.poll(() => panel.locator('.sandbox-question').first().textContent()).not.toBe(before);
    await expect.poll(verdicts).toBe(3);
  });

  step('shows attention with the answers on request', async () => {
    await panel.getByRole('button', { name: 'Attention', exact: true }).click();
    await expect.poll(() => panel.locator('.attended:not(.old) .heat').count()).toBe(6);
    expect(await panel.locator('.attended figcaption').first().textContent()).toMatch(
      /% of attention on the image, of which /,
    );
  });

  step('finds the breaking point of a model, and saves the pair of rows', async () => {
    await panel.getByRole('button', { name: 'Find Breaking Point' }).first().click();
    await panel.locator('.found', { hasText: /counter-example|one correct answer|right answer/ }).waitFor();
    await panel.getByRole('button', { name: 'Save as Rows' }).click();
    await code.choose(/data\.qa\.jsonl.*val/);
    await code.notification(/Saved to lines 7 to 8 of data\.qa\.jsonl/).waitFor();
    const file = join(folder, 'val/data.qa.jsonl');
    const rows = readFileSync(file, 'utf8').trim().split('\n');
    const kept = rows.slice(6).map((line) => JSON.parse(line) as Sample);
    expect(kept.map(({ source }) => source)).toEqual(['sandbox', 'sandbox']);
    for (const row of kept) {
      expect(row.meta!.asked).toHaveLength(1);
      const { sample, picture } = rowOfScene(sceneOfRow(row)!, row.id, '');
      expect([row.question, row.answer]).toEqual([sample.question, sample.answer]);
      const { path } = row.images[0] as { path: string };
      expect(decodePng(readFileSync(join(folder, 'val', path)))!.rgb).toEqual(picture.rgb);
    }
    const inExplorer = (name: string) =>
      page.locator('.explorer-folders-view .monaco-list-row', { hasText: name });
    await inExplorer('val').click();
    await inExplorer('data.qa.jsonl').dblclick();
    await page.locator('.tab.active', { hasText: 'data.qa.jsonl' }).waitFor();
    await code.run('Chirality: Annotate Rows');
    const editor = await Annotation.shown(code);
    await editor.at(1, 8);
    const search = editor.frame.getByPlaceholder('Find rows');
    await search.fill('sandbox-');
    await search.press('Enter');
    await editor.at(7, 8);
    await editor.drawn();
  });

  step('draws the effect of η in What-if analysis, and forks from a selected checkpoint', async () => {
    const run = page.locator('.monaco-list-row', { hasText: 'grpo' }).first();
    await code.run('Chirality: Focus on Runs View');
    await run.click();
    await code.run('Chirality: Open Traces');
    const traces = await code.webview('.trace .pair-head');
    await page.keyboard.press('e');
    const settings = traces.getByRole('region', { name: 'What-if analysis' });
    await settings.getByRole('img', { name: /change sign: 0\.0% at η/ }).waitFor();
    await settings.getByLabel('View penalty η, exact value').fill('2');
    await settings.getByLabel('View penalty η, exact value').press('Enter');
    await settings.getByRole('list', { name: 'Changed settings' }).getByText('coupling.eta=2').waitFor();
    const line = settings.getByRole('radiogroup', { name: 'Checkpoint to fork from' });
    await expect.poll(() => line.getByRole('radio').count()).toBe(4);
    await line.getByRole('radio', { name: 'Step 4' }).check();
    await settings.getByRole('button', { name: 'Fork from Step 4…' }).click();
    await page.locator('.quick-input-widget', { hasText: 'checkpoint of step 4' }).waitFor();
    await page.keyboard.press('Escape');
  });
});
