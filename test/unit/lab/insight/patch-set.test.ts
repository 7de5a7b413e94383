import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import {
  PATCH_GROUPS,
  patchFigures,
  type PatchGroup,
  type PatchRow,
} from '../../../../src/core/insight/patch.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { ask } from '../../../../src/engines/conformance/sampler-conformance.ts';
import type { Inspected } from '../../../../src/engines/inspector.ts';
import { openEmbedded } from '../../../../src/engines/embedded/open-embedded.ts';
import { ImageFiles } from '../../../../src/lab/datasets/image-files.ts';
import { patchSet, rowsToPatch } from '../../../../src/lab/insight/patch-set.ts';
import type { SetRowToLook } from '../../../../src/lab/insight/set-folder.ts';
import { answerOf, DIRECT, halves, QUESTION, TINY, tinyEngine } from '../../engines/tiny.ts';
import { folderOfTests } from '../../../support/folder.ts';

const engine = await tinyEngine();
const tinyInspect = engine.inspect.bind(engine);
const folder = folderOfTests('chirality-patch-');
const images = new ImageFiles(folder, folder);
afterAll(() => images.close());

writeFileSync(join(folder, 'picture.raw'), halves('red', 'blue'));
const half = { id: 'o1', label: 'left half', box: [0, 0, 40, 80], box_format: 'xyxy_px' } as const;
const sample: Sample = {
  id: 'one',
  question: QUESTION,
  answer: 'red',
  images: ['picture.raw'],
  scene_graph: {
    version: 1,
    image: { w: 80, h: 80 },
    relations: [],
    objects: [{ ...half, box: [...half.box] }],
  },
};
const mirror = { view: 'mirror' as const, sample: { ...sample, answer: 'blue' } };
const rows: SetRowToLook[] = [
  { id: 'one', image: 'picture.raw', images, views: [{ view: 'original', sample }, mirror] },
];

const patch = (name: string, change: object = {}, of = rows, open = () => Promise.resolve(engine)) =>
  patchSet(open, of, {
    dir: join(folder, name),
    manifest: { kind: 'patch', content: 'one' },
    strategy: DIRECT,
    maxTokens: 1,
    layers: 'all',
    groups: PATCH_GROUPS,
    ...change,
  });

it('patchSet: returns the expected log-odds for each group and layer', async () => {
  const { rows: found, results } = await patch('laws');
  const { odds, patched } = found[0]!;
  const of = (group: PatchGroup) => patched.find((one) => one.group === group)!.odds;
  expect(Math.abs(odds.original - odds.mirror)).toBeGreaterThan(1e-3);
  // Everything from the mirror gives the mirror's answer, after any layer.
  for (const value of of('all')) expect(value).toBeCloseTo(odds.mirror, 3);
  // After the last layer, only the answer's own token is read.
  expect(of('picture')[1]).toBeCloseTo(odds.original, 4);
  expect(of('names')[1]).toBeCloseTo(odds.original, 4);
  expect(of('answer')[1]).toBeCloseTo(odds.mirror, 3);
  // The image before the last layer is read by it, so it does something.
  expect(Math.abs(of('picture')[0]! - odds.original)).toBeGreaterThan(1e-4);
  // The last layer, where this is so by construction, has no figures; one image shows no difference to share out.
  expect(results.map(({ layer, moved }) => [layer, moved])).toEqual(
    [null, 0, 0, 0, 0, 0].map((layer) => [layer, null]),
  );
  expect(JSON.parse(readFileSync(join(folder, 'laws/results.json'), 'utf8'))).toEqual(
    JSON.parse(JSON.stringify(results)),
  );
});

it('patchSet: replaces every token before the answer in exactly one group', async () => {
  const thinker = await openEmbedded(TINY);
  const { hash } = await thinker.putImage(halves('red', 'blue'));
  const prompt = ask(hash, QUESTION);
  const { target } = await thinker.encode(prompt, answerOf('red', 'blue'));
  const segments = [{ tokens: target, trained: true, weights: target.map(() => 1) }];
  for (let step = 0; step < 30; step++) {
    await thinker.forwardBackward([{ prompt, completions: [{ segments }] }], { temperature: 1 });
    await thinker.optimStep({
      learningRate: 0.01,
      betas: [0.9, 0.99],
      eps: 1e-8,
      weightDecay: 0,
      gradClip: 1,
    });
  }
  const inspect = vi.spyOn(thinker, 'inspect');
  const { rows: found } = await patch('disjoint', { maxTokens: 20 }, rows, () => Promise.resolve(thinker));
  const exchanged: string[] = [];
  for (const [i, [cases, { patch: asked }]] of inspect.mock.calls.entries()) {
    const [seen] = (await inspect.mock.results[i]!.value) as Inspected[];
    if (asked?.positions !== 'queries') continue;
    const others = cases[0]!.queries.flatMap(({ name }, q) => (name === 'answer' ? [] : seen!.queries[q]!));
    exchanged.push(...others.map((token) => seen!.tokens[token]!.text));
  }
  expect(exchanged.join(' ')).toBe('left half What colour is the ? <think> red and blue </think> <answer>');
  // After the last layer, only the token that predicts the answer is read.
  const { odds, patched } = found[0]!;
  const after = (group: PatchGroup) => patched.find((one) => one.group === group)!.odds[1];
  expect([after('earlier words'), after('answer')]).toEqual([
    expect.closeTo(odds.original, 3),
    expect.closeTo(odds.mirror, 3),
  ]);
  await thinker.close();
});

it('patchSet: changes nothing for two equal images', async () => {
  const [row] = rows;
  const same = {
    ...row!,
    views: [row!.views[0]!, { ...row!.views[0]!, sample: { ...row!.views[0]!.sample, answer: 'blue' } }],
  };
  const { rows: found, results } = await patch('same', {}, [same]);
  for (const { odds } of found[0]!.patched)
    for (const value of odds) expect(value).toBe(found[0]!.odds.original);
  // There is nothing to move, and so no share of it.
  expect(new Set(results.map(({ moved }) => moved))).toEqual(new Set([null]));
});

it('patchSet: skips rows with unknown words, and rejects a missing layer before any request', async () => {
  const [row] = rows;
  const unknown = {
    ...row!,
    views: row!.views.map((view) => ({ ...view, sample: { ...view.sample, answer: 'violet' } })),
  };
  expect((await patch('unknown', {}, [unknown])).skipped).toEqual({
    'The answers contain words that are not in the vocabulary of the model.': 1,
  });
  const complete = vi.spyOn(engine, 'complete');
  await expect(patch('layers', { layers: [9] })).rejects.toThrow('Layer 9 does not exist.');
  expect(complete).not.toHaveBeenCalled();
  complete.mockRestore();
});

it('rowsToPatch: returns rows whose answer the mirror changes for the same question', () => {
  const row = (id: string, question: string, answer: string, choices?: string[]): SetRowToLook => {
    const sample: Sample = { id, question, answer, images: ['a.png'], reasoning: 'It stands there.' };
    return {
      id,
      image: 'a.png',
      images,
      views: [{ view: 'original', sample: choices ? { ...sample, choices } : sample }],
    };
  };
  const found = rowsToPatch([
    row('side', 'Is the cup left or right of the plate?', 'left'),
    row('depth', 'Which is closer, the cup or the plate?', 'cup', ['cup', 'plate']),
  ]);
  expect(
    found.map(({ id, views }) => [
      id,
      ...views.map(({ view, sample }) => [view, sample.question, sample.answer]),
    ]),
  ).toEqual([
    [
      'side',
      ['original', 'Is the cup left or right of the plate?', 'left'],
      ['mirror', 'Is the cup left or right of the plate?', 'right'],
    ],
  ]);
});

it('patchFigures: returns means by group and layer with jackknife intervals', () => {
  const one = (id: string, original: number, mirror: number, odds: number[]): PatchRow => ({
    id,
    image: id,
    question: '',
    original: 'left',
    mirror: 'right',
    odds: { original, mirror },
    patched: [{ group: 'names', odds }],
    layers: 9,
  });
  const rows = [one('a', 4, -4, [4, 0]), one('b', 2, -2, [2, -2]), one('c', 3, -4, [3, -3])];
  const [whole, first, second] = patchFigures(rows, [3, 7]);
  expect(whole).toMatchObject({ group: null, change: -19 / 3, moved: null, n: 3 });
  expect(first).toMatchObject({ group: 'names', layer: 3, change: 0, moved: -0 });
  // By hand: without one row each, the share is 10/11, 10/15 and 8/12; Student's t with two degrees of freedom.
  const without = [10 / 11, 10 / 15, 8 / 12];
  const mean = without.reduce((a, b) => a + b) / 3;
  const error = Math.sqrt((2 / 3) * without.reduce((sum, share) => sum + (share - mean) ** 2, 0));
  const [low, high] = [14 / 19 - 4.302653 * error, 14 / 19 + 4.302653 * error];
  expect(second).toMatchObject({ layer: 7, change: -14 / 3, moved: expect.closeTo(14 / 19, 6) as number });
  expect(second!.moved_interval).toEqual([expect.closeTo(low, 4), expect.closeTo(high, 4)]);
});

it('patchSet: skips a row whose two answers begin with the same token', async () => {
  const inspect = vi.spyOn(engine, 'inspect');
  inspect.mockImplementation((cases, wanted, signal) =>
    tinyInspect(cases, { ...wanted, lens: wanted.lens.map(() => 'red') }, signal),
  );
  const { rows: found, skipped } = await patch('alike');
  inspect.mockRestore();
  expect([found, skipped]).toEqual([
    [],
    { 'Both answers start with the same token, so their log-odds are unknown.': 1 },
  ]);
});
