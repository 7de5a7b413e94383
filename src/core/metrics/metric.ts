import type { Metric } from './results.ts';

export type Unit = Metric['unit'];

const LOWER = ['smape', 'drop', 'inversion', 'neither', 'only_original', 'only_mirror'];

/** Whether lower is better, as for errors and losses. A metric of a single task is written `task/metric`. */
export const isLowerBetter = (metric: string): boolean => LOWER.includes(metric.split('/').at(-1)!);

/** The q-quantile (0–1) of sorted values, interpolated linearly. The list must not be empty. */
export function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}

/** Returns the interval if it has a width; else undefined. */
export const withWidth = (interval: [number, number] | null | undefined): [number, number] | undefined =>
  interval && interval[0] < interval[1] ? interval : undefined;
