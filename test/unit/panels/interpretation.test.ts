import { appendFileSync, cpSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { NO_INTERPRETATION } from '../../../src/core/run-data/interpretation.ts';
import { textsOf } from '../../../src/core/pairs/pair-texts.ts';
import { RunCurves } from '../../../src/panels/run/run.reads.ts';
import { checkpoints } from '../../../src/panels/runs/runs.reads.ts';
import { interpretationCalls, interpretationOf } from '../../../src/panels/run/run-foreign.reads.ts';
import { PairRows, Rows } from '../../../src/panels/data-rows.reads.ts';
import { foldersToAllow } from '../../../src/lab/traces/data-folders.ts';
import { TraceRows, Traces } from '../../../src/panels/trace/trace.reads.ts';
import { quiet } from '../../support/call.ts';
import { openProject } from '../recorded/files.ts';
import { folderOfTests } from '../../support/folder.ts';

const folder = folderOfTests('chirality-said-');
const dir = join(folder, 'trl');
cpSync('test/fixtures/foreign-runs/trl-1.16', dir, { recursive: true });
const data = 'test/fixtures/foreign-runs/data/worlds.qa.jsonl';

test('mapping of an external run: makes open panels read the run again after each change', async () => {
  const [curves, traces] = [new RunCurves(), new Traces()];
  const { run, news } = await curves.runOpen({ dir }, quiet);
  const list = () => traces.traces({ run: dir, query: { filter: '', text: '', sort: null } }, quiet);
  const first = async () => (await traces.tracePair({ run: dir, id: { step: 1, pair: 0 } })).traced;
  expect(news.interpretation).toEqual({ ...NO_INTERPRETATION, what: 'run' });
  const { interpretation, unknown } = await list();
  expect(interpretation).toEqual({ ...NO_INTERPRETATION, what: 'run' });
  // What the program kept of no pair is neither a column nor offered to filters.
  expect(unknown).toEqual(expect.arrayContaining(['verdict', 'delta', 'kept', 'accuracy', 'semantic']));
  expect(unknown).not.toContain('reward');
  expect((await first()).views[0]!.group[0]!.right).toBeNull();

  interpretationCalls.interpretRun({ dir, ...NO_INTERPRETATION, right: 'accuracy_reward', data });
  const update = await curves.runUpdate({ run });
  expect(update).toMatchObject({ interpretation: { right: 'accuracy_reward', data } });
  expect(update!.about).toContainEqual(['Correct', 'accuracy_reward = 1, selected by you']);
  expect(update!.state!.message).toContain('Matched 9 of 9 pairs to worlds.qa.jsonl.');
  expect(update!.state!.message).not.toContain('is not set');
  expect((await list()).interpretation?.right).toBe('accuracy_reward');
  expect((await list()).unknown).not.toContain('accuracy');
  expect(await first()).toMatchObject({
    sample: expect.stringMatching(/^worlds-3-/) as string,
    views: [{ group: [{ right: false }, {}, {}, {}] }],
  });

  interpretationCalls.interpretRun({ dir, ...NO_INTERPRETATION });
  expect((await curves.runUpdate({ run }))!.state!.message).toContain('The reward for correct completions');
  expect((await first()).views[0]!.group[0]!.right).toBeNull();
});

test('rewardsOfRun: describes the values of each reward, and proposes one as correctness', async () => {
  const { rewards, proposed } = await interpretationCalls.rewardsOfRun({ dir });
  expect(proposed).toBe('accuracy_reward');
  expect(rewards.map(({ name, isBinary, ones }) => [name, isBinary, ones])).toEqual([
    ['accuracy_reward', true, 0],
    ['letters_reward', false, 0],
    ['format_reward', true, 0],
  ]);
  await expect(interpretationCalls.rewardsOfRun({ dir: 'test/fixtures/runs/spatial' })).rejects.toThrow(
    'does not contain an external run',
  );
});

test('mapping of an external evaluation: assigns one set as the mirror of another set', async () => {
  const evaluation = join(folder, 'evaluation');
  const lines = (text: string) => `{"doc_id": 1, "target": "a", "resps": ["${text}"], "exact_match": 1}\n`;
  mkdirSync(evaluation);
  for (const set of ['worlds', 'mirrored'])
    writeFileSync(join(evaluation, `20261121_013000_samples_${set}.jsonl`), lines(set));
  const query = { filter: '', text: '', sort: null };
  const list = () => new Traces().traces({ run: evaluation, query }, quiet);
  expect(await interpretationCalls.rewardsOfRun({ dir: evaluation })).toMatchObject({
    sets: ['mirrored', 'worlds'],
  });
  expect(await list()).toMatchObject({ total: 2, interpretation: { what: 'evaluation', mirrorOf: null } });
  // Both sets call their row 1; a set's row is followed in that set alone.
  const along = await new Traces().traceSample({ run: evaluation, sample: '1', set: 'worlds' });
  expect(along).toMatchObject([{ set: 'worlds' }]);
  const mirrorOf = { original: 'worlds', mirror: 'mirrored' };
  interpretationCalls.interpretRun({ dir: evaluation, ...NO_INTERPRETATION, mirrorOf });
  expect(await list()).toMatchObject({ total: 1, interpretation: { mirrorOf } });
  // The sets to choose from stay.
  expect((await interpretationCalls.rewardsOfRun({ dir: evaluation })).sets).toHaveLength(2);
});

test('external evaluation: keeps the original scores, and explains a missing image', async () => {
  const run = resolve('test/fixtures/foreign-runs/skyrl/dumped_evals/global_step_5_evals');
  const { traced } = await new Traces().tracePair({ run, id: { step: 5, pair: 0 } });
  const shown = traced.views[0]!.group.map(textsOf);
  // Its answers stand in blocks, and none was read by rules of ours.
  expect(shown.map(({ answer, readFromText }) => [answer, readFromText])).toEqual([
    ['yellow-cone', null],
    ['left', null],
  ]);
  const why = (dir: string) =>
    new TraceRows(new Rows(), new PairRows()).read({
      run: dir,
      sample: '1',
      set: null,
      views: [],
      allowed: [],
    });
  await expect(why(run)).rejects.toThrow('SkyRL does not store images.');
  await expect(why(resolve('test/fixtures/foreign-runs/prime-rl'))).rejects.toThrow(
    'The run stored no boxes.',
  );
});

test('moved run: finds its data in the folder that the mapping assigns', async () => {
  const [old, now, run] = ['old', 'now', 'copied'].map((name) => join(folder, name));
  mkdirSync(old!);
  await openProject(old!);
  cpSync(join(old!, 'runs/spatial'), run!, { recursive: true });
  const [curves, traces] = [new RunCurves(), new Traces()];
  const list = (source?: string) =>
    traces.traces({ run: run!, source, query: { filter: '', text: '', sort: null } }, quiet);
  const picture = () =>
    traces.traceImage({ run: run!, id: { step: 1, pair: 0 }, image: 0, allowed: [old!, now!] });
  // While the data are where they were, there is nothing to say.
  expect((await list()).interpretation).toBeUndefined();
  await picture();

  renameSync(old!, now!);
  const opened = await curves.runOpen({ dir: run! }, quiet);
  expect(opened.news.interpretation).toEqual({ ...NO_INTERPRETATION, what: 'moved' });
  expect((await list()).interpretation?.what).toBe('moved');
  const evaluation = opened.news.evaluations[0]!.id;
  expect((await list(evaluation)).interpretation?.what).toBe('moved');
  await expect(picture()).rejects.toThrow();
  // Nobody is asked whether a folder that is gone may be read.
  expect(await foldersToAllow({ run: run! }, [])).toEqual([]);

  // The folder itself, one of its data, or one in which it lies under its old name.
  const { newRoot } = interpretationCalls;
  for (const chosen of [now!, join(now!, 'train')])
    expect(await newRoot({ dir: run!, folder: chosen })).toEqual({ root: now, missed: null });
  mkdirSync(join(folder, 'disk'));
  cpSync(now!, join(folder, 'disk/old'), { recursive: true });
  expect(await newRoot({ dir: run!, folder: join(folder, 'disk') })).toEqual({
    root: join(folder, 'disk/old'),
    missed: null,
  });
  // A run that was moved together with its data needs no choice.
  const together = { run: join(folder, 'disk/old/runs/spatial') };
  expect(await interpretationOf(together)).toBeNull();
  expect((await checkpoints({ dir: together.run })).root).toBe(join(folder, 'disk/old'));
  const shown = { ...together, id: { step: 1, pair: 0 }, image: 0, allowed: [join(folder, 'disk')] };
  expect((await traces.traceImage(shown)).type).toBe('image/png');
  await expect(traces.traceImage({ ...shown, allowed: [] })).rejects.toThrow();
  // Other rows under the same name are not the run's data.
  appendFileSync(join(folder, 'disk/old/train/data.qa.jsonl'), '\n');
  expect((await interpretationOf(together))?.what).toBe('moved');
  expect(await newRoot({ dir: run!, folder: run! })).toEqual({ root: run, missed: 'train/data.qa.jsonl' });

  interpretationCalls.interpretRun({ dir: run!, ...NO_INTERPRETATION, root: now! });
  expect((await picture()).type).toBe('image/png');
  expect((await curves.runUpdate({ run: opened.run }))!.interpretation?.root).toBe(now);
  expect((await list()).interpretation?.root).toBe(now);
  const { sample } = (await traces.tracePair({ run: run!, id: { step: 1, pair: 0 } })).traced;
  const rows = new TraceRows(new Rows(), new PairRows());
  const row = { run: run!, sample, set: null, views: [], allowed: [now!] };
  expect(await rows.read(row)).toMatchObject({ path: join(now!, 'train/data.qa.jsonl') });
  // A folder that nobody has allowed is not read, wherever a run was moved.
  await expect(rows.read({ ...row, allowed: [] })).rejects.toThrow('without your permission');
});
