import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { LookedSet, Patched, Probed } from '../../../src/panels/inside/inside.contract.ts';
import { insightService, lookedPairService } from '../../../src/panels/inside/inside.reads.ts';
import { PairRows } from '../../../src/panels/data-rows.reads.ts';
import { writeLookedSet, writePatches, writeProbes } from '../../support/insights.ts';
import { folderOfTests } from '../../support/folder.ts';

const { insights, insight, compareLooks } = insightService;
const namesIn = async (dir: string) => (await insights({ dir })).map(({ name }) => name);
const dir = folderOfTests('chirality-looked-');
let file: string;
beforeAll(() => {
  file = join(dir, 'val.qa.jsonl');
  writeFileSync(file, '\n{"id":"w-0","question":"?","answer":"yes","images":["a.png"]}\nnothing\n{"id":7}\n');
  writeLookedSet(dir, 'set-val', file);
});

it('insights: lists completed analyses of a run', async () => {
  mkdirSync(join(dir, 'insight/set-under-way'));
  mkdirSync(join(dir, 'insight/look-one'));
  mkdirSync(join(dir, 'insight/probe-broken'));
  writeFileSync(join(dir, 'insight/probe-broken/manifest.json'), '{');
  writeFileSync(join(dir, 'insight/probe-broken/results.json'), '[]');
  const manifest = { set: { path: file }, step: 40, strategy: 'trained' };
  expect(new Set(await insights({ dir }))).toEqual(
    new Set([
      { name: 'set-val', kind: 'set', manifest: expect.objectContaining(manifest) as object },
      { name: 'probe-broken', kind: 'probe', manifest: null },
    ]),
  );
  rmSync(join(dir, 'insight/probe-broken'), { recursive: true });
  expect(await insights({ dir: join(dir, 'nowhere') })).toEqual([]);
});

it('insight: reads metrics of the answer, and attention masses per row and layer', async () => {
  appendFileSync(join(dir, 'insight/set-val/rows.jsonl'), '{"id":"broken"}\n');
  const set = (await insight({ dir, name: 'set-val' })) as LookedSet;
  expect(set).toMatchObject({ file, step: 40, strategy: 'trained', layers: [0, 1], unreadable: 1 });
  expect(set.figures.every(({ head, query }) => head === null && query === 'answer')).toBe(true);
  expect(new Set(set.figures.map(({ among }) => among))).toEqual(new Set(['all', 'right', 'wrong']));
  expect(
    set.heads.every(({ head, query, figure }) => head === 0 && query === 'answer' && figure === 'lift'),
  ).toBe(true);
  expect(set.heads).toHaveLength(8);
  const [original, mirror] = set.rows;
  expect(set.rows).toHaveLength(24);
  expect([original!.verdict, mirror!.verdict]).toEqual(['right', 'wrong']);
  expect(mirror!.masses).toEqual([
    { role: 'first named', byLayer: [expect.closeTo(0.1), expect.closeTo(0.1)] },
    { role: 'second named', byLayer: [expect.closeTo(0.2), expect.closeTo(0.1)] },
  ]);
});

it('insight: reads probe results without weights, rows with unused knowledge, and patches', async () => {
  writeProbes(dir, 'probe-val', file);
  writePatches(dir, 'patch-val', file);
  expect(new Set(await namesIn(dir))).toEqual(new Set(['set-val', 'probe-val', 'patch-val']));
  const { results, ...about } = (await insight({ dir, name: 'probe-val' })) as Probed;
  expect(about).toEqual({ kind: 'probe', name: 'probe-val', file, step: 40, strategy: 'trained' });
  expect(results.map(({ target, best }) => [target, best])).toEqual([
    ['side', { position: 'last', layer: 1 }],
    ['depth', { position: 'last', layer: 1 }],
  ]);
  const [side] = results;
  expect(side!.labels && side!.knows.length).toBeGreaterThan(20);
  const { figures } = (await insight({ dir, name: 'patch-val' })) as Patched;
  expect(figures.map(({ group, layer }) => [group, layer])).toEqual([
    [null, null],
    ...[0, 1].map((layer) => ['picture', layer]),
    ...[0, 1].map((layer) => ['names', layer]),
  ]);
});

it('compareLooks: compares analyses of the same rows, under the given labels', async () => {
  const before = join(dir, 'before');
  writeLookedSet(before, 'set-val', file, { lens: [-0.7, -0.8, -0.7, -0.7] });
  const looks = [
    { dir: before, name: 'set-val', label: 'step 0' },
    { dir, name: 'set-val', label: 'step 40' },
  ];
  const { rows, left, through, reliance } = await compareLooks({ looks });
  expect([rows, left]).toEqual([24, 0]);
  const odds = through!.filter(
    ({ figure, view, layer }) => figure === 'odds' && view === 'mirror' && layer === 1,
  );
  expect(odds.map(({ look, mean, change }) => [look, mean.value, change && change.value])).toEqual([
    ['step 0', 0, null],
    ['step 40', expect.closeTo(0.95), expect.closeTo(0.95)],
  ]);
  expect(reliance.map(({ look, hidden }) => [look, hidden]).slice(0, 3)).toEqual([
    ['step 0', null],
    ['step 0', 'picture'],
    ['step 0', null],
  ]);
  await expect(compareLooks({ looks: [{ dir, name: '../x', label: '' }] })).rejects.toThrow(
    'is not a result folder',
  );
});

it('insight: reports a malformed result file, and rejects paths outside the run', async () => {
  await expect(insight({ dir, name: '../set-val' })).rejects.toThrow('is not a result folder');
  writeLookedSet(dir, 'set-bad', file);
  writeFileSync(join(dir, 'insight/set-bad/results.json'), '[{"figure":"spell"}]');
  await expect(insight({ dir, name: 'set-bad' })).rejects.toThrow(/results\.json.*figure/s);
  writeProbes(dir, 'probe-bad', file);
  writeFileSync(join(dir, 'insight/probe-bad/results.json'), '[{"target":"side","labels":["a"]}]');
  await expect(insight({ dir, name: 'probe-bad' })).rejects.toThrow(/results\.json.*labels/s);
});

it('lookedPairService: finds a row by its line number, only in readable folders', async () => {
  const looked = lookedPairService(new PairRows());
  writeLookedSet(dir, 'set-row', file);
  const of = { dir, name: 'set-row', id: 'w-0' };
  expect(await looked.lookedLine({ ...of, allowed: [dirname(file)] })).toEqual({ file, line: 2 });
  const { views } = await looked.lookedPair({ ...of, allowed: [dirname(file)] });
  expect(views.map(({ view, verdict, map }) => [view, verdict, map])).toEqual([
    ['original', 'right', null],
    ['mirror', 'wrong', null],
  ]);
  const { sample, mirror, step } = await looked.lookedSample({ ...of, allowed: [dirname(file)] });
  expect([sample.id, mirror !== null, step]).toEqual(['w-0', true, 40]);
  await expect(looked.lookedLine({ ...of, id: 'w-1', allowed: [dirname(file)] })).rejects.toThrow(
    'Row w-1 is no longer in',
  );
  const run = folderOfTests('chirality-looked-from-');
  writeLookedSet(run, 'set-row', file);
  await expect(looked.lookedPair({ ...of, dir: run, allowed: [run] })).rejects.toThrow(
    'outside the open and allowed folders',
  );
});
