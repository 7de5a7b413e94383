import { expect, test } from 'vitest';
import { mean, sum } from '../../../src/base/numbers.ts';

test('sum and mean: add from first to last; the mean of an empty list is null', () => {
  expect(sum([1e16, 1, -1e16])).toBe(0);
  expect(sum(Float32Array.of(0.5, 0.25))).toBe(0.75);
  expect(mean([1, 2, 6])).toBe(3);
  expect([sum([]), mean([])]).toEqual([0, null]);
});
