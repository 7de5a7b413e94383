import type { Metric } from '../evaluation/results.ts';

export type Unit = Metric['unit'];

const LOWER = ['smape', 'drop', 'inversion', 'neither', 'only_original', 'only_mirror'];

/** Whether lower is better, as for errors and losses. `task/metric` is the name of a metric of a single task. */
export const isLowerBetter = (metric: string): boolean => LOWER.includes(metric.split('/').at(-1)!);

/** Returns the q-quantile (0–1) of sorted values, interpolated linearly. The list must not be empty. */
export function quantile(sorted: readonly number[], q: number): number {
  const rank = q * (sorted.length - 1);
  const low = Math.floor(rank);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (rank - low) * (sorted[high]! - sorted[low]!);
}

/** Returns the interval if its ends differ; undefined otherwise. */
export const withWidth = (interval: [number, number] | null | undefined): [number, number] | undefined =>
  interval && interval[0] < interval[1] ? interval : undefined;

/** Lowest and highest possible value; both are equal if the value is known. */
export type Ends = readonly [low: number, high: number];

/**
 * Returns the known range of a metric for tables, charts and sentences: one value if every row is scored (by the rules,
 * or by a judge for all other rows), otherwise the two bounds. Null if neither is known.
 */
export const endsOf = ({ value, bounds }: Pick<Metric, 'value' | 'bounds'>): Ends | null =>
  value === null ? (bounds ?? null) : [value, value];

/** Whether the lowest and the highest possible value of a metric differ. */
export const isOpen = ([low, high]: Ends): boolean => low < high;

/**
 * Returns the worst possible value of a metric, for sorting checkpoints and evaluations: the lower bound, or the upper
 * bound if lower is better. Null without value and bounds.
 */
export function sureValue(figure: Pick<Metric, 'value' | 'bounds'>, lowerIsBetter = false): number | null {
  const ends = endsOf(figure);
  return ends && ends[lowerIsBetter ? 1 : 0];
}
