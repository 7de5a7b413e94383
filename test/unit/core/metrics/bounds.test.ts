import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bothRight,
  compareWithBounds,
  possible,
  shareBounds,
  withBounds,
} from '../../../../src/core/metrics/bounds.ts';
import { viewConsistency } from '../../../../src/core/metrics/consistency.ts';
import { compareRuns, shiftMetrics } from '../../../../src/core/metrics/compare-rows.ts';
import { compareControls } from '../../../../src/core/metrics/control-metrics.ts';
import { bothViews, compareRows, type JudgedRow } from '../../../../src/core/metrics/outcomes.ts';
import type { Metric } from '../../../../src/core/evaluation/results.ts';
import { shareWithInterval } from '../../../../src/core/metrics/share.ts';
import { compare } from '../../../../src/core/metrics/statistics.ts';
import { passMetrics, summarise } from '../../../../src/core/metrics/summarise.ts';
import { viewMatrix } from '../../../../src/core/metrics/view-matrix.ts';
import { scored } from './rows.ts';
import { property } from '../../../support/property.ts';

type Verdict = boolean | null;

/** A question, the view, and the image that it is about. */
interface Place {
  id: string;
  view: 'original' | 'mirror' | 'rotate:180';
  image: number;
}

/** An answer of free text, with the verdict that the rules would have, or none. */
function row({ id, view, image }: Place, right: Verdict): JudgedRow {
  const answer = view === 'mirror' ? 'a jug' : 'a cup';
  const one = scored({ id, question: 'What is it?', task: 'name', answer, completion: answer });
  const score = { ...one.score, correct: right, parsed: right === null ? null : answer } as typeof one.score;
  return { ...one, view, images: [`${image}.png`], score, right };
}

const PLACES = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom(...'abcdef'),
    view: fc.constantFrom<Place['view']>('original', 'mirror', 'rotate:180'),
    image: fc.nat(2),
    n: fc.integer({ min: 1, max: 3 }),
  }),
  { selector: ({ id, view }) => `${id} ${view}`, minLength: 1, maxLength: 12 },
);

/** Answers with verdicts of which some are unknown, and the same with every unknown one decided. */
const COMPLETED = PLACES.chain((places) => {
  const all = places.flatMap(({ n, ...place }) => Array.from({ length: n }, () => place));
  return fc
    .array(fc.tuple(fc.constantFrom<Verdict>(true, false, null), fc.boolean()), {
      minLength: all.length,
      maxLength: all.length,
    })
    .map((verdicts) => ({
      open: all.map((place, i) => row(place, verdicts[i]![0])),
      full: all.map((place, i) => row(place, verdicts[i]![0] ?? verdicts[i]![1])),
    }));
});

/** Whether the second figure may be what the first one leaves open. */
function holds(open: Pick<Metric, 'value' | 'bounds'>, full: Pick<Metric, 'value'>): void {
  const [low, high] = open.bounds ?? [open.value!, open.value!];
  expect(full.value).toBeGreaterThanOrEqual(low - 1e-9);
  expect(full.value).toBeLessThanOrEqual(high + 1e-9);
}

describe('property: bounds contain the true value for any verdict of unscored answers', () => {
  property(
    'bounds contain shares, pair outcomes and pass@k for any unscored verdicts',
    [COMPLETED],
    ({ open, full }) => {
      const figures = (rows: JudgedRow[]) => ({
        ...viewConsistency(rows),
        ...passMetrics(rows),
        ...Object.fromEntries(
          summarise(rows, ({ view }) => view!).map(({ group, task, metric, ...figure }) => [
            `${group} ${task} ${metric}`,
            figure as Metric,
          ]),
        ),
      });
      const [some, all] = [figures(open), figures(full)];
      expect(Object.keys(some)).toEqual(Object.keys(all));
      for (const [name, figure] of Object.entries(all)) {
        holds(some[name]!, figure);
        expect(some[name]!.n).toBe(figure.n);
      }
    },
  );

  property('bounds contain the view matrix for any unscored verdicts', [COMPLETED], ({ open, full }) => {
    const all = viewMatrix(full);
    for (const figure of viewMatrix(open)) {
      const { one, other, metric } = figure;
      const same = all.find((each) => each.one === one && each.other === other && each.metric === metric)!;
      holds(figure, same);
      expect(figure.n).toBe(same.n);
    }
  });

  property(
    'bounds contain differences between models, controls and wordings',
    [COMPLETED, COMPLETED],
    (first, second) => {
      const pairs = (a: JudgedRow[], b: JudgedRow[]) => {
        const rows = compareRows(a, b);
        return [rows, bothViews(rows)].map((some) =>
          compareWithBounds(
            some.map(({ cluster, right: [a, b] }) => ({ cluster, first: a, second: b })),
            { binary: true },
          ),
        );
      };
      const difference = ({ difference: value, bounds }: ReturnType<typeof compare>) => ({ value, bounds });
      for (const [i, known] of pairs(first.full, second.full).entries()) {
        const open = pairs(first.open, second.open)[i]!;
        if (known.difference === null) continue;
        holds(difference(open), difference(known));
        expect(open.only_first).toBeLessThanOrEqual(known.only_first!);
        expect(open.only_second).toBeLessThanOrEqual(known.only_second!);
        expect(open.bounds === undefined || open.p === null).toBe(true);
      }
      const runs = compareRuns(first.full, second.full);
      for (const [i, open] of compareRuns(first.open, second.open).entries()) {
        holds(difference(open), difference(runs[i]!));
        holds({ value: open.first, bounds: open.first_bounds }, { value: runs[i]!.first });
      }
      const controls = compareControls('blind', first.full, second.full);
      for (const [i, open] of compareControls('blind', first.open, second.open).entries()) {
        holds(difference(open), difference(controls[i]!));
        holds({ value: open.control, bounds: open.control_bounds }, { value: controls[i]!.control });
        // An alarm that is off is off whatever is found out.
        if (!open.alert && open.bounds) expect(controls[i]!.difference).toBeLessThan(0);
      }
      const shift = (a: JudgedRow[], b: JudgedRow[]) =>
        shiftMetrics(a.slice(0, b.length).map((id, j) => ({ rows: [id], others: [b[j]!] })));
      const shifted = shift(first.full, second.full);
      for (const [name, open] of Object.entries(shift(first.open, second.open)))
        if (shifted[name]!.value !== null) holds(open, shifted[name]!);
    },
  );
});

const VERDICTS = fc.array(fc.constantFrom<Verdict>(true, false, null), { minLength: 1, maxLength: 20 });

describe('property: possible values', () => {
  property(
    'possible values equal the value and its interval if all answers are scored',
    [fc.array(fc.tuple(fc.boolean(), fc.nat(4)), { minLength: 1, maxLength: 20 })],
    (rows) => {
      const values = rows.map(([right, image]) => ({ cluster: String(image), right }));
      expect(withBounds(values.map(({ cluster, right }) => ({ cluster, ...possible(right) })))).toEqual(
        shareWithInterval(values.map(({ cluster, right }) => ({ cluster, value: Number(right) }))),
      );
    },
  );

  property('possible values are mirrored if right and wrong are swapped', [VERDICTS], (verdicts) => {
    const of = (all: Verdict[]) =>
      withBounds(all.map((right, i) => ({ cluster: String(i % 3), ...possible(right) })));
    const [one, other] = [of(verdicts), of(verdicts.map((right) => (right === null ? null : !right)))];
    const ends = ({ value, bounds }: Metric) => bounds ?? [value!, value!];
    expect(ends(other)[0]).toBeCloseTo(1 - ends(one)[1]!, 12);
    expect(ends(other)[1]).toBeCloseTo(1 - ends(one)[0]!, 12);
    expect(other.interval![0]).toBeCloseTo(1 - one.interval![1], 9);
    expect(other.not_judged).toBe(one.not_judged);
  });

  property('possible values range from R / N to (R + U) / N, inside the interval', [VERDICTS], (verdicts) => {
    const count = (which: Verdict) => verdicts.filter((one) => one === which).length;
    const [right, open, n] = [count(true), count(null), verdicts.length];
    expect(shareBounds(verdicts)).toEqual([
      expect.closeTo(right / n, 12),
      expect.closeTo((right + open) / n, 12),
    ]);
    const figure = withBounds(verdicts.map((one, i) => ({ cluster: String(i), ...possible(one) })));
    if (open === 0) expect(figure).not.toHaveProperty('bounds');
    else {
      expect(figure).toMatchObject({ value: null, n, not_judged: open });
      const [[low, high], [from, to]] = [figure.bounds!, figure.interval!];
      expect(from).toBeLessThanOrEqual(low);
      expect(to).toBeGreaterThanOrEqual(high);
    }
  });

  it('property: a pair is decided as soon as no missing verdict can change its outcome', () => {
    expect(bothRight(false, null)).toBe(false);
    expect(bothRight(null, true)).toBeNull();
    expect(bothRight(true, true)).toBe(true);
  });
});
