import type { Random } from '../random.ts';
import { mean, quantile, withWidth, type Metric, type Unit } from './metric.ts';

/** What one row adds to the sums of which a statistic is a function, and the image that it is about. */
export interface Contribution {
  cluster: string;
  sums: readonly number[];
}

/** Draws per interval: the ends are then steady to a few hundredths of the interval's width. */
const RESAMPLES = 1000;

/** A function of sums: of [Σ value, Σ 1] for a mean, of n-gram counts for corpus BLEU. Null where it is undefined. */
type Statistic = (sums: readonly number[]) => number | null;

/**
 * 95 % percentile interval of a statistic. Whole clusters are drawn: rows about one image are not independent. Null
 * with fewer than two clusters, or where the statistic is mostly undefined. The draws depend on the state of `random`,
 * which does not move: the same rows have the same interval in every section.
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

/** Clusters beyond this number are pooled at random, so that time does not grow with the data. */
const MAX_CLUSTERS = 2000;

/**
 * The sums of each cluster, in order of first appearance. More than 2000 clusters are pooled at random into so many:
 * they are independent, so the pools are, and the spread of the pools gives the same interval within a few percent.
 */
export function clusterSums(rows: readonly Contribution[], random: Random): number[][] {
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

/** A value of one row, and the image that the row is about. */
export interface Value {
  cluster: string;
  value: number;
}

/**
 * The mean with its interval by resampling, for values of any range; of shares see `shareWithInterval`. Where no
 * resample differs there is none: that nothing varies in few rows does not make the mean certain.
 */
export function meanWithInterval(values: readonly Value[], random: Random, unit: Unit = 'share'): Metric {
  const interval = withWidth(intervalOfMean(values, random));
  const value = mean(values.map((row) => row.value));
  return { value, unit, n: values.length, ...(interval && { interval }) };
}

/** The interval alone; without width where no resample differs. */
export const intervalOfMean = (values: readonly Value[], random: Random): [number, number] | null =>
  bootstrapInterval(
    values.map(({ cluster, value }) => ({ cluster, sums: [value, 1] })),
    ratio,
    random,
  );

/** The statistic of a mean: of sums [Σ value, Σ 1]. */
export const ratio = ([sum, weight]: readonly number[]): number | null =>
  weight! > 0 ? sum! / weight! : null;
