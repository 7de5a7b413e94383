import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findForeign } from '../../../../src/lab/foreign/find.ts';
import { ForeignRun } from '../../../../src/lab/foreign/foreign-run.ts';
import { folderOfTests } from '../../../support/folder.ts';

const DIR = new URL('../../../fixtures/foreign-runs/tinker-cookbook-0.6', import.meta.url).pathname;
const scratch = folderOfTests('tinker-cookbook-');
const SUMMARIES = 'iteration_000000/train_rollout_summaries.jsonl';

const read = async (dir: string) => {
  const run = new ForeignRun(dir);
  const state = await run.read();
  const pairs = await Promise.all(state.batches.map((batch) => batch.pairs()));
  return { state, pairs };
};
const copy = async (name: string) => {
  const dir = join(scratch, name);
  await cp(DIR, dir, { recursive: true });
  return dir;
};

test('tinker-cookbook: reads texts from the tree and rewards from the summaries', async () => {
  const { state, pairs } = await read(DIR);
  expect(state.origin).toMatchObject({
    kind: 'tinker-cookbook',
    version: null,
    group_size: { value: 2, from: 'config.json' },
  });
  expect(pairs.map((found) => found.map(({ views }) => views[0]!.group.length))).toEqual([
    [2, 2],
    [2, 2],
  ]);
  const [view] = pairs[0]![0]!.views;
  expect(view).toMatchObject({
    question: 'which is closer , the yellow-cone or the purple-cone ?',
    answer: 'yellow-cone',
  });
  expect(view!.group[1]).toMatchObject({
    segments: [{ text: '<think>The thing is there.</think> <answer>left</answer>' }],
    rewards: { correct: { value: 0 }, format: { value: 1 } },
    reward: 0,
    advantage: null,
  });
  expect(pairs[1]![0]!.views[0]!.group.map(({ segments, reward }) => [segments[0]!.text, reward])).toEqual([
    ['', 1],
    ['', 0],
  ]);
  expect(state.proposed).toBe('correct');
  expect(state.problems).toEqual([]);
});

test('tinker-cookbook: renames known metrics, and counts steps from 0', async () => {
  const { metrics } = (await read(DIR)).state;
  expect([...metrics.keys()]).toEqual([0, 1]);
  expect(metrics.get(1)).toMatchObject({
    reward: 0.5,
    'rewards/correct/mean': 0.5,
    'rewards/format/mean': 1,
    learning_rate: 4e-5,
    'completions/mean_length': 26.25,
    'by_group/frac_mixed': 1,
    entropy: 0.5,
    step_time: 1.25,
    'optim/kl_sample_train_v1': 0.001,
    'env/all/total_turns': 4,
    'env/all/turns_per_episode': 1,
  });
});

test('tinker-cookbook: ignores texts of a tree group whose rewards differ from the summaries', async () => {
  const dir = await copy('other');
  const file = join(dir, SUMMARIES);
  const text = await readFile(file, 'utf8');
  // Both trajectories of the first group have reward 1 now.
  await writeFile(file, text.replace('"total_reward": 0.0', '"total_reward": 1.0'));
  const { pairs } = await read(dir);
  expect(pairs[0]![0]!.views[0]!.group.map(({ segments }) => segments[0]!.text)).toEqual(['', '']);
  expect(pairs[0]![1]!.views[0]!.group[0]!.segments[0]!.text).not.toBe('');
  // Without summaries the tree is all there is, with rewards to three digits.
  await rm(file);
  const alone = (await read(dir)).pairs[0]![0]!.views[0]!.group[0]!;
  expect(alone).toMatchObject({ reward: 1, rewards: { correct: { value: 1 } } });
});

test('tinker-cookbook: separates iterations without texts or with equal numbers', async () => {
  const dir = await copy('no texts');
  await rm(join(dir, 'iteration_000000/train_logtree.json'));
  expect((await read(dir)).state.batches.map(({ batch }) => batch.step)).toEqual([0, 1]);
});

test('tinker-cookbook: is recognised by its folders, and reports an incomplete tree', async () => {
  expect((await findForeign([DIR]))[0]!.holds).toBe('tinker-cookbook · 2 rollout files');
  const dir = await copy('cut');
  const file = join(dir, 'iteration_000000/train_logtree.json');
  await writeFile(file, (await readFile(file, 'utf8')).slice(0, 5000));
  const { state, pairs } = await read(dir);
  expect(state.problems.join()).toMatch(
    /^Cannot read iteration_000000\/train_logtree\.json, which might still be in use/,
  );
  expect(pairs[0]!.length).toBe(2);
});
