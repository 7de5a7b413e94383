import type { Unit } from './metric.ts';
import type { Metric } from './results.ts';
import { measuresOf } from './summary.ts';
import { compare, meanWithInterval, type Comparison } from './statistics.ts';
import { groupBy, imageKey, isJudged, pairedRows, problemKey, type ScoredRow } from './scored-row.ts';
import type { Task } from '../answers/score.ts';
import { isRight } from '../answers/score-row.ts';
import { shareWithInterval } from './share.ts';

/** Comparison of two runs by one metric, on the rows that both have and that count for both. */
export interface ComparisonRow extends Comparison {
  task: Task;
  metric: string;
  unit: Unit;
  first: number;
  second: number;
}

/**
 * Pairs the rows of two runs (same set, view and id, completions in order) and compares them by every metric of their
 * tasks. A metric over parsed rows uses the rows that both runs have parsed.
 */
export function compareRuns(first: readonly ScoredRow[], second: readonly ScoredRow[]): ComparisonRow[] {
  const pairs = pairedRows(first, second).filter(
    ({ row, other }) =>
      other.score.task === row.score.task &&
      row.score.problem === undefined &&
      other.score.problem === undefined,
  );
  return [...groupBy(pairs, ({ row }) => row.score.task)].flatMap(([task, ofTask]) =>
    Object.entries(measuresOf(task as Task)).flatMap(([metric, { of, unit = 'share', accuracy }]) => {
      const values = ofTask.flatMap(({ row, other }) => {
        const [a, b] = [of(row.score, row), of(other.score, other)];
        return a === null || b === null ? [] : [{ cluster: imageKey(row), first: a, second: b }];
      });
      if (values.length === 0) return [];
      const meanOf = (side: 'first' | 'second') =>
        values.reduce((sum, pair) => sum + pair[side], 0) / values.length;
      return [
        {
          task: task as Task,
          metric,
          unit,
          first: meanOf('first'),
          second: meanOf('second'),
          ...compare(values, accuracy),
        },
      ];
    }),
  );
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
  return [...groupBy(id, key)].flatMap(([of, [row]]) => {
    const other = changed.get(of)?.[0];
    return row && other ? [{ id: row, ood: other }] : [];
  });
}

/**
 * Computes, on pairs in both forms: the accuracies, the gap, both right, and the inversion rate. The latter is how
 * often the OOD answer equals the ID answer although the right one of two has changed: a direct sign of insensitivity
 * to wording.
 */
export function shiftMetrics(pairs: readonly ShiftPair[]): Record<string, Metric> {
  const judged = pairs.filter(({ id, ood }) => isJudged(id) && isJudged(ood));
  const right = (row: ScoredRow) => Number(isRight(row.score));
  const twoChoice = judged.flatMap((pair) => {
    const [before, after] = [twoChoiceAnswer(pair.id), twoChoiceAnswer(pair.ood)];
    return before && after && before.right !== after.right ? [{ ...pair, before, after }] : [];
  });
  const answered = twoChoice.filter(({ before, after }) => before.given !== null && after.given !== null);
  const values = <T extends { id: ScoredRow }>(rows: readonly T[], of: (row: T) => number) =>
    rows.map((row) => ({ cluster: imageKey(row.id), value: of(row) }));
  const share = (of: (pair: ShiftPair) => number) => shareWithInterval(values(judged, of));
  const repeated = values(answered, ({ before, after }) => Number(before.given === after.given));
  return {
    id: share(({ id }) => right(id)),
    ood: share(({ ood }) => right(ood)),
    gap: meanWithInterval(values(judged, ({ id, ood }) => right(ood) - right(id))),
    both_right: share(({ id, ood }) => Math.min(right(id), right(ood))),
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
