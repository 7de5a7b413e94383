import type { Random } from '../random.ts';
import { clusterSums, intervalOfMean, type Value } from './bootstrap.ts';
import { mean } from './metric.ts';

/**
 * McNemar's exact test, two-sided: how likely discordant pairs split at least as unevenly as `b` (only the first
 * right) against `c` (only the second) when both runs are equally good. 1 without discordant pairs.
 */
export function mcNemarExact(b: number, c: number): number {
  const n = b + c;
  // Logarithms, because 2⁻ⁿ underflows beyond a thousand pairs.
  let log = -n * Math.LN2;
  let tail = Math.exp(log);
  for (let i = 1; i <= Math.min(b, c); i++) {
    log += Math.log((n - i + 1) / i);
    tail += Math.exp(log);
  }
  return Math.min(1, 2 * tail);
}

/** Draws of the permutation test: its smallest p is 1/10001. */
const PERMUTATIONS = 10_000;

/**
 * Paired permutation test on the mean difference, two-sided, by image: under the null hypothesis the runs may be
 * exchanged image by image, which turns the sign of the image's sum. p = (1 + as extreme) / (1 + draws).
 */
export function permutationTest(differences: readonly Value[], random: Random): number {
  const rows = differences.map(({ cluster, value }) => ({ cluster, sums: [value] }));
  const sums = clusterSums(rows, random).map(([sum]) => sum!);
  const observed = Math.abs(sums.reduce((total, sum) => total + sum, 0));
  // Sums in another order differ in their last digits.
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

/** Two runs on the same rows. */
export interface Comparison {
  /** Mean of second minus first; null without common rows. */
  difference: number | null;
  n: number;
  /** 95 %, by resampling images. */
  interval?: [number, number];
  /** Paired permutation by image. */
  p: number | null;
  /** For right-or-wrong measures: rows that only the first, or only the second, has right, and McNemar's exact p. */
  mcnemar?: { only_first: number; only_second: number; p: number };
}

/** Compares paired values, second minus first. `binary`: each value is one of two, right and wrong. */
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
