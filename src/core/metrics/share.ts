import type { Random } from '../random.ts';
import { wilson } from '../wilson.ts';
import { meanWithInterval, type Value } from './statistics.ts';
import { mean, type Metric } from './metric.ts';

/**
 * A share with its 95 % interval, of values between 0 and 1. Of right and wrong it is Wilson's, with the rows counted
 * by what they are worth as independent ones (`effectiveSize`): resampling finds no width where all are right, and too
 * little of it near there. Other values are resampled by image; where that finds no width, Wilson's is wide enough,
 * since nothing between 0 and 1 varies more than right and wrong do.
 */
export function shareWithInterval(values: readonly Value[], random: Random): Metric {
  const isBinary = values.every(({ value }) => value === 0 || value === 1);
  const resampled = isBinary ? undefined : meanWithInterval(values, random);
  if (resampled?.interval) return resampled;
  const [share, n] = [mean(values.map(({ value }) => value)), values.length];
  // Cosines may be negative.
  if (share === null || share < 0 || share > 1) return { value: share, unit: 'share', n };
  return { value: share, unit: 'share', n, interval: wilson(share, effectiveSize(values)) };
}

/**
 * As how many independent rows a sample of images counts: their number over the design effect, which is the variance
 * of the mean between images over that of as many independent rows, never below 1. Wilson's interval for
 * this size is what Franco, Little, Louis and Slud (Journal of Survey Statistics and Methodology 7, 2019) recommend for
 * shares of clustered samples. Where all values agree, or all rows are about one image, nothing tells how alike the rows of an
 * image are: they count as if they were all one.
 */
export function effectiveSize(values: readonly Value[]): number {
  const n = values.length;
  const centre = mean(values.map(({ value }) => value))!;
  const spread = values.reduce((sum, { value }) => sum + (value - centre) ** 2, 0);
  const errors = sumByCluster(values.map(({ cluster, value }) => ({ cluster, weight: value - centre })));
  const c = errors.length;
  if (c === 1 || spread === 0) return clusterSize(values.map(({ cluster }) => ({ cluster, weight: 1 })));
  const between = (c / (c - 1)) * sumOfSquares(errors);
  return n / Math.max(1, between / ((n / (n - 1)) * spread));
}

/** Kish's effective size of weighted rows when those of one image are as one: (Σ weights)² over Σ (of an image)². */
export function clusterSize(rows: readonly { cluster: string; weight: number }[]): number {
  return rows.reduce((sum, { weight }) => sum + weight, 0) ** 2 / sumOfSquares(sumByCluster(rows));
}

function sumByCluster(rows: readonly { cluster: string; weight: number }[]): number[] {
  const sums = new Map<string, number>();
  for (const { cluster, weight } of rows) sums.set(cluster, (sums.get(cluster) ?? 0) + weight);
  return [...sums.values()];
}

const sumOfSquares = (values: readonly number[]) => values.reduce((sum, value) => sum + value ** 2, 0);
