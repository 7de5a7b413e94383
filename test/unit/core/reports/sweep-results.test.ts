import type { JudgedRow } from '../../../../src/core/metrics/outcomes.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  meanOfRuns,
  meanOfSeeds,
  studentP,
  studentQuantile,
} from '../../../../src/core/metrics/statistics.ts';
import {
  titleOf,
  figureValues,
  isBinary,
  type Arm,
  type FigureValue,
} from '../../../../src/core/reports/sweep/figure.ts';
import { isLowerBetter } from '../../../../src/core/metrics/metric.ts';

import { compareArms, compareTwo, ranked } from '../../../../src/core/reports/sweep/arm-results.ts';
import { forAll, property } from '../../../support/property.ts';

const figure = { set: 'val', view: 'original', metric: 'accuracy' } as const;
const values = (bits: readonly number[]): FigureValue[] =>
  bits.map((value, i) => ({ id: `${i}`, cluster: `${i}`, value, chance: 0.5, unparsed: 0 }));
const arm = (name: string, ...seeds: number[][]): Arm => ({
  name,
  seeds: seeds.map((bits, seed) => ({ seed, values: values(bits) })),
});

describe('Student’s t', () => {
  it.each([
    [1, 12.706],
    [2, 4.303],
    [3, 3.182],
    [4, 2.776],
    [9, 2.262],
    [10, 2.228],
    [30, 2.042],
  ])('Student’s t has the tabulated quantile for %i degrees of freedom', (df, quantile) => {
    expect(studentQuantile(df)).toBeCloseTo(quantile, 3);
    expect(studentP(quantile, df)).toBeCloseTo(0.05, 3);
  });

  property(
    'Student’s t has p below 5% exactly if the interval excludes 0',
    [fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 2, maxLength: 9 })],
    (all) => {
      const { interval, p } = meanOfSeeds(all);
      if (p === undefined || Math.abs(p - 0.05) < 1e-9) return;
      expect(interval![0] > 0 || interval![1] < 0).toBe(p < 0.05);
    },
  );
});

describe('loss of accuracy by a view', () => {
  const row = (id: string, view: string, right: boolean) =>
    ({
      id,
      set: 'val',
      view,
      right,
      images: [`${id}.png`],
      question: 'Is it left?',
      score: { task: 'yesno', correct: right, parsed: right ? 'yes' : null },
    }) as unknown as JudgedRow;
  const drop = { set: 'val', view: 'polarity', metric: 'drop' } as const;

  it('the loss is the accuracy of originals minus that of the view, on common rows', () => {
    const rows = [
      row('a', 'original', true),
      row('b', 'original', true),
      row('c', 'original', false),
      row('a', 'polarity', false),
      row('b', 'polarity', true),
      row('d', 'polarity', true),
    ];
    expect(figureValues(rows, drop)).toMatchObject([
      { id: 'a', value: 1, chance: null, unparsed: 1 },
      { id: 'b', value: 0, unparsed: 0 },
    ]);
    expect([isLowerBetter(drop.metric), isBinary(drop)]).toEqual([true, false]);
    expect(titleOf(drop)).toBe('accuracy loss on val from originals to opposite questions, points');
  });
});

describe('conditions of a sweep', () => {
  it('conditions are compared over seeds, with rows counted over all seeds', () => {
    const [a, b] = compareArms(
      [arm('a', [1, 0, 0, 0], [1, 1, 0, 0]), arm('b', [1, 1, 0, 0], [1, 1, 1, 1])],
      figure,
    );
    expect(a).toMatchObject({
      figure: { mean: 0.375, n: 2 },
      guessed: { chance: 0.5 },
      unparsed: 0,
      against: null,
    });
    expect(b!.against).toMatchObject({ mean: 0.375, n: 2, only_first: 0, only_second: 3 });
  });

  it('conditions have intervals over rows for a single seed or for equal seeds', () => {
    const seeds = [
      [1, 1],
      [1, 0],
    ];
    const [one, same, different] = compareArms(
      [arm('one', [1, 1, 1, 1]), arm('same', [1, 1, 1, 1], [1, 1, 1, 1]), arm('different', ...seeds)],
      figure,
    );
    // The same four images, whoever is asked.
    for (const found of [one, same]) {
      expect(found!.figure!.interval![0]).toBeCloseTo(0.025 ** (1 / 4), 9);
      expect(found!.figure!.interval![1]).toBe(1);
    }
    expect(different!.figure!.interval).toEqual(meanOfRuns(seeds.map(values)).interval);
  });

  it('conditions are compared by the sign test over images if nothing varies', () => {
    const of = (value: number) => [1, 2, 3].map(() => Array.from({ length: 5 }, () => value));
    // Half of two tails of five coins that fall on one side.
    expect(compareTwo(arm('none', ...of(0)), arm('all', ...of(1)), figure)).toMatchObject({
      mean: 1,
      p: 2 ** -5,
    });
    // A comparison that was made counts in a correction, whatever it shows.
    expect(compareTwo(arm('a', ...of(1)), arm('b', ...of(1)), figure)).toMatchObject({ mean: 0, p: 1 });
  });

  it('conditions are compared on common rows and seeds', () => {
    const some: Arm = { name: 'b', seeds: [{ seed: 1, values: values([1, 1]).slice(1) }] };
    const found = compareTwo(arm('a', [0, 0], [0, 0]), some, figure)!;
    // One row that differs shows nothing: 97.5% of all others may differ to the other side.
    expect(found).toEqual({
      mean: 1,
      n: 1,
      p: 0.5,
      interval: [expect.closeTo(-0.975, 9), 1],
      only_first: 0,
      only_second: 1,
    });
    expect(compareTwo(arm('a'), some, figure)).toBe(null);
  });

  it('property: swapped conditions have the opposite difference', () => {
    const bits = fc.array(fc.constantFrom(0, 1), { minLength: 4, maxLength: 4 });
    const seeds = fc.array(bits, { minLength: 1, maxLength: 3 });
    forAll([seeds, seeds], { numRuns: 20 }, (x, y) => {
      const there = compareTwo(arm('x', ...x), arm('y', ...y), figure)!;
      const back = compareTwo(arm('y', ...y), arm('x', ...x), figure)!;
      expect(there.mean).toBeCloseTo(-back.mean, 12);
      expect(there.only_first).toBe(back.only_second);
      expect(there.p ?? 1).toBeCloseTo(back.p ?? 1, 12);
    });
  });

  it('conditions are ranked by the better direction of the metric', () => {
    const results = compareArms([arm('a', [0.2]), arm('b', [0.1]), arm('c')], figure);
    expect(ranked(results, figure)!.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(ranked(results, { ...figure, metric: 'distance/smape' })!.map(({ name }) => name)).toEqual([
      'b',
      'a',
    ]);
  });
});
