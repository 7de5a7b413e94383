import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TraceQuery } from '../../../src/core/run-data/trace-summary.ts';
import { relationOf } from '../../../src/core/run-data/relation.ts';
import { WALL_STATES } from '../../../src/panels/trace/wall.contract.ts';
import type { Sample } from '../../../src/rows/sample/sample.ts';
import { rowsOfSamples, saveSamples } from '../../../src/lab/traces/data-rows.ts';
import { checkFile } from '../../../src/panels/problems.reads.ts';
import { Traces } from '../../../src/panels/trace/trace.reads.ts';
import { writeEvaluation } from '../../support/wall-evaluation.ts';
import { folderOfTests } from '../../support/folder.ts';

const quiet = { signal: new AbortController().signal, onProgress: () => undefined };

describe('difference grid', () => {
  let run: { run: string; folder: string };
  let traces: Traces;
  beforeEach(() => {
    const folder = folderOfTests('chirality-wall-');
    run = { folder, run: join(folder, 'runs/spatial') };
    cpSync('test/fixtures/traces/data', join(folder, 'data'), { recursive: true });
    traces = new Traces();
    // Of four pairs, one of each verdict; the second model is right about every second pair.
    writeEvaluation(run, 'a', 12, (i, view) => (view === 0 ? i % 4 < 2 : i % 2 === 0 && i % 4 !== 1));
    writeEvaluation(run, 'b', 8, (i) => i % 2 === 0);
  });
  afterEach(() => rmSync(run.folder, { recursive: true, force: true }));

  const source = () => ({ run: run.run, source: 'a' });
  const against = () => ({ run: run.run, source: 'b' });
  async function wall(
    query: Partial<TraceQuery>,
    options: { against?: { run: string; source: string } } = {},
  ) {
    const asked = { filter: '', text: '', sort: null, ...query };
    const list = await traces.traces({ ...source(), query: asked, ...options }, quiet);
    const { pairs, states, groups } = await traces.traceWall(list);
    return { list, pairs: [...pairs], states: Array.from(states, (s) => WALL_STATES[s]), groups };
  }

  test('the difference grid shows the correct view of each pair', async () => {
    const { list, pairs, states, groups } = await wall({});
    expect(pairs).toEqual(Array.from({ length: 12 }, (_, i) => i));
    expect(states.slice(0, 4)).toEqual(['both', 'first', 'second', 'neither']);
    expect(groups).toEqual([{ value: null, count: 12 }]);
    expect(list.compared).toBeNull();
  });

  test('the difference grid shows a third view without an outcome, like the list', async () => {
    const views = ['original', 'mirror', 'reverse'] as const;
    writeEvaluation(run, 'a', 2, (i, view) => view < 2 || i === 0, views);
    const { list, states } = await wall({});
    const verdicts = (await traces.traceRows({ ...list, from: 0, count: 4 })).map(({ verdict }) => verdict);
    expect(verdicts.map((verdict) => verdict ?? 'unknown')).toEqual(
      states.map((state) => (state === 'both' ? 'consistent' : state)),
    );
    expect(states.sort()).toEqual(['both', 'both', 'unknown', 'unknown']);
    expect(list.partners).toBe('mirrors');
    // Against a second evaluation, what counts is whether all of its views are right.
    writeEvaluation(run, 'b', 2, (i, view) => view < 2 || i === 1, views);
    const compared = await wall({}, { against: against() });
    expect(compared.states.sort()).toEqual(['both', 'both', 'first', 'second']);
  });

  test('shows the correct evaluation of two, and filters pairs that differ', async () => {
    const { list, states } = await wall({}, { against: against() });
    expect(list.compared).toBe(8);
    expect(states).toEqual([
      'both',
      'neither',
      'second',
      'neither',
      'both',
      'neither',
      'second',
      'neither',
      'unknown',
      'unknown',
      'unknown',
      'unknown',
    ]);
    const differing = await wall({ filter: 'outcome in (only_first, only_second)' }, { against: against() });
    expect(differing.pairs).toEqual([2, 6]);
    // Without a second evaluation, there is no outcome.
    expect((await wall({ filter: 'not outcome = only_first' })).pairs).toHaveLength(12);
  });

  test('groups pairs by the relation in the question', async () => {
    const sort = (field: string) => ({ sort: { field, descending: false } });
    expect((await wall(sort('relation'))).groups).toEqual([
      { value: 'distance', count: 3 },
      { value: 'left_right', count: 3 },
      { value: 'near_far', count: 3 },
      { value: null, count: 3 },
    ]);
  });

  test('finds the rows of pairs, and saves the rows as a valid dataset', async () => {
    const ids = [
      { step: 100, pair: 9 },
      { step: 100, pair: 1 },
      { step: 100, pair: 1 },
      { step: 7, pair: 0 },
    ];
    const samples = await traces.samplesOf({ ...source(), ids });
    const data = join(run.folder, 'data/eval.qa.jsonl');
    expect(await rowsOfSamples(source(), samples, [run.folder])).toEqual({
      files: [{ path: data, ids: ['val-1'] }],
      missing: 1,
    });
    writeEvaluation(run, 'a', 12, () => true);
    expect(await rowsOfSamples(source(), samples, [run.folder])).toEqual({
      files: [{ path: data, ids: ['val-1', 'val-9'] }],
      missing: 0,
    });
    const beside = join(run.folder, 'data/chosen.qa.jsonl');
    expect(await saveSamples(source(), samples, [run.folder], beside)).toEqual({ rows: 2, missing: 0 });
    const lines = readFileSync(data, 'utf8').split('\n');
    expect(readFileSync(beside, 'utf8')).toBe(`${lines[1]}\n${lines[9]}\n`);
    mkdirSync(join(run.folder, 'sets'));
    const elsewhere = join(run.folder, 'sets/chosen.qa.jsonl');
    await saveSamples(source(), samples, [run.folder], elsewhere);
    const [first] = readFileSync(elsewhere, 'utf8').split('\n');
    expect((JSON.parse(first!) as Sample).images).toEqual([
      { path: '../data/images/000260.png', w: 64, h: 64 },
    ]);
    for (const path of [beside, elsewhere]) {
      const { problems } = await checkFile(
        { path, place: { folder: join(path, '..'), root: run.folder } },
        quiet,
      );
      expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
    }
    await expect(saveSamples(source(), samples, [], beside)).rejects.toThrow(/^Cannot find these rows/);
  });
});

test.each([
  ['Is the cup left of the jug?', 'left_right'],
  ['How far is the cup, which is on the left?', 'distance'],
  ['Which is closest to the camera?', 'near_far'],
  ['What is it made of, as far as one can tell?', null],
  ['Wo steht die Tasse?', null],
])('relationOf: maps "%s" to %s', (question, relation) => expect(relationOf(question)).toBe(relation));
