import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bootstrapInterval,
  mcNemarExact,
  meanWithInterval,
  permutationTest,
  ratio,
  type Value,
} from '../../../../src/core/metrics/statistics.ts';
import { compareRuns } from '../../../../src/core/metrics/compare.ts';
import { Random } from '../../../../src/core/random.ts';
import { scored } from './rows.ts';

const fixture = JSON.parse(
  readFileSync(new URL('../../../fixtures/parity/statistics/statistics.json', import.meta.url), 'utf8'),
) as { mcnemar: { b: number; c: number; p: number }[]; permutation: { differences: number[]; p: number }[] };

describe('paired tests', () => {
  it.each(fixture.mcnemar)('McNemar of $b and $c is that of scipy', ({ b, c, p }) => {
    expect(Math.abs(mcNemarExact(b, c) / p - 1)).toBeLessThan(1e-9);
  });

  it.each(fixture.permutation)('the permutation test comes near the exact p, $p', ({ differences, p }) => {
    const values = differences.map((value, i) => ({ cluster: `${i}`, value }));
    // Five standard deviations of 10 000 draws, and the one that is added.
    expect(Math.abs(permutationTest(values, Random.from(5)) - p)).toBeLessThan(
      5 * Math.sqrt((p * (1 - p)) / 1e4) + 2e-4,
    );
  });

  it('takes an image as one, however many rows it has', () => {
    const values = Array.from({ length: 50 }, (_, i) => ({ cluster: i < 25 ? 'a' : 'b', value: 1 }));
    expect(permutationTest(values, Random.from(1))).toBeCloseTo(0.5, 1);
  });

  it('compares runs on the rows that both have', () => {
    const run = (completions: string[]) =>
      completions.map((completion, n) => scored({ completion, answer: '2 m', task: 'distance' }, n));
    const rows = compareRuns(
      run(['2 m', 'far', '9 m', '9 m']),
      run(['2 m', '2 m', '3 m', 'far', '2 m']),
      Random.from(0),
    );
    const of = (name: string) => rows.find(({ metric }) => metric === name);
    expect(of('success')).toMatchObject({
      n: 4,
      first: 0.25,
      second: 0.75,
      difference: 0.5,
      mcnemar: { only_first: 0, only_second: 2, p: 0.5 },
    });
    expect(of('smape')).toMatchObject({ n: 2, unit: 'percent' });
    expect(of('smape')?.mcnemar).toBeUndefined();
    expect(compareRuns([], run(['2 m']), Random.from(0))).toEqual([]);
  });

  it('finds no difference between a run and itself', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), (right) => {
        const rows = right.map((ok, n) =>
          scored({ completion: ok ? 'yes' : 'no', answer: 'yes', task: 'yesno' }, n),
        );
        expect(compareRuns(rows, rows, Random.from(0))).toMatchObject([
          { difference: 0, p: 1, mcnemar: { p: 1 } },
        ]);
      }),
      { numRuns: 20 },
    );
  });
});

describe('the bootstrap', () => {
  /** Pictures with one to four questions each, all of a picture's right with a probability of its own; mean 0.6. */
  function sample(random: Random, pictures = 40): Value[] {
    return Array.from({ length: pictures }, (_, i) => {
      const p = random.chance(0.5) ? 0.95 : 0.25;
      return Array.from({ length: 1 + random.below(4) }, () => ({
        cluster: `${i}`,
        value: Number(random.chance(p)),
      }));
    }).flat();
  }

  it('covers the truth about as often as it says, where resampling single rows does not', () => {
    const random = Random.from('coverage');
    const covered = { byImage: 0, byRow: 0 };
    const runs = 600;
    for (let run = 0; run < runs; run++) {
      const values = sample(random);
      const rows = (clusterOf: (i: number) => string) =>
        values.map(({ value }, i) => ({ cluster: clusterOf(i), sums: [value, 1] }));
      const covers = (interval: [number, number] | null) =>
        Number(interval![0] <= 0.6 && 0.6 <= interval![1]);
      covered.byImage += covers(
        bootstrapInterval(
          rows((i) => values[i]!.cluster),
          ratio,
          random,
        ),
      );
      covered.byRow += covers(bootstrapInterval(rows(String), ratio, random));
    }
    expect(covered.byImage / runs).toBeGreaterThan(0.91);
    expect(covered.byImage / runs).toBeLessThan(0.985);
    expect(covered.byRow / runs).toBeLessThan(covered.byImage / runs - 0.03);
  });

  it('depends on the seed alone, holds the mean, and shrinks with the number of pictures', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const values = sample(Random.from(seed));
        const metric = meanWithInterval(values, Random.from(seed));
        expect(meanWithInterval(values, Random.from(seed))).toEqual(metric);
        const [low, high] = metric.interval!;
        expect(low).toBeLessThanOrEqual(metric.value!);
        expect(high).toBeGreaterThanOrEqual(metric.value!);
        const many = meanWithInterval(sample(Random.from(seed), 640), Random.from(seed));
        expect(many.interval![1] - many.interval![0]).toBeLessThan(high - low);
      }),
      { numRuns: 20 },
    );
  });

  it('pools very many pictures, and keeps the interval', () => {
    const metric = meanWithInterval(
      Array.from({ length: 20_000 }, (_, i) => ({ cluster: `${i}`, value: i % 2 })),
      Random.from(0),
    );
    const width = 2 * 1.96 * Math.sqrt(0.25 / 20_000);
    expect((metric.interval![1] - metric.interval![0]) / width).toBeGreaterThan(0.85);
    expect((metric.interval![1] - metric.interval![0]) / width).toBeLessThan(1.15);
  });

  it('has no interval for one picture', () => {
    expect(
      meanWithInterval(
        [
          { cluster: 'a', value: 1 },
          { cluster: 'a', value: 0 },
        ],
        Random.from(0),
      ),
    ).toEqual({ value: 0.5, unit: 'share', n: 2 });
    expect(meanWithInterval([], Random.from(0))).toEqual({ value: null, unit: 'share', n: 0 });
  });
});
