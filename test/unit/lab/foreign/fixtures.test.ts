import { execFileSync } from 'node:child_process';
import { appendFile, cp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { deviation } from '../../../../src/core/rewards/advantages.ts';
import { assessmentOf } from '../../../../src/core/config/derived.ts';
import { assess } from '../../../../src/core/rewards/assess.ts';
import { readTracedPair } from '../../../../src/core/run-data/trace.ts';
import { findForeign } from '../../../../src/lab/foreign/find.ts';
import { chooseFor } from '../../../../src/lab/foreign/known.ts';
import { NO_INTERPRETATION } from '../../../../src/core/run-data/interpretation.ts';
import { ForeignRun, type ForeignState } from '../../../../src/lab/foreign/foreign-run.ts';
import { PairIndex, queryPairs } from '../../../../src/lab/traces/index.ts';
import { openSource } from '../../../../src/lab/traces/sources.ts';
import { stepsOf } from '../../../../src/lab/traces/run-steps.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { rowLines } from '../../../support/rows.ts';

const FIXTURES = new URL('../../../fixtures/foreign-runs/', import.meta.url).pathname;
const SWIFT = 'ms-swift-4.6/v0-20261121-020121';
const scratch = folderOfTests('foreign-');

const sizes = ({ batches }: ForeignState) =>
  batches.map(({ batch, groups }) => [
    batch.step,
    ...groups.map(({ at, phase }) => (phase ? -at.length : at.length)),
  ]);
const missing = ({ origin }: ForeignState) => origin.missing.map(({ field }) => field);

describe('TRL runs', () => {
  test('TRL 1.16: has four steps, with evaluation completions in the last step', async () => {
    const run = new ForeignRun(join(FIXTURES, 'trl-1.16'));
    const state = await run.read();
    expect(state.origin).toMatchObject({
      kind: 'trl',
      version: '1.16.0',
      group_size: { value: 4, from: 'runs/Nov21_01-53-17_vm: args' },
      reward_weights: { value: { accuracy_reward: 1, letters_reward: 0.5, format_reward: 1 } },
    });
    expect(sizes(state)).toEqual([
      [1, 4, 4],
      [2, 4, 4],
      [3, 4, 4],
      [4, 4, -2, -2],
    ]);
    expect([...state.metrics.keys()].sort()).toEqual([1, 2, 3, 4]);
    // In full, from the trainer's own file: event files hold float32.
    expect(state.metrics.get(1)).toMatchObject({
      reward: 0.12348750233650208,
      reward_std: 0.020054707303643227,
    });
    expect(state.metrics.get(4)).toHaveProperty('eval_reward');
    expect(state.problems).toEqual([]);
    expect(state.proposed).toBe('accuracy_reward');
    expect(missing(state)).toEqual(['trace.images', 'trace.kept', 'trace.logprobs', 'trace.right']);
  });

  test('TRL 1.16: has rewards with the logged mean; GRPO reproduces the stored advantages', async () => {
    const run = stepsOf(join(FIXTURES, 'trl-1.16'));
    const config = await run.whatIfConfig();
    expect(config?.advantages.convention).toBe('trl');
    const { metrics } = await new ForeignRun(join(FIXTURES, 'trl-1.16')).read();
    for (const step of [1, 2, 3]) {
      const pairs = await run.pairs(step);
      const all = pairs.flatMap(({ views }) => views[0]!.group);
      const mean = all.reduce((sum, { reward }) => sum + reward!, 0) / all.length;
      expect(Math.abs(mean - metrics.get(step)!.reward!)).toBeLessThan(1e-6);
      const again = assess(pairs, assessmentOf(config!)).flatMap(({ views }) => views[0]!.group);
      again.forEach(({ advantage }, i) =>
        expect(Math.abs(advantage! - all[i]!.advantage!)).toBeLessThan(1e-4),
      );
    }
  });

  test('TRL: logs reward_std as the mean std of groups if the version or the rewards show this', async () => {
    const dir = join(scratch, 'spread');
    await cp(join(FIXTURES, 'trl-1.16'), dir, { recursive: true });
    const stateFile = join(dir, 'checkpoint-4/trainer_state.json');
    const state = JSON.parse(await readFile(stateFile, 'utf8')) as {
      log_history: { step: number; reward_std?: number }[];
    };
    const logged = async () => (await new ForeignRun(dir).read()).metrics.get(1)!;
    expect(await logged()).not.toHaveProperty('group_reward_std');
    const readme = await readFile(join(dir, 'README.md'), 'utf8');
    await writeFile(join(dir, 'README.md'), readme.replace('TRL: 1.16.0', 'TRL: 0.26.2'));
    expect(await logged()).toMatchObject({ group_reward_std: 0.020054707303643227 });
    await writeFile(join(dir, 'README.md'), '');
    const run = stepsOf(dir);
    for (const row of state.log_history) {
      const groups = (await run.pairs(row.step)).map(({ views }) =>
        views[0]!.group.map((one) => one.reward!),
      );
      if (row.reward_std !== undefined)
        row.reward_std = groups.reduce((sum, group) => sum + deviation(group, 1), 0) / groups.length;
    }
    await writeFile(stateFile, JSON.stringify(state));
    expect(await logged()).toMatchObject({ group_reward_std: state.log_history[0]!.reward_std });
  });

  test('TRL: uses the group size that the advantages imply if the settings differ', async () => {
    const dir = join(scratch, 'wrong-size');
    await cp(join(FIXTURES, SWIFT), dir, { recursive: true });
    const args = JSON.parse(await readFile(join(dir, 'args.json'), 'utf8')) as object;
    const told = async (size: number | undefined) => {
      await writeFile(join(dir, 'args.json'), JSON.stringify({ ...args, num_generations: size }));
      const state = await new ForeignRun(dir).read();
      const { group_size, notes } = state.origin;
      return [sizes(state)[0], group_size, notes.find((note) => note.includes('group size'))];
    };
    const shown = { value: 4, from: 'advantages' };
    expect(await told(4)).toEqual([[1, 4, 4], { value: 4, from: 'args.json' }, undefined]);
    expect(await told(2)).toEqual([
      [1, 4, 4],
      shown,
      'args.json has the group size 2, but the advantages match groups of 4.',
    ]);
    expect(await told(undefined)).toEqual([[1, 4, 4], shown, undefined]);
  });

  test('TRL: leaves right as null until the user maps a reward to correctness', async () => {
    const dir = join(FIXTURES, 'trl-1.16');
    onTestFinished(() => chooseFor(dir, NO_INTERPRETATION));
    const rights = async (right: string | null) => {
      chooseFor(dir, { right });
      return (await stepsOf(dir).pairs(1)).flatMap(({ views }) => views[0]!.group.map((each) => each.right));
    };
    expect(await rights(null)).toEqual(Array.from({ length: 8 }, () => null));
    expect(await rights('accuracy_reward')).toEqual(Array.from({ length: 8 }, () => false));
    expect(
      (await new ForeignRun(dir, { ...NO_INTERPRETATION, right: 'accuracy_reward' }).read()).origin.right,
    ).toMatchObject({ reward: 'accuracy_reward' });
  });

  test('TRL 1.14: infers the group size from advantages, and leaves reward weights unknown', async () => {
    const run = new ForeignRun(join(FIXTURES, 'trl-1.14'));
    const state = await run.read();
    expect(sizes(state)).toEqual([[1, 4, 4]]);
    expect(state.origin).toMatchObject({
      version: null,
      group_size: { value: 4, from: 'advantages' },
      reward_weights: { value: null },
    });
    const [pair] = await state.batches[0]!.pairs();
    expect(pair!.views[0]).toMatchObject({
      question: 'which is closer , the blue-cube or the red-cube ?',
      answer: 'blue-cube',
    });
    expect(pair!.views[0]!.group[0]).toMatchObject({ reward: null, right: null });
    expect(state.convention).toBeNull();
    expect(missing(state)).toContain('trace.reward');
  });

  test('TRL: merges two iterations of one generation into one set of pairs', async () => {
    const state = await new ForeignRun(join(FIXTURES, 'trl-1.16-two-iterations')).read();
    expect(sizes(state)).toEqual([[1, 4, 4]]);
    expect(state.origin.notes).toContain('completions/completions_00001.parquet was logged again at step 2.');
  });
});

test('ms-swift: reads columns per line, rewards by class and the mean std of groups', async () => {
  const run = new ForeignRun(join(FIXTURES, SWIFT));
  const state = await run.read();
  expect(state.origin).toMatchObject({
    kind: 'ms-swift',
    version: '4.6.0',
    group_size: { value: 4, from: 'args.json' },
  });
  expect(state.origin.reward_weights.value).toEqual({ Contains: 1, Letters: 0.5 });
  expect(sizes(state)).toEqual([
    [1, 4, 4],
    [2, 4, 4],
    [3, 4, 4],
  ]);
  expect(state.metrics.get(1)).toHaveProperty('group_reward_std');
  expect(state.metrics.get(1)).not.toHaveProperty('reward_std');
  expect(state.convention).toBe('trl');
});

test('ms-swift on Ray: reads one row per line and one batch per step, without advantages', async () => {
  const dir = join(scratch, 'ray/v0-20261121-020121');
  await cp(join(FIXTURES, SWIFT), dir, { recursive: true });
  const rows = [1, 1, 2].flatMap((gen_step, i) =>
    [0, 1, 2, 3].map((g) => ({ gen_step, prompt: `q${i}`, completion: `c${g}`, reward: g })),
  );
  const file = join(dir, 'completions.jsonl');
  await writeFile(file, rowLines(rows));
  const run = new ForeignRun(dir);
  const state = await run.read();
  expect(sizes(state)).toEqual([
    [1, 4, 4],
    [2, 4],
  ]);
  expect((await state.batches[0]!.pairs())[1]!.views[0]).toMatchObject({
    question: 'q1',
    group: [{ reward: 0, advantage: null }, { reward: 1 }, { reward: 2 }, { segments: [{ text: 'c3' }] }],
  });
  await appendFile(file, `${JSON.stringify({ ...rows[11], completion: 'one more' })}\n`);
  expect((await run.read()).batches[1]!.groups.flatMap(({ at }) => at)).toHaveLength(5);
});

test('ms-swift: reports groups as unknown if each prompt has one completion', async () => {
  const dir = join(scratch, 'unique/v0-20261121-020121');
  await cp(join(FIXTURES, SWIFT), dir, { recursive: true });
  const line = { step: ['1', '1'], prompt: ['a', 'b'], completion: ['c', 'd'], advantages: [1, -1] };
  await writeFile(join(dir, 'completions.jsonl'), `${JSON.stringify(line)}\n`);
  const { batches, origin } = await new ForeignRun(dir).read();
  expect(batches[0]!.groups).toMatchObject([{ isUncertain: false }, { isUncertain: false }]);
  expect(origin.notes).toEqual(['Groups are unknown, because the log has one completion per prompt.']);
});

test('verl: groups rows by uid, and uses the score as reward, without advantages', async () => {
  const run = new ForeignRun(join(FIXTURES, 'verl-0.9'));
  const state = await run.read();
  expect(sizes(state)).toEqual([
    [1, 3, 3],
    [2, 3, 3],
    [2, -1, -1, -1],
  ]);
  expect(state.metrics.get(1)).toMatchObject({ kl: 0.002, step_time: 4, 'completions/mean_length': 21.5 });
  const [pair] = await state.batches[0]!.pairs();
  expect(pair!.views[0]!.group[0]).toMatchObject({ reward: 1, advantage: null });
  expect(missing(state)).toContain('trace.advantage');
  expect(state.convention).toBeNull();
  expect(state.origin.missing).toContainEqual({
    field: 'what_if',
    why: 'What-if analysis is not available: the advantages were not stored.',
  });
});

test('verl: reads a folder with only validation files as evaluation completions', async () => {
  const out = join(scratch, 'validated');
  const val = join(out, 'val');
  await cp(join(FIXTURES, 'verl-0.9/validation'), val, { recursive: true });
  expect((await findForeign([out])).map(({ dir }) => dir)).toEqual([out]);
  for (const dir of [out, val]) {
    const { batches, origin } = await new ForeignRun(dir).read();
    expect(batches.flatMap(({ groups }) => groups.map(({ phase }) => phase))).toEqual(
      batches.flatMap(({ groups }) => groups.map(() => 'evaluation')),
    );
    expect(batches.length).toBeGreaterThan(0);
    expect(origin.files.map(({ role }) => role)).toEqual(['evaluation']);
  }
});

test('verl: numbers validation completions after training completions, also in a copy', async () => {
  const dir = join(FIXTURES, 'verl-0.9');
  const { pair } = await new PairIndex(openSource({ run: dir })).open({ step: 2, pair: 3 });
  expect(pair).toMatchObject({
    sample: '2/3',
    logged_by: 'evaluation',
    views: [{ group: [{ rewards: { acc: { value: 1 } } }] }],
  });
  const copy = join(scratch, 'copy');
  execFileSync(process.execPath, ['dist/cli.js', 'import', dir, '-o', copy, '--quiet'], { stdio: 'pipe' });
  expect((await stepsOf(copy).pairs(2)).map(({ sample }) => sample)).toEqual([
    '2/0',
    '2/1',
    '2/2',
    '2/3',
    '2/4',
  ]);
});

test('verl: joins the curves of a trainer_state.json in the same folder', async () => {
  const dir = join(scratch, 'verl-and-state');
  await cp(join(FIXTURES, 'verl-0.9'), dir, { recursive: true });
  await cp(join(FIXTURES, 'trl-1.16/checkpoint-4/trainer_state.json'), join(dir, 'trainer_state.json'));
  expect((await findForeign([dir])).map(({ holds }) => holds)).toEqual([
    'verl · 3 completion files · curves',
  ]);
  const { origin, metrics, batches } = await new ForeignRun(dir).read();
  expect([origin.kind, batches.length, [...metrics.keys()]]).toEqual(['verl', 3, [1, 2, 3, 4]]);
  expect(origin.files.map(({ path }) => path)).toContain('trainer_state.json');
});

test('ForeignRun: returns a large run before reading all its completions, and continues', async () => {
  const run = new ForeignRun(join(FIXTURES, 'verl-0.9'), NO_INTERPRETATION, 0);
  const first = await run.read();
  expect(first.batches).toEqual([]);
  expect(first.origin.notes).toContain('Reading completions: 0 of 3 files or tables.');
  await vi.waitFor(async () => expect((await run.read()).batches).toHaveLength(3));
  expect((await run.read()).origin.notes.join()).not.toContain('Reading completions');
});

test('verl: reports an unreadable line on every read', async () => {
  const dir = join(scratch, 'verl-broken');
  await cp(join(FIXTURES, 'verl-0.9'), dir, { recursive: true });
  const file = join(dir, 'rollout/1.jsonl');
  const lines = (await readFile(file, 'utf8')).split('\n');
  await writeFile(file, lines.with(2, '{"input": ').join('\n'));
  const run = new ForeignRun(dir);
  const why = 'Cannot read rollout/1.jsonl:3: Unexpected end of JSON input.';
  expect((await run.read()).problems).toEqual([why]);
  await appendFile(join(dir, 'rollout/2.jsonl'), '\n');
  const again = await run.read();
  expect(again.problems).toEqual([why]);
  expect(sizes(again)).toEqual([
    [1, 2, 3],
    [2, 3, 3],
    [2, -1, -1, -1],
  ]);
});

test('wandb: reads tables by step, skips a repeated table, and uses train/global_step', async () => {
  const run = new ForeignRun(join(FIXTURES, 'wandb-0.31'));
  const state = await run.read();
  expect(state.origin).toMatchObject({ kind: 'wandb', group_size: { value: 4 } });
  expect(state.origin.notes).toContain('Step numbers are from train/global_step.');
  expect(state.batches.map(({ batch }) => batch.step)).toEqual([1, 2]);
  expect(state.batches.flatMap(({ groups }) => groups.map(({ at }) => at.length))).toEqual([4, 4, 4, 4]);
  expect(state.convention).toBe('trl');
  expect([...state.metrics.keys()]).toEqual(expect.arrayContaining([1, 2]));
  expect(state.problems).toEqual([]);
});

test('ForeignRun: records the original name and file of every metric', async () => {
  const named = async (name: string, ...figures: string[]) => {
    const { names, metrics } = await new ForeignRun(join(FIXTURES, name)).read();
    const all = [...metrics.values()].flatMap((row) => Object.keys(row));
    expect(all.filter((figure) => !names.has(figure))).toEqual([]);
    return figures.map((figure) => names.get(figure));
  };
  expect(await named('verl-0.9', 'kl', 'reward')).toEqual([
    'actor/kl_loss in spatial/qwen2_5_vl_grpo.jsonl',
    'critic/score/mean in spatial/qwen2_5_vl_grpo.jsonl',
  ]);
  expect(await named('easyr1', 'reward', 'reward/overall')).toEqual([
    'critic/score/mean in experiment_log.jsonl',
    'reward/overall in experiment_log.jsonl',
  ]);
  expect(await named('trl-1.16', 'reward')).toEqual(['reward in checkpoint-4/trainer_state.json']);
  expect(await named(SWIFT, 'group_reward_std')).toEqual([
    expect.stringMatching(/^(?:train\/)?reward_std in /),
  ]);
  expect(await named('prime-rl', 'learning_rate')).toEqual(['optim/lr in metrics.jsonl']);
  expect(await named('tinker-cookbook-0.6', 'reward')).toEqual(['env/all/reward/total in metrics.jsonl']);
  expect(await named('trackio-0.43/chirality-fixture.db/tiny-spatial', 'reward')).toEqual([
    'train/reward in chirality-fixture.db',
  ]);
  expect(await named('wandb-0.31', 'reward')).toEqual([
    expect.stringMatching(/^train\/reward in .*run-f1vbniop\.wandb$/),
  ]);
});

test('EasyR1: reads nested metrics, and reports missing training completions', async () => {
  const state = await new ForeignRun(join(FIXTURES, 'easyr1')).read();
  expect(state.origin).toMatchObject({ kind: 'easyr1', group_size: { value: 4 } });
  expect(state.metrics.get(1)).toMatchObject({
    reward: 0.5,
    'reward/overall': 0.45,
    'rewards/format/mean': 0.9,
    kl: 0.003,
  });
  expect(missing(state)).toEqual(['trace', 'trace.images', 'trace.right']);
});

test('EasyR1: assigns validation samples to steps, or to none if their number does not fit', async () => {
  const dir = join(scratch, 'easyr1');
  await cp(join(FIXTURES, 'easyr1'), dir, { recursive: true });
  const run = new ForeignRun(dir);
  const { batches } = await run.read();
  expect(batches.map(({ batch, groups }) => [batch.step, groups.length])).toEqual([
    [2, 2],
    [4, 2],
  ]);
  expect(await batches[1]!.pairs()).toMatchObject([
    {},
    {
      logged_by: 'evaluation',
      views: [
        {
          question: 'which is farther , the green-ball or the yellow-ball ?',
          answer: 'yellow-ball',
          group: [
            {
              reward: 1,
              segments: [
                { text: '<think>Look.</think><answer>yellow-ball</answer>\n[score] 0.5 is not the score' },
              ],
            },
          ],
        },
      ],
    },
  ]);
  const file = join(dir, 'generations.log');
  await appendFile(file, (await readFile(file, 'utf8')).split('\n[prompt]')[0]! + '\n');
  const more = await run.read();
  expect(more.batches.map(({ batch, groups }) => [batch.step, groups.length])).toEqual([[0, 5]]);
  expect(missing(more)).toContain('trace.step');
});

test('TensorBoard: a later file replaces steps; histograms and images are not metrics', async () => {
  const { metrics } = await new ForeignRun(join(FIXTURES, 'tensorboard-2.21/run-a')).read();
  expect([...metrics.keys()].sort()).toEqual([1, 2, 3, 4, 5]);
  for (const row of metrics.values())
    for (const value of Object.values(row)) expect(value === null || Number.isFinite(value)).toBe(true);
});

test('traced pairs: all pairs of external runs are valid', async () => {
  for (const name of ['trl-1.16', 'trl-1.14', SWIFT, 'verl-0.9']) {
    const run = new ForeignRun(join(FIXTURES, name));
    const { batches } = await run.read();
    for (const batch of batches)
      for (const pair of await batch.pairs()) {
        const written = JSON.parse(JSON.stringify(pair)) as unknown;
        expect(readTracedPair(written, { file: name })).toEqual(written);
      }
  }
});

test('PairIndex: lists, filters, searches and opens the pairs of an external run', async () => {
  const run = join(FIXTURES, 'trl-1.16');
  const index = new PairIndex(openSource({ run }));
  const all = await queryPairs(index, { filter: '', text: '', sort: null });
  expect(all.rows.length).toBe(9);
  const found = await queryPairs(index, {
    filter: 'step = 2',
    text: '',
    sort: { field: 'reward', descending: true },
  });
  expect(found.rows.length).toBe(2);
  const closer = await queryPairs(index, { filter: '', text: 'blue-cube or the red-cube', sort: null });
  expect(closer.rows.length).toBeGreaterThan(0);
  const { pair } = await index.open({ step: 4, pair: 2 });
  expect(pair).toMatchObject({ kind: 'trained', sample: '4/2', logged_by: 'evaluation' });
});

test('findForeign: recognises runs by file names', async () => {
  const found = await findForeign([FIXTURES]);
  const names = found.map(({ name, holds }) => `${name}: ${holds}`);
  expect(names).toContain('trl-1.16: TRL · 4 completion files · curves · TensorBoard');
  expect(names).toContain('run-a: TensorBoard');
  expect(names.join('\n')).toContain('verl-0.9: verl · 3 completion files');
  expect(names).toContain(`${SWIFT}: ms-swift · completions · curves · TensorBoard`);
});

describe('run of a program that is still writing', () => {
  const copy = async (name: string) => {
    const dir = join(scratch, name.replaceAll('/', '-') + String(Math.random()));
    await cp(join(FIXTURES, name), dir, { recursive: true });
    return dir;
  };

  test('a run that is still written provides an incomplete line only after its completion', async () => {
    const dir = await copy(SWIFT);
    const file = join(dir, 'completions.jsonl');
    const lines = (await readFile(file, 'utf8')).split('\n');
    await writeFile(file, `${lines[0]}\n${lines[1]!.slice(0, 200)}`);
    const run = new ForeignRun(dir);
    const early = await run.read();
    expect([sizes(early).length, early.problems]).toEqual([1, []]);
    await appendFile(file, `${lines[1]!.slice(200)}\n`);
    expect(sizes(await run.read()).length).toBe(2);
  });

  test('continues reading events of a growing run at the last complete frame', async () => {
    const dir = await copy('tensorboard-2.21/run-a');
    const name = 'events.out.tfevents.1795226236.vm.747.1';
    await rm(join(dir, name));
    const [first] = (await findForeign([dir])).map((found) => found.dir);
    const file = join(first!, 'events.out.tfevents.1795226234.vm.747.0');
    const whole = await readFile(file);
    const complete = await new ForeignRun(dir).read();
    await truncate(file, Math.floor(whole.length * 0.6));
    const run = new ForeignRun(dir);
    const early = await run.read();
    for (const [step, row] of early.metrics) expect(complete.metrics.get(step)).toMatchObject(row);
    await writeFile(file, whole);
    expect([...(await run.read()).metrics]).toEqual([...complete.metrics]);
  });

  test('reports a parquet file without its end, and reads the complete file', async () => {
    const dir = await copy('trl-1.16');
    const file = join(dir, 'completions/completions_00003.parquet');
    const whole = await readFile(file);
    await writeFile(file, whole.subarray(0, 900));
    const run = new ForeignRun(dir);
    const early = await run.read();
    expect(early.batches.map(({ batch }) => batch.step)).toEqual([1, 2, 4]);
    expect(early.problems.join()).toContain(
      'Cannot read completions/completions_00003.parquet, which might still be in use',
    );
    await writeFile(file, whole);
    expect((await run.read()).batches.length).toBe(4);
  });
});
