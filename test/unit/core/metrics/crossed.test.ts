import { expect, test } from 'vitest';
import { crossedInterval, meanWithInterval } from '../../../../src/core/metrics/statistics.ts';
import { Random } from '../../../../src/core/random.ts';

const random = Random.from('crossed');
const width = ([low, high]: [number, number]) => high - low;

/** Runs whose means differ by `spread`, over the same 200 images. */
const runs = (spread: number, n = 4) =>
  Array.from({ length: n }, (_, s) =>
    Array.from({ length: 200 }, (_, i) => ({
      cluster: `image ${i}`,
      value: (i % 2) + spread * (s - (n - 1) / 2),
    })),
  );

test('one run has the interval of its images', () => {
  const [run] = runs(0, 1);
  const crossed = crossedInterval([run!], random)!;
  const plain = meanWithInterval(run!, random).interval!;
  expect(Math.abs(width(crossed) / width(plain) - 1)).toBeLessThan(0.15);
});

test('law: runs that differ make the interval wider, and equal runs do not', () => {
  const equal = width(crossedInterval(runs(0), random)!);
  expect(Math.abs(equal / width(crossedInterval(runs(0, 1), random)!) - 1)).toBeLessThan(0.15);
  expect(width(crossedInterval(runs(0.2), random)!)).toBeGreaterThan(1.5 * equal);
});

test('nothing to resample has no interval', () => {
  expect(crossedInterval([[{ cluster: 'one', value: 1 }]], random)).toBeNull();
  const flat = ['a', 'b', 'c'].map((cluster) => ({ cluster, value: 1 }));
  expect(crossedInterval([flat, flat], random)).toBeNull();
});
