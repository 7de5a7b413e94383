import { expect, it } from 'vitest';
import { readResults, type EvaluationResult } from '../../../../src/core/evaluation/results.ts';

const result = (metric: string, more: Partial<EvaluationResult> = {}): EvaluationResult => ({
  set: 'val',
  view: null,
  task: 'all',
  metric,
  value: 0.5,
  unit: 'share',
  n: 10,
  ...more,
});
const read = (...results: EvaluationResult[]) =>
  readResults(results, { file: 'results.json' }, (why) => {
    throw why;
  });

it('a share of the judged rows is read as bounds over all rows, without an interval that is not known', () => {
  const [accuracy] = read(
    result('accuracy', {
      view: 'original',
      value: 0.8,
      not_judged: 10,
      unparsed: 1,
      chance: 0.5,
      interval: [0.5, 0.95],
    }),
  );
  expect(accuracy).toEqual(
    result('accuracy', {
      view: 'original',
      value: null,
      n: 20,
      // Eight of twenty are right, and ten more may be.
      bounds: [0.4, 0.9],
      not_judged: 10,
      unparsed: 1,
      chance: 0.5,
      chance_n: 10,
    }),
  );
  const [none] = read(result('accuracy', { value: null, n: 0, not_judged: 4 }));
  expect(none).toMatchObject({ n: 4, bounds: [0, 1], value: null });
});

it('figures of the same pairs follow both right, and what cannot be converted is dropped', () => {
  const matrix = { view: 'rotate:180' as const, task: 'views', slice: { field: 'view', value: 'original' } };
  const results = read(
    result('consistent', { not_judged: 10, floor: { constant: 0.5, words: 1, bounded: false } }),
    result('view_gap', { value: 0.2, interval: [0.1, 0.3] }),
    result('consistent', { ...matrix, not_judged: 30 }),
    result('first_right', matrix),
    result('label_free_agreement'),
    result('gap', { task: 'polarity' }),
    result('accuracy', { set: 'other', view: 'original' }),
  );
  expect(results.map(({ metric, bounds, n }) => [metric, bounds, n])).toEqual([
    ['consistent', [0.25, 0.75], 20],
    ['view_gap', [-0.4, 0.6], 20],
    ['consistent', [0.125, 0.875], 40],
    ['first_right', [0.125, 0.875], 40],
    ['accuracy', undefined, 10],
  ]);
  expect(results[0]).not.toHaveProperty('floor');
});

it('figures of this version are read as they are', () => {
  const now = result('accuracy', { value: null, bounds: [0.3, 0.8], not_judged: 5, interval: [0.1, 0.9] });
  expect(read(now, result('view_gap', { value: null, bounds: [-0.5, 0.5], not_judged: 5 }))).toEqual([
    now,
    result('view_gap', { value: null, bounds: [-0.5, 0.5], not_judged: 5 }),
  ]);
});
