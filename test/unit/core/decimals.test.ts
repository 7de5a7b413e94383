import { expect, test } from 'vitest';
import { fixed, pText, thousands } from '../../../src/core/format.ts';
import { formatResults } from '../../../src/core/reports/figures-text.ts';

test('numbers for people have a true minus sign, and zero has none', () => {
  expect([fixed(-1.25, 1), fixed(-0.01, 1), fixed(0, 1), fixed(2, 0)]).toEqual(['−1.3', '0.0', '0.0', '2']);
});

test('a p value is never 0', () => {
  expect([0.03, 0.0001, 0.00009, 2 ** -80].map(pText)).toEqual(['0.0300', '0.0001', '< 0.0001', '< 0.0001']);
});

test('whole numbers have commas, as where they are written for English readers', () => {
  for (const n of [0, 7, 999, 1000, -1234, 100_000, 12_345_678])
    expect(thousands(n)).toBe(n.toLocaleString('en'));
});

test('tables of evaluations have it too, and columns of numbers stay on the right', () => {
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
  expect(text).toContain('−12.5 %  −30.0 – 5.0');
  expect(text).toMatch(/ {3}50\.0 %/);
});
