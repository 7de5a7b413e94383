import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../../src/base/random.ts';
import { property } from '../../support/property.ts';

describe('Random', () => {
  property('continues a stream from its state', [fc.string(), fc.nat(50)], (seed, skip) => {
    const a = Random.from(seed);
    for (let i = 0; i < skip; i++) a.uint32();
    const b = Random.restore(JSON.parse(JSON.stringify(a.state())) as ReturnType<Random['state']>);
    expect([b.uint32(), b.uint32(), b.uniform()]).toEqual([a.uint32(), a.uint32(), a.uniform()]);
  });

  it('forks different streams without changing the parent', () => {
    const a = Random.from(7);
    const before = a.state();
    const draws = ['x', 'y', 'z'].map((label) => a.fork(label).uint32());
    expect(a.state()).toEqual(before);
    expect(new Set(draws).size).toBe(3);
  });

  it('draws uniform numbers: each of 16 bins is within five standard deviations', () => {
    const random = Random.from('bins');
    const n = 64_000;
    const bins = new Array<number>(16).fill(0);
    for (let i = 0; i < n; i++) bins[random.below(16)]! += 1;
    const sd = Math.sqrt((n / 16) * (15 / 16));
    for (const count of bins) expect(Math.abs(count - n / 16)).toBeLessThan(5 * sd);
  });

  property('shuffle returns a permutation', [fc.array(fc.integer()), fc.integer()], (list, seed) => {
    expect(
      Random.from(seed)
        .shuffle(list)
        .sort((x, y) => x - y),
    ).toEqual([...list].sort((x, y) => x - y));
  });
});
