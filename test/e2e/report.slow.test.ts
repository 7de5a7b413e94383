import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { rowOf, writeEvaluation } from '../support/evaluation.ts';
import { choose } from '../webview/page.ts';
import { Code, until } from './code.ts';
import { story } from './steps.ts';
import { readRows } from '../support/rows.ts';

const tools = inject('vscode');

describe.skipIf(!tools)('report in Restricted Mode', () => {
  let code: Code;
  let page: Page;
  let report: Frame;
  let folder: string;
  let samples: Sample[];

  /** An evaluation of the first rows of the data; every n-th answer is wrong, in mirrors those before it, too. */
  const evaluate = (path: string, wrong: number, manifest: object) => {
    const rows = (['original', 'mirror'] as const).flatMap((view) =>
      samples.map(({ id, question, answer, images, choices }, i) => ({
        ...rowOf({
          id,
          question,
          answer,
          ...(choices && { choices }),
          task: choices ? 'mcq' : 'open',
          completion: i % wrong === 0 || (view === 'mirror' && i % wrong === 1) ? 'I cannot tell.' : answer,
          view,
          set: 'val',
        }),
        images,
      })),
    );
    const sets = { val: join(folder, 'data.qa.jsonl') };
    return writeEvaluation(join(folder, path), rows, { sets, root: folder, ...manifest });
  };

  beforeAll(async () => {
    code = await Code.start(tools!);
    ({ page } = code);
    folder = join(code.root, 'ein Ordner, ü');
    const worlds = ['worlds', '--count', '24', '--seed', '7', '--size', '96', '-o', folder];
    execFileSync(process.execPath, ['dist/cli.js', ...worlds]);
    samples = readRows(join(folder, 'data.qa.jsonl'));
    for (const run of ['given', 'spatial']) {
      mkdirSync(join(folder, 'runs', run), { recursive: true });
      writeFileSync(join(folder, 'runs', run, 'run.yaml'), 'recipe: grpo\n');
    }
    await evaluate('runs/given/eval/step-000010', 3, { step: 10, model: 'tiny' });
    await evaluate('runs/spatial/eval/step-000010', 6, { step: 10, model: 'tiny' });
    await evaluate('evals/qwen', 8, { model: 'Qwen2.5-VL-3B', strategy: { name: 'direct' } });
    await code.openFolder(folder);
  });
  afterAll(() => code?.stop());

  const step = story(() => page);
  const names = () =>
    report
      .locator('#consistency-0 tbody th')
      .evaluateAll((all) => all.map((one) => one.firstChild?.textContent));

  step('opens from the palette with runs and endpoint evaluations', async () => {
    await code.run('Chirality: Open Report');
    report = await code.webview('#consistency-0');
    expect((await names()).sort()).toEqual(['Qwen2.5-VL-3B, direct', 'given, step 10', 'spatial, step 10']);
    await report.locator('#outcome-chart svg').waitFor();
    await report.getByRole('checkbox', { name: 'Show all published tables and claims' }).click();
    await report.locator('#svqa-q-spatial').waitFor();
  });

  step('adds an evaluation that finishes later', async () => {
    await evaluate('runs/spatial/eval/step-000020', 12, { step: 20, model: 'tiny' });
    await until('the new evaluation', async () => (await names()).includes('spatial, step 20'));
    await report.locator('#checkpoints').waitFor();
  });

  step('opens the rows of an endpoint from its name', async () => {
    await report.locator('#consistency-0').getByRole('button', { name: 'Qwen2.5-VL-3B, direct' }).click();
    const trace = await code.webview('.inspector');
    await until('the picture of a row', () =>
      trace
        .locator('.inspector img')
        .first()
        .evaluate((img) => (img as HTMLImageElement).naturalWidth === 96),
    );
    await page.locator('.tab', { hasText: 'Report' }).click();
    report = await code.webview('#consistency-0');
  });

  step('opens a compared row in either evaluation', async () => {
    await choose(report.getByRole('combobox', { name: 'Compare A' }), 'given, step 10');
    await choose(report.getByRole('combobox', { name: 'with B' }), 'spatial, step 10');
    await report.getByRole('button', { name: /A wrong, B correct/ }).click();
    const row = report.locator('.rows tbody tr').nth(1);
    const id = (await row.locator('td').first().textContent())!;
    await row.getByRole('button').last().click();
    const trace = await code.webview('.inspector');
    await trace.locator('body', { hasText: id }).waitFor();
    await page.locator('.tab.active', { hasText: 'Traces: spatial' }).waitFor();
  });

  step('restores its state after a window reload', async () => {
    await page.locator('.tab', { hasText: 'Report' }).click();
    await code.reload();
    report = await code.webview('.rows');
    await report.getByRole('heading', { name: 'given, step 10 (A) against spatial, step 10 (B)' }).waitFor();
    expect(code.refused).toEqual([]);
  });
});
