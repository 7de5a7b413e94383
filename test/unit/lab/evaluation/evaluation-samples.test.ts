import { utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ViewId } from '../../../../src/rows/view-list.ts';
import { inView } from '../../../../src/rows/views/view.ts';
import { evaluationSamples } from '../../../../src/lab/evaluation/evaluation-samples.ts';
import { folderOfTests } from '../../../support/folder.ts';

const folder = folderOfTests('samples-');
const path = join(folder, 'v.qa.jsonl');

const row = (id: string, question = 'Is the cup left of the plate?') =>
  JSON.stringify({ id, question, answer: 'Yes', images: ['a.png'] });
const read = async (views: ViewId[] = ['original', 'mirror'], limit?: number) => {
  const broken: string[] = [];
  const lacking: ViewId[] = [];
  const samples = await evaluationSamples(
    { sets: { v: path }, root: folder, views, ...(limit !== undefined && { limit }) },
    ({ message }) => broken.push(message),
    (view) => lacking.push(view),
  );
  return { samples, broken, lacking };
};

it('evaluationSamples reads a set again only if its bytes or the request change', async () => {
  await writeFile(path, `${row('a')}\n{}\n${row('b', 'What does it say?')}\n`);
  const first = await read();
  expect(first.samples.map(({ id, view }) => [id, view])).toEqual([
    ['a', 'original'],
    ['a', 'mirror'],
    ['b', 'original'],
  ]);
  expect(first.broken).toEqual([expect.stringContaining(`${path}:2`)]);
  expect(first.lacking).toEqual(['mirror']);

  const second = await read();
  expect(second).toEqual(first);
  second.samples.forEach((sample, i) => expect(sample).toBe(first.samples[i]));
  await expect(
    evaluationSamples({ sets: { v: path }, root: folder, views: ['original', 'mirror'] }),
  ).rejects.toThrow(`${path}:2`);

  expect((await read(['original'])).samples).toHaveLength(2);
  expect((await read(undefined, 1)).broken).toEqual([]);
  // As long as before, and as old: only its bytes tell.
  await writeFile(path, `${row('c')}\n{}\n${row('b', 'What does it say?')}\n`);
  await utimes(path, 0, 0);
  expect((await read()).samples.map(({ id }) => id)).toEqual(['c', 'c', 'b']);
});

it('evaluationSamples keeps a view if the reasoning of a row cannot be rewritten', async () => {
  const sample = {
    id: 'a',
    question: 'Is the red cube to the left of the blue ball in the image?',
    answer: 'Yes',
    reasoning: 'To the left of the blue ball I see the red cube, so yes.',
    meta: { no_tie: true },
    images: ['a.png'],
  };
  const lost = inView(sample, 'mirror/keep');
  await writeFile(path, `${JSON.stringify(sample)}\n`);
  const { samples, lacking } = await read(['original', 'mirror/keep']);
  expect([lost, lacking, samples.map(({ view }) => view)]).toEqual([null, [], ['original', 'mirror/keep']]);
});

it('evaluationSamples skips a second row with the same id', async () => {
  await writeFile(path, `${row('a')}\n${row('b')}\n${row('a', 'Is the cup left of the fork?')}\n`);
  const { samples, broken } = await read(['original']);
  expect(samples.map(({ id }) => id)).toEqual(['a', 'b']);
  expect(broken).toEqual([expect.stringMatching(/:3: the id "a" is already used on line 1/)]);
});
