import { fixed } from '../../../base/format.ts';
import { metricLabel, taskLabel } from '../../../base/labels.ts';
import { both, less, meanRange, shareRight, type Range } from '../../metrics/bounds.ts';
import { rightOf, type JudgedRow } from '../../metrics/outcomes.ts';
import { otherViewOf, type Figure } from '../../config/sweep.ts';
import { COMMON, rangeOf as valueRange, TEXT, type Measure } from '../../metrics/measures.ts';
import { chanceAtK, measuresOf, passAtK } from '../../metrics/summarise.ts';
import { ROW_FIELDS } from '../../metrics/by-field.ts';
import { isRecord } from '../../../base/json.ts';
import { mean } from '../../../base/numbers.ts';
import { groupBy, imageKey, isScorable, isUnparsed, verdictOf } from '../../evaluation/scored-row.ts';
import { chanceOf } from '../../metrics/chance.ts';
import type { Unit } from '../../metrics/metric.ts';
import { TEXT_TASKS, type Task } from '../../answers/score.ts';
import { MIRROR, ORIGINAL, viewLabel, viewOfRow } from '../../../rows/view-list.ts';
import { figureCell as cellOf, NONE } from '../cells.ts';
import type { Cell } from '../document.ts';

export interface FigureValue {
  id: string;
  cluster: string;
  /** Contribution of the row; if an answer is not scored, the lowest possible contribution. */
  value: number;
  /** Highest possible contribution; absent if all answers are scored. */
  most?: number;
  /** Chance of a right guess, 0–1; null if undefined. */
  chance: number | null;
  /** Share of unparsed answers to the row, 0–1; null for tasks whose answers are not parsed. */
  unparsed: number | null;
}

/**
 * Returns the values whose mean is the metric, one value per question, in the order of the evaluation. Averages several
 * answers to a question.
 */
export function figureValues(rows: readonly JudgedRow[], figure: Figure): FigureValue[] {
  const { set, view, metric, kind } = figure;
  const ofSet = rows.filter((row) => row.set === set && isOfKind(row, kind));
  const answersIn = (wanted: string) =>
    groupBy(
      ofSet.filter((row) => viewOfRow(row) === wanted),
      ({ id }) => id,
    );
  /** Returns the values of questions that have both views, in the order of the originals. */
  const paired = (
    other: string,
    valuesOf: (answers: readonly JudgedRow[], others: readonly JudgedRow[]) => FigureValue[],
  ) => {
    const partners = answersIn(other);
    return [...answersIn(ORIGINAL)].flatMap(([id, answers]) => {
      const others = partners.get(id);
      return others ? valuesOf(answers, others) : [];
    });
  };
  if (metric === 'consistent')
    return paired(otherViewOf(figure), (answers, others) => {
      if (![...answers, ...others].every(isScorable)) return [];
      const [p, q] = [chanceOf(answers[0]!), chanceOf(others[0]!)];
      const share = both(shareRight(answers.map(verdictOf)), shareRight(others.map(verdictOf)));
      return valueOf([...answers, ...others], share, {
        chance: p === null || q === null ? null : p * q,
        unparsed: pairsUnparsed(answers, others),
      });
    });
  if (metric === 'drop')
    return paired(view, (answers, others) =>
      valueOf(
        [...answers, ...others],
        less(shareRight(answers.map(rightOf)), shareRight(others.map(rightOf))),
        {
          chance: null,
          unparsed: pairsUnparsed(answers, others),
        },
      ),
    );
  const { task, measure, k } = partsOf(metric);
  const isOfTask = ({ score }: JudgedRow) => {
    if (task === null) return true;
    if (score.problem !== undefined) return false;
    return task === 'all' || (task === 'text' ? TEXT_TASKS.includes(score.task) : score.task === task);
  };
  return [...answersIn(view).values()].flatMap((all) => {
    const answers = all.filter(isOfTask);
    if (answers.length === 0) return [];
    if (k !== null) {
      const verdicts = answers.map((row) => (task === null ? rightOf(row) : verdictOf(row)));
      const right = verdicts.filter((verdict) => verdict === true).length;
      const open = verdicts.filter((verdict) => verdict === null).length;
      const [low, high] = [right, right + open].map((c) => passAtK(answers.length, c, k));
      if (low == null || high == null) return [];
      const p = chanceOf(answers[0]!);
      return valueOf(answers, { low, high }, { chance: p === null ? null : chanceAtK(p, k) });
    }
    if (!measure)
      return valueOf(answers, shareRight(answers.map(rightOf)), { chance: chanceOf(answers[0]!) });
    const ranges = answers.flatMap((row) => {
      const value = measure.of(row.score, row);
      return value === null ? [] : [valueRange(value)];
    });
    const range = meanRange(ranges);
    if (range === null) return [];
    return valueOf(answers, range, { chance: measure.accuracy ? chanceOf(answers[0]!) : null });
  });
}

/** Whether a row has the value `kind` in a field of `meta`, or in a field that divides rows into kinds. */
function isOfKind(row: JudgedRow, kind: string | undefined): boolean {
  if (kind === undefined) return true;
  const [, field, value] = /^(\w+)=(.+)$/s.exec(kind)!;
  const held = ROW_FIELDS[field!]?.(row) ?? (isRecord(row.meta) ? row.meta[field!] : undefined);
  return String(held) === value;
}

/** Returns, for each pair of answers in both views, whether one of the answers is unparsed; null if unknown. */
const pairsUnparsed = (answers: readonly JudgedRow[], others: readonly JudgedRow[]) =>
  answers.map((row, i) => {
    const unparsed = [row, others[i] ?? others[0]!].map(isUnparsed);
    return unparsed.includes(null) ? null : unparsed.includes(true);
  });

const valueOf = (
  answers: readonly JudgedRow[],
  { low, high }: Range,
  about: Pick<FigureValue, 'chance'> & { unparsed?: (boolean | null)[] },
): FigureValue[] => {
  const unparsed = about.unparsed ?? answers.map(isUnparsed);
  return [
    {
      id: answers[0]!.id,
      cluster: imageKey(answers[0]!),
      value: low,
      ...(high > low && { most: high }),
      chance: about.chance,
      unparsed: unparsed.includes(null) ? null : mean(unparsed.map(Number)),
    },
  ];
};

/** Parses the name of a metric, such as `distance/success`, `text/bleu1`, `choice/pass@4`, `pass@4` or `accuracy`. */
function partsOf(metric: string): { task: string | null; measure: Measure | null; k: number | null } {
  const [task, name] = metric.includes('/') ? (metric.split('/') as [string, string]) : [null, metric];
  const k = /^pass@(\d+)$/.exec(name)?.[1];
  const measures: Record<string, Measure> =
    task === 'text' ? TEXT : task === 'all' ? COMMON : task === null ? {} : measuresOf(task as Task);
  return { task, measure: measures[name] ?? null, k: k === undefined ? null : Number(k) };
}

export const unitOf = ({ metric }: Figure): Unit => partsOf(metric).measure?.unit ?? 'share';

/** Whether a metric scores each answer only as right or wrong. Means over several answers can be between 0 and 1. */
export const isBinary = ({ metric }: Figure): boolean =>
  partsOf(metric).measure?.accuracy ?? ['accuracy', 'consistent'].includes(metric);

/** Returns the full name of a metric, such as `pair accuracy on val` or `success (distance) on val, originals`. */
export function figureName(figure: Figure): string {
  const { set, view, metric, kind } = figure;
  if (metric === 'consistent') {
    const other = otherViewOf(figure);
    return `${metricLabel(metric)} on ${set}${other === MIRROR ? '' : `, originals and ${viewLabel(other)}`}`;
  }
  if (metric === 'drop') return `accuracy loss on ${set} from originals to ${viewLabel(view)}`;
  const [task, measure] = metric.split('/') as [string, string?];
  const ofTask = measure === undefined || task === 'text' || task === 'all';
  const name = ofTask ? metricLabel(measure ?? metric) : `${metricLabel(measure)} (${taskLabel(task)})`;
  return `${name} on ${set}${kind === undefined ? '' : ` with ${kind}`}, ${viewLabel(view)}`;
}

/** A condition of a sweep; at one step, if the sweep compares several steps. */
export interface Arm {
  name: string;
  /** Values of the metric in each run of the condition, by row. */
  seeds: readonly { seed: number; values: readonly FigureValue[] }[];
}

export interface NamedArm extends Arm {
  label: string;
  cell: string;
  /** Step of the comparison; null if every run is compared at its own last step. */
  step: number | null;
  /** Key of the published values: the condition, or the step if one condition is compared at several steps. */
  key: string;
}

export const pCell = (p: number | undefined | null): Cell =>
  p == null ? NONE : { text: p < 0.001 ? '< 0.001' : fixed(p, 3), value: p };

/** Explains how a difference, its interval and its p value are computed. @param seeds minimum number of seeds */
export const differenceNote = (seeds: number): string =>
  seeds > 1
    ? 'Paired by seed. Interval and p by Student’s t over seeds and images.'
    : 'One seed: interval and p cover images for these two runs only. Other seeds can differ.';

/** Returns the factor that converts a metric's value into the displayed value: 100 for shares. */
export const scaleOf = (figure: Figure): number => (unitOf(figure) === 'share' ? 100 : 1);

/** Returns the possible range of a metric. The interval over a few seeds can exceed this range. */
export const rangeOf = (figure: Figure): readonly [number, number] => {
  if (figure.metric === 'drop') return [-1, 1];
  return unitOf(figure) === 'share' ? [0, 1] : [0, Infinity];
};

/** Returns the unit as a text that follows a value, including a space. */
export const unitText = (figure: Figure): string =>
  figure.metric === 'drop' ? ' points' : unitOf(figure) === 'count' ? '' : '%';

/** Returns the name of a metric with its unit, such as `accuracy on val, mirrors, %`. */
export const titleOf = (figure: Figure): string =>
  [figureName(figure), unitText(figure).trimStart()].filter(Boolean).join(', ');

export function figureCell(
  figure: Figure,
  found: { mean: number; interval?: [number, number]; bounds?: [number, number] } | null,
  [low, high]: readonly [number, number] = [-Infinity, Infinity],
): Cell {
  if (!found) return NONE;
  const { interval, bounds } = found;
  return cellOf({
    value: bounds ? null : found.mean,
    unit: unitOf(figure),
    n: 0,
    ...(bounds && { bounds }),
    ...(interval && { interval: [Math.max(low, interval[0]), Math.min(high, interval[1])] }),
  });
}
