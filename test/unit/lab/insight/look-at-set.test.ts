import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { RowFile } from '../../../../src/lab/datasets/row-file.ts';
import { readOnce, rowsToLook } from '../../../../src/lab/insight/set-folder.ts';
import { lookAtSet } from '../../../../src/lab/insight/look-at-set.ts';
import { DIRECT, halves, QUESTION, tinyEngine } from '../../engines/tiny.ts';
import { folderOfTests } from '../../../support/folder.ts';

const engine = await tinyEngine();
const folder = folderOfTests('chirality-set-');

const rowTexts = (
  [
    ['1', 'red', 'blue'],
    ['2', 'blue', 'red'],
    ['3', 'red', 'green'],
  ] as const
).map(([id, left, right]) => {
  writeFileSync(join(folder, `${id}.raw`), halves(left, right));
  const half = { id: 'o1', label: 'left half', box: [0, 0, 40, 80], box_format: 'xyxy_px' };
  const scene_graph = { version: 1, image: { w: 80, h: 80 }, relations: [], objects: [half] };
  const row = {
    id,
    question: QUESTION,
    answer: left,
    choices: [left, right],
    images: [`${id}.raw`],
    scene_graph,
  };
  return `${JSON.stringify(row)}\n`;
});
writeFileSync(join(folder, 'set.qa.jsonl'), rowTexts.join(''));

const set = (read = rowsToLook) =>
  read({
    file: join(folder, 'set.qa.jsonl'),
    root: folder,
    views: ['original'],
    strategy: DIRECT,
    limit: undefined,
  });
const look = async (name: string, change: object = {}, open = () => Promise.resolve(engine)) => {
  const { rows } = await set();
  const dir = join(folder, name);
  const manifest = { kind: 'set', content: 'one' };
  return lookAtSet(open, rows, {
    dir,
    manifest,
    strategy: DIRECT,
    maxTokens: 6,
    layers: 'all',
    hide: ['picture'],
    ...change,
  });
};
const linesOf = (name: string) => readFileSync(join(folder, name, 'rows.jsonl'), 'utf8');

it('readOnce: reads the rows once for several models', async () => {
  const open = vi.spyOn(RowFile, 'open');
  const read = readOnce();
  const first = await set(read);
  const times = open.mock.calls.length;
  expect(await set(read)).toBe(first);
  expect(open).toHaveBeenCalledTimes(times);
  open.mockRestore();
});

it('lookAtSet: writes attention shares, sources and logit lens of each row, and their means', async () => {
  const { rows, results } = await look('whole');
  expect(rows.map(({ id }) => id)).toEqual(['1', '2', '3']);
  for (const row of rows) {
    expect(row.queries).toEqual(['answer', 'last', 'first named']);
    expect(row.objects).toMatchObject([{ role: 'first named', cells: 2 }]);
    expect(row.share).toHaveLength(2 * 2 * 3);
    expect(row.sources.slice(0, row.source_names.length).reduce((a, b) => a + b)).toBeCloseTo(1, 3);
    expect(row.words).toHaveLength(2);
    expect(row.lens).toHaveLength(4);
    expect(row.blocked).toMatchObject([{ keys: 'picture' }]);
    expect(row.map).toMatchObject({ piece: [0, 0, 1, 1] });
  }
  const [odds] = results.filter(({ figure, layer }) => figure === 'odds' && layer === 1);
  const mean = rows.reduce((sum, { lens, words, reference }) => {
    const [a, b] = lens.slice(-2) as [number, number];
    return sum + (words[0] === reference ? a - b : b - a) / 3;
  }, 0);
  expect(odds!.value).toBeCloseTo(mean, 4);
  expect(JSON.parse(readFileSync(join(folder, 'whole/results.json'), 'utf8'))).toEqual(results);
});

it('lookAtSet: resumes after an interruption without repeated requests', async () => {
  const all = await look('interrupted');
  const lines = linesOf('interrupted').split('\n');
  const complete = vi.spyOn(engine, 'complete');
  const path = join(folder, 'interrupted/rows.jsonl');
  truncateSync(path, lines[0]!.length + 1 + 40);
  expect(await look('interrupted')).toEqual(all);
  expect(complete.mock.calls.map(([prompts]) => prompts.length)).toEqual([2]);
  expect(linesOf('interrupted')).toBe(lines.join('\n'));
  // A damaged line is looked at again.
  writeFileSync(
    path,
    lines.map((line, i) => (i === 1 ? line.replace('"share":[', '"share":["x",') : line)).join('\n'),
  );
  expect(await look('interrupted')).toEqual(all);
  appendFileSync(path, '{"id":"nobody"}\n');
  const never = () => Promise.reject(new Error('Nothing is left to ask.'));
  expect(await look('interrupted', {}, never)).toEqual(all);
  complete.mockRestore();
});

it('lookAtSet: stops between two batches on cancellation', async () => {
  const stop = AbortSignal.abort(new Error('Enough.'));
  await expect(look('cancelled', { signal: stop })).rejects.toThrow('Enough.');
  expect(existsSync(join(folder, 'cancelled'))).toBe(false);
});

it.each([
  ['a layer that does not exist', { layers: [5] }, 'Layer 5 does not exist.'],
  [
    'other settings in the same folder',
    { manifest: { kind: 'set', content: 'two' } },
    'contains results for other rows or settings',
  ],
])('lookAtSet: rejects %s before any request to the model', async (_, change, words) => {
  await look('refused');
  const complete = vi.spyOn(engine, 'complete');
  await expect(look('manifest' in change ? 'refused' : 'fresh', change)).rejects.toThrow(words);
  expect(complete).not.toHaveBeenCalled();
  complete.mockRestore();
});

it('lookAtSet: distinguishes an unreadable manifest from a missing manifest', async () => {
  mkdirSync(join(folder, 'unreadable/manifest.json'), { recursive: true });
  await expect(look('unreadable')).rejects.toThrow('is a folder, not a file');
  expect(existsSync(join(folder, 'unreadable/rows.jsonl'))).toBe(false);
});
