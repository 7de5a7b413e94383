import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gapWithInterval } from '../../../../src/core/metrics/statistics.ts';
import { spanText } from '../../../../src/base/labels.ts';
import type { EvaluationResult } from '../../../../src/core/evaluation/results.ts';
import {
  meterOfResults,
  meterOfSteps,
  newestMeter,
  type Meter,
} from '../../../../src/core/run-data/meter.ts';
import { share } from '../../../support/listed-runs.ts';
import { forAll } from '../../../support/property.ts';

const result = (metric: string, value: number | null, more: Partial<EvaluationResult> = {}) =>
  ({ set: 'val', view: null, task: 'all', metric, value, unit: 'share', n: 8, ...more }) as EvaluationResult;

const PAIRS = [result('original', 0.9), result('mirror', 0.5), result('consistent', 0.4)];

describe('meterOfResults', () => {
  test('meterOfResults describes the first set evaluated in both views', () => {
    const other = PAIRS.map((one) => ({ ...one, set: 'later', value: 1 }));
    const plain = [result('accuracy', 0.3, { set: 'plain', view: 'original' })];
    expect(meterOfResults([...plain, ...PAIRS, ...other], 5, 'step-5')).toEqual({
      original: share(0.9),
      view: 'mirror',
      other: share(0.5),
      both: share(0.4),
      diverges: false,
      excluded: false,
      step: 5,
      evaluation: 'step-5',
    });
    expect(meterOfResults(plain, 5, 'step-5')).toBeNull();
  });

  test('describes another view if no mirror exists, with a gap if the interval is disjoint', () => {
    const slice = { field: 'view', value: 'original' };
    const ofReverse = (metric: string, value: number) =>
      result(metric, value, { view: 'reverse', task: 'views', slice, interval: [value - 0.1, value + 0.1] });
    const reversed = [
      ofReverse('first_right', 0.9),
      ofReverse('second_right', 0.5),
      ofReverse('consistent', 0.45),
    ];
    expect(meterOfResults(reversed, 5, 'step-5')).toMatchObject({
      view: 'reverse',
      original: { value: 0.9, interval: [0.8, 1] },
      other: { value: 0.5 },
      both: { value: 0.45 },
      diverges: true,
    });
  });

  test('meterOfResults returns null if no pair was scored', () => {
    expect(meterOfResults([...PAIRS.slice(0, 2), result('consistent', null)], 5, 'x')).toBeNull();
  });
});

describe('meterOfSteps', () => {
  const step = (n: number, consistent: number, original: number, mirror: number) => ({
    step: n,
    'spatial/verdict_consistent': consistent,
    'spatial/verdict_only_original': original,
    'spatial/verdict_only_mirror': mirror,
  });

  test('averages the pair outcomes of training steps', () => {
    const meter = meterOfSteps([step(3, 0.5, 0.25, 0), step(4, 0.75, 0, 0.25), { step: 5 }])!;
    expect(meter).toMatchObject({
      both: { value: 0.625, n: null },
      original: { value: 0.75 },
      other: { value: 0.75 },
      step: 4,
      evaluation: null,
      steps: 2,
    });
  });

  test('names the averaged steps next to a value of training, and nothing next to an evaluation', () => {
    const meter = meterOfSteps([step(3, 0.5, 0.25, 0), step(4, 0.75, 0, 0.25)])!;
    expect(spanText(meter)).toBe(' (mean of the last 2 steps)');
    expect(spanText(meterOfSteps([step(4, 0.75, 0, 0.25)])!)).toBe(' (last step)');
    expect(spanText(meterOfSteps([step(40, 0.75, 0, 0.25)], 10)!)).toBe(' (mean of the last 10 steps)');
    expect(spanText(meterOfResults(PAIRS, 5, 'step-5')!)).toBe('');
  });

  test('meterOfSteps returns null without pairs', () => {
    expect(meterOfSteps([{ step: 1, reward: 0.98 }])).toBeNull();
  });
});

test('newestMeter: returns the meter of the latest step, and prefers an evaluation', () => {
  const meter = (step: number, evaluation: string | null): Meter => ({
    view: 'mirror',
    original: share(1),
    other: share(1),
    both: share(1),
    diverges: false,
    step,
    evaluation,
  });
  const [early, late, training] = [meter(4, 'step-4'), meter(8, 'step-8'), meter(8, null)];
  expect(newestMeter([training, early])).toBe(training);
  expect(newestMeter([training, late])).toBe(late);
  expect(newestMeter([late, training])).toBe(late);
  expect(newestMeter([training, late, meter(8, 'step-8-trained-val')])).toBe(late);
  expect(newestMeter([null, null])).toBeNull();
});

describe('view gap', () => {
  const diverges = (original: number, mirror: number, gap?: Partial<EvaluationResult>) =>
    meterOfResults(
      [
        result('original', original),
        result('mirror', mirror),
        result('consistent', 0.2),
        ...(gap ? [result('view_gap', original - mirror, gap)] : []),
      ],
      1,
      'step-1',
    )!.diverges;

  test('reports a view gap from ten points on, in either direction, if significant', () => {
    expect(diverges(0.97, 0.53, { p: 0.001 })).toBe(true);
    expect(diverges(0.3, 0.5, { p: 0.001 })).toBe(true);
    expect(diverges(0.9, 0.85, { p: 0.001 })).toBe(false);
    expect(diverges(0.5, 0.3, { p: 0.2 })).toBe(false);
  });

  test('property: a gap is excluded only by an interval within ten points on both sides', () => {
    const end = fc.double({ min: -1, max: 1, noNaN: true });
    forAll([end, end], (a, b) => {
      const interval: [number, number] = [Math.min(a, b), Math.max(a, b)];
      const gap = result('view_gap', (a + b) / 2, { p: 0.5, interval });
      const told = meterOfResults([...PAIRS, gap], 1, 'step-1')!.excluded;
      expect(told).toBe(interval[0] > -0.1 && interval[1] < 0.1);
    });
  });

  test('excludes no gap with six pairs, whatever the answers', () => {
    forAll([fc.array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: 1, maxLength: 6 })], (pairs) => {
      const values = pairs.map(([a, b], i) => ({ cluster: `${i}`, value: Number(a) - Number(b) }));
      const gap = { ...result('view_gap', 0), ...gapWithInterval(values) };
      expect(meterOfResults([...PAIRS, gap], 1, 'step-1')!.excluded).toBe(false);
    });
    const many = Array.from({ length: 200 }, (_, i) => ({ cluster: `${i}`, value: 0 }));
    const gap = { ...result('view_gap', 0), ...gapWithInterval(many) };
    expect(meterOfResults([...PAIRS, gap], 1, 'step-1')!.excluded).toBe(true);
  });

  test('reports no view gap if untested, as in training steps', () => {
    expect(diverges(0.97, 0.53)).toBe(false);
    const steps = meterOfSteps([
      { step: 1, 'spatial/verdict_consistent': 0.5, 'spatial/verdict_only_mirror': 0.4 },
    ]);
    expect(steps).toMatchObject({ diverges: false });
    expect(steps!.excluded).toBeUndefined();
  });
});
