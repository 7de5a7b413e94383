import { mean, sum } from '../../base/numbers.ts';
import { FEW, meanWithInterval, studentQuantile, unlike, Z, type Value } from './statistics.ts';
import type { Metric } from '../evaluation/results.ts';

/**
 * Returns Wilson's 95% interval of a share: [low, high], within 0–1 and around the share. The interval has a width even
 * if all rows are right or wrong. E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
 * 1927.
 * @param share 0–1
 * @param n effective number of independent rows, above 0; can be fractional
 * @param quantile quantile of the normal distribution; of Student's t if n is an estimate
 */
export function wilson(share: number, n: number, quantile = Z): [number, number] {
  const centre = share + quantile ** 2 / (2 * n);
  const spread = quantile * Math.sqrt((share * (1 - share)) / n + quantile ** 2 / (4 * n ** 2));
  const scale = 1 + quantile ** 2 / n;
  // Rounding can move an end that should equal 0, 1 or the share slightly beyond this value.
  return [
    Math.max(0, Math.min(share, (centre - spread) / scale)),
    Math.min(1, Math.max(share, (centre + spread) / scale)),
  ];
}

/**
 * Computes a share, the mean of values between 0 and 1, with its 95% interval by image. The interval is Wilson's for
 * the number of binary rows with the same variance (`effectiveSize`). Values between 0 and 1 can make the interval
 * narrower, but z² images with binary variance are added, because few images rarely contain rare values. If this number
 * is an estimate below FEW images, the quantile is Student's. A wrong row never raises the lower end, and a right row
 * never lowers the upper end. No end exceeds the end for as many images with only right or only wrong answers.
 */
export function shareWithInterval(values: readonly Value[]): Metric {
  const { interval, ...share } = meanWithInterval(values);
  const isShare = values.length > 0 && values.every(({ value }) => value >= 0 && value <= 1);
  // Cosines can be negative, so a mean of cosines is not a share.
  if (!isShare) return { ...share, ...(interval && { interval }) };
  const centre = share.value!;
  const size = clusterSize(values.map(({ cluster }) => ({ cluster, weight: 1 })));
  const end = unlike(size);
  const variance = centre * (1 - centre);
  if (variance === 0) return { ...share, interval: centre === 0 ? [0, end] : [1 - end, 1] };
  const images = new Set(values.map(({ cluster }) => cluster)).size;
  const isBinary = values.every(({ value }) => value === 0 || value === 1);
  const seen = mean(values.map(({ value }) => (value - centre) ** 2))! / variance;
  const part = isBinary ? 1 : Math.min(1, (size * seen + Z ** 2) / (size + Z ** 2));
  const isKnown = isBinary && images === values.length && images >= FEW;
  const quantile = isKnown ? Z : studentQuantile(Math.max(1, images - 1));
  const [low, high] = wilson(centre, effectiveSize(values) / part, quantile);
  return { ...share, interval: [Math.min(low, 1 - end), Math.max(high, end)] };
}

/** Clips an interval to 0–1. */
export const withinShare = ([low, high]: [number, number]): [number, number] => [
  Math.max(0, low),
  Math.min(1, high),
];

/**
 * Returns the effective number of independent rows in a sample of images: the number of rows divided by the design
 * effect. The design effect is the variance of the mean between images relative to the variance for as many independent
 * rows, and at least 1. Franco, Little, Louis and Slud (Journal of Survey Statistics and Methodology 7, 2019) recommend
 * Wilson's interval for this number for shares of clustered samples. If all values are equal, or all rows have one
 * image, the similarity within images is unknown, so the rows of an image count as a single row.
 */
export function effectiveSize(values: readonly Value[]): number {
  const n = values.length;
  const centre = mean(values.map(({ value }) => value))!;
  const spread = sum(values.map(({ value }) => (value - centre) ** 2));
  const errors = sumByCluster(values.map(({ cluster, value }) => ({ cluster, weight: value - centre })));
  return sizeBy(n, spread, errors, sumByCluster(values.map(({ cluster }) => ({ cluster, weight: 1 }))));
}

/** Returns the effective size for binary values, from the counts of right answers and rows of each image. */
export function effectiveSizeOf(images: readonly { right: number; n: number }[]): number {
  const [right, n] = [sum(images.map((image) => image.right)), sum(images.map((image) => image.n))];
  const share = right / n;
  const errors = images.map((image) => image.right - share * image.n);
  return sizeBy(
    n,
    n * share * (1 - share),
    errors,
    images.map((image) => image.n),
  );
}

function sizeBy(n: number, spread: number, errors: readonly number[], sizes: readonly number[]): number {
  const c = errors.length;
  if (c === 1 || spread === 0) return n ** 2 / sumOfSquares(sizes);
  const between = (c / (c - 1)) * sumOfSquares(errors);
  return n / Math.max(1, between / ((n / (n - 1)) * spread));
}

/**
 * Returns Kish's effective size of weighted rows, with the rows of an image counted as one row: (Σ weights)² / Σ
 * (weights of an image)².
 */
export function clusterSize(rows: readonly { cluster: string; weight: number }[]): number {
  return rows.reduce((sum, { weight }) => sum + weight, 0) ** 2 / sumOfSquares(sumByCluster(rows));
}

function sumByCluster(rows: readonly { cluster: string; weight: number }[]): number[] {
  const sums = new Map<string, number>();
  for (const { cluster, weight } of rows) sums.set(cluster, (sums.get(cluster) ?? 0) + weight);
  return [...sums.values()];
}

const sumOfSquares = (values: readonly number[]) => values.reduce((sum, value) => sum + value ** 2, 0);
