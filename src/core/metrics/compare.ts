import type { Unit } from './metric.ts';
import { measuresOf } from './summary.ts';
import { compare, type Comparison } from './statistics.ts';
import { groupBy, imageKey, pairedRows, type ScoredRow } from './scored-row.ts';
import type { Task } from '../answers/score.ts';

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
