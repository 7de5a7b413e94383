import { mean, sum } from '../../../base/numbers.ts';
import type { Random } from '../../../base/random.ts';
import { quantile } from '../metric.ts';
import { effectiveSize } from '../share.ts';
import { studentQuantile, Z, type Value } from '../statistics.ts';

export interface StratumSample {
  /** Kind of the stratum. All strata of a kind have the same bounds of the metric by the rules. */
  kind: string;
  /** Keys of the images of all units in the stratum. */
  clusters: readonly string[];
  /** Rated units, which are a random sample of all units in the stratum. */
  judged: readonly Value[];
}

/** Mean over all units, estimated from the units that people rated. */
export interface Estimate {
  value: number;
  /** 95% interval for the audited rows: values of rated units are known, all other values are estimated. */
  these: [low: number, high: number];
  /** 95% interval for other rows of the same kind, which includes the variation between images. */
  such: [low: number, high: number];
  judged: number;
  /** Number of rated and unrated units. */
  n: number;
}

/** Number of draws of each share from its posterior. */
export const DRAWS = 2000;
/** Weight, in rated units, of the posterior shared by strata of a kind, in the posterior of each stratum. */
const OF_KIND = 3;
/** Maximum share of units in strata without a rated unit. Above this share, there is no estimate. */
const MOST_UNKNOWN = 0.02;

/**
 * Estimates a mean over strata of known sizes: θ = Σ W_h·p_h, W_h = N_h/N. The value is the stratified mean of the
 * rated units, which mistakes of the rules cannot bias. This is prediction-powered inference (A. N. Angelopoulos et
 * al., "Prediction-powered inference", Science 382, 2023), with the rules' scores as predictions and one stratum for
 * each score. Intervals are quantiles of θ for draws of all p_h from Jeffreys posteriors, Beta(½ + right, ½ + wrong).
 * So a stratum with unanimous ratings still has uncertainty. A pair has many strata with few rated units each, whose
 * priors would add up to a bias towards ½. So strata with the same bounds by the rules share one posterior. Each
 * stratum adds its own rated units to this posterior, whose weight is three units. Sharing moves a stratum's posterior
 * and does not narrow it: the value uses each stratum's own mean, whose variance remains. Intervals for `these` rows
 * add the rated units unchanged to a draw of all other units. Intervals for `such` rows reduce the counts of a stratum
 * to their effective number, because units share images. They add the variance of the W_h between images, on the logit
 * scale, with Student's quantile if images have several units.
 * @param values possible values of a unit, ascending: [0, 1], or [−1, 0, 1] for a difference
 * @returns null without units, or while strata without a rated unit contain more than 2% of all units
 */
export function estimate(
  strata: readonly StratumSample[],
  values: readonly number[],
  random: Random,
  draws = DRAWS,
): Estimate | null {
  const n = sum(strata.map(({ clusters }) => clusters.length));
  const unknown = sum(strata.map(({ clusters, judged }) => (judged.length > 0 ? 0 : clusters.length)));
  if (n === 0 || unknown > MOST_UNKNOWN * n) return null;
  const shares = strata.map(({ clusters }) => clusters.length / n);
  const counts = strata.map(({ judged }) => countsOf(judged, values));
  const weights = counts.map((ofStratum) => ofStratum.map((count) => count * withoutOne(ofStratum)));
  const independent = strata.map(({ judged }, h) => {
    const worth = judged.length > 0 ? Math.min(1, effectiveSize(judged) / judged.length) : 1;
    return weights[h]!.map((count) => count * worth);
  });
  const [low, high] = [values[0]!, values.at(-1)!];
  const kinds = [...new Set(strata.map(({ kind }) => kind))].map((kind) =>
    strata.flatMap((stratum, h) => (stratum.kind === kind ? [h] : [])),
  );
  const means = strata.map(({ judged }) => mean(judged.map(({ value }) => value)));
  const expected = kinds.map((kind) => {
    const all = total(kind.map((h) => counts[h]!)).map((count) => count + 1 / values.length);
    return dot(all, values) / sum(all);
  });
  const value = sum(kinds.flatMap((kind, k) => kind.map((h) => shares[h]! * (means[h] ?? expected[k]!))));
  const error = errorBetweenPictures(
    strata,
    kinds.flatMap((kind, k) => kind.map((h) => [h, means[h] ?? expected[k]!, expected[k]!] as const)),
    [low, high],
  );
  const sums = counts.map((ofStratum) => dot(ofStratum, values));
  const isShared = weights.some((ofStratum, h) => ofStratum.some((count, k) => count !== independent[h]![k]));
  const [theseDraws, suchDraws]: [number[], number[]] = [[], []];
  for (let draw = 0; draw < draws; draw++) {
    let [these, such] = [0, 0];
    for (const kind of kinds) {
      const ofKnown = posterior(kind, weights, random);
      const ofIndependent = isShared ? posterior(kind, independent, random) : ofKnown;
      for (const [i, h] of kind.entries()) {
        const rest = strata[h]!.clusters.length - strata[h]!.judged.length;
        these += (sums[h]! + (rest > 0 ? sumOf(rest, ofKnown[i]!, values, random) : 0)) / n;
        such += shares[h]! * dot(ofIndependent[i]!, values);
      }
    }
    theseDraws.push(these);
    suchDraws.push(moved(such, error * random.normal(), [low, high]));
  }
  const judged = sum(strata.map((stratum) => stratum.judged.length));
  return { value, these: intervalOf(theseDraws, value), such: intervalOf(suchDraws, value), judged, n };
}

/** Returns the 95% interval of the draws, widened to contain the value, which unanimous ratings can put outside. */
function intervalOf(draws: number[], value: number): [number, number] {
  draws.sort((a, b) => a - b);
  return [Math.min(value, quantile(draws, 0.025)), Math.max(value, quantile(draws, 0.975))];
}

function dot(weights: readonly number[], values: readonly number[]): number {
  let added = 0;
  for (let k = 0; k < values.length; k++) added += weights[k]! * values[k]!;
  return added;
}

const countsOf = (judged: readonly Value[], values: readonly number[]): number[] =>
  values.map((value) => judged.filter((each) => each.value === value).length);

/**
 * Returns the weight of a stratum's rated units in its posterior, (n − 1)/n. The posterior of p varies less than the
 * mean of n units, by n/(n + 2). Shrinkage of single strata does not compensate for this in the sum.
 */
function withoutOne(counts: readonly number[]): number {
  const n = sum(counts);
  return n > 1 ? (n - 1) / n : 1;
}

const total = (counts: readonly (readonly number[])[]): number[] =>
  counts[0]!.map((_, k) => sum(counts.map((count) => count[k]!)));

/**
 * Draws the probabilities of values in strata of one kind, from the counts of each value: first for the kind, then for
 * each stratum around the kind. Each of k values has a prior weight of 1/k: for two values, Jeffreys' prior.
 */
function posterior(
  kind: readonly number[],
  counts: readonly (readonly number[])[],
  random: Random,
): number[][] {
  const all = total(kind.map((h) => counts[h]!));
  const ofKind = dirichlet(
    all.map((count) => count + 1 / all.length),
    random,
  );
  if (kind.length === 1) return [ofKind];
  return kind.map((h) => {
    // Scaled to the number of rated units, or to OF_KIND if OF_KIND is larger.
    const smoothed = counts[h]!.map((count, k) => count + OF_KIND * ofKind[k]!);
    const scale = Math.max(OF_KIND, sum(counts[h]!)) / sum(smoothed);
    return dirichlet(
      smoothed.map((share) => share * scale),
      random,
    );
  });
}

/** Draws probabilities from the Dirichlet distribution. A weight of 0 gives a probability of 0. */
function dirichlet(weights: readonly number[], random: Random): number[] {
  const drawn = weights.map((weight) => (weight > 1e-9 ? random.gamma(weight) : 0));
  const all = sum(drawn);
  return drawn.map((share) => (all > 0 ? share / all : 1 / drawn.length));
}

/** Draws the sum of the values of n units, given the probability of each value. */
function sumOf(
  n: number,
  probabilities: readonly number[],
  values: readonly number[],
  random: Random,
): number {
  let [left, remaining, added] = [n, 1, 0];
  for (const [k, p] of probabilities.entries()) {
    const isLast = k === probabilities.length - 1 || remaining <= 0;
    const count = isLast ? left : random.binomial(left, Math.min(1, Math.max(0, p / remaining)));
    added += count * values[k]!;
    left -= count;
    remaining -= p;
  }
  return added;
}

/**
 * Returns the standard error of θ between images for known p_h, on the logit scale, from each image's sums of p_h − θ.
 * If images have several units, uses Student's quantile instead of the normal one.
 * @param means means of the strata, each with the expected mean of its kind
 */
function errorBetweenPictures(
  strata: readonly StratumSample[],
  means: readonly (readonly [stratum: number, mean: number, expected: number])[],
  [low, high]: readonly [number, number],
): number {
  const n = sum(strata.map(({ clusters }) => clusters.length));
  const weighted = (valueOf: (stratum: (typeof means)[number]) => number) =>
    sum(means.map((stratum) => (strata[stratum[0]]!.clusters.length / n) * valueOf(stratum)));
  const overall = weighted(([, mean]) => mean);
  const sums = new Map<string, number>();
  for (const [h, meanOfStratum] of means)
    for (const cluster of strata[h]!.clusters)
      sums.set(cluster, (sums.get(cluster) ?? 0) + meanOfStratum - overall);
  const pictures = sums.size;
  if (pictures < 2) return 0;
  const squares = sum([...sums.values()].map((ofCluster) => ofCluster ** 2));
  const error = Math.sqrt(((pictures / (pictures - 1)) * squares) / n ** 2);
  const quantiles = pictures < n ? studentQuantile(pictures - 1) / Z : 1;
  // Unlike the mean, the expected mean is inside the range even if all ratings are alike.
  const middle = weighted(([, , expected]) => expected);
  return (quantiles * error * (high - low)) / ((middle - low) * (high - middle));
}

/** Moves a value between two ends on the logit scale. The value stays between the ends. */
function moved(value: number, by: number, [low, high]: readonly [number, number]): number {
  const share = Math.min(1 - 1e-9, Math.max(1e-9, (value - low) / (high - low)));
  return low + (high - low) / (1 + Math.exp(-Math.log(share / (1 - share)) - by));
}
