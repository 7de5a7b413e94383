import type { Metric } from '../evaluation/results.ts';

export type Unit = Metric['unit'];

const LOWER = ['smape', 'drop', 'inversion', 'neither', 'only_original', 'only_mirror'];

/** Whether lower is better, as for errors and losses. A metric of a single task is written `task/metric`. */
export const isLowerBetter = (metric: string): boolean => LOWER.includes(metric.split('/').at(-1)!);

/** The q-quantile (0–1) of sorted values, interpolated linearly. The list must not be empty. */
export function quantile(sorted: readonly number[], q: number): number {
  const rank = q * (sorted.length - 1);
  const low = Math.floor(rank);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (rank - low) * (sorted[high]! - sorted[low]!);
}

/** Returns the interval if it has a width; else undefined. */
export const withWidth = (interval: [number, number] | null | undefined): [number, number] | undefined =>
  interval && interval[0] < interval[1] ? interval : undefined;

/** The least and the greatest that a figure can be, equal where it is known. */
export type Ends = readonly [low: number, high: number];

/**
 * What can be said of a figure; null if nothing can. Every table, chart and sentence takes it from here: one value where
 * every row is judged (by the rules, or by a judge that was asked about all that they left), else the two bounds.
 */
export const endsOf = ({ value, bounds }: Pick<Metric, 'value' | 'bounds'>): Ends | null =>
  value === null ? (bounds ?? null) : [value, value];

/** Whether two ends leave something open. */
export const isOpen = ([low, high]: Ends): boolean => low < high;

/**
 * What a figure surely reaches, by which checkpoints and evaluations are put in order: the lower of its bounds, or the
 * upper one where lower is better. Null if nothing is known.
 */
export function sureValue(figure: Pick<Metric, 'value' | 'bounds'>, lowerIsBetter = false): number | null {
  const ends = endsOf(figure);
  return ends && ends[lowerIsBetter ? 1 : 0];
}
