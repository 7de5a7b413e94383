import { mean, sum } from '../../base/numbers.ts';
import type { MetricsRow } from '../../core/rewards/metrics-row.ts';

/** Where a curve of a run turns: a lead for somebody who looks for what happened, never its cause. */
export interface CurveTurn {
  metric: string;
  /** The first step after the turn. */
  step: number;
  /** Means of the ten steps before it and of the ten from it on. */
  before: number;
  after: number;
  /** Their difference, in units of the spread within the tens. */
  size: number;
}

const WINDOW = 10;
/** Noise over 300 steps reaches 1.6, a steady rise 2.9; a collapse has 14 and more. */
const LEAST = 3;
const OF_ONE = 2;
/** Figures that only grow or follow a plan. */
const PLANNED: ReadonlySet<string> = new Set(['step', 'epoch', 'num_tokens', 'learning_rate']);

/**
 * The largest turns of a run's curves, the largest first: per figure, the steps at which the mean of the next ten
 * differs most from that of the ten before, divided by the root of the mean of both variances, or by a thousandth of the
 * larger mean if that is more. Turns of one figure are at least twenty steps apart.
 * @param rows by step, ascending
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
