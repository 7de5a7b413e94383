import { quantile } from '../metrics/metric.ts';
import { mean, sum } from '../numbers.ts';
import type { Random } from '../random.ts';
import type { Estimate, Level } from './fit.ts';
import { normalCdf, standardised, THRESHOLD } from './observer.ts';

/** Grid points of the bias, the width and the lapse rate: coarse enough that a thousand curves are fitted in a second. */
const POINTS = [41, 41, 7] as const;

/** What a curve says in three figures, in the unit of x and as a share. */
export interface Figures {
  bias: number;
  threshold: number;
  lapse: number;
}

/**
 * A grid of observers without overdispersion and with one lapse rate, for levels that stay the same while counts
 * change: ψ is computed once, after which a posterior costs one weighted sum per observer.
 */
export class ObserverGrid {
  private readonly figures: Figures[] = [];
  private readonly logPrior: number[] = [];
  /** For each level ψ, log ψ and log (1 − ψ) of every observer. */
  private readonly psi: Float64Array[];
  private readonly logPsi: Float64Array[];
  private readonly logRest: Float64Array[];

  /** @param xs levels, at least two, different and rising */
  constructor(private readonly xs: readonly number[]) {
    const [low, high] = [xs[0]!, xs.at(-1)!];
    const spread = high - low;
    const least = Math.min(...xs.slice(1).map((x, i) => x - xs[i]!));
    const [biases, widths, lapses] = POINTS;
    const parts: { bias: number; width: number; lapse: number }[] = [];
    for (let i = 0; i < biases; i++)
      for (let j = 0; j < widths; j++)
        for (let k = 0; k < lapses; k++) {
          const bias = low - spread / 4 + (1.5 * spread * i) / (biases - 1);
          const width = (least / 2) * ((6 * spread) / least) ** (j / (widths - 1));
          const lapse = 0.4 * ((k + 0.5) / lapses) ** 2;
          parts.push({ bias, width, lapse });
          this.figures.push({ bias, threshold: width * THRESHOLD, lapse });
          // Points lie geometrically in width and squarely in lapse; density is even in width, Beta(1, 10)² in lapse.
          this.logPrior.push(Math.log(width) + Math.log((k + 0.5) / lapses) + 18 * Math.log(1 - lapse));
        }
    const share = (x: number, sign: number) =>
      Float64Array.from(parts, (part) => {
        const phi = normalCdf(sign * standardised(x, part));
        return part.lapse + (1 - 2 * part.lapse) * phi;
      });
    this.psi = xs.map((x) => share(x, 1));
    this.logPsi = this.psi.map((values) => values.map(Math.log));
    this.logRest = xs.map((x) => share(x, -1).map(Math.log));
  }

  /** Each observer's share of the posterior. `positive[l]` of `n[l]` answers at level l were positive. */
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

  /** Posterior means. */
  means(mass: Float64Array): Figures {
    const out: Figures = { bias: 0, threshold: 0, lapse: 0 };
    mass.forEach((share, i) => {
      const { bias, threshold, lapse } = this.figures[i]!;
      out.bias += share * bias;
      out.threshold += share * threshold;
      out.lapse += share * lapse;
    });
    return out;
  }

  /** The threshold's mean and its 2.5 % and 97.5 % points. */
  threshold(mass: Float64Array): Estimate {
    const byThreshold = new Map<number, number>();
    mass.forEach((share, i) => {
      const { threshold } = this.figures[i]!;
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
    return { mean: this.means(mass).threshold, interval: [point(0.025), point(0.975)] };
  }

  /**
   * Expected information of one more answer at each level about bias and threshold, in bits. What it tells of lapses
   * does not count: else the far ends, where lapses show, are asked for ever.
   */
  information(mass: Float64Array): number[] {
    const lapses = POINTS[2];
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

/** Of one answer, in bits. Rounding may put a certain one a little outside. */
const entropy = (p: number) => (p <= 0 || p >= 1 ? 0 : -(p * Math.log2(p) + (1 - p) * Math.log2(1 - p)));

/**
 * Where the next block tells most about the observer (QUEST+, Watson 2017): the distance from 0 with the greatest
 * expected information, since a block asks a scene from both sides; and how well the threshold is known by now.
 *
 * @param levels all levels that may be asked, rising, each with its answers so far
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

/** The answers to one scene under two conditions. */
export interface BlockPair {
  x: number;
  first: { positive: number; n: number };
  second: { positive: number; n: number };
}

/** A difference, second minus first, with its 95 % interval. */
export interface Difference {
  value: number;
  interval: [number, number];
}

const RESAMPLES = 1000;

/**
 * Compares two conditions on the same scenes: differences of bias, threshold and lapse rate, each the difference of
 * posterior means, with a percentile interval by drawing scenes of every level with replacement. Null if fewer than two
 * levels were asked.
 */
export function differences(
  blocks: readonly BlockPair[],
  random: Random,
): Record<keyof Figures, Difference> | null {
  const xs = [...new Set(blocks.map(({ x }) => x))].sort((a, b) => a - b);
  if (xs.length < 2) return null;
  const grid = new ObserverGrid(xs);
  const byLevel = xs.map((x) => blocks.filter((block) => block.x === x));
  const figures = (levels: readonly (readonly BlockPair[])[], side: 'first' | 'second') => {
    const total = (key: 'positive' | 'n') =>
      levels.map((level) => sum(level.map((block) => block[side][key])));
    return grid.means(grid.posterior(total('positive'), total('n')));
  };
  const between = (levels: readonly (readonly BlockPair[])[]): Figures => {
    const [first, second] = [figures(levels, 'first'), figures(levels, 'second')];
    return {
      bias: second.bias - first.bias,
      threshold: second.threshold - first.threshold,
      lapse: second.lapse - first.lapse,
    };
  };
  const value = between(byLevel);
  const resampled = Array.from({ length: RESAMPLES }, () =>
    between(byLevel.map((level) => level.map(() => level[random.below(level.length)]!))),
  );
  const difference = (key: keyof Figures): Difference => {
    const sorted = resampled.map((figure) => figure[key]).sort((a, b) => a - b);
    return { value: value[key], interval: [quantile(sorted, 0.025), quantile(sorted, 0.975)] };
  };
  return { bias: difference('bias'), threshold: difference('threshold'), lapse: difference('lapse') };
}
