import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../../src/base/random.ts';
import { ForeignRun } from '../../../../src/lab/foreign/foreign-run.ts';
import { isSlow } from '../../../support/slow.ts';
import { folderOfTests } from '../../../support/folder.ts';

const FIXTURES = new URL('../../../fixtures/foreign-runs/', import.meta.url).pathname;
const scratch = folderOfTests('foreign-growth-');

/** Programs that append to a file, or write it again with more in it. */
const FILES: [what: string, folder: string, file: RegExp][] = [
  ['the log of wandb', 'wandb-0.31', /\.wandb$/],
  ['the log of wandb, by hand', 'wandb-0.31-images', /\.wandb$/],
  ['event files', 'tensorboard-2.21/run-a', /747\.1$/],
  ['completions of verl', 'verl-0.9', /rollout\/2\.jsonl$/],
  ['the log of verl', 'verl-0.9', /^(?!.*\/\d+\.jsonl$).*\.jsonl$/],
  ['the log of EasyR1', 'easyr1', /experiment_log\.jsonl$/],
  ['completions of ms-swift', 'ms-swift-4.6/v0-20261121-020121', /completions\.jsonl$/],
  ['metrics of prime-rl', 'prime-rl', /metrics\.jsonl$/],
  ['episodes of prime-rl', 'prime-rl', /step_1\/.*traces\.jsonl$/],
  ['episodes of verifiers', 'verifiers-0.4', /traces\.jsonl$/],
  ['metrics of tinker-cookbook', 'tinker-cookbook-0.6', /^metrics\.jsonl$/],
  ['rollouts of tinker-cookbook', 'tinker-cookbook-0.6', /000001\/train_rollout_summaries\.jsonl$/],
  ['a debug log', 'vlm-r1', /00\.txt$/],
  ['rows of SkyRL', 'skyrl/dumped_evals/global_step_5_evals', /spatial_worlds\.jsonl$/],
  ['samples of lmms-eval', 'lmms-eval-0.7/Qwen__Qwen2.5-VL-3B-Instruct', /samples.*\.jsonl$/],
  ['reviews of evalscope', 'evalscope-1.14/20261122_004000', /\.jsonl$/],
];

/** What was read: figures by step, texts of completions in their order. */
async function contents(run: ForeignRun): Promise<{ figures: Map<number, object>; texts: string[] } | null> {
  const state = await run.read().catch(() => null);
  if (!state) return null;
  expect(state.problems).toEqual([]);
  const pairs = (await Promise.all(state.batches.map((batch) => batch.pairs()))).flat();
  const texts = [
    ...pairs.flatMap(({ views }) => views[0]!.group.map(({ segments }) => segments[0]!.text)),
    ...(state.evaluation?.rows ?? []).map(({ segments }) => segments[0].text),
  ];
  return { figures: new Map(state.metrics), texts };
}

/** Whether texts are some of the others, in their order. */
function isPartOf(some: readonly string[], all: readonly string[]): boolean {
  let at = 0;
  for (const text of some) {
    at = all.indexOf(text, at) + 1;
    if (at === 0) return false;
  }
  return true;
}

describe('property: ForeignRun: returns part of a growing file without problems, then the whole', () => {
  test.each(FILES)(
    'returns part of a growing file, then the whole: %s',
    async (what, folder, pattern) => {
      const dir = join(scratch, what, folder.split('/').at(-1)!);
      await cp(join(FIXTURES, folder), dir, { recursive: true });
      const name = (await readdir(dir, { recursive: true })).find((path) => pattern.test(path))!;
      const bytes = await readFile(join(dir, name));
      const all = (await contents(new ForeignRun(dir)))!;
      const random = Random.from(what);
      for (let i = 0; i < (isSlow ? 60 : 4); i++) {
        const run = new ForeignRun(dir);
        // Twice: it is read on from where it ended.
        const [first, second] = [random.below(bytes.length), random.below(bytes.length)].sort(
          (a, b) => a - b,
        );
        for (const at of [first!, second!]) {
          await writeFile(join(dir, name), bytes.subarray(0, at));
          const early = await contents(run);
          if (!early) continue;
          expect(isPartOf(early.texts, all.texts)).toBe(true);
          for (const [step, figures] of early.figures)
            expect(Object.keys(all.figures.get(step)!)).toEqual(expect.arrayContaining(Object.keys(figures)));
        }
        await writeFile(join(dir, name), bytes);
        expect(await contents(run)).toEqual(all);
      }
    },
    isSlow ? 900_000 : 120_000,
  );
});

test('ForeignRun: drops the metrics of a log that a restart emptied', async () => {
  const dir = join(scratch, 'emptied');
  await cp(join(FIXTURES, 'easyr1'), dir, { recursive: true });
  const file = join(dir, 'experiment_log.jsonl');
  const run = new ForeignRun(dir);
  expect((await run.read()).metrics.size).toBeGreaterThan(1);
  await writeFile(file, '');
  expect((await run.read()).metrics.size).toBe(0);
  await writeFile(file, '{"step": 1, "reward": {"overall": 0.25}}\n');
  expect([...(await run.read()).metrics]).toEqual([[1, { reward: 0.25 }]]);
});
