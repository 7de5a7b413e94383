import { appendFile, cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findForeign } from '../../../../src/lab/foreign/find.ts';
import { ForeignRun } from '../../../../src/lab/foreign/foreign-run.ts';
import { folderOfTests } from '../../../support/folder.ts';

const FIXTURES = new URL('../../../fixtures/foreign-runs/', import.meta.url).pathname;
const scratch = folderOfTests('verifiers-');

const isPng = async (read: () => Promise<Uint8Array>) =>
  Buffer.from((await read()).subarray(0, 4)).toString('latin1') === '\x89PNG';

test('verifiers 0.4: reads episodes and images, and uses binary rewards as correctness', async () => {
  const { origin, evaluation, pictures, problems } = await new ForeignRun(
    join(FIXTURES, 'verifiers-0.4'),
  ).read();
  expect(origin).toMatchObject({ kind: 'verifiers', version: '0.4.0', missing: [] });
  expect(evaluation).toMatchObject({ model: 'models/tiny', step: null, figures: [] });
  const { rows } = evaluation!;
  expect(rows.map(({ set, id, completion_index, right }) => [set, id, completion_index, right])).toEqual([
    ['spatial', 'worlds-3-1', 0, true],
    ['spatial', 'worlds-3-1', 1, false],
    ['spatial', 'worlds-3-1', 2, false],
  ]);
  expect(rows[0]).toMatchObject({
    question: 'which is closer , the yellow-cone or the purple-cone ?',
    answer: 'yellow-cone',
    segments: [{ text: '<think>Look.</think> <answer>yellow-cone</answer>' }],
    score: {
      by_source: { rewards: { correct: { score: 1, weight: 1 } }, stop_condition: 'agent_completed' },
    },
  });
  expect(await isPng(pictures.get(rows[2]!.images[0] as string)!)).toBe(true);
  expect(problems).toEqual([]);
});

test('verifiers 0.3: reads results with metadata, and skips and counts answers with an error', async () => {
  const { origin, evaluation, pictures } = await new ForeignRun(join(FIXTURES, 'verifiers-0.3')).read();
  expect(origin).toMatchObject({ kind: 'verifiers', version: '0.3.1' });
  expect(origin.notes).toEqual(['Excluded 1 answer with an error.']);
  const { rows, figures, model } = evaluation!;
  expect(model).toBe('models/tiny');
  expect(rows.map(({ set, id, completion_index, right }) => [set, id, completion_index, right])).toEqual([
    ['spatial-worlds', '0', 0, true],
    ['spatial-worlds', '0', 1, false],
    ['spatial-worlds', '1', 0, true],
    ['spatial-worlds', '1', 1, false],
    ['spatial-worlds', '2', 0, true],
    ['spatial-worlds', '2', 1, true],
  ]);
  expect(rows.map(({ segments }) => segments[0].stop_reason)).toEqual([
    null,
    null,
    null,
    'length',
    null,
    null,
  ]);
  expect(rows[0]!.answer).toBe('yellow-cone');
  expect(await isPng(pictures.get(rows[0]!.images[0] as string)!)).toBe(true);
  expect(figures.map(({ metric, value, n }) => [metric, value, n])).toEqual([
    ['reward', 4 / 6, 6],
    ['correct', 4 / 6, 6],
  ]);
});

test('verifiers: leaves right null for fractional rewards, and reports invalid lines', async () => {
  const dir = join(scratch, 'v03');
  await cp(join(FIXTURES, 'verifiers-0.3'), dir, { recursive: true });
  const file = join(dir, 'results.jsonl');
  const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
  await writeFile(file, `${lines[0]}\n${lines[1]!.slice(0, 99)}`);
  const run = new ForeignRun(dir);
  const count = async () => (await run.read()).evaluation!.rows.length;
  expect(await count()).toBe(1);
  await appendFile(file, `${lines[1]!.slice(99)}\n`);
  expect(await count()).toBe(2);
  await appendFile(file, `{"prompt": []}\n${lines[2]!.replace('"reward": 1.0', '"reward": 0.5')}\n`);
  const state = await run.read();
  expect(state.problems).toEqual(['Cannot read results.jsonl:3: the line has no prompt and completion.']);
  expect(state.evaluation!.rows.map(({ right }) => right)).toEqual([null, null, null]);
});

test('findForeign: recognises verifiers 0.3 and 0.4 by their files', async () => {
  const found = await findForeign([join(FIXTURES, 'verifiers-0.3'), join(FIXTURES, 'verifiers-0.4')]);
  expect(found.map(({ holds }) => holds)).toEqual(Array(2).fill('verifiers · 1 evaluation file'));
});
