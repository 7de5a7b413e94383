import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { picturedPairs } from '../../../../src/lab/curves/pictured-pairs.ts';
import { decodeImage } from '../../../../src/lab/images/decode.ts';
import { encodePng } from '../../../../src/lab/images/png.ts';
import { rowOf } from '../../../support/evaluation.ts';
import { folderOfTests } from '../../../support/folder.ts';

const folder = folderOfTests('chirality-pairs-');

const [w, h] = [40, 20];
/** Red on the left, blue on the right. */
const rgb = Uint8Array.from({ length: w * h * 3 }, (_, i) => {
  const isLeft = Math.floor(i / 3) % w < w / 2;
  return i % 3 === (isLeft ? 0 : 2) ? 200 : 0;
});

test('picturedPairs returns the first pairs of each set with images, questions and answers', async () => {
  const rows = [];
  for (const set of ['val', 'test'])
    for (const id of ['alone', 'a', 'b', 'c', 'd', 'e'])
      for (const view of id === 'alone' ? (['original'] as const) : (['original', 'mirror'] as const)) {
        writeFileSync(join(folder, `${id}.png`), await encodePng({ w, h, rgb }));
        const answer = view === 'original' ? 'left' : 'right';
        const about = { id, set, view, answer, task: 'open', question: 'Which side is red?' };
        rows.push({ ...rowOf({ ...about, completion: 'left' }), right: answer === 'left' });
      }
  writeFileSync(join(folder, 'rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));

  const pairs = await picturedPairs(folder, folder);
  expect(pairs.map(({ set, number, id }) => `${set} ${number} ${id}`)).toEqual(
    ['val', 'test'].flatMap((set) => ['a', 'b', 'c', 'd'].map((id, i) => `${set} ${i + 1} ${id}`)),
  );
  expect(pairs[0]!.text).toBe(
    'original: Which side is red? – left (reference answer: left)\n' +
      'mirror: Which side is red? – left (reference answer: right)\nonly the original correct',
  );
  const { width, height, data } = await decodeImage(pairs[0]!.picture);
  const isRed = (x: number) => {
    const at = (Math.floor(height / 2) * width + Math.floor(x * width)) * 3;
    return data[at]! > data[at + 2]!;
  };
  // The original, red on its left, next to the mirror, red on its right.
  expect([0.1, 0.4, 0.6, 0.9].map(isRed)).toEqual([true, false, false, true]);
});

test('picturedPairs shows the frames of a clip above the frames of its reverse', async () => {
  const dir = join(folder, 'clips');
  mkdirSync(dir);
  const grey = (level: number) => encodePng({ w, h, rgb: new Uint8Array(w * h * 3).fill(level) });
  const frames = ['dark', 'middle', 'light'].map((name) => `${name}.png`);
  for (const [i, name] of frames.entries()) writeFileSync(join(folder, name), await grey(40 + 80 * i));
  const rows = (['original', 'reverse'] as const).map((view) => ({
    ...rowOf({
      id: 'a',
      set: 'val',
      view,
      answer: 'yes',
      task: 'open',
      question: 'Lighter?',
      completion: 'yes',
    }),
    images: view === 'original' ? frames : frames.toReversed(),
    clip: {},
  }));
  writeFileSync(join(dir, 'rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  const [pair] = await picturedPairs(dir, folder);
  const { width, height, data } = await decodeImage(pair!.picture);
  expect(width).toBeGreaterThan(2 * height);
  const level = (x: number, y: number) => data[(Math.floor(y * height) * width + Math.floor(x * width)) * 3]!;
  const levels = [0.25, 0.75].map((y) => [0.15, 0.5, 0.85].map((x) => Math.round((level(x, y) - 40) / 80)));
  expect(levels).toEqual([
    [0, 1, 2],
    [2, 1, 0],
  ]);
});

test('picturedPairs returns an empty list without rows, and names a missing image', async () => {
  expect(await picturedPairs(join(folder, 'missing'), folder)).toEqual([]);
  rmSync(join(folder, 'c.png'));
  await expect(picturedPairs(folder, folder)).rejects.toThrow('c.png');
});
