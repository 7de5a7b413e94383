import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compare,
  meanOfRuns,
  meanOfSeeds,
  meanWithInterval,
  type Value,
} from '../../../../src/core/metrics/statistics.ts';
import { compareRuns } from '../../../../src/core/metrics/compare-rows.ts';
import { scored } from './rows.ts';
import { forAll, property } from '../../../support/property.ts';

const fixture = JSON.parse(
  readFileSync(new URL('../../../fixtures/parity/statistics/statistics.json', import.meta.url), 'utf8'),
) as { seeds: { values: number[]; interval: [number, number]; p: number }[] };
const pairsOf = (differences: readonly number[], imageOf: (i: number) => number = (i) => i) =>
  differences.map((value, i) => ({ cluster: `${imageOf(i)}`, first: 0, second: value }));

describe('paired test', () => {
  it.each(fixture.seeds)('matches scipy’s t with one row per image: $values', ({ values, interval, p }) => {
    const compared = compare(pairsOf(values));
    expect(compared.interval![0]).toBeCloseTo(interval[0], 6);
    expect(compared.interval![1]).toBeCloseTo(interval[1], 6);
    expect(compared.p).toBeCloseTo(Math.max(p, 2 ** -values.length), 6);
  });

  it('paired test: counts an image once, for any number of rows', () => {
    const differences = [1, 0, 1, 1, -1, 0, 1];
    const many = compare(
      pairsOf(
        differences.flatMap((d) => Array<number>(9).fill(d)),
        (i) => Math.floor(i / 9),
      ),
    );
    const few = compare(pairsOf(differences));
    expect(many.p).toBeCloseTo(few.p!, 12);
    expect(many.interval![0]).toBeCloseTo(few.interval![0], 12);
  });

  property(
    'p is bounded by the sign test, and below 5% only if the interval excludes 0',
    [fc.array(fc.constantFrom(-1, 0, 1), { minLength: 1, maxLength: 40 })],
    (differences) => {
      const { p, interval } = compare(pairsOf(differences, (i) => i % 13));
      expect(p).toBeGreaterThanOrEqual(2 ** -differences.filter((d) => d !== 0).length);
      if (interval && p! < 0.05) expect(interval[0] * interval[1]).toBeGreaterThan(0);
    },
  );

  it('compares two runs on their common rows', () => {
    const run = (completions: string[]) =>
      completions.map((completion, n) => scored({ completion, answer: '2 m', task: 'distance' }, n));
    const rows = compareRuns(run(['2 m', 'far', '9 m', '9 m']), run(['2 m', '2 m', '3 m', 'far', '2 m']));
    const of = (name: string) => rows.find(({ metric }) => metric === name);
    expect(of('success')).toMatchObject({
      n: 4,
      first: 0.25,
      second: 0.75,
      difference: 0.5,
      only_first: 0,
      only_second: 2,
    });
    expect(of('smape')).toMatchObject({ n: 2, unit: 'percent' });
    expect(of('smape')).not.toHaveProperty('only_first');
    expect(compareRuns([], run(['2 m']))).toEqual([]);
  });

  property(
    'paired test: finds no difference between a run and itself',
    [fc.array(fc.boolean(), { minLength: 1, maxLength: 12 })],
    { numRuns: 20 },
    (right) => {
      const rows = right.map((ok, n) =>
        scored({ completion: ok ? 'yes' : 'no', answer: 'yes', task: 'yesno' }, n),
      );
      expect(compareRuns(rows, rows)).toMatchObject([{ difference: 0, p: 1, only_first: 0, only_second: 0 }]);
    },
  );
});

describe('meanWithInterval and meanOfRuns', () => {
  const of = (values: readonly number[], imageOf: (i: number) => number = (i) => i): Value[] =>
    values.map((value, i) => ({ cluster: `${imageOf(i)}`, value }));

  it('property: meanWithInterval: contains the mean, independent of the order of rows', () => {
    const rows = fc.array(fc.tuple(fc.nat({ max: 9 }), fc.double({ min: -5, max: 5, noNaN: true })), {
      minLength: 2,
      maxLength: 40,
    });
    forAll([rows], (list) => {
      const values = list.map(([image, value]) => ({ cluster: `${image}`, value }));
      const { value, interval } = meanWithInterval(values);
      if (!interval) return;
      expect(interval[0]).toBeLessThan(value!);
      expect(interval[1]).toBeGreaterThan(value!);
      expect(meanWithInterval(values.toReversed()).interval![0]).toBeCloseTo(interval[0], 9);
    });
  });

  it('meanWithInterval returns no interval for one image or constant values', () => {
    expect(meanWithInterval(of([1, 0], () => 0))).toEqual({ value: 0.5, unit: 'share', n: 2 });
    expect(meanWithInterval(of([2, 2, 2]))).toEqual({ value: 2, unit: 'share', n: 3 });
    expect(meanWithInterval([])).toEqual({ value: null, unit: 'share', n: 0 });
  });

  it('meanOfRuns returns a wider interval if runs differ, and no interval for a single run', () => {
    const bits = Array.from({ length: 60 }, (_, i) => i % 2);
    const runs = (spread: number) => [-1, 0, 1].map((s) => of(bits.map((bit) => bit + spread * s)));
    const width = ({ interval }: { interval?: [number, number] }) => interval![1] - interval![0];
    expect(meanOfRuns(runs(0).slice(0, 1))).toEqual({ mean: 0.5, n: 1 });
    // Seeds of 2, 4 and 4 of 8: ± 4.303 · 0.1443 / √3. Images add next to nothing; they took a degree of freedom off.
    const few = ['00000110', '01110010', '01011100'].map((run) => of([...run].map(Number)));
    expect(width(meanOfRuns(few))).toBeCloseTo(2 * 4.303 * 0.08333, 2);
    // The same in all runs: only other images would change it.
    expect(width(meanOfRuns(runs(0)))).toBeGreaterThan(0.2);
    expect(width(meanOfRuns(runs(0.2)))).toBeGreaterThan(2 * width(meanOfRuns(runs(0))));
    const apart = runs(0.2).map((run, r) =>
      run.map(({ cluster, value }) => ({ cluster: `${r} ${cluster}`, value })),
    );
    expect(width(meanOfRuns(apart))).toBeCloseTo(width(meanOfSeeds([0.3, 0.5, 0.7])), 2);
  });
});
