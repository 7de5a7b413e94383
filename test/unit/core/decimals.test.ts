import fc from 'fast-check';
import { expect, test } from 'vitest';
import { figureCell } from '../../../src/core/reports/cells.ts';
import { fixed, percent, percentText, pText, thousands } from '../../../src/base/format.ts';
import { formatResults } from '../../../src/core/reports/figures-text.ts';
import { forAll } from '../../support/property.ts';

test('fixed: writes a true minus sign, and no sign for zero', () => {
  expect([fixed(-1.25, 1), fixed(-0.01, 1), fixed(0, 1), fixed(2, 0)]).toEqual(['−1.3', '0.0', '0.0', '2']);
});

test('pText: never writes a p value of 0', () => {
  expect([0.03, 0.0001, 0.00009, 2 ** -80].map(pText)).toEqual(['0.0300', '0.0001', '< 0.0001', '< 0.0001']);
});

test('percentText: writes 100% only for a share of 1', () => {
  const shares = [1, 0.9994, 0.9996, 2999 / 3000, 1 - 1e-4, 1 - 3e-7, 0.9949, 0];
  expect(shares.map(percentText)).toEqual(
    ['100.0', '99.9', '99.96', '99.97', '99.990', '99.99997', '99.5', '0.0'].map((text) => `${text}%`),
  );
  forAll([fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 0, max: 1e6 })], (n, k) => {
    fc.pre(k <= n);
    expect(Number(percent(k / n)) === 100).toBe(k === n);
  });
  expect(figureCell({ value: 2999 / 3000, unit: 'share', n: 3000 }).text).toBe('99.97');
  expect(figureCell({ value: 1, unit: 'share', n: 3000 }).text).toBe('100.0');
});

test('thousands: separates thousands as in English', () => {
  for (const n of [0, 7, 999, 1000, -1234, 100_000, 12_345_678])
    expect(thousands(n)).toBe(n.toLocaleString('en'));
});

test('formatResults: writes true minus signs and right-aligns columns of numbers', () => {
  const figure = {
    set: 'val',
    view: 'original',
    task: 'polarity',
    metric: 'gap',
    unit: 'share',
    n: 10,
  } as const;
  const text = formatResults(
    [
      { ...figure, value: -0.125, interval: [-0.3, 0.05] },
      { ...figure, set: 'test', value: 0.5 },
    ] as never,
    true,
  );
  expect(text).not.toContain('-');
  expect(text).toContain('−12.5%  −30.0 – 5.0');
  expect(text).toMatch(/ {3}50\.0%/);
});
