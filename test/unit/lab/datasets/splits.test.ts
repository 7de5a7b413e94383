import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../../src/base/random.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { parseJson } from '../../../../src/lab/datasets/parse-json.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { Splits, subsample } from '../../../../src/lab/datasets/splits.ts';
import { forAllAsync } from '../../../support/property.ts';

const rows: Sample[] = Array.from({ length: 3000 }, (_, i) => ({
  id: `r${i}`,
  question: 'q',
  answer: 'a',
  images: [`${i % 1000}.png`],
}));
const folder = folderOfTests('chirality-splits-');

/** Splits rows. @returns the split of each row's id, in the order of the rows */
async function assigned(shares: string, list: readonly Sample[], seed = '1') {
  const of = new Map<string, string | null>();
  for await (const [row, split] of Splits.parse(shares).assign(given(list), seed, join(folder, 'out'))) {
    expect(row).toEqual(list[of.size]);
    of.set(row.id, split);
  }
  expect(of.size).toBe(list.length);
  expect(readdirSync(folder)).toEqual([]);
  return of;
}
const given = async function* (list: readonly Sample[]) {
  await Promise.resolve();
  yield* list;
};
const sizes = (of: ReadonlyMap<string, string | null>, names: readonly (string | null)[]) =>
  names.map((name) => [...of.values()].filter((each) => each === name).length);

describe('Splits', () => {
  it.each([
    [300, 300, 30],
    [30, 10, 3],
    [30, 30, 3],
    [12, 2, 6],
    [5, 5, 1],
  ])('holds out a tenth of %i rows about %i images, up to whole images: %i', async (count, images, val) => {
    const list = rows.slice(0, count).map((row, i) => ({ ...row, images: [`${i % images}.png`] }));
    for (const seed of ['0', '1', '2'])
      expect(sizes(await assigned('train=0.9,val=0.1', list, seed), ['train', 'val'])).toEqual([
        count - val,
        val,
      ]);
  });

  it('property: splits have their shares up to one image, and rows of an image stay together in any order', async () => {
    const groups = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 40 });
    const shares = fc.constantFrom<number[]>(
      [0.9, 0.1],
      [0.5, 0.5],
      [0.8, 0.1, 0.1],
      [0.3, 0.2],
      [0.05],
      [1],
      [0, 1],
    );
    await forAllAsync([groups, shares, fc.string()], { numRuns: 60 }, async (perImage, parts, seed) => {
      const list = perImage.flatMap((count, image) =>
        Array.from({ length: count }, (_, i) => ({
          ...rows[0]!,
          id: `${image}-${i}`,
          images: [`${image}.png`],
        })),
      );
      const text = parts.map((share, i) => `s${i}=${share}`).join();
      const of = await assigned(text, list, seed);
      for (const { id } of list) expect(of.get(id)).toBe(of.get(`${id.split('-')[0]}-0`));
      const shuffled = await assigned(text, Random.from(seed).shuffle([...list]), seed);
      expect(new Map([...shuffled].sort())).toEqual(new Map([...of].sort()));
      const counts = sizes(
        of,
        parts.map((_, i) => `s${i}`),
      );
      // The smallest share is reached first, and exceeded by less than one image.
      const least = parts.indexOf(Math.min(...parts));
      if (parts.length > 1 || parts[0]! < 1) {
        expect(counts[least]!).toBeGreaterThanOrEqual(parts[least]! * list.length - 1e-6);
        expect(counts[least]!).toBeLessThan(parts[least]! * list.length + Math.max(...perImage));
      }
      const isWhole = parts.reduce((sum, share) => sum + share, 0) > 0.999;
      if (isWhole) expect(sizes(of, [null])).toEqual([0]);
    });
  });

  it('Splits assigns rows by seed, and keeps all digits of long numbers, as text', async () => {
    const [one, two] = [
      await assigned('train=0.8,val=0.15', rows),
      await assigned('train=0.8,val=0.15', rows, '2'),
    ];
    expect(rows.filter(({ id }) => one.get(id) !== two.get(id)).length).toBeGreaterThan(300);
    const text = '{"id":"a","question":"q","answer":"a","images":[],"meta":{"n":12345678901234567890}}';
    const row = parseJson(text).value as Sample;
    for await (const [again] of Splits.parse('all=1').assign(given([row]), '0', join(folder, 'out')))
      expect(JSON.stringify(again)).toBe(text.replace(/\d{20}/, '"$&"'));
  });

  it.each(['train', 'train=2', 'a=0.6,b=0.5', 'a=0.5,a=0.1', 'a=-1', ''])('Splits rejects %j', (text) => {
    expect(() => Splits.parse(text)).toThrow();
  });
});

describe('subsample', () => {
  const take = async (list: Sample[], n: number, seed: string) => {
    const out: string[] = [];
    for await (const { id } of subsample(
      (async function* () {
        await Promise.resolve();
        yield* list;
      })(),
      n,
      seed,
    ))
      out.push(id);
    return out;
  };

  it('property: subsample: returns n rows in input order, the same rows for any input order', async () => {
    await forAllAsync([fc.integer({ min: 1, max: 60 }), fc.string()], async (n, seed) => {
      const list = rows.slice(0, 50);
      const taken = await take(list, n, seed);
      expect(taken).toHaveLength(Math.min(n, 50));
      expect(taken).toEqual(list.map(({ id }) => id).filter((id) => taken.includes(id)));
      expect((await take(Random.from(seed).shuffle(list), n, seed)).sort()).toEqual([...taken].sort());
    });
  });
});
