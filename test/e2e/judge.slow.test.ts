import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject } from 'vitest';
import type { Sample } from '../../src/rows/sample/sample.ts';
import { rowOf, writeEvaluation } from '../support/evaluation.ts';
import { readRows } from '../support/rows.ts';
import { Code, until } from './code.ts';
import { story } from './steps.ts';

const tools = inject('vscode');
const PICTURES = 30;

describe.skipIf(!tools)('human rating of answers', () => {
  let code: Code;
  let page: Page;
  let judge: Frame;
  let folder: string;

  /** Free text in both views, of which the rules judge a part. */
  const evaluate = (path: string, samples: readonly Sample[], model: string) => {
    const rows = (['original', 'mirror'] as const).flatMap((view) =>
      samples.map(({ id, images }, i) => ({
        ...rowOf({
          id,
          question: `What is beside plate ${i}?`,
          answer: 'a blue cup',
          task: 'name',
          completion:
            i % 3 === 0 ? 'a blue cup' : `${model} believes that something stands there, guest ${i}.`,
          view,
          set: 'val',
        }),
        images,
      })),
    );
    const sets = { val: join(folder, 'data.qa.jsonl') };
    return writeEvaluation(join(folder, path), rows, { sets, root: folder, model });
  };

  beforeAll(async () => {
    const fill = (to: string) => {
      folder = to;
      const worlds = ['worlds', '--count', String(PICTURES), '--seed', '7', '--size', '96', '-o', folder];
      execFileSync(process.execPath, ['dist/cli.js', ...worlds]);
    };
    ({ code, page } = await Code.inFolder(tools!, 'answers', fill));
    const samples = readRows<Sample>(join(folder, 'data.qa.jsonl')).slice(0, PICTURES);
    for (const model of ['Qwen', 'Intern']) await evaluate(`evals/${model}`, samples, model);
  });
  afterAll(() => code?.stop());

  const step = story(() => page);
  const judged = () => judge.locator('.judge header .quiet').textContent();
  const written = () =>
    readFileSync(join(folder, 'evals/Qwen/audit.jsonl'), 'utf8').trim().split('\n').length;

  step('offers a choice of evaluations, and shows the first answer next to its image', async () => {
    await code.run('Chirality: Rate Answers');
    await code.choose('Qwen');
    judge = await code.webview('.judge');
    await judge.locator('.judge img').waitFor();
    await judge.locator('.judge dd.said').click();
    for (const key of 'rwcu') await page.keyboard.press(key);
    await until('two judgements', async () => /^2 of 40/.test((await judged())!));
  });

  step('continues after a window reload', async () => {
    await code.reload();
    judge = await code.webview('.judge');
    await until('two judgements', async () => /^2 of 40/.test((await judged())!));
  });

  step('shows the estimate after 40 ratings, and offers more answers to rate', async () => {
    await judge.locator('.judge dd.said').click();
    for (let n = 2; n < 40; n++) await page.keyboard.press(n % 3 === 0 ? 'r' : 'w');
    await judge.getByText('by rules alone').first().waitFor();
    expect(written()).toBe(42); // with what was undone
    await judge.getByRole('button', { name: 'Rate 20 More' }).click();
    await until('more answers', async () => /^40 of 60/.test((await judged())!));
    await page.keyboard.press('Escape');
  });

  step('adds the estimate to the report, and names evaluations without ratings', async () => {
    const report = await code.webview('main[aria-label=Report]');
    await report.getByText('is estimated from 20 pairs with human ratings').waitFor();
    await report
      .getByText('The value of Intern (direct) is not estimated, because its answers have no human ratings.')
      .waitFor();
    expect(code.refused).toEqual([]);
  });
});
