import { groupBy } from '../evaluation/scored-row.ts';
import { mean } from '../../base/numbers.ts';
import type { Estimate } from './fit.ts';
import type { Scene } from './likelihood.ts';
import { normalCdf, THRESHOLD, WIDTH } from './observer.ts';

/** Counts of the answers to scenes with one value of the signed quantity. */
export interface Level {
  x: number;
  /** Number of positive answers among the `n` answers. */
  positive: number;
  n: number;
}

/** Returns the levels that have answers, ascending. */
export function levelsOf(scenes: readonly Scene[]): Level[] {
  const levels = [...groupBy(scenes, ({ x }) => String(x)).values()].map((some) => {
    const claims = some.flatMap(({ answers }) => answers.map(([claim]) => claim));
    return { x: some[0]!.x, positive: claims.filter((claim) => claim === 1).length, n: claims.length };
  });
  return levels.sort((a, b) => a.x - b.x);
}

/** Number of grid points for the width of the observer, and for its lapse rate. */
const POINTS = [161, 15] as const;

/**
 * Grid of observers without response biases, with independent answers and one lapse rate, for fixed levels and changing
 * counts. The curve ψ is computed once, so a posterior only needs one weighted sum per observer.
 */
export class ObserverGrid {
  private readonly thresholds: number[] = [];
  private readonly logPrior: number[] = [];
  /** For each level: ψ, log ψ and log (1 − ψ) of every observer. */
  private readonly psi: Float64Array[];
  private readonly logPsi: Float64Array[];
  private readonly logRest: Float64Array[];

  /** @param xs at least two distinct levels, ascending */
  constructor(private readonly xs: readonly number[]) {
    const [low, high] = [xs[0]!, xs.at(-1)!];
    const spread = high - low;
    const least = Math.min(...xs.slice(1).map((x, i) => x - xs[i]!));
    const [widths, lapses] = POINTS;
    const parts: { width: number; lapse: number }[] = [];
    for (let j = 0; j < widths; j++)
      for (let k = 0; k < lapses; k++) {
        const width = (least / 2) * ((6 * spread) / least) ** (j / (widths - 1));
        const lapse = 0.4 * ((k + 0.5) / lapses) ** 2;
        parts.push({ width, lapse });
        this.thresholds.push(width * THRESHOLD);
        // Lapse rates are spaced quadratically. As in the fit, the prior is even in log w, Beta(1, 10) in lapse rates.
        this.logPrior.push(Math.log((k + 0.5) / lapses) + 9 * Math.log(1 - lapse));
      }
    const share = (x: number, sign: number) =>
      Float64Array.from(parts, (part) => {
        const phi = normalCdf(sign * (x / part.width) * WIDTH);
        return part.lapse + (1 - 2 * part.lapse) * phi;
      });
    this.psi = xs.map((x) => share(x, 1));
    this.logPsi = this.psi.map((values) => values.map(Math.log));
    this.logRest = xs.map((x) => share(x, -1).map(Math.log));
  }

  /** Returns the posterior probability of each observer, if `positive[l]` of `n[l]` answers at level l are positive. */
  posterior(positive: readonly number[], n: readonly number[]): Float64Array {
    const mass = Float64Array.from(this.logPrior);
    for (let l = 0; l < this.xs.length; l++) {
      const [yes, no] = [positive[l]!, n[l]! - positive[l]!];
      const [logPsi, logRest] = [this.logPsi[l]!, this.logRest[l]!];
      for (let i = 0; i < mass.length; i++) mass[i]! += yes * logPsi[i]! + no * logRest[i]!;
    }
    let most = -Infinity;
    for (const value of mass) if (value > most) most = value;
    let total = 0;
    for (let i = 0; i < mass.length; i++) total += mass[i] = Math.exp(mass[i]! - most);
    for (let i = 0; i < mass.length; i++) mass[i]! /= total;
    return mass;
  }

  /** Returns the posterior mean of the threshold, and its 2.5% and 97.5% points. */
  threshold(mass: Float64Array): Estimate {
    const byThreshold = new Map<number, number>();
    mass.forEach((share, i) => {
      const threshold = this.thresholds[i]!;
      byThreshold.set(threshold, (byThreshold.get(threshold) ?? 0) + share);
    });
    const rising = [...byThreshold].sort(([a], [b]) => a - b);
    const point = (share: number) => {
      let below = 0;
      for (const [i, [threshold, part]] of rising.entries()) {
        if (below + part / 2 >= share && i > 0) {
          const [before, last] = rising[i - 1]!;
          const from = below - last / 2;
          return before + ((share - from) / (below + part / 2 - from)) * (threshold - before);
        }
        below += part;
      }
      return rising.at(-1)![0];
    };
    const middle = mass.reduce((total, share, i) => total + share * this.thresholds[i]!, 0);
    return { mean: middle, interval: [point(0.025), point(0.975)] };
  }

  /**
   * Returns the expected information about the threshold from one more answer at each level, in bits. Excludes
   * information about lapses, because it would always favour the extreme levels.
   */
  information(mass: Float64Array): number[] {
    const lapses = POINTS[1];
    return this.psi.map((psi) => {
      let positive = 0;
      let known = 0;
      for (let i = 0; i < mass.length; i += lapses) {
        let [part, yes] = [0, 0];
        for (let k = i; k < i + lapses; k++) {
          part += mass[k]!;
          yes += mass[k]! * psi[k]!;
        }
        positive += yes;
        if (part > 0) known += part * entropy(yes / part);
      }
      return entropy(positive) - known;
    });
  }
}

/** Returns the entropy of one answer, in bits. Rounding can move p slightly outside 0–1. */
const entropy = (p: number) => (p <= 0 || p >= 1 ? 0 : -(p * Math.log2(p) + (1 - p) * Math.log2(1 - p)));

/**
 * Returns the most informative placement of the next block (QUEST+, Watson 2017): the distance from 0 with the highest
 * expected information; a block has scenes on both sides of 0. Also returns the current estimate of the threshold.
 *
 * @param levels all possible levels, ascending, each with its answers
 */
export function placeNext(
  grid: ObserverGrid,
  levels: readonly Level[],
): { distance: number; threshold: Estimate } {
  const mass = grid.posterior(
    levels.map(({ positive }) => positive),
    levels.map(({ n }) => n),
  );
  const information = grid.information(mass);
  const bySize = new Map<number, number[]>();
  for (const [i, { x }] of levels.entries())
    bySize.set(Math.abs(x), [...(bySize.get(Math.abs(x)) ?? []), information[i]!]);
  const [distance] = [...bySize].reduce((best, each) => (mean(each[1])! > mean(best[1])! ? each : best));
  return { distance, threshold: grid.threshold(mass) };
}
