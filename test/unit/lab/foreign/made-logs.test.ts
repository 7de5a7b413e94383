import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mean } from '../../../../src/base/numbers.ts';
import { groupBy } from '../../../../src/core/evaluation/scored-row.ts';
import { NO_INTERPRETATION } from '../../../../src/core/run-data/interpretation.ts';
import type { TracedPair } from '../../../../src/core/run-data/trace.ts';
import { findForeign } from '../../../../src/lab/foreign/find.ts';
import { ForeignRun, type ForeignState } from '../../../../src/lab/foreign/foreign-run.ts';
import { findSource } from '../../../../src/lab/foreign/known.ts';
import { PairIndex, queryPairs } from '../../../../src/lab/traces/index.ts';
import { openSource } from '../../../../src/lab/traces/sources.ts';
import { metricName } from '../../../../src/lab/foreign/values/metric-names.ts';

/** What programs wrote of small runs of ours, with what they themselves computed in `truth.json`: `make_logs.py` there. */
const LOGS = new URL('../../../fixtures/foreign-logs/', import.meta.url).pathname;

const read = (path: string) => new ForeignRun(join(LOGS, path), NO_INTERPRETATION).read();
const json = (path: string): unknown => JSON.parse(readFileSync(join(LOGS, path), 'utf8'));
const pairsIn = async ({ batches }: ForeignState): Promise<TracedPair[]> =>
  (await Promise.all(batches.map((batch) => batch.pairs()))).flat();

/** What TRL's trainer knew at the end. */
interface Truth {
  log_history: Record<string, number>[];
  /** What its reward functions were asked in each part of the run: step, and question, completion and rewards of rows. */
  rewards: { step: number; mode: 'train' | 'eval'; rows: [string, string, number, number | null][] }[][];
}

type Row = [question: string, completion: string, accuracy: number, brevity: number | null, total: number];

/** Completions that were sampled for a step, or in an evaluation after it: "2 train", "2 eval". */
function sampled(version: string, parts: readonly number[]): Map<string, Row[]> {
  const byStep = new Map<string, Row[]>();
  for (const rewards of parts.map((i) => (json(`${version}/truth.json`) as Truth).rewards[i]!)) {
    const ofPart = groupBy(rewards, ({ step, mode }) => `${mode === 'train' ? step + 1 : step} ${mode}`);
    for (const [key, calls] of ofPart)
      byStep.set(
        key,
        calls.flatMap(({ rows }) =>
          rows.map(([question, text, accuracy, brevity]): Row => [
            question,
            text,
            accuracy,
            brevity,
            accuracy + 0.5 * (brevity ?? 0),
          ]),
        ),
      );
  }
  return byStep;
}

/** The same as it is read. */
async function readRows(state: ForeignState): Promise<Map<string, Row[]>> {
  const byStep = groupBy(
    await pairsIn(state),
    ({ step, logged_by }) => `${step} ${logged_by === 'evaluation' ? 'eval' : 'train'}`,
  );
  return new Map(
    [...byStep].map(([key, pairs]) => [
      key,
      pairs.flatMap(({ views: [view] }) =>
        view!.group.map(({ segments, rewards, reward }): Row => [
          view!.question,
          segments[0]!.text,
          rewards.accuracy_reward!.value,
          rewards.brevity_reward?.value ?? null,
          reward!,
        ]),
      ),
    ]),
  );
}

const rounded = (rows: readonly Row[] | undefined) =>
  rows?.map((row) => row.map((value) => (typeof value === 'number' ? Number(value.toFixed(6)) : value)));

/** The folders of wandb in a version's, in order of time. */
const wandbFolders = (version: string): string[] =>
  readdirSync(join(LOGS, version, 'wandb'))
    .sort()
    .map((name) => `${version}/wandb/${name}`);

describe('TRL logs', () => {
  const KILLED = ['1 train', '2 train', '2 eval', '3 train'];
  const RESUMED = ['3 train', '4 train', '4 eval', '5 train'];
  /** How the stored advantages follow from the rewards; null where none are stored. */
  const RUNS: [string, string, parts: number[], kept: string[], convention: string | null][] = [
    ['trl-0.17', 'wandb', [1], RESUMED, null],
    ['trl-0.20', 'wandb', [0], KILLED, 'trl'],
    // Logs every second step; both parts are one run of wandb.
    ['trl-0.24', 'wandb', [0, 1], ['2 train', '2 eval', '4 train', '4 eval', '5 train'], 'trl-batch'],
    // An evaluation takes the file of its step.
    ['trl-0.28', 'out', [0, 1], ['1 train', '2 eval', '3 train', '4 eval', '5 train'], 'trl'],
    ['trl-1.16', 'out', [0, 1], ['1 train', '2 eval', '3 train', '4 eval', '5 eval'], 'trl'],
    [
      'trl-1.16',
      'trackio',
      [0, 1],
      ['1 train', '2 train', '2 eval', '3 train', '4 train', '4 eval', '5 train', '5 eval'],
      'trl',
    ],
  ];

  test.each(RUNS)(
    '%s, %s: contains the sampled completions, rewards, phases and steps',
    async (version, of, parts, kept, rule) => {
      const dir =
        of === 'wandb'
          ? wandbFolders(version)[0]!
          : of === 'trackio'
            ? `${version}/trackio/huggingface.db`
            : `${version}/out`;
      const source = await findSource(join(LOGS, dir));
      const state = await new ForeignRun((source as { dir: string }).dir, NO_INTERPRETATION).read();
      expect(state.problems).toEqual([]);
      expect(state.convention).toBe(rule);
      expect(state.origin).toMatchObject({
        group_size: { value: 4 },
        reward_weights: { value: { accuracy_reward: 1, brevity_reward: 0.5 } },
      });
      expect(state.origin.notes.filter((note) => /might also contain|uncertain|ignored/i.test(note))).toEqual(
        [],
      );
      const [truth, found] = [sampled(version, parts), await readRows(state)];
      expect([...found.keys()]).toEqual(kept);
      for (const [key, rows] of found) expect(rounded(rows)).toEqual(rounded(truth.get(key)));
      const pairs = await pairsIn(state);
      expect(new Set(pairs.map(({ views: [view] }) => view!.group.length))).toEqual(new Set([4]));
      expect(pairs.some((pair) => pair.group_uncertain)).toBe(false);
    },
  );

  test.each(['trl-0.17', 'trl-0.20', 'trl-0.24', 'trl-0.28', 'trl-1.16', 'trl-1.16-sft'])(
    '%s: contains the trainer’s metrics, without values from before the restart',
    async (version) => {
      const { metrics, problems, origin } = await read(`${version}/out`);
      expect(problems).toEqual([]);
      if (version !== 'trl-0.17') expect(origin).toMatchObject({ kind: 'trl' });
      const history = (json(`${version}/truth.json`) as Truth).log_history;
      const expected = new Map<number, Record<string, number>>();
      for (const { step, ...row } of history)
        expected.set(step!, {
          ...expected.get(step!),
          ...Object.fromEntries(Object.entries(row).map(([name, value]) => [metricName(name), value])),
        });
      expect([...metrics.keys()]).toEqual([...expected.keys()]);
      for (const [step, row] of expected)
        for (const [name, value] of Object.entries(row)) {
          // Of the groups' spreads up to 0.26; what comes after the last checkpoint stands in event files alone.
          const told =
            metrics.get(step)![name] ?? metrics.get(step)![name.replace('reward_std', 'group_reward_std')];
          expect(told, `${name} of step ${step}`).toBeCloseTo(value, 5);
        }
    },
  );

  test.each([
    ['trl-0.20', ['out', 'wandb']],
    // Both folders of wandb are one run.
    ['trl-0.24', ['out', 'wandb']],
    ['trl-0.28', ['out']],
    ['trl-1.16', ['out', 'trackio']],
  ])('%s: is listed as a run of its folder', async (version, folders) => {
    const runs = await findForeign([join(LOGS, version)]);
    expect(runs.map(({ dir }) => dir.slice(join(LOGS, version).length + 1).split('/')[0]).sort()).toEqual(
      folders,
    );
  });

  test('an interrupted wandb run has no end status', async () => {
    const ends = await Promise.all(
      ['trl-0.17', 'trl-0.20', 'trl-0.24'].map(
        async (version) => (await read(wandbFolders(version)[0]!)).ended,
      ),
    );
    expect(ends).toEqual(['finished', null, 'finished']);
  });

  test('TRL logs can be filtered by the phase that logged a pair', async () => {
    const index = new PairIndex(openSource({ run: join(LOGS, wandbFolders('trl-0.20')[0]!) }), 0);
    const count = async (filter: string) =>
      (await queryPairs(index, { filter, text: '', sort: null })).rows.length;
    expect(await count('logged_by = evaluation')).toBe(2);
    expect(await count('')).toBe(8);
  });

  test('TRL logs provide no step numbers from clock times alone', async () => {
    expect([...(await read(wandbFolders('trl-0.17')[0]!)).metrics.keys()]).toEqual([3, 4, 5]);
  });
});

describe('ms-swift logs', () => {
  test.each([
    ['ms-swift-3.9', null],
    ['ms-swift-4.6', '4.6.0'],
  ])('%s: has completions of training and evaluation with the logged means', async (program, version) => {
    const source = await findSource(join(LOGS, program));
    const state = await new ForeignRun((source as { dir: string }).dir, NO_INTERPRETATION).read();
    expect(state.problems).toEqual([]);
    // The checkpoint has the figures of the first part.
    expect([...state.metrics.keys()]).toEqual([1, 2, 3, 4, 5]);
    expect(state).toMatchObject({ convention: 'trl', origin: { kind: 'ms-swift', version } });
    const phases = groupBy(
      await pairsIn(state),
      ({ step, logged_by }) => `${step} ${logged_by ?? 'training'}`,
    );
    expect([...phases.keys()]).toEqual([
      '3 training',
      '4 training',
      '4 evaluation',
      '5 training',
      '5 evaluation',
    ]);
    for (const [key, pairs] of phases) {
      const [step, phase] = key.split(' ');
      const figures = state.metrics.get(Number(step))!;
      const prefix = phase === 'training' ? '' : 'eval_';
      const rows = pairs.flatMap(({ views: [view] }) => view!.group);
      expect(mean(rows.map(({ reward }) => reward!))!).toBeCloseTo(figures[`${prefix}reward`]!, 5);
      const sides = rows.map(({ rewards }) => rewards.Side!.value);
      expect(mean(sides)!).toBeCloseTo(figures[`${prefix}rewards/Side/mean`]!, 5);
    }
  });
});

describe('verl logs', () => {
  test.each(['verl-0.5', 'verl-0.9'])('%s: contains groups, scores and curves', async (version) => {
    const state = await read(`${version}/out`);
    expect(state).toMatchObject({ problems: [], origin: { kind: 'verl' } });
    const truth = json(`${version}/truth.json`) as [step: number, uid: string, score: number][];
    const pairs = await pairsIn(state);
    const ofTraining = pairs.filter((pair) => pair.logged_by === undefined);
    const scores = (step: number) =>
      [
        ...groupBy(
          truth.filter((row) => row[0] === step),
          (row) => row[1],
        ).values(),
      ].map((rows) => rows.map((row) => row[2]).sort());
    for (const step of [1, 2, 3]) {
      const groups = ofTraining.filter((pair) => pair.step === step).map(({ views: [view] }) => view!.group);
      expect(groups.map((group) => group.map(({ reward }) => reward!).sort())).toEqual(scores(step));
      expect(state.metrics.get(step)!.reward).toBeCloseTo(
        mean(truth.filter((row) => row[0] === step).map((row) => row[2]))!,
        6,
      );
    }
    expect(pairs.filter((pair) => pair.logged_by === 'evaluation').map(({ step }) => step)).toEqual([2, 2]);
    // A figure that is not a number is a gap. 0.5 has no file log; TensorBoard keeps it as NaN.
    expect(state.metrics.get(2)).toMatchObject({ grad_norm: null, 'val-core/sides/acc/mean@1': 1 });
    // The parts do not add up to the score.
    expect(state.origin.reward_weights).toEqual({ value: null, from: 'check' });
    expect(state.rewards.map(({ name }) => name)).toEqual(['acc', 'marks']);
  });
});

describe('logs of evaluations', () => {
  test('reports name the model and version of an Inspect log', () => {
    const [file] = readdirSync(join(LOGS, 'inspect-0.3.285/logs'));
    const args = ['dist/cli.js', 'report', '--eval', join(LOGS, 'inspect-0.3.285/logs', file!)];
    const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect([status, stdout]).toEqual([
      0,
      expect.stringContaining('mockllm/model (Inspect 0.3.285) is correct for'),
    ]);
  });

  test.each(['eval', 'json'])('Inspect 0.3.285, %s: has scores that match its accuracy', async (form) => {
    const [file] = readdirSync(join(LOGS, 'inspect-0.3.285/logs')).filter((name) => name.endsWith(form));
    const { evaluation, origin, problems } = await read(`inspect-0.3.285/logs/${file!}`);
    expect(problems).toEqual([]);
    const { rows, figures } = evaluation!;
    const epochs = form === 'eval' ? [3, 2] : [2];
    expect(epochs.map((_, epoch) => rows.filter((row) => row.completion_index === epoch).length)).toEqual(
      epochs,
    );
    const byId = [...groupBy(rows, ({ id }) => id).values()].map((ofId) =>
      mean(ofId.map(({ right }) => Number(right)))!,
    );
    const own = new Map(figures.map(({ metric, value }) => [metric, value]));
    expect(own.get('choice/accuracy')).toBeCloseTo(mean(byId)!, 9);
    expect([...own.keys()]).toEqual(expect.arrayContaining(['brief/accuracy', 'words/mean', 'named/mean']));
    expect(rows.map(({ segments }) => segments[0].stop_reason)).toContain('length');
    expect(rows[0]).toMatchObject({ answer: 'A', choices: ['left', 'right', 'above', 'below'] });
    expect(origin.notes).toContain(
      form === 'eval' ? 'Excluded 1 sample with an error.' : 'The status in Inspect is success.',
    );
  });

  test.each([
    ['lmms-eval-0.3.5/logs', 'openai_compatible (model_version=tiny)', [4, 4, 8]],
    ['lmms-eval-0.7.3/logs/tiny', 'tiny', [4, 4, 4]],
  ])('%s: has one set per filter, with scores that match its metric', async (dir, model, counts) => {
    const { evaluation, problems, origin, sets } = await read(dir);
    expect(problems).toEqual([]);
    expect(origin.notes).toEqual([]);
    expect(origin.missing.map(({ field }) => field)).toEqual(['choices', 'images', 'stop_reason']);
    expect(evaluation!.model).toBe(model);
    const named = ['sides,first', 'sides,word', 'sides_scored'];
    expect([...sets].sort()).toEqual(named);
    named.forEach((set, i) => {
      const rows = evaluation!.rows.filter((row) => row.set === set);
      expect(rows).toHaveLength(counts[i]!);
      const metric = set === 'sides_scored' ? 'sides_score' : 'exact_match';
      const own = evaluation!.figures.find((figure) => figure.set === set && figure.metric === metric)!;
      const judged = rows.flatMap(({ right }) => (right === null ? [] : [Number(right)]));
      expect(judged).toHaveLength(4);
      expect(mean(judged)).toBe(own.value);
    });
  });
});
