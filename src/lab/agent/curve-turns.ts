import { mean, sum } from '../../base/numbers.ts';
import type { MetricsRow } from '../../core/rewards/metrics-row.ts';

/** A sudden change in a curve of a run, which hints at an event but not at its cause. */
export interface CurveTurn {
  metric: string;
  /** First step after the sudden change. */
  step: number;
  /** Means of the last ten steps before the change, and of the first ten steps after the change. */
  before: number;
  after: number;
  /** Difference of the two means, in units of the std within the two intervals of ten steps. */
  size: number;
}

const WINDOW = 10;
/** Minimum size of a change. Over 300 steps, noise reaches 1.6 and a steady rise 2.9, while a collapse reaches 14. */
const LEAST = 3;
const OF_ONE = 2;
/** Metrics that only increase, or that follow a schedule. */
const PLANNED: ReadonlySet<string> = new Set(['step', 'epoch', 'num_tokens', 'learning_rate']);

/**
 * Returns the largest changes of a run's curves, the largest first. Per metric, compares the mean of ten steps with the
 * mean of the previous ten steps. The difference is divided by the root of the mean variance, or by a thousandth of the
 * larger mean if that number is larger. Changes of one metric are at least twenty steps apart.
 * @param rows metrics by step, ascending
 */
export function curveTurns(rows: readonly MetricsRow[], most = 8): CurveTurn[] {
  const names = new Set(rows.flatMap(Object.keys));
  const turns = [...names].filter((name) => !PLANNED.has(name)).flatMap((name) => turnsOf(name, rows));
  return turns.sort((a, b) => Math.abs(b.size) - Math.abs(a.size)).slice(0, most);
}

function turnsOf(metric: string, rows: readonly MetricsRow[]): CurveTurn[] {
  const points = rows.flatMap((row) => {
    const value = row[metric];
    return typeof value === 'number' && Number.isFinite(value) ? [{ step: row.step, value }] : [];
  });
  const values = points.map(({ value }) => value);
  const turns: CurveTurn[] = [];
  for (let i = WINDOW; i + WINDOW <= points.length; i++) {
    const [before, after] = [moments(values.slice(i - WINDOW, i)), moments(values.slice(i, i + WINDOW))];
    const spread = Math.sqrt((before.variance + after.variance) / 2);
    const scale = Math.max(spread, 1e-3 * Math.max(Math.abs(before.mean), Math.abs(after.mean)), 1e-9);
    const size = (after.mean - before.mean) / scale;
    if (Math.abs(size) >= LEAST)
      turns.push({ metric, step: points[i]!.step, before: before.mean, after: after.mean, size });
  }
  turns.sort((a, b) => Math.abs(b.size) - Math.abs(a.size));
  const kept: CurveTurn[] = [];
  for (const turn of turns)
    if (kept.length < OF_ONE && kept.every(({ step }) => Math.abs(step - turn.step) >= 2 * WINDOW))
      kept.push(turn);
  return kept;
}

function moments(values: readonly number[]): { mean: number; variance: number } {
  const middle = mean(values)!;
  return { mean: middle, variance: sum(values.map((value) => (value - middle) ** 2)) / (values.length - 1) };
}
