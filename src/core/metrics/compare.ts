import type { Task } from '../answers/score.ts';
import { isNotJudged } from '../answers/verdict.ts';
import {
  type Range,
  bothRight,
  compareWithBounds,
  less,
  possible,
  valueWithin,
  withBounds,
} from './bounds.ts';
import { NOT_KNOWN, rangeOf } from './measures.ts';
import type { Unit } from './metric.ts';
import type { Metric } from '../evaluation/results.ts';
import {
  type ScoredRow,
  groupBy,
  imageKey,
  isScorable,
  pairedRows,
  problemKey,
  verdictOf,
} from '../evaluation/scored-row.ts';
import { shareWithInterval } from './share.ts';
import { type Comparison, meanWithInterval } from './statistics.ts';
import { measuresOf } from './summary.ts';
import { mean } from '../numbers.ts';

/** Comparison of two runs by one metric, on the rows that both have and that count for both. */
export interface ComparisonRow extends Comparison {
  task: Task;
  metric: string;
  unit: Unit;
  /** Null where some rows are not judged; then it is within its bounds. */
  first: number | null;
  second: number | null;
  first_bounds?: [number, number];
  second_bounds?: [number, number];
}

/**
 * Pairs the rows of two runs (same set, view and id, completions in order) and compares them by every metric of their
 * tasks. A metric over parsed rows uses the rows that both runs have parsed.
 */
export function compareRuns(first: readonly ScoredRow[], second: readonly ScoredRow[]): ComparisonRow[] {
  const pairs = pairedRows(first, second).flatMap((pair) => {
    const task = (pair.row.score.problem ?? pair.other.score.problem) ? null : taskOfPair(pair);
    return task === null ? [] : [{ ...pair, task }];
  });
  return [...groupBy(pairs, ({ task }) => task)].flatMap(([task, ofTask]) =>
    Object.entries(measuresOf(task as Task)).flatMap(([metric, { of, unit = 'share', accuracy }]) => {
      const values = ofTask.flatMap(({ row, other }) => {
        const [a, b] = [row, other].map((scoredRow) =>
          scoredRow.score.task === task ? of(scoredRow.score, scoredRow) : accuracy ? NOT_KNOWN : null,
        ) as [ReturnType<typeof of>, ReturnType<typeof of>];
        return a === null || b === null
          ? []
          : [{ cluster: imageKey(row), first: rangeOf(a), second: rangeOf(b) }];
      });
      if (values.length === 0) return [];
      const meanOf = (side: 'first' | 'second', end: keyof Range) =>
        mean(values.map((pair) => pair[side][end]))!;
      const figure = (side: 'first' | 'second') => {
        const bounds: [number, number] = [meanOf(side, 'low'), meanOf(side, 'high')];
        const value = valueWithin(bounds);
        return { value, ...(value === null && { bounds }) };
      };
      const [a, b] = [figure('first'), figure('second')];
      return [
        {
          task: task as Task,
          metric,
          unit,
          first: a.value,
          second: b.value,
          ...(a.bounds && { first_bounds: a.bounds }),
          ...(b.bounds && { second_bounds: b.bounds }),
          ...compareWithBounds(values, accuracy),
        },
      ];
    }),
  );
}

/**
 * The task by which a question is compared; null if it was another one in either run. What another program did not judge
 * has the task of what it did (`judgedRow`).
 */
function taskOfPair({ row, other }: { row: ScoredRow; other: ScoredRow }): Task | null {
  const [a, b] = [row.score.task, other.score.task];
  if (a === b) return a;
  if (a === 'untyped' && isNotJudged(row.score)) return b;
  return b === 'untyped' && isNotJudged(other.score) ? a : null;
}

/**
 * The loss between a set (ID) and its changed form (OOD), in points and in two kinds of percent that are easily
 * confused (R20): relative to ID, and relative to a base model's OOD score.
 */
export interface Gap {
  /** OOD minus ID, in points: negative is a loss. */
  points: number;
  /** OOD / ID − 1, in percent; null if ID is 0. */
  relative: number | null;
  /** OOD / base model's OOD − 1, in percent (paper A's −4.5 % and +19.5 %); only with a base model. */
  relative_to_base?: number | null;
}

/** Computes the gap from accuracies as shares, 0–1. */
export function oodGap(id: number, ood: number, baseOod?: number): Gap {
  const over = (reference: number) => (reference === 0 ? null : 100 * (ood / reference - 1));
  return {
    points: 100 * (ood - id),
    relative: over(id),
    ...(baseOod !== undefined && { relative_to_base: over(baseOod) }),
  };
}

/** One question in its ID and its OOD form. */
interface ShiftPair {
  id: ScoredRow;
  ood: ScoredRow;
}

/**
 * Pairs rows of two files that answer the same question: same view and id, first completion of each; sets may differ.
 */
export function shiftPairs(id: readonly ScoredRow[], ood: readonly ScoredRow[]): ShiftPair[] {
  const key = (row: ScoredRow) => problemKey({ ...row, set: '' });
  const changed = groupBy(ood, key);
  return [...groupBy(id, key)].flatMap(([subject, [row]]) => {
    const other = changed.get(subject)?.[0];
    return row && other ? [{ id: row, ood: other }] : [];
  });
}

/**
 * Computes, on pairs in both forms: the accuracies, the gap, both right, and the inversion rate. The latter is how
 * often the OOD answer equals the ID answer although the right one of two has changed: a direct sign of insensitivity
 * to wording.
 */
export function shiftMetrics(pairs: readonly ShiftPair[]): Record<string, Metric> {
  const scorable = pairs.filter(({ id, ood }) => isScorable(id) && isScorable(ood));
  const twoChoice = scorable.flatMap((pair) => {
    const [before, after] = [twoChoiceAnswer(pair.id), twoChoiceAnswer(pair.ood)];
    return before && after && before.right !== after.right ? [{ ...pair, before, after }] : [];
  });
  const answered = twoChoice.filter(({ before, after }) => before.given !== null && after.given !== null);
  const share = (rightIn: (id: boolean | null, ood: boolean | null) => Range, figure = shareWithInterval) =>
    withBounds(
      scorable.map(({ id, ood }) => ({ cluster: imageKey(id), ...rightIn(verdictOf(id), verdictOf(ood)) })),
      figure,
    );
  const repeated = answered.map(({ id, before, after }) => ({
    cluster: imageKey(id),
    value: Number(before.given === after.given),
  }));
  return {
    id: share((id) => possible(id)),
    ood: share((_, ood) => possible(ood)),
    gap: share((id, ood) => less(possible(ood), possible(id)), meanWithInterval),
    both_right: share((id, ood) => possible(bothRight(id, ood))),
    inversion: { ...shareWithInterval(repeated), unparsed: twoChoice.length - answered.length },
  };
}

/**
 * Returns the given and the right answer to a question with two possible ones, as a letter or yes/no; null for other
 * questions.
 */
function twoChoiceAnswer({
  score,
  choices,
}: ScoredRow): { given: string | null; right: string | null } | null {
  const twoChoice = score.task === 'yesno' || (score.task === 'mcq' && choices?.length === 2);
  return twoChoice ? { given: score.parsed, right: score.gt_parsed } : null;
}
