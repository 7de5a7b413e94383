import { mean, sum } from '../../base/numbers.ts';
import type { Unit } from './metric.ts';
import type { Metric } from '../evaluation/results.ts';

/**
 * Returns p values with Holm's correction, which bounds the probability of any false positive by the significance
 * level. The results have the order of the given values, and are never below the given values. A missing p value gives
 * null and does not count as a test.
 */
export function holm<P extends number | null | undefined>(
  ps: readonly P[],
): (P extends number ? number : null)[] {
  const tested = ps.flatMap((p, i) => (p == null ? [] : [{ p, i }])).sort((a, b) => a.p - b.p);
  const corrected: (number | null)[] = ps.map(() => null);
  let least = 0;
  for (const [rank, { p, i }] of tested.entries()) {
    least = Math.max(least, Math.min(1, (tested.length - rank) * p));
    corrected[i] = least;
  }
  return corrected as (P extends number ? number : null)[];
}

/**
 * Returns the two-sided p value of Student's t: the probability of a larger |t| under the null hypothesis. `df` ≥ 1 is
 * the number of degrees of freedom. Uses the finite sums for integer degrees (Abramowitz and Stegun 26.7.3 and 26.7.4).
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

const QUANTILES = new Map<number, number>();

/** Returns the |t| that is exceeded with probability `level`; above 1000 degrees of freedom, uses 1000 degrees. */
export function studentQuantile(df: number, level = 0.05): number {
  const n = Math.min(1000, df);
  const key = n + level;
  const cached = QUANTILES.get(key);
  if (cached !== undefined) return cached;
  let [low, high] = [0, 1e4];
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (studentP(middle, n) > level) low = middle;
    else high = middle;
  }
  QUANTILES.set(key, high);
  return high;
}

/** Mean over runs of one value per run; `n` is the number of runs. */
export interface SeedMean {
  mean: number;
  n: number;
  /** 95% interval by Student's t; absent for a single run, or if the values are constant. */
  interval?: [number, number];
  /** p value of the hypothesis that the mean is 0; absent if the interval is absent. */
  p?: number;
}

/** Computes the mean of one value per run, with interval and p value from the std. The list must not be empty. */
export function meanOfSeeds(values: readonly number[]): SeedMean {
  const n = values.length;
  const mean = sum(values) / n;
  if (n === 1) return { mean, n };
  const variance = squares(values.map((value) => value - mean)) / (n - 1);
  return { mean, n, ...tested(mean, Math.sqrt(variance / n), n - 1) };
}

/**
 * Computes the mean over runs of each run's mean, with interval and p value that include the variation between seeds
 * and images. Runs usually share their images, so neither source of variance alone predicts another experiment. The
 * variance is that of a two-way layout with random rows and columns, V = V(runs) + V(images) − V(both), and at least
 * V(runs), which remains if no two runs share an image. The degrees of freedom are halfway between Satterthwaite's ("An
 * approximate distribution of estimates of variance components", 1946) and those of the runs. Satterthwaite's are too
 * many for two to five runs, and too few if V(both) is large, so they are at least those of the runs or of the images,
 * whichever are fewer. A single run has neither interval nor p value. No list can be empty.
 */
export function meanOfRuns(runs: readonly (readonly Value[])[]): SeedMean {
  const n = runs.length;
  const means = runs.map((run) => mean(run.map(({ value }) => value))!);
  const overall = mean(means)!;
  if (n === 1) return { mean: overall, n };
  // Contributions of the images of each run to the deviation of the overall mean.
  const parts = runs.map((run) =>
    sumBy(run.map(({ cluster, value }) => [cluster, [(value - overall) / (n * run.length)]])),
  );
  const ofImage = sumBy(parts.flatMap((run) => [...run]));
  const images = ofImage.size;
  const ofRun = means.map((value) => (value - overall) / n);
  const runVariance = (n / (n - 1)) * squares(ofRun);
  let [imageVariance, bothVariance] = [0, 0];
  if (images > 1) {
    imageVariance = (images / (images - 1)) * squares([...ofImage.values()].map(([part]) => part!));
    const residues = parts.flatMap((run, r) =>
      [...ofImage].map(([image, [part]]) => (run.get(image)?.[0] ?? 0) - part! / n - ofRun[r]! / images),
    );
    bothVariance = ((n * images) / ((n - 1) * (images - 1))) * squares(residues);
  }
  const crossed = imageVariance > bothVariance;
  const variance = runVariance + (crossed ? imageVariance - bothVariance : 0);
  const uncertain =
    runVariance ** 2 / (n - 1) +
    (crossed ? imageVariance ** 2 / (images - 1) + bothVariance ** 2 / ((n - 1) * (images - 1)) : 0);
  const satterthwaite = variance > 0 ? variance ** 2 / uncertain : 1;
  const df = Math.max(1, Math.min(n, images) - 1, Math.floor((satterthwaite + n - 1) / 2));
  return { mean: overall, n, ...tested(overall, Math.sqrt(variance), df) };
}

/** Returns interval and p value by Student's t; {} if the error is 0, because constant values give no certainty. */
function tested(value: number, error: number, df: number): { interval?: [number, number]; p?: number } {
  if (error < 1e-12) return {};
  const half = studentQuantile(df) * error;
  return { interval: [value - half, value + half], p: studentP(value / error, Math.min(1000, df)) };
}

/** 97.5% quantile of the normal distribution. */
export const Z = 1.959963984540054;

/** Lowest and highest possible value of a row in a metric. */
export type Span = readonly [least: number, greatest: number];

/** Computes the mean of differences between shares, with interval and p value by image. */
export function gapWithInterval(values: readonly Value[]): Metric {
  const pairs = values.map(({ cluster, value }) => ({ cluster, first: 0, second: value }));
  const { difference: value, n, interval, p } = compare(pairs, { most: 1 });
  return { value, unit: 'share', n, ...(interval && { interval }), ...(p !== null && { p }) };
}

/** Number of images below which an interval with the normal quantile has a coverage of less than 95%. */
export const FEW = 30;

/**
 * Upper 95% confidence bound of the share of images that differ, after n images with equal values. Equals the end of
 * Wilson's interval of a share of 0 or 1; below FEW images, the exact bound of C. J. Clopper and E. S. Pearson (1934).
 * @param n effective number of images, above 0; can be fractional
 */
export const unlike = (n: number): number => (n < FEW ? 1 - 0.025 ** (1 / n) : Z ** 2 / (n + Z ** 2));

/**
 * Returns the interval of a mean of bounded values, clipped to their lowest and highest value. If a sign test (`signP`)
 * is not significant, other images could differ (`unlike`), so the interval is widened by this share of the highest
 * value. No end exceeds the end for as many images that all have the lowest or all have the highest value.
 * @param interval interval from the variance; undefined if the values are constant
 * @param images sums of each image, starting with the sum of its values
 */
function withinSpan(
  interval: [number, number] | undefined,
  value: number,
  images: readonly (readonly number[])[],
  [least, greatest]: Span = [-Infinity, Infinity],
): [number, number] | undefined {
  if (greatest === Infinity) return interval && [Math.max(least, interval[0]), interval[1]];
  const unseen = unlike(images.length) * greatest;
  let [low, high] = interval ?? [value - unseen, value + unseen];
  if (signP(images) >= 0.05) [low, high] = [Math.min(low, -unseen), Math.max(high, unseen)];
  return [
    Math.max(least, Math.min(low, greatest - unseen)),
    Math.min(greatest, Math.max(high, least + unseen)),
  ];
}

/**
 * Returns the mid-p value of the sign test if all k images that differ from 0 have the same sign: 2^−k. No test against
 * 0 has a smaller p value.
 */
const signP = (images: readonly (readonly number[])[]): number =>
  2 ** -images.filter(([sum]) => Math.abs(sum!) > 1e-12).length;

export interface Comparison {
  /** Mean of second minus first; null if the runs share no rows, or if some rows are not scored. */
  difference: number | null;
  n: number;
  /** Lowest and highest possible difference; present only if some rows are not scored. */
  bounds?: [number, number];
  /** Number of rows that are not scored. */
  not_judged?: number;
  /** 95% interval, by image; with `bounds`, from the lower bound's lower end to the upper bound's upper end. */
  interval?: [number, number];
  /**
   * p value, by image, of the hypothesis that the difference is 0; null if the runs share no rows, or if some rows are
   * not scored.
   */
  p: number | null;
  /** For binary metrics: number of rows on which the first (or second) run is certainly right more often. */
  only_first?: number;
  only_second?: number;
}

export interface Compare {
  /** Whether the values are shares of right answers. */
  binary?: boolean | undefined;
  /** Highest possible value; the lowest is 0. Gives the difference an interval even for constant values. */
  most?: number;
}

/**
 * Compares paired values, second minus first, by Student's t over images. Rows about one image are correlated, so
 * McNemar's test, which counts rows, rejects too often. p is never below `signP` of the images, because t is unreliable
 * if few images differ, or if all differ by the same amount.
 */
export function compare(
  pairs: readonly { cluster: string; first: number; second: number }[],
  { binary = false, most = binary ? 1 : Infinity }: Compare = {},
): Comparison {
  const rows = pairs.map(({ cluster, first, second }) => ({ cluster, sums: [second - first, 1] }));
  const images = [...clusterSums(rows).values()];
  const { value, p, ...varied } = jackknife(rows, ratio);
  const corrected = value === null ? null : Math.max(p ?? 0, signP(images));
  const span = value === null ? null : withinSpan(varied.interval, value, images, [-most, most]);
  // If the test is not significant, the interval of the difference must contain 0.
  const mayBeZero = corrected !== null && corrected >= 0.05 && most < Infinity;
  const interval: [number, number] | null | undefined =
    span && mayBeZero ? [Math.min(0, span[0]), Math.max(0, span[1])] : span;
  const count = (sign: number) => rows.filter(({ sums }) => sign * sums[0]! > 1e-12).length;
  return {
    difference: value,
    n: pairs.length,
    ...(interval && { interval }),
    p: corrected,
    ...(binary && { only_first: count(-1), only_second: count(1) }),
  };
}

/** Contribution of one row to the sums that determine a statistic, and the key of the row's image. */
interface Contribution {
  cluster: string;
  sums: readonly number[];
}

/** Function of sums, such as [Σ value, Σ 1] for a mean, or n-gram counts for corpus BLEU. Returns null if undefined. */
type Statistic = (sums: readonly number[]) => number | null;

/**
 * Computes a statistic of rows with its 95% interval by image, because rows about one image are not independent. The
 * error is the jackknife's, over values with one image left out (J. W. Tukey, 1958). The interval is Student's t, with
 * one degree of freedom less than the number of images. `p` is for the hypothesis that the statistic is 0. There is no
 * interval for a single image, for a constant statistic, or if the statistic is undefined without one of the images.
 */
export function jackknife(
  rows: readonly Contribution[],
  statistic: Statistic,
): { value: number | null; interval?: [number, number]; p?: number } {
  if (rows.length === 0) return { value: null };
  const images = [...clusterSums(rows).values()];
  const total = images.reduce((all, image) => all.map((sum, i) => sum + image[i]!));
  const value = statistic(total);
  const without = images.map((image) => statistic(total.map((sum, i) => sum - image[i]!)));
  if (value === null || images.length < 2 || without.includes(null)) return { value };
  const centre = mean(without as number[])!;
  const spread = squares((without as number[]).map((estimate) => estimate - centre));
  const error = Math.sqrt(((images.length - 1) / images.length) * spread);
  return { value, ...tested(value, error, images.length - 1) };
}

const squares = (values: readonly number[]): number => sum(values.map((value) => value ** 2));

const clusterSums = (rows: readonly Contribution[]) =>
  sumBy(rows.map(({ cluster, sums }) => [cluster, sums]));

/** Returns the sums of contributions for each key, in order of first appearance. */
function sumBy(
  entries: readonly (readonly [key: string, sums: readonly number[]])[],
): Map<string, readonly number[]> {
  const totals = new Map<string, number[]>();
  for (const [key, sums] of entries) {
    const total = totals.get(key);
    if (total) sums.forEach((value, i) => (total[i]! += value));
    else totals.set(key, [...sums]);
  }
  return totals;
}

/** Value of one row, and the key of the row's image. */
export interface Value {
  cluster: string;
  value: number;
}

/** Computes the mean of values, with its interval by image. For shares, use `shareWithInterval`. */
export function meanWithInterval(values: readonly Value[], unit: Unit = 'share', span?: Span): Metric {
  const rows = values.map((row) => ({ cluster: row.cluster, sums: [row.value, 1] }));
  const { value, ...varied } = jackknife(rows, ratio);
  const images = [...clusterSums(rows).values()];
  const interval = value === null ? null : withinSpan(varied.interval, value, images, span);
  return { value, unit, n: values.length, ...(interval && { interval }) };
}

/** Returns the mean from the sums [Σ value, Σ 1]; null if the weight is 0. */
export const ratio = ([sum, weight]: readonly number[]): number | null =>
  weight! > 0 ? sum! / weight! : null;
