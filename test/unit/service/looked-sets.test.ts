import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lookedSetService } from '../../../src/service/looked-sets.ts';
import { writeLookedSet } from '../../support/looked-set.ts';

const { lookedSets, lookedSet, lineOfId } = lookedSetService;
let dir: string;
let file: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'chirality-looked-'));
  file = join(dir, 'val.qa.jsonl');
  writeFileSync(file, '\n{"id":"w-0","question":"?","answer":"yes","images":["a.png"]}\nnothing\n{"id":7}\n');
  writeLookedSet(dir, 'set-val', file);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

it('lists the sets of a run whose work is done', async () => {
  mkdirSync(join(dir, 'insight/set-under-way'));
  mkdirSync(join(dir, 'insight/look-one'));
  expect(await lookedSets({ dir })).toEqual(['set-val']);
  expect(await lookedSets({ dir: join(dir, 'nowhere') })).toEqual([]);
});

it('reads figures of the answer, and masses of every row by layer', async () => {
  appendFileSync(join(dir, 'insight/set-val/rows.jsonl'), '{"id":"broken"}\n');
  const set = await lookedSet({ dir, name: 'set-val' });
  expect(set).toMatchObject({ file, step: 40, strategy: 'trained', layers: [0, 1], unreadable: 1 });
  expect(set.figures.every(({ head, query }) => head === null && query === 'answer')).toBe(true);
  expect(new Set(set.figures.map(({ among }) => among))).toEqual(new Set(['all', 'right', 'wrong']));
  const [original, mirror] = set.rows;
  expect(set.rows).toHaveLength(24);
  expect([original!.verdict, mirror!.verdict]).toEqual(['right', 'wrong']);
  expect(mirror!.masses).toEqual([
    { role: 'first named', byLayer: [expect.closeTo(0.1), expect.closeTo(0.1)] },
    { role: 'second named', byLayer: [expect.closeTo(0.2), expect.closeTo(0.1)] },
  ]);
});

it('says in words what is wrong with a folder, and reads no other', async () => {
  await expect(lookedSet({ dir, name: '../set-val' })).rejects.toThrow('is no folder of a set');
  writeLookedSet(dir, 'set-bad', file);
  writeFileSync(join(dir, 'insight/set-bad/results.json'), '[{"figure":"spell"}]');
  await expect(lookedSet({ dir, name: 'set-bad' })).rejects.toThrow(/results\.json.*figure/s);
});

it('finds the line of a row', async () => {
  expect(await lineOfId({ path: file, id: 'w-0' })).toBe(2);
  expect(await lineOfId({ path: file, id: 'w-1' })).toBeNull();
});
