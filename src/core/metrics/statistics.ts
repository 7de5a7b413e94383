import { mean, sum } from '../numbers.ts';
import type { Random } from '../random.ts';
import { type Metric, quantile, type Unit, withWidth } from './metric.ts';

/**
 * Holm's correction of several p values: it keeps the probability that any of them is small by chance below the level.
 * Results are in the same order and never below the given values.
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).sort((a, b) => ps[a]! - ps[b]!);
  const corrected = new Array<number>(ps.length);
  let least = 0;
  for (const [rank, i] of order.entries()) {
    least = Math.max(least, Math.min(1, (ps.length - rank) * ps[i]!));
    corrected[i] = least;
  }
  return corrected;
}

/**
 * Two-sided p of Student's t: the probability that a mean of normal values is at least |t| standard errors off, with
 * `df` ≥ 1 degrees of freedom. Uses the finite sums for integer degrees (Abramowitz and Stegun 26.7.3 and 26.7.4).
 */
export function studentP(t: number, df: number): number {
  const angle = Math.atan(Math.abs(t) / Math.sqrt(df));
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const odd = df % 2 === 1;
  let term = odd ? cos : 1;
  let sum = df === 1 ? 0 : term;
  for (let k = odd ? 3 : 2; k < df; k += 2) {
    term *= (cos * cos * (k - 1)) / k;
    sum += term;
  }
  const within = odd ? (2 / Math.PI) * (angle + sin * sum) : sin * sum;
  return Math.max(0, 1 - within);
}

/** Returns the |t| that is exceeded with probability 5 %. */
export function studentQuantile(df: number): number {
  let [low, high] = [0, 1e4];
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (studentP(middle, df) > 0.05) low = middle;
    else high = middle;
  }
  return high;
}

/** A mean over runs. */
export interface SeedMean {
  mean: number;
  n: number;
  /** 95 % interval by Student's t over the runs; absent for one run, or if all are equal. */
  interval?: [number, number];
  /** p value for the hypothesis that the mean is 0; absent if the interval is. */
  p?: number;
}

/**
 * Computes the mean of one value per run, with interval and p value from the runs' spread. The list must not be empty.
 */
export function meanOfSeeds(values: readonly number[]): SeedMean {
  const n = values.length;
  const mean = sum(values) / n;
  if (n === 1) return { mean, n };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const error = Math.sqrt(variance / n);
  // Equal runs have no spread from which to estimate an error.
  if (error < 1e-12) return { mean, n };
  const half = studentQuantile(n - 1) * error;
  return { mean, n, interval: [mean - half, mean + half], p: studentP(mean / error, n - 1) };
}

/**
 * McNemar's exact test, two-sided: the probability that discordant pairs split at least as unevenly as `b` (only the
 * first right) and `c` (only the second right) if both runs are equally good. 1 if there are no discordant pairs.
 */
export function mcNemarExact(b: number, c: number): number {
  const n = b + c;
  // Uses logarithms, because 2⁻ⁿ underflows beyond a thousand pairs.
  let log = -n * Math.LN2;
  let tail = Math.exp(log);
  for (let i = 1; i <= Math.min(b, c); i++) {
    log += Math.log((n - i + 1) / i);
    tail += Math.exp(log);
  }
  return Math.min(1, 2 * tail);
}

/** Number of draws of the permutation test; the smallest possible p is 1/10001. */
const PERMUTATIONS = 10_000;

/**
 * Paired permutation test on the mean difference, two-sided, by image: under the null hypothesis, the runs may be
 * exchanged image by image, which reverses the sign of the image's sum. p = (1 + number as extreme) / (1 + draws).
 */
export function permutationTest(differences: readonly Value[], random: Random): number {
  const rows = differences.map(({ cluster, value }) => ({ cluster, sums: [value] }));
  const sums = clusterSums(rows, random).map(([sum]) => sum!);
  const observed = Math.abs(sum(sums));
  // Sums in a different order differ in their last digits.
  const threshold = observed - 1e-9 * Math.max(1, observed);
  let extreme = 0;
  for (let r = 0; r < PERMUTATIONS; r++) {
    let total = 0;
    let bits = 0;
    for (let i = 0; i < sums.length; i++) {
      if (i % 32 === 0) bits = random.uint32();
      total += bits & 1 ? sums[i]! : -sums[i]!;
      bits >>>= 1;
    }
    if (Math.abs(total) >= threshold) extreme += 1;
  }
  return (1 + extreme) / (1 + PERMUTATIONS);
}

/** Comparison of two runs on the same rows. */
export interface Comparison {
  /** Mean of second minus first; null if there are no common rows. */
  difference: number | null;
  n: number;
  /** 95 % interval, by resampling images. */
  interval?: [number, number];
  /** p of the paired permutation test by image. */
  p: number | null;
  /**
   * For right-or-wrong measures: number of rows that only the first or only the second has right, and McNemar's exact
   * p.
   */
  mcnemar?: { only_first: number; only_second: number; p: number };
}

/** Compares paired values, second minus first. `binary`: the values are 0 or 1, for wrong and right. */
export function compare(
  pairs: readonly { cluster: string; first: number; second: number }[],
  random: Random,
  binary?: boolean,
): Comparison {
  const differences = pairs.map(({ cluster, first, second }) => ({ cluster, value: second - first }));
  const interval = intervalOfMean(differences, random);
  const onlyFirst = differences.filter(({ value }) => value < 0).length;
  const onlySecond = differences.filter(({ value }) => value > 0).length;
  return {
    difference: mean(differences.map(({ value }) => value)),
    n: pairs.length,
    ...(interval && { interval }),
    p: pairs.length > 0 ? permutationTest(differences, random) : null,
    ...(binary && {
      mcnemar: { only_first: onlyFirst, only_second: onlySecond, p: mcNemarExact(onlyFirst, onlySecond) },
    }),
  };
}

/** One row's contribution to the sums on which a statistic depends, and the image that it is about. */
interface Contribution {
  cluster: string;
  sums: readonly number[];
}

/** Number of draws per interval, with which the ends are steady to a few hundredths of the interval's width. */
const RESAMPLES = 1000;

/** A function of sums: [Σ value, Σ 1] for a mean, n-gram counts for corpus BLEU. Null if it is undefined. */
type Statistic = (sums: readonly number[]) => number | null;

/**
 * Computes the 95 % percentile interval of a statistic by drawing whole clusters, since rows about one image are not
 * independent. Null if there are fewer than two clusters, or if the statistic is mostly undefined. The draws depend on
 * the state of `random` without advancing it, so the same rows have the same interval in every section.
 */
export function bootstrapInterval(
  rows: readonly Contribution[],
  statistic: Statistic,
  random: Random,
): [number, number] | null {
  const draw = random.fork('resamples');
  const clusters = clusterSums(rows, draw);
  if (clusters.length < 2) return null;
  const values: number[] = [];
  for (let r = 0; r < RESAMPLES; r++) {
    const sums = new Array<number>(clusters[0]!.length).fill(0);
    for (let draws = clusters.length; draws > 0; draws--) {
      const drawn = clusters[draw.below(clusters.length)]!;
      for (let i = 0; i < sums.length; i++) sums[i]! += drawn[i]!;
    }
    const value = statistic(sums);
    if (value !== null) values.push(value);
  }
  if (values.length < RESAMPLES / 2) return null;
  values.sort((a, b) => a - b);
  return [quantile(values, 0.025), quantile(values, 0.975)];
}

/**
 * Computes the 95 % percentile interval of the mean over runs of each run's mean, by drawing runs and images at once
 * (A. B. Owen, "The pigeonhole bootstrap", 2007): it says how far another seed on other pictures may fall. With one run
 * it is that of the images. Null if there are fewer than two images, or no resample differs from another.
 */
export function crossedInterval(
  runs: readonly (readonly Value[])[],
  random: Random,
): [number, number] | null {
  const draw = random.fork('resamples');
  const images = [...new Set(runs.flatMap((run) => run.map(({ cluster }) => cluster)))];
  if (images.length < 2) return null;
  const place = new Map(images.map((image, i) => [image, i]));
  const sums = runs.map((run) => {
    const of = new Float64Array(2 * images.length);
    for (const { cluster, value } of run) {
      const at = 2 * place.get(cluster)!;
      of[at]! += value;
      of[at + 1]! += 1;
    }
    return of;
  });
  const means: number[] = [];
  for (let r = 0; r < RESAMPLES; r++) {
    const times = new Float64Array(images.length);
    images.forEach(() => (times[draw.below(images.length)]! += 1));
    const drawn = runs.map(() => meanOfDrawn(sums[draw.below(runs.length)]!, times));
    if (!drawn.includes(null)) means.push(mean(drawn as number[])!);
  }
  means.sort((a, b) => a - b);
  if (means.length < RESAMPLES / 2 || means[0] === means.at(-1)) return null;
  return [quantile(means, 0.025), quantile(means, 0.975)];
}

/** @param sums of each image: of its rows' values, and how many rows. @param times how often each image was drawn */
function meanOfDrawn(sums: Float64Array, times: Float64Array): number | null {
  let [total, n] = [0, 0];
  for (let i = 0; i < times.length; i++) {
    total += times[i]! * sums[2 * i]!;
    n += times[i]! * sums[2 * i + 1]!;
  }
  return n === 0 ? null : total / n;
}

/** Number of clusters above which they are pooled at random, so that time does not grow with the data. */
const MAX_CLUSTERS = 2000;

/**
 * Returns the sums of each cluster, in order of first appearance. More than 2000 clusters are pooled at random into
 * 2000: since clusters are independent, so are the pools, and their spread gives the same interval within a few
 * percent.
 */
function clusterSums(rows: readonly Contribution[], random: Random): number[][] {
  const clusters = sumBy(rows.map(({ cluster, sums }) => [cluster, sums]));
  if (clusters.length <= MAX_CLUSTERS) return clusters;
  return sumBy(clusters.map((sums) => [random.below(MAX_CLUSTERS), sums]));
}

function sumBy(entries: readonly (readonly [key: string | number, sums: readonly number[]])[]): number[][] {
  const totals = new Map<string | number, number[]>();
  for (const [key, sums] of entries) {
    const total = totals.get(key);
    if (total) sums.forEach((value, i) => (total[i]! += value));
    else totals.set(key, [...sums]);
  }
  return [...totals.values()];
}

/** A value of one row, with the image that the row is about. */
export interface Value {
  cluster: string;
  value: number;
}

/**
 * Computes a mean and its interval by resampling, for values of any range; for shares, see `shareWithInterval`. There
 * is no interval if all resamples agree: a lack of variation in few rows does not make the mean certain.
 */
export function meanWithInterval(values: readonly Value[], random: Random, unit: Unit = 'share'): Metric {
  const interval = withWidth(intervalOfMean(values, random));
  const value = mean(values.map((row) => row.value));
  return { value, unit, n: values.length, ...(interval && { interval }) };
}

/** Computes only the interval, which has no width if all resamples agree. */
const intervalOfMean = (values: readonly Value[], random: Random): [number, number] | null =>
  bootstrapInterval(
    values.map(({ cluster, value }) => ({ cluster, sums: [value, 1] })),
    ratio,
    random,
  );

/** The statistic of a mean, from the sums [Σ value, Σ 1]. */
export const ratio = ([sum, weight]: readonly number[]): number | null =>
  weight! > 0 ? sum! / weight! : null;
