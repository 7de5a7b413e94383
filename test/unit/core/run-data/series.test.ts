import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  Column,
  Extremes,
  rowsWithin,
  Smoothing,
  summarise,
  visibleRows,
} from '../../../../src/panels/run/series.reads.ts';
import { property } from '../../../support/property.ts';

const columnOf = (values: readonly number[]): Column => {
  const column = new Column();
  values.forEach((value, row) => column.put(row, value));
  return column;
};

/** Values of which many are equal, and some are gaps. */
const value = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -9, max: 9 }) }, fc.constant(NaN));
const values = fc.array(value, { maxLength: 700, size: 'max' });

/** The rows of the extremes as a plain scan finds them. */
function scan(column: Column, from: number, to: number): { lowest: number; highest: number } {
  let [lowest, highest] = [-1, -1];
  for (let row = from; row < Math.min(to, column.length); row++) {
    if (Number.isNaN(column.at(row))) continue;
    if (lowest < 0 || column.at(row) < column.at(lowest)) lowest = row;
    if (highest < 0 || column.at(row) > column.at(highest)) highest = row;
  }
  return { lowest, highest };
}

describe('Column', () => {
  property(
    'Column: stores the value of each row, and NaN for skipped rows',
    [fc.array(fc.tuple(fc.nat(3000), fc.double()))],
    (puts) => {
      const column = new Column();
      const expected = new Map<number, number>();
      for (const [row, x] of puts) {
        if (row >= column.length) expected.set(row, x);
        column.put(row, x);
      }
      expect(column.length).toBe(Math.max(0, ...[...expected.keys()].map((row) => row + 1)));
      const rows = Array.from({ length: column.length + 2 }, (_, row) => row);
      expect(rows.map((row) => column.at(row))).toEqual(rows.map((row) => expected.get(row) ?? NaN));
    },
  );
});

describe('Extremes', () => {
  property(
    'Extremes: matches a plain scan for any range, also after the column grows',
    [values, values, fc.array(fc.tuple(fc.nat(1400), fc.nat(1400)))],
    { numRuns: 60 },
    (before, after, ranges) => {
      const column = columnOf(before);
      const extremes = new Extremes(column);
      extremes.find(0, column.length);
      for (const x of after) column.put(column.length, x);
      for (const [a, b] of [...ranges, [0, column.length] as const]) {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        expect(extremes.find(from, to)).toEqual(scan(column, from, to));
      }
    },
  );
});

describe('visibleRows', () => {
  const steps = fc.array(fc.nat(3), { maxLength: 700, size: 'max' }).map((gaps) => {
    let at = 0;
    return gaps.map((gap) => (at += gap));
  });

  property(
    'visibleRows: ascending rows include both extremes per curve and pixel column',
    [steps, fc.infiniteStream(value), fc.nat(2100), fc.nat(2100), fc.integer({ min: 1, max: 60 })],
    { numRuns: 60 },
    (x, stream, a, b, columns) => {
      const range = [Math.min(a, b), Math.max(a, b)] as const;
      const curves = [0, 1].map(() => columnOf(x.map(() => stream.next().value as number)));
      const rows = visibleRows(
        x,
        range,
        columns,
        curves.map((curve) => new Extremes(curve)),
      );
      expect(rows).toEqual([...new Set(rows)].sort((p, q) => p - q));
      const [first, end] = rowsWithin(x, range);
      expect([first, end]).toEqual([
        x.filter((at) => at < range[0]).length,
        Math.max(x.filter((at) => at <= range[1]).length, first),
      ]);
      if (end === first) return;
      const width = (x[end - 1]! - x[first]!) / columns;
      const columnAt = (row: number) =>
        Math.min(Math.floor((x[row]! - x[first]!) / (width || 1)), columns - 1);
      for (const curve of curves) {
        for (let column = 0; column < columns; column++) {
          const inside = (row: number) => row >= first && row < end && columnAt(row) === column;
          const all = x.flatMap((_, row) => (inside(row) ? curve.at(row) : []));
          const kept = rows.filter(inside).map((row) => curve.at(row));
          const known = (list: number[]) => list.filter((v) => !Number.isNaN(v));
          expect(Math.max(...known(kept))).toBe(Math.max(...known(all)));
          expect(Math.min(...known(kept))).toBe(Math.min(...known(all)));
          // A column without any value still shows that it has none.
          if (all.length > 0 && known(all).length === 0) expect(kept.length).toBeGreaterThan(0);
        }
      }
    },
  );

  test('visibleRows returns about two rows per pixel and curve, or all rows if they are few', () => {
    const x = Array.from({ length: 100_000 }, (_, i) => i);
    const curve = new Extremes(columnOf(x.map((i) => Math.sin(i / 7) + (i % 13))));
    const rows = visibleRows(x, [-Infinity, Infinity], 500, [curve]);
    expect(rows.length).toBeGreaterThan(500);
    expect(rows.length).toBeLessThanOrEqual(1003);
    expect(visibleRows(x, [10, 20], 500, [curve])).toEqual(Array.from({ length: 13 }, (_, i) => 9 + i));
  });
});

describe('Smoothing', () => {
  test('Smoothing matches TensorBoard: a moving average with bias correction', () => {
    // classicSmoothing of TensorBoard's line chart, worked by hand for a weight of ½.
    const smoothing = new Smoothing(columnOf([4, 8, NaN, 2]), 0.5);
    expect(smoothing.at(2)).toBeNaN();
    for (const [row, expected] of [4, 5 / 0.75, NaN, 3.5 / 0.875].entries()) {
      if (row !== 2) expect(smoothing.at(row)).toBeCloseTo(expected, 12);
    }
    const constant = new Smoothing(columnOf([0.1, 0.1, 0.1, 0.1]), 0.7);
    expect([0, 1, 2, 3].map((row) => constant.at(row))).toEqual([0.1, 0.1, 0.1, 0.1]);
  });

  property(
    'Smoothing: keeps constants, stays within the values, and is incremental',
    [
      fc.array(value, { minLength: 1, maxLength: 80 }),
      fc.double({ min: 0, max: 0.99, noNaN: true }),
      fc.nat(80),
    ],
    (list, weight, cut) => {
      const known = list.filter((v) => !Number.isNaN(v));
      const whole = new Smoothing(columnOf(list), weight);
      const growing = columnOf(list.slice(0, cut));
      const smoothing = new Smoothing(growing, weight);
      smoothing.at(0);
      for (const v of list.slice(cut)) growing.put(growing.length, v);
      list.forEach((v, row) => {
        expect(smoothing.at(row)).toBe(whole.at(row));
        expect(Number.isNaN(whole.at(row))).toBe(Number.isNaN(v));
        if (Number.isNaN(v)) return;
        expect(whole.at(row)).toBeGreaterThanOrEqual(Math.min(...known) - 1e-9);
        expect(whole.at(row)).toBeLessThanOrEqual(Math.max(...known) + 1e-9);
      });
    },
  );
});

test('summarise: returns the newest value, the mean of the last ten, and the extremes', () => {
  const column = columnOf([5, 1, NaN, ...Array.from({ length: 10 }, (_, i) => i + 2), NaN]);
  const found = summarise(column, new Extremes(column), 0, column.length);
  expect(found).toEqual({
    last: 11,
    lastRow: 12,
    recent: 6.5,
    lowest: 1,
    lowestRow: 1,
    highest: 11,
    highestRow: 12,
  });
  expect(summarise(column, new Extremes(column), 2, 3)).toBeNull();
});
