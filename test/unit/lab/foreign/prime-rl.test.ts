import { execFileSync } from 'node:child_process';
import { appendFile, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { episodeOf } from '../../../../src/lab/foreign/values/episode.ts';
import { findForeign } from '../../../../src/lab/foreign/find.ts';
import { ForeignRun } from '../../../../src/lab/foreign/foreign-run.ts';
import { Traces } from '../../../../src/panels/trace/trace.reads.ts';
import { stepsOf } from '../../../../src/lab/traces/run-steps.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { rowLines } from '../../../support/rows.ts';

const DIR = new URL('../../../fixtures/foreign-runs/prime-rl', import.meta.url).pathname;
const scratch = folderOfTests('prime-rl-');
const TRAINED = 'rollouts/step_0/train/effective/traces.jsonl';

test('prime-rl: reads trained episodes with reward parts, weights, advantages and images', async () => {
  const run = new ForeignRun(DIR);
  const state = await run.read();
  expect(state.origin).toMatchObject({
    kind: 'prime-rl',
    version: null,
    group_size: { value: 3, from: 'configs/resolved/rl.json' },
    reward_weights: { value: { correct: 1, format: 0.2 } },
  });
  expect(state.origin.files.map(({ path }) => path)).toContain(TRAINED);
  expect(state.batches.map(({ batch, groups }) => [batch.step, groups.map(({ at }) => at.length)])).toEqual([
    [0, [3, 3]],
    [1, [3]],
  ]);
  expect(state.proposed).toBe('correct');
  const [pair] = await state.batches[1]!.pairs();
  expect(pair!.sample).toBe('worlds-3-1');
  expect(pair!.views[0]).toMatchObject({
    question: 'which is closer , the yellow-cone or the purple-cone ?',
    answer: 'yellow-cone',
  });
  expect(pair!.views[0]!.group[0]).toMatchObject({
    segments: [{ text: '<think>Look.</think> <answer>yellow-cone</answer>' }],
    rewards: { correct: { value: 1 }, format: { value: 1 } },
    reward: 1.2,
    advantage: 0.6667,
  });
  const [picture] = pair!.views[0]!.images as string[];
  const bytes = await state.pictures.get(picture!)!();
  expect(Buffer.from(bytes.subarray(0, 4)).toString('latin1')).toBe('\x89PNG');
  // Rewards less their mean are the stored advantages, so what if is offered.
  expect((await stepsOf(DIR).whatIfConfig())?.advantages.convention).toBe('dr-grpo');
});

test('prime-rl: reads tokens and log-probabilities of sampled messages, also in a copy', async () => {
  const copy = join(scratch, 'copy');
  execFileSync(process.execPath, ['dist/cli.js', 'import', DIR, '-o', copy, '--quiet'], { stdio: 'pipe' });
  for (const run of [DIR, copy]) {
    const opened = await new Traces().tracePair({ run, id: { step: 0, pair: 0 } });
    expect(opened.arraysProblem).toBeNull();
    expect(opened.arrays[0]![0]![0]).toMatchObject({ tokens: [0, 1], texts: null, entropies: null });
    expect(opened.arrays[0]![0]![0]!.logprobs).toEqual([-0.236, -0.1032].map(Math.fround));
  }
});

test('prime-rl: reads the curves of a later version, and reports its unread episodes', async () => {
  const dir = join(scratch, 'later');
  await mkdir(join(dir, 'monitors/file/traces/stream'), { recursive: true });
  const line = JSON.parse((await readFile(join(DIR, 'metrics.jsonl'), 'utf8')).split('\n')[0]!) as object;
  // Figures of the inference server belong to a time, not to a step.
  const rows = [
    { ...line, producer: 'orchestrator' },
    { step: null, time: 1, 'inference/running': 3 },
  ];
  const text = rowLines(rows);
  await writeFile(join(dir, 'monitors/file/metrics.jsonl'), text);
  await writeFile(join(dir, 'monitors/file/traces/stream/00000.jsonl.zst'), 'compressed');
  const { origin, metrics, batches } = await new ForeignRun(dir).read();
  expect(origin.kind).toBe('prime-rl');
  expect([...metrics.keys()]).toEqual([0]);
  expect(metrics.get(0)).toMatchObject({ reward: 0.55, 'timing_s/step': 3.5 });
  expect(batches).toEqual([]);
  const [{ field, why }] = origin.missing as [{ field: string; why: string }];
  expect([field, why]).toEqual(['completions', expect.stringContaining('monitors/file/traces')]);
  expect(await findForeign([dir])).toMatchObject([{ dir, holds: 'prime-rl' }]);
});

test('prime-rl: merges the two lines of a step, and keeps the first value of a metric', async () => {
  const { metrics, origin } = await new ForeignRun(DIR).read();
  expect(metrics.get(0)).toEqual({
    reward: 0.55,
    'rewards/correct/mean': 0.5,
    'completions/mean_length': 4,
    'completions/clipped_ratio': 0,
    'timing_s/step': 3.5,
    'progress/tokens': 900,
    'by_group/frac_all_good': 0,
    'by_group/frac_all_bad': 0,
    'by_group/frac_mixed': 1,
    'loss/mean': 0.01,
    entropy: 0.8,
    'mismatch_kl/all/mean': 0.0004,
    grad_norm: 0.2,
    learning_rate: 1e-6,
    'perf/throughput': 1500,
    'train/agg/effective/agent/reward/max': 1.2,
  });
  expect(origin.notes).toContain('Two processes log timing_s/step. Chirality shows only the first value.');
});

test('prime-rl: is recognised by its folders, follows growth, and reports bad episodes', async () => {
  const [found] = await findForeign([DIR]);
  expect(found!.holds).toBe('prime-rl · 3 episode files');
  const dir = join(scratch, 'run');
  await cp(DIR, dir, { recursive: true });
  const file = join(dir, TRAINED);
  const whole = await readFile(file, 'utf8');
  const lines = whole.trimEnd().split('\n');
  await writeFile(file, lines[0]! + '\n' + lines[1]!.slice(0, 700));
  const run = new ForeignRun(dir);
  const counts = async () =>
    (await run.read()).batches.map(({ groups }) => groups.flatMap(({ at }) => at).length);
  expect(await counts()).toEqual([1, 3]);
  expect((await run.read()).problems).toEqual([]);
  await appendFile(file, lines[1]!.slice(700) + '\n' + lines.slice(2).join('\n') + '\n');
  expect(await counts()).toEqual([6, 3]);
  await appendFile(file, '{}\n' + lines[0]!.replace('"ok":true', '"ok":false') + '\n');
  expect(await counts()).toEqual([6, 3]);
  expect((await run.read()).problems).toEqual([
    `Cannot read ${TRAINED}:7: not a verifiers episode.`,
    `${TRAINED}: excluded 1 failed episode.`,
  ]);
  await rm(join(dir, 'rollouts/step_0/train/effective'), { recursive: true });
  expect((await run.read()).origin.files.map(({ path }) => path)).toContain(
    'rollouts/step_0/train/all/traces.jsonl',
  );
});

test('episodeOf: follows nodes from the last leaf to the root, and stops at a cycle', () => {
  const node = (parent: number | undefined, text: string, sampled: boolean, advantages?: number[]) => ({
    parent,
    sampled,
    message: { role: sampled ? 'assistant' : 'user', content: text },
    ...(advantages && { advantages }),
  });
  const nodes = [
    node(undefined, 'q', false),
    node(0, 'dead end', true, [9]),
    node(0, 'a', true, [0.5, 0.5]),
    node(2, 'tool', false),
    node(3, 'b', true, [0.5]),
  ];
  const episode = (given: unknown[]) =>
    episodeOf({ env: {}, task: {}, traces: [{ nodes: given, agent: { trainable: true } }] })!.traces[0]!;
  const texts = (messages: unknown[]) => messages.map((each) => (each as { content: string }).content);
  const { prompt, completion, advantage } = episode(nodes);
  expect([texts(prompt), texts(completion), advantage]).toEqual([['q'], ['a', 'b'], 0.5]);
  expect(episode([...nodes.slice(0, 4), node(3, 'b', true, [1])]).advantage).toBeNull();
  expect(texts(episode([node(5, 'x', true), node(1, 'y', true)]).completion)).toEqual(['y']);
});

test('prime-rl: keeps evaluation episodes of a step separate from training episodes', async () => {
  const dir = join(scratch, 'evaluated');
  await cp(DIR, dir, { recursive: true });
  await cp(join(dir, 'rollouts/step_0/train'), join(dir, 'rollouts/step_0/eval'), { recursive: true });
  const run = new ForeignRun(dir);
  const { batches, convention } = await run.read();
  expect(batches.map(({ batch, groups }) => [batch.name, batch.phase, groups.length])).toEqual([
    [TRAINED, null, 2],
    [TRAINED.replace('train', 'eval'), 'evaluation', 2],
    ['rollouts/step_1/train/effective/traces.jsonl', null, 1],
  ]);
  expect((await batches[1]!.pairs()).map(({ pair, logged_by }) => [pair, logged_by])).toEqual([
    [2, 'evaluation'],
    [3, 'evaluation'],
  ]);
  expect(convention).toBe('dr-grpo');
});
