import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowsInSight, smoothingInSight } from '../../../webview/run/x-axis.ts';
import type { OpenRun } from '../../../webview/run/run-panel-state.ts';
import { property } from '../../support/property.ts';

const run = (rows: number, from = 1) =>
  ({
    news: {
      rows,
      evaluations: [],
      start: { step: from, time: 0, tokens: 0 },
      end: { step: from + rows - 1, time: rows, tokens: rows },
    },
  }) as unknown as OpenRun;

describe('smoothing by visible rows', () => {
  it('smoothing counts the visible rows of the longest run', () => {
    expect(rowsInSight([run(1000)], { x: 'step', range: null })).toBe(1000);
    expect(rowsInSight([run(1001)], { x: 'step', range: [1, 101] })).toBeCloseTo(100.1);
    expect(rowsInSight([run(100), run(400)], { x: 'step', range: null })).toBe(400);
    expect(rowsInSight([run(100)], { x: 'step', range: [500, 600] })).toBe(0);
    expect(rowsInSight([run(1)], { x: 'step', range: null })).toBe(1);
  });

  it('smoothing is unchanged for few rows, and widens in proportion to the visible rows', () => {
    expect(smoothingInSight(0.6, 19)).toBe(0);
    expect(smoothingInSight(0.6, 20)).toBe(0.6);
    expect(smoothingInSight(0.6, 511)).toBe(0.6);
    expect(smoothingInSight(0.6, 1024) ** 4).toBeCloseTo(0.6, 12);
    // A row as far back, as a share of what is in sight, counts as much.
    expect(smoothingInSight(0.9, 2 ** 20) ** (2 ** 20 / 256)).toBeCloseTo(0.9, 9);
    expect(smoothingInSight(0, 1e6)).toBe(0);
  });

  property(
    'smoothing: stays a weight, and never decreases with more visible rows',
    [fc.double({ min: 0, max: 0.99, noNaN: true }), fc.nat(1e7), fc.nat(1e7)],
    (chosen, a, b) => {
      const [few, many] = [Math.min(a, b), Math.max(a, b)].map((rows) => smoothingInSight(chosen, rows));
      expect(few).toBeLessThanOrEqual(many!);
      expect(many).toBeLessThan(1);
    },
  );
});
