import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { studentQuantile, type Value } from '../../../../src/core/metrics/statistics.ts';
import { cvBench } from '../../../../src/core/metrics/cv-bench.ts';
import { clusterSize, effectiveSize, shareWithInterval, wilson } from '../../../../src/core/metrics/share.ts';
import { compareRuns, shiftMetrics } from '../../../../src/core/metrics/compare-rows.ts';
import { summarise } from '../../../../src/core/metrics/summarise.ts';
import { scored } from './rows.ts';
import { forAll, property } from '../../../support/property.ts';

const fixture = JSON.parse(
  readFileSync(new URL('../../../fixtures/parity/statistics/statistics.json', import.meta.url), 'utf8'),
) as {
  wilson: { right: number; n: number; interval: [number, number] }[];
  clustered: { images: string; size: number }[];
};

/** Each image by its rows: "1" is right, "0" is wrong. */
const rowsOf = (images: readonly string[]): Value[] =>
  images.flatMap((marks, i) => [...marks].map((mark) => ({ cluster: `${i}`, value: Number(mark) })));
const shareOf = (values: readonly Value[]) => shareWithInterval(values);

/** The greatest share of all images that may be wrong where n are right: exact below 30, then Wilson's. */
const endOf = (n: number): number => (n < 30 ? 1 - 0.025 ** (1 / n) : 1 - wilson(1, n)[0]);

const closeTo = ([low, high]: [number, number]) => [expect.closeTo(low, 9), expect.closeTo(high, 9)];

describe('wilson', () => {
  it.each(fixture.wilson)('$right of $n matches statsmodels and scipy', ({ right, n, interval }) => {
    expect(wilson(right / n, n)).toEqual(closeTo(interval));
  });

  property(
    'wilson: contains the share, stays within 0–1, and narrows with more rows',
    [fc.integer({ min: 1, max: 1e9 }), fc.double({ min: 0, max: 1, noNaN: true })],
    (n, part) => {
      const share = Math.round(part * n) / n;
      const [low, high] = wilson(share, n);
      expect(0 <= low && low <= share && share <= high && high <= 1).toBe(true);
      expect(high - low).toBeGreaterThan(0);
      const [lower, higher] = wilson(share, 2 * n);
      expect(higher - lower).toBeLessThan(high - low);
    },
  );
});

describe('shareOf', () => {
  it.each(fixture.clustered)(
    'counts correlated rows as $size, like the clustered errors of statsmodels',
    ({ images, size }) => {
      const values = rowsOf(images.split(' '));
      expect(effectiveSize(values)).toBeCloseTo(size, 9);
      const pictures = new Set(values.map(({ cluster }) => cluster)).size;
      const quantile = pictures < values.length ? studentQuantile(pictures - 1) : undefined;
      const { value, interval } = shareOf(values);
      const [low, high] = wilson(value!, size, quantile);
      // No end passes that of as many images that are all right or all wrong.
      const sizes = images.split(' ').map((marks) => marks.length);
      const alike = endOf(sizes.reduce((a, b) => a + b) ** 2 / sizes.reduce((a, b) => a + b * b, 0));
      expect(interval).toEqual(closeTo([Math.min(low, 1 - alike), Math.max(high, alike)]));
    },
  );

  const marks = fc.stringMatching(/^[01]{1,5}$/);

  property(
    'shareOf: computes an interval that contains the share and stays within 0–1',
    [fc.array(marks, { minLength: 1, maxLength: 30 })],
    (images) => {
      const values = rowsOf(images);
      const { value, interval, n } = shareOf(values);
      const [low, high] = interval!;
      expect(n).toBe(values.length);
      expect(0 <= low && low <= value! && value! <= high && high <= 1).toBe(true);
      expect(high - low).toBeGreaterThan(0);
      expect(effectiveSize(values)).toBeLessThanOrEqual(n + 1e-9);
    },
  );

  property(
    'shareOf: equals Wilson’s interval for one row in each of 30 or more images',
    [fc.array(fc.constantFrom('0', '1'), { minLength: 30, maxLength: 90 })],
    (images) => {
      const { value, interval } = shareOf(rowsOf(images));
      expect(interval).toEqual(closeTo(wilson(value!, images.length)));
    },
  );

  property(
    'shareOf: is wider than Wilson’s interval for few images, exact if all agree',
    [fc.array(fc.constantFrom('0', '1'), { minLength: 2, maxLength: 29 })],
    (images) => {
      const { value, interval } = shareOf(rowsOf(images));
      const exact = 0.025 ** (1 / images.length);
      const [low, high] = wilson(value!, images.length, studentQuantile(images.length - 1));
      if (value === 1) expect(interval).toEqual(closeTo([exact, 1]));
      else if (value === 0) expect(interval).toEqual(closeTo([0, 1 - exact]));
      else expect(interval).toEqual(closeTo([Math.min(low, exact), Math.max(high, 1 - exact)]));
    },
  );

  it('property: shareOf: does not raise the lower end when a right value decreases', () => {
    const images = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 60 });
    const worth = fc.double({ min: 0, max: 0.999, noNaN: true });
    forAll([images, worth, fc.nat()], { numRuns: 2000 }, (sizes, value, where) => {
      const right = rowsOf(sizes.map((size) => '1'.repeat(size)));
      const one = right.map((row, i) => (i === where % right.length ? { ...row, value } : row));
      const flipped = (rows: Value[]) => rows.map((row) => ({ ...row, value: 1 - row.value }));
      expect(shareOf(one).interval![0]).toBeLessThanOrEqual(shareOf(right).interval![0] + 1e-12);
      expect(shareOf(flipped(one)).interval![1]).toBeGreaterThanOrEqual(
        shareOf(flipped(right)).interval![1] - 1e-12,
      );
    });
  });

  it('counts an image once if all its values agree, for any number of rows', () => {
    for (const mark of ['0', '1'])
      expect(shareOf(rowsOf(Array.from({ length: 40 }, () => mark.repeat(7)))).interval).toEqual(
        closeTo(wilson(Number(mark), 40)),
      );
    // One image with nine rows next to nine with one: they count as (18)² / (81 + 9).
    expect(effectiveSize(rowsOf(['111111111', ...'111111111']))).toBeCloseTo(3.6, 9);
    // Nothing is known of other images.
    expect(shareOf(rowsOf(['1100'])).interval).toEqual(closeTo(wilson(0.5, 1, studentQuantile(1))));
  });

  it('matches Wilson’s interval with the same variance for fractional values', () => {
    const of = (values: number[]) => values.map((value, i) => ({ cluster: `${i}`, value }));
    const varying = of([0.25, 0.5, 0.75, 0.5]);
    // A variance of 1/32 is 1/8 of that of right and wrong; with z² images that vary as those do, (4/8 + z²)/(4 + z²).
    const z2 = 1.959963984540054 ** 2;
    expect(shareOf(varying).interval).toEqual(
      closeTo(wilson(0.5, (4 * (4 + z2)) / (0.5 + z2), studentQuantile(3))),
    );
    expect(shareOf(of([0.5, 0.5, 0.5])).interval).toEqual(
      closeTo(wilson(0.5, (3 * (3 + z2)) / z2, studentQuantile(2))),
    );
    // A cosine: no share of anything.
    expect(shareOf(of([-0.5, -0.5]))).toEqual({ value: -0.5, unit: 'share', n: 2 });
    expect(shareOf([])).toEqual({ value: null, unit: 'share', n: 0 });
  });
});

describe('one answer per question', () => {
  const answers = fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 8 }), {
    minLength: 2,
    maxLength: 30,
  });
  const rowsAbout = (questions: boolean[][]) =>
    questions.flatMap((verdicts, q) =>
      ['original', 'mirror'].flatMap((view) =>
        verdicts.map((isRight) => ({
          ...scored({
            id: `${q}`,
            completion: isRight ? 'yes' : 'no',
            answer: 'yes',
            task: 'yesno',
            image: `${q >> 1}.png`,
          }),
          view,
        })),
      ),
    );
  const figuresOf = (rows: ReturnType<typeof rowsAbout>) => {
    const figures = summarise(rows, ({ view }) => view!);
    return (metric: string, group = 'original') =>
      figures.find((figure) => figure.metric === metric && [group, ''].includes(figure.group));
  };

  property(
    'one answer per question: accuracy and difference are averaged over questions',
    [answers],
    (questions) => {
      const rows = rowsAbout(questions).filter(({ view }) => view === 'original');
      const share = (verdicts: boolean[]) => verdicts.filter(Boolean).length / verdicts.length;
      const wanted = questions.map(share).reduce((a, b) => a + b) / questions.length;
      const { value, n } = figuresOf(rows)('accuracy')!;
      expect(value).toBeCloseTo(wanted, 10);
      expect(n).toBe(questions.flat().length);
      expect(compareRuns(rows, rows)[0]!.first).toBeCloseTo(wanted, 10);
    },
  );

  property(
    'one answer per question: accuracy and Pass@1 have equal values and intervals',
    [answers, fc.integer({ min: 2, max: 5 })],
    (questions, n) => {
      const even = questions.map((verdicts) =>
        Array.from({ length: n }, (_, i) => verdicts[i % verdicts.length]!),
      );
      const of = figuresOf(rowsAbout(even));
      const [accuracy, pass] = [of('accuracy')!, of('pass@1')!];
      expect(pass.value).toBeCloseTo(accuracy.value!, 10);
      expect(pass.interval).toEqual(closeTo(accuracy.interval!));
      expect([accuracy.n, pass.n]).toEqual([n * even.length, even.length]);
    },
  );
});

describe('intervals of whole evaluations', () => {
  const yes = (n: number, meta: Record<string, unknown> = {}) =>
    scored({ completion: 'yes', answer: 'yes', task: 'yesno', image: `${n}.png`, meta }, n);

  it('intervals have a positive width for every CV-Bench value, even if all rows are right', () => {
    const tasks = ['Count', 'Relation', 'Depth', 'Distance'];
    const rows = Array.from({ length: 40 }, (_, n) =>
      yes(n, { task: tasks[n % 4], source: n % 4 > 1 ? 'Omni3D' : n < 20 ? 'COCO' : 'ADE20K' }),
    );
    const figures = cvBench(rows);
    expect(Object.keys(figures)).toHaveLength(7);
    for (const { value, interval } of Object.values(figures)) {
      expect(value).toBe(1);
      expect(interval![0]).toBeLessThan(1);
      expect(interval![1]).toBe(1);
    }
    // Rows count alike in all three totals: half of them are of Omni3D, a quarter of each task.
    for (const name of ['total_micro', 'total_macro', 'total_official'])
      expect(figures[name]!.interval).toEqual(closeTo(wilson(1, 40)));
    // With weights of their own, small parts make it wider.
    const uneven = cvBench([
      ...rows,
      ...Array.from({ length: 60 }, (_, n) => yes(100 + n, { task: 'Count' })),
    ]);
    expect(uneven.total_micro!.interval).toEqual(closeTo(wilson(1, 100)));
    const size = 1 / (10 * (1 / 40) ** 2 * 3 + 70 * (1 / 280) ** 2);
    expect(uneven.total_macro!.interval).toEqual(closeTo([1 - endOf(size), 1]));
    expect(
      clusterSize([
        { cluster: 'a', weight: 2 },
        { cluster: 'b', weight: 2 },
      ]),
    ).toBe(2);
  });

  it('intervals have a positive width for a gap between wordings, even if no row changes', () => {
    const pairs = Array.from({ length: 10 }, (_, n): Parameters<typeof shiftMetrics>[0][number] => ({
      rows: [yes(n)],
      others: [yes(n)],
    }));
    const same = shiftMetrics(pairs);
    // So many of all images may change, either way.
    const unseen = 1 - 0.025 ** (1 / 10);
    expect(same.gap!.value).toBe(0);
    expect(same.gap!.interval![0]).toBeCloseTo(-unseen, 4);
    expect(same.gap!.interval![1]).toBeCloseTo(unseen, 4);
    expect(same.ood!.interval).toEqual(closeTo([1 - unseen, 1]));
    const some = pairs.map((pair, n) =>
      n < 5
        ? {
            rows: pair.rows,
            others: [
              scored({ completion: 'no', answer: 'yes', task: 'yesno' }, n),
            ] satisfies typeof pair.others,
          }
        : pair,
    );
    const { value, interval } = shiftMetrics(some).gap!;
    expect(value).toBe(-0.5);
    expect(interval![0]).toBeLessThan(-0.5);
    expect(interval![1]).toBeLessThan(0);
  });
});
