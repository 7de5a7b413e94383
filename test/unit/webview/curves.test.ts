import { expect, test } from 'vitest';
import { gapsOf, lastValue, valueAt, type Curve } from '../../../webview/run/curves.ts';

/** @param values by step; null for a row without a value */
const gaps = (values: Record<number, number | null>) => {
  const steps = Float64Array.from(Object.keys(values), Number);
  const raw = Float64Array.from(Object.values(values), (value) => value ?? NaN);
  return gapsOf({ x: steps.map((step) => 100 * step), steps, raw });
};

test('a curve ends before a row without a value, and goes on behind it', () => {
  expect(gaps({ 1: 1, 2: 1, 3: null, 4: 1, 5: 1 })).toEqual([[200, 400]]);
});

test('it does the same where rows are missing', () => {
  expect(gaps({ 1: 1, 2: 1, 500: 1, 501: 1 })).toEqual([[200, 50_000]]);
});

test('a figure of every tenth row has gaps of its own', () => {
  const rows = Array.from({ length: 61 }, (_, step) => [step, step % 10 === 0 ? 1 : null] as const);
  expect(gaps(Object.fromEntries(rows))).toEqual([]);
  expect(gaps(Object.fromEntries(rows.map(([step, value]) => [step, step === 30 ? null : value])))).toEqual([
    [2000, 4000],
  ]);
});

test('one or two distances tell no interval', () => {
  expect(gaps({ 1: 1 })).toEqual([]);
  expect(gaps({ 10: 1, 100: 1, 400: 1 })).toEqual([]);
});

test('what smoothing leaves where zero was measured is zero; a smoothed value is not', () => {
  const x = Float64Array.of(1, 2, 3);
  const curve = { x, steps: x, raw: Float64Array.of(2, 0, 0) };
  const smoothed = (...smooth: number[]) =>
    ({ ...curve, smooth: Float64Array.from(smooth) }) as unknown as Curve;
  expect(lastValue(smoothed(2, 1e-3, 2.01e-11))).toBe(0);
  expect(valueAt(smoothed(2, 1e-3, 2.01e-11), 3)).toBe(0);
  expect(lastValue(smoothed(2, 1, 0.5))).toBe(0.5);
  expect(valueAt(smoothed(2, 1, 0.5), 2)).toBe(1);
  expect(lastValue(smoothed(NaN, NaN, NaN))).toBeNaN();
});
