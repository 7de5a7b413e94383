import type { Floor } from './floor.ts';

/** `share`: 0–1, including accuracies, IoU, BLEU and cosines; tables print it times 100. `percent`: sMAPE, 0–200. */
export type Unit = 'share' | 'percent' | 'count';

/** One figure of an evaluation, as in results.json. Never contains NaN: what cannot be computed is null. */
export interface Metric {
  value: number | null;
  unit: Unit;
  /** Number of rows (or pairs, or problems) over which the value is a mean. */
  n: number;
  /** Rows whose answer could not be read. They count as wrong if `n` includes all rows, and are left out otherwise. */
  unparsed?: number;
  /** Rows (or pairs) of free text that the rules could not judge. They are in none of the other numbers. */
  not_judged?: number;
  /** The value reached by guessing, in the unit of `value`; absent if guessing is defined for no row. */
  chance?: number;
  /** Rows that `chance` is of, where guessing is not defined for all `n`. */
  chance_n?: number;
  /** What answers reach without the picture; of both views right. */
  floor?: Floor;
  /** The 95 % interval of `value`, by image: Wilson's for shares (share.ts), else Student's t (statistics.ts). */
  interval?: [number, number];
}

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
