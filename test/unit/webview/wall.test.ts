import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Wall } from '../../../src/panels/trace/wall.contract.ts';
import { WallLayout } from '../../../webview/trace/wall/layout.ts';
import { allOrNone, keyOf, placeOf, toggled, withRange } from '../../../webview/trace/wall/selection.ts';
import { property } from '../../support/property.ts';

const layouts = fc
  .record({
    counts: fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
    columns: fc.integer({ min: 1, max: 9 }),
    headed: fc.boolean(),
  })
  .map(({ counts, columns, headed }) => ({
    counts,
    columns,
    headed,
    layout: new WallLayout(counts, columns, headed),
  }));

describe('tiles of the difference grid', () => {
  property(
    'grid tiles: contain every pair once, in order, with a heading per group',
    [layouts],
    ({ counts, columns, headed, layout }) => {
      const lines = Array.from({ length: layout.lines }, (_, line) => layout.line(line));
      const slots = lines.flat();
      const places = slots.flatMap((slot) => (slot.kind === 'pair' ? slot.place : []));
      expect(places).toEqual(Array.from({ length: layout.count }, (_, place) => place));
      expect(lines.every((line) => line.length > 0 && line.length <= columns)).toBe(true);
      // Below a heading stands no pair.
      const pairs = (line: (typeof lines)[number]) => line.filter(({ kind }) => kind === 'pair').length;
      if (headed && columns > 1) expect(lines.every((line) => pairs(line) < columns)).toBe(true);
      const headings = slots.flatMap((slot) => (slot.kind === 'heading' ? slot.group : []));
      expect(headings).toEqual(headed ? counts.map((_, group) => group) : []);
      for (const [number, line] of lines.entries()) {
        expect(new Set(line.map(({ group }) => group)).size).toBe(1);
        for (const slot of line) if (slot.kind === 'pair') expect(layout.lineOf(slot.place)).toBe(number);
      }
    },
  );

  property(
    'arrow keys reach all tiles, with at most one column sideways per press',
    [layouts, fc.nat()],
    ({ layout, columns, headed }, n) => {
      const place = n % layout.count;
      const down = layout.below(place, 1);
      const up = layout.below(place, -1);
      expect(down).toBeGreaterThanOrEqual(place);
      expect(up).toBeLessThanOrEqual(place);
      if (columns > 1 || !headed) {
        expect(layout.lineOf(down)).toBe(Math.min(layout.lineOf(place) + 1, layout.lines - 1));
        expect(layout.lineOf(up)).toBe(Math.max(layout.lineOf(place) - 1, 0));
      }
      const seen = new Set([0]);
      let at = 0;
      while (!seen.has((at = layout.below(at, 1)))) seen.add(at);
      expect(layout.lineOf(at)).toBe(layout.lines - 1);
      while (layout.below(at, -1) !== at) at = layout.below(at, -1);
      expect(layout.lineOf(at)).toBe(headed && columns === 1 ? 1 : 0);
    },
  );
});

describe('selected pairs', () => {
  const wall = (pairs: number[]): Wall => ({
    steps: Float64Array.from(pairs, () => 7),
    pairs: Float64Array.from(pairs),
    states: new Uint8Array(pairs.length),
    groups: [{ value: null, count: pairs.length }],
  });
  const keys = (selection: ReadonlyMap<string, unknown>) => [...selection.keys()];

  test('selected pairs survive a new order of the list', () => {
    const [first, second] = [wall([0, 1, 2, 3]), wall([3, 1])];
    const some = withRange(new Map(), first, 2, 1);
    expect(keys(some)).toEqual(['7/1', '7/2']);
    expect(keys(toggled(some, { step: 7, pair: 2 }))).toEqual(['7/1']);
    expect(placeOf(second, { step: 7, pair: 1 })).toBe(1);
    expect(placeOf(second, { step: 7, pair: 0 })).toBe(-1);
    // All of the wall, or none of any wall.
    expect(keys(allOrNone(some, second))).toEqual(['7/3', '7/1']);
    expect(keys(allOrNone(withRange(some, first, 0, 3), second))).toEqual([]);
    expect(keyOf({ step: 7, pair: 3 })).toBe('7/3');
  });
});
