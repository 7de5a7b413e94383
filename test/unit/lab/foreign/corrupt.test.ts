import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Random } from '../../../../src/base/random.ts';
import { ForeignRun } from '../../../../src/lab/foreign/foreign-run.ts';
import { isSlow } from '../../../support/slow.ts';
import { folderOfTests } from '../../../support/folder.ts';

const FIXTURES = new URL('../../../fixtures/foreign-runs/', import.meta.url).pathname;
const scratch = folderOfTests('foreign-corrupt-');

/** A byte changed, a piece cut out or written twice, the end truncated. */
function corrupted(bytes: Buffer, random: Random): Buffer {
  const at = random.below(bytes.length);
  const length = 1 + random.below(64);
  const changed = Buffer.from(bytes);
  switch (random.below(4)) {
    case 0:
      changed[at] = random.below(256);
      return changed;
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 2:
      return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
    default:
      return bytes.subarray(0, at);
  }
}

/** A thousand each in the long tests. */
const COUNT = isSlow ? 1000 : 20;

describe('property: ForeignRun survives corrupted files and names the damage', () => {
  const CONTAINERS: [container: string, folder: string, file: RegExp][] = [
    ['event file', 'tensorboard-2.21/run-a', /tfevents/],
    ['parquet', 'trl-1.14', /\.parquet$/],
    ['wandb log', 'wandb-0.31-images', /\.wandb$/],
    ['JSON lines', 'ms-swift-4.6/v0-20261121-020121', /completions\.jsonl$/],
    ['trainer state', 'trl-1.16', /trainer_state\.json$/],
    ['zip', 'inspect-0.3', /\.eval$/],
    ['workbook', 'vlmevalkit/Qwen2.5-VL-3B-Instruct/T20261121_Gabcdef12', /_Worlds\.xlsx$/],
    ['samples', 'lmms-eval-0.7/Qwen__Qwen2.5-VL-3B-Instruct', /samples.*\.jsonl$/],
    ['reviews', 'evalscope-1.14/20261122_004000', /\.jsonl$/],
    ['debug log', 'vlm-r1', /00\.txt$/],
    ['episodes', 'prime-rl', /step_1.*traces\.jsonl$/],
    ['episodes of an evaluation', 'verifiers-0.4', /traces\.jsonl$/],
    ['results', 'verifiers-0.3', /results\.jsonl$/],
    ['tree of texts', 'tinker-cookbook-0.6', /train_logtree\.json$/],
    ['answers', 'skyrl/dumped_evals/global_step_5_evals', /spatial_worlds\.jsonl$/],
    ['rollouts', 'verl-0.9', /rollout\/1\.jsonl$/],
  ];
  test.each(CONTAINERS)(
    'survives corruption and names the damage: %s',
    async (_, folder, pattern) => {
      const dir = join(scratch, folder);
      await cp(join(FIXTURES, folder), dir, { recursive: true });
      const name = (await readdir(dir, { recursive: true })).find((path) => pattern.test(path))!;
      const whole = await readFile(join(dir, name));
      const random = Random.from(folder);
      let named = 0;
      for (let i = 0; i < COUNT; i++) {
        await writeFile(join(dir, name), corrupted(whole, random));
        // A log of Inspect is an evaluation by itself.
        const run = new ForeignRun(name.endsWith('.eval') ? join(dir, name) : dir);
        const state = await run.read().catch((error: Error) => {
          expect(error.message).toMatch(/does not contain a run|Cannot read|cannot be read/);
          named += Number(error.message.includes(name));
          return null;
        });
        if (!state) continue;
        for (const picture of state.pictures.values()) await picture().catch(() => null);
        for (const batch of state.batches) await batch.pairs();
        for (const problem of state.problems) expect(problem).toContain(name.split('/').at(-1)!.slice(0, 20));
        named += state.problems.length;
      }
      expect(named).toBeGreaterThan(0);
    },
    isSlow ? 900_000 : 120_000,
  );
});
