/** `share`: 0–1, also accuracies, IoU, BLEU and cosines; tables print it times 100. `percent`: sMAPE, 0–200. */
export type Unit = 'share' | 'percent' | 'count';

/** One figure of an evaluation, as results.json has it. Nothing here is ever NaN: what cannot be computed is null. */
export interface Metric {
  value: number | null;
  unit: Unit;
  /** The rows (or pairs, or problems) that the value is a mean of. */
  n: number;
  /** Rows whose answer could not be read. They count as wrong where `n` is all rows, and are left out elsewhere. */
  unparsed?: number;
  /** What guessing reaches, in the unit of `value`; absent where guessing has no meaning. */
  chance?: number;
  /** The 95 % interval of `value`, by image: of shares Wilson's (share.ts), else by resampling (bootstrap.ts). */
  interval?: [number, number];
}

/** The mean; null of nothing. */
export function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The q-quantile (0–1) of sorted values, linear between neighbours. The list must not be empty. */
export function quantile(sorted: readonly number[], q: number): number {
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}

/** An interval that has a width; undefined for any other. */
export const withWidth = (interval: [number, number] | null | undefined): [number, number] | undefined =>
  interval && interval[0] < interval[1] ? interval : undefined;
