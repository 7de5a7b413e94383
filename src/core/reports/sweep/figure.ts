import { endsText, fixed } from '../../format.ts';
import { metricLabel, taskLabel } from '../../labels.ts';
import { bothRight, less, possible, type Range } from '../../metrics/bounds.ts';
import { rightOf, type JudgedRow } from '../../metrics/outcomes.ts';
import { otherViewOf, type Figure } from '../../config/sweep.ts';
import { rangeOf as valueRange, type Measure } from '../../metrics/measures.ts';
import { measuresOf } from '../../metrics/summary.ts';
import { imageKey, isScorable, isUnparsed, verdictOf } from '../../evaluation/scored-row.ts';
import { chanceOf } from '../../metrics/chance.ts';
import type { Unit } from '../../metrics/metric.ts';
import type { Task } from '../../answers/score.ts';
import { MIRROR, ORIGINAL, viewLabel, viewOfRow } from '../../view-list.ts';
import type { Arm } from './results.ts';
import { NONE } from '../cells.ts';
import type { Cell } from '../document.ts';

/** The contribution of one row to a figure. */
export interface FigureValue {
  id: string;
  cluster: string;
  /** What it adds; the least that it can, where an answer is not judged. */
  value: number;
  /** The most that it can add; absent where the answer is judged. */
  most?: number;
  /** How often guessing is right; null if that is not defined. */
  chance: number | null;
  /** Null for tasks whose answers are not parsed. */
  unparsed: boolean | null;
}

/** Returns the values of which a figure is the mean, in the order of the evaluation. */
export function figureValues(rows: readonly JudgedRow[], figure: Figure): FigureValue[] {
  const { set, view, metric } = figure;
  const ofSet = rows.filter((row) => row.set === set);
  const ofView = (wanted: string) => ofSet.filter((row) => viewOfRow(row) === wanted);
  /** The values of rows in both of two views, in the order of the originals. */
  const paired = (other: string, pairValues: (row: JudgedRow, partner: JudgedRow) => FigureValue[]) => {
    const partners = new Map(ofView(other).map((row) => [row.id, row]));
    return ofView(ORIGINAL).flatMap((row) => {
      const partner = partners.get(row.id);
      return partner ? pairValues(row, partner) : [];
    });
  };
  const unparsedOf = (...rows: JudgedRow[]) => {
    const unparsed = rows.map(isUnparsed);
    return unparsed.includes(null) ? null : unparsed.includes(true);
  };
  if (metric === 'consistent')
    return paired(otherViewOf(figure), (row, other) => {
      if (!isScorable(row) || !isScorable(other)) return [];
      const [p, q] = [chanceOf(row), chanceOf(other)];
      return valueOf(row, possible(bothRight(verdictOf(row), verdictOf(other))), {
        chance: p === null || q === null ? null : p * q,
        unparsed: unparsedOf(row, other),
      });
    });
  if (metric === 'drop')
    return paired(view, (row, other) =>
      valueOf(row, less(possible(rightOf(row)), possible(rightOf(other))), {
        chance: null,
        unparsed: unparsedOf(row, other),
      }),
    );
  const measure = measureOf(figure);
  if (!measure)
    return ofView(view).flatMap((row) => valueOf(row, possible(rightOf(row)), { chance: chanceOf(row) }));
  const { of, accuracy } = measure;
  return ofView(view).flatMap((row) => {
    if (row.score.task !== metric.split('/')[0] || row.score.problem !== undefined) return [];
    const value = of(row.score, row);
    return value === null ? [] : valueOf(row, valueRange(value), { chance: accuracy ? chanceOf(row) : null });
  });
}

const valueOf = (
  row: JudgedRow,
  { low, high }: Range,
  about: Pick<FigureValue, 'chance'> & Partial<FigureValue>,
): FigureValue[] => [
  {
    id: row.id,
    cluster: imageKey(row),
    value: low,
    ...(high > low && { most: high }),
    unparsed: isUnparsed(row),
    ...about,
  },
];

/** The measure, if a figure is for a single task; null for figures over all tasks. */
function measureOf({ metric }: Figure): Measure | null {
  const [task, measure] = metric.split('/') as [Task, string?];
  return measure === undefined ? null : measuresOf(task)[measure]!;
}

export const unitOf = (figure: Figure): Unit => measureOf(figure)?.unit ?? 'share';

/** Whether the figure judges each row only as right or wrong. */
export const isBinary = (figure: Figure): boolean =>
  measureOf(figure)?.accuracy ?? ['accuracy', 'consistent'].includes(figure.metric);

/** `both views right on val`, `accuracy on val, mirrors`, `success (distance) on val, originals`. */
export function figureName(figure: Figure): string {
  const { set, view, metric } = figure;
  if (metric === 'consistent') {
    const other = otherViewOf(figure);
    return `${metricLabel(metric)} on ${set}${other === MIRROR ? '' : `, originals and ${viewLabel(other)}`}`;
  }
  if (metric === 'drop') return `accuracy lost on ${set} by ${viewLabel(view)}`;
  const [task, measure] = metric.split('/') as [string, string?];
  const name = measure === undefined ? metricLabel(metric) : `${metricLabel(measure)} (${taskLabel(task)})`;
  return `${name} on ${set}, ${viewLabel(view)}`;
}

/** An arm of the comparison, as named in the report. */
export interface NamedArm extends Arm {
  label: string;
  cell: string;
  /** Null where every run is compared at its last step. */
  step: number | null;
  /** The key of its published figures: its cell, or its step if one cell is compared at several steps. */
  key: string;
}

export const pCell = (p: number | undefined | null): Cell =>
  p == null ? NONE : { text: p < 0.001 ? '< 0.001' : fixed(p, 3), value: p };

/** What a difference between cells, its interval and its p are over. @param seeds the least number of them */
export const differenceNote = (seeds: number): string =>
  seeds > 1
    ? 'Runs with the same seed. Interval and p by Student’s t over seeds and images.'
    : 'One seed: interval and p are over images, for these two runs alone. Another seed may say otherwise.';

export const textCell = (text: string): Cell => ({ text });

/** Factor from a figure's value to the printed one: 100 for shares. */
export const scaleOf = (figure: Figure): number => (unitOf(figure) === 'share' ? 100 : 1);

/** The possible range of a figure; the interval over a few seeds may exceed it. */
export const rangeOf = (figure: Figure): readonly [number, number] => {
  if (figure.metric === 'drop') return [-1, 1];
  return unitOf(figure) === 'share' ? [0, 1] : [0, Infinity];
};

/** The unit printed after a figure or its name. */
export const unitText = (figure: Figure): string => (unitOf(figure) === 'count' ? '' : '%');

/** A figure's name with its unit: `accuracy on val, mirrors, %`. */
export const titleOf = (figure: Figure): string =>
  [figureName(figure), unitText(figure)].filter(Boolean).join(', ');

export function figureCell(
  figure: Figure,
  found: { mean: number; interval?: [number, number]; bounds?: [number, number] } | null,
  [low, high]: readonly [number, number] = [-Infinity, Infinity],
): Cell {
  if (!found) return NONE;
  const scale = scaleOf(figure);
  const { interval, bounds } = found;
  return {
    ...(bounds
      ? {
          text: endsText(bounds, (end) => fixed(scale * end, 1)),
          bounds: [scale * bounds[0], scale * bounds[1]],
        }
      : { text: fixed(scale * found.mean, 1), value: scale * found.mean }),
    ...(interval && {
      interval: [scale * Math.max(low, interval[0]), scale * Math.min(high, interval[1])],
    }),
  };
}
