import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../../src/base/random.ts';
import type { Sample } from '../../../../src/rows/sample/sample.ts';
import { Splits, subsample } from '../../../../src/lab/datasets/splits.ts';

const rows: Sample[] = Array.from({ length: 3000 }, (_, i) => ({
  id: `r${i}`,
  question: 'q',
  answer: 'a',
  images: [`${i % 1000}.png`],
}));
const splits = Splits.parse('train=0.8,val=0.15');

describe('Splits', () => {
  it('keeps rows with the same image together in any order, and approximates the shares', () => {
    const of = new Map(rows.map((row) => [row.id, splits.of(row, '1')]));
    for (const row of Random.from(1).shuffle(rows)) expect(splits.of(row, '1')).toBe(of.get(row.id));
    for (let i = 0; i < 1000; i++) expect(of.get(`r${i}`)).toBe(of.get(`r${i + 2000}`));
    const counts = ['train', 'val', null].map((name) => [...of.values()].filter((v) => v === name).length);
    // 1 000 images: five standard deviations around 800, 150 and 50, three rows each.
    [2400, 450, 150].forEach((n, i) => {
      const p = n / 3000;
      expect(Math.abs(counts[i]! - n)).toBeLessThan(5 * 3 * Math.sqrt(1000 * p * (1 - p)));
    });
  });

  it('Splits assigns rows by seed', () => {
    const moved = rows.filter((row) => splits.of(row, '1') !== splits.of(row, '2'));
    expect(moved.length).toBeGreaterThan(300);
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
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.string(), async (n, seed) => {
        const list = rows.slice(0, 50);
        const taken = await take(list, n, seed);
        expect(taken).toHaveLength(Math.min(n, 50));
        expect(taken).toEqual(list.map(({ id }) => id).filter((id) => taken.includes(id)));
        expect((await take(Random.from(seed).shuffle(list), n, seed)).sort()).toEqual([...taken].sort());
      }),
    );
  });
});
