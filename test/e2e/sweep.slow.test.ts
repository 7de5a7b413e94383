import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import { stringify } from 'yaml';
import { rowLines } from '../support/rows.ts';
import { Code, until } from './code.ts';
import { isEnded, killRuns, stateOf } from './runs.ts';
import { story } from './steps.ts';

const tools = inject('vscode');

const SWEEP = {
  base: {
    recipe: 'sft',
    steps: 2,
    batch: { samples: 4 },
    engine: { kind: 'embedded', width: 16, layers: 1, heads: 2, image_size: 32, patch_size: 16, threads: 1 },
    data: { train: 'a.qa.jsonl', eval: { val: 'a.qa.jsonl' } },
    evaluate: { views: ['original'], max_tokens: 4 },
  },
  vary: { 'optimizer.learning_rate': [0.001, 0.01] },
  compare: { set: 'val' },
};

// From a file with two cells to their comparison.
describe.skipIf(!tools)('sweep in VS Code', () => {
  let code: Code;
  let page: Page;
  let folder: string;

  beforeAll(async () => {
    ({ code, page, folder } = await Code.inFolder(tools!, 'ein Ordner, ü', (work) => {
      const rows = ['yes', 'no', 'no', 'yes'].map((answer, i) => {
        return { id: `${i}`, question: `Is ${i} left?`, answer, task: 'yesno', images: [] };
      });
      writeFileSync(join(work, 'a.qa.jsonl'), rowLines(rows));
      writeFileSync(join(work, 'bad.sweep.yaml'), stringify({ ...SWEEP, vary: { 'batch.samples': [0] } }));
      writeFileSync(join(work, 'rate.sweep.yaml'), stringify(SWEEP));
    }));
  });
  afterAll(async () => {
    if (folder) killRuns(join(folder, 'sweeps/rate/runs'));
    if (folder) killRuns(join(folder, 'sweeps'));
    await code?.stop();
  });

  const step = story(() => page);
  const lens = (text: string) => page.locator('.codelens-decoration a', { hasText: text });

  step('marks a mistake in a condition at its position', async () => {
    await code.openFile('bad.sweep.yaml');
    await page.locator('.squiggly-error').first().waitFor();
  });

  step('runs every condition from CodeLens, with progress in a terminal', async () => {
    await code.openFile('rate.sweep.yaml');
    await lens('Run Sweep').click();
    await code.starts.getByRole('button', { name: /^Run Sweep/ }).click({ timeout: 120_000 });
    const sweep = join(folder, 'sweeps/rate');
    await until('the end of the sweep', () => Promise.resolve(isEnded(sweep)));
    expect(stateOf(sweep)).toMatchObject({ status: 'finished', step: 2, steps: 2 });
    for (const cell of ['0.001', '0.01'])
      expect(stateOf(join(sweep, `runs/learning_rate-${cell}-seed-0`))?.status).toBe('finished');
  });

  step('opens the comparison from CodeLens', async () => {
    await lens('Open Report of rate').click();
    const report = await code.webview('#cells');
    await report.getByText('2 conditions × 1 seed: all 2 runs finished.').waitFor();
    expect(await report.locator('#cells tbody th').allTextContents()).toEqual([
      'learning rate = 0.001',
      'learning rate = 0.01',
    ]);
  });
});
