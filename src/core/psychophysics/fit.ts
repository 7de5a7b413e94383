import { sum } from '../numbers.ts';
import { logLikelihood, normalCdf, type Observer, standardised, THRESHOLD } from './observer.ts';

/** The answers to one value of the signed quantity. */
export interface Level {
  x: number;
  /** How many of the `n` answers were the positive one. */
  positive: number;
  n: number;
}

/** A parameter's posterior mean and 95 % credible interval (2.5 % and 97.5 % points). */
export interface Estimate {
  mean: number;
  interval: [number, number];
}

/** What the answers say of their observer. Quantities are in the unit of x, lapses and shares 0–1. */
export interface Fit {
  bias: Estimate;
  width: Estimate;
  /** Half the distance from the 25 % to the 75 % point of Φ: the smallest difference that is told reliably. */
  threshold: Estimate;
  lapseLow: Estimate;
  lapseHigh: Estimate;
  overdispersion: Estimate;
  /** Probability that the answers fall with x instead of rising; then the fit is that of −x. */
  inverted: number;
  /** Observers spread evenly over the posterior: for bands around the curve. */
  draws: Observer[];
}

/** `equal`: γ = λ, one lapse rate for both ends. `free`: two. */
export type Lapses = 'equal' | 'free';

/** Numbers of grid points: at most 10⁶ in all for the second grid. */
const STEPS = {
  equal: { coarse: [30, 36, 1, 12, 8], fine: [36, 40, 1, 14, 12] },
  free: { coarse: [22, 34, 6, 6, 10], fine: [24, 40, 10, 10, 10] },
} as const;

/** The second grid leaves out the ends of a parameter's values with less of the posterior than this. */
const NEGLIGIBLE = 1e-4;

const DRAWS = 400;

/**
 * Fits the psychometric function by its posterior on a grid, with the priors of psignifit 4 (`docs/psychophysics.md`):
 * a first grid finds where the posterior lies, a second one measures it there. Levels must have different x; at least
 * two must have answers.
 */
export function fit(levels: readonly Level[], lapses: Lapses = 'equal'): Fit {
  const rising = levels.filter(({ n }) => n > 0).sort((a, b) => a.x - b.x);
  if (rising.length < 2) throw new Error('A curve needs answers to at least two levels.');
  if (rising.some(({ x }, i) => i > 0 && x === rising[i - 1]!.x))
    throw new Error('Two levels have the same x: add their answers up.');
  const falling = rising.map(({ x, positive, n }) => ({ x: -x, positive, n })).reverse();
  const sides = [rising, falling].map((side) => ({ side, grid: coarseGrid(side, lapses) }));
  // Turned around, a level has the same likelihoods.
  const tables = rising.map((level) => likelihoods(level, sides[0]!.grid[4].values));
  const [up, down] = [tables, tables.toReversed()].map((each, i) =>
    posterior(sides[i]!.side, sides[i]!.grid, each),
  );
  const inverted = 1 / (1 + Math.exp(up!.logEvidence - down!.logEvidence));
  const [side, coarse] = inverted > 0.5 ? [falling, down!] : [rising, up!];
  const grid = fineGrid(coarse, lapses);
  const fine = side.map((level) => likelihoods(level, grid[4].values));
  return { ...summary(posterior(side, grid, fine)), inverted };
}

/** The axes of a grid, in the order m, w, γ, λ, η, each with its values and the weights of the trapezoidal rule. */
interface Axis {
  values: Float64Array;
  weights: Float64Array;
}
type Grid = readonly [Axis, Axis, Axis, Axis, Axis];

/** Mass of every grid point, the last axis fastest; they add up to 1. */
interface Posterior {
  grid: Grid;
  mass: Float64Array;
  logEvidence: number;
  lapses: Lapses;
}

/** @param value the axis from t = 0 to t = 1, rising */
function axis(steps: number, value: (t: number) => number): Axis {
  if (steps === 1) return { values: Float64Array.of(value(0)), weights: Float64Array.of(1) };
  const values = Float64Array.from({ length: steps }, (_, i) => value(i / (steps - 1)));
  const weights = values.map((each, i) => ((values[i + 1] ?? each) - (values[i - 1] ?? each)) / 2);
  return { values, weights };
}

/** The range in which the prior is not 0, as psignifit has it. */
function bounds(levels: readonly Level[]): { low: number; high: number; spread: number; least: number } {
  const [low, high] = [levels[0]!.x, levels.at(-1)!.x];
  const least = Math.min(...levels.slice(1).map(({ x }, i) => x - levels[i]!.x));
  return { low, high, spread: high - low, least };
}

function coarseGrid(levels: readonly Level[], lapses: Lapses): Grid {
  const { low, spread, least } = bounds(levels);
  const [m, w, gamma, lambda, eta] = STEPS[lapses].coarse;
  // Densest at the beginning, where lapses and overdispersion usually lie.
  const share = (most: number) => (t: number) => most * t * t;
  return [
    axis(m, (t) => low - spread / 2 + 2 * spread * t),
    axis(w, (t) => least * ((3 * spread) / least) ** t),
    axis(gamma, share(0.5)),
    axis(lambda, share(0.5)),
    axis(eta, share(1 - 1e-10)),
  ];
}

/**
 * A grid over the part of the coarse one that holds all but a negligible part of each parameter. Points are as dense as
 * the cube root of the parameter's density: the trapezoidal rule, which makes too much of a tail that falls like an
 * exponential, then errs as little there, where intervals end, as in the middle.
 */
function fineGrid({ grid, mass }: Posterior, lapses: Lapses): Grid {
  return marginals(grid, mass).map((marginal, a) => {
    const { values } = grid[a]!;
    const steps = STEPS[lapses].fine[a]!;
    if (steps === 1) return grid[a]!;
    const below = cumulated(grid[a]!, marginal);
    const low = Math.max(0, below.findIndex((share) => share > NEGLIGIBLE) - 1);
    const high = below.findIndex((share) => share > 1 - NEGLIGIBLE);
    const within = values.slice(low, high + 1);
    const places = [0];
    for (let i = low + 1; i <= high; i++) {
      const length = values[i]! - values[i - 1]!;
      places.push(places.at(-1)! + Math.cbrt((below[i]! - below[i - 1]!) * length ** 2));
    }
    return axis(steps, (t) => interpolated(places, within, t * places.at(-1)!));
  }) as unknown as Grid;
}

/** Each parameter's own masses. */
function marginals(grid: Grid, mass: Float64Array): Float64Array[] {
  const sizes = grid.map(({ values }) => values.length);
  const out = sizes.map((size) => new Float64Array(size));
  const index = [0, 0, 0, 0, 0];
  for (const share of mass) {
    for (let a = 0; a < 5; a++) out[a]![index[a]!]! += share;
    for (let a = 4; a >= 0; a--) {
      index[a]! += 1;
      if (index[a] !== sizes[a]) break;
      index[a] = 0;
    }
  }
  return out;
}

/** Log-odds of the positive answer between which a level's likelihood is tabulated, and points per unit of them. */
const ODDS = 24;
const PER_UNIT = 48;

/**
 * Computes the posterior at every point of the grid. A level's likelihood depends on ψ and η alone, so it is tabulated
 * once for each η over the log-odds of ψ, and interpolated linearly (error below 1e-3 for 100 answers a level).
 */
function posterior(levels: readonly Level[], grid: Grid, tables: readonly Float64Array[]): Posterior {
  const [ms, ws, gammas, lambdas, etas] = grid.map(({ values }) => values) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const equal = gammas.length === 1;
  const prior = logPriors(levels, grid, equal);
  const mass = new Float64Array(ms.length * ws.length * gammas.length * lambdas.length * etas.length);
  const phi = new Float64Array(levels.length);
  const rest = new Float64Array(levels.length);
  let at = 0;
  for (let i = 0; i < ms.length; i++)
    for (let j = 0; j < ws.length; j++) {
      for (const [l, { x }] of levels.entries()) {
        const z = standardised(x, { bias: ms[i]!, width: ws[j]! });
        phi[l] = normalCdf(z);
        rest[l] = normalCdf(-z);
      }
      for (let g = 0; g < gammas.length; g++)
        for (let h = 0; h < lambdas.length; h++, at += etas.length) {
          const lambda = lambdas[h]!;
          const gamma = equal ? lambda : gammas[g]!;
          const plain = prior[0]![i]! + prior[1]![j]! + prior[2]![g]! + prior[3]![h]!;
          for (let e = 0; e < etas.length; e++) mass[at + e] = plain + prior[4]![e]!;
          for (let l = 0; l < levels.length; l++) {
            const p = gamma + (1 - gamma - lambda) * phi[l]!;
            const q = lambda + (1 - gamma - lambda) * rest[l]!;
            const odds = Math.min(ODDS - 1e-9, Math.max(-ODDS, Math.log(p / q)));
            const place = (odds + ODDS) * PER_UNIT;
            const below = Math.floor(place);
            const part = place - below;
            const table = tables[l]!;
            const low = below * etas.length;
            const high = low + etas.length;
            for (let e = 0; e < etas.length; e++)
              mass[at + e]! += (1 - part) * table[low + e]! + part * table[high + e]!;
          }
        }
    }
  return normalised(mass, grid, equal ? 'equal' : 'free');
}

/** Turns log densities into shares of the whole, by the trapezoidal rule. */
function normalised(mass: Float64Array, grid: Grid, lapses: Lapses): Posterior {
  let most = -Infinity;
  for (const value of mass) if (value > most) most = value;
  const [ms, ws, gammas, lambdas, etas] = grid.map(({ weights }) => weights) as Float64Array[];
  let total = 0;
  let at = 0;
  for (const m of ms!)
    for (const w of ws!)
      for (const g of gammas!)
        for (const h of lambdas!)
          for (const e of etas!) {
            mass[at] = Math.exp(mass[at]! - most) * m * w * g * h * e;
            total += mass[at++]!;
          }
  for (let i = 0; i < mass.length; i++) mass[i]! /= total;
  return { grid, mass, logEvidence: most + Math.log(total), lapses };
}

/** Log-likelihoods of one level: for each log-odds of ψ, one number per η. */
function likelihoods({ positive, n }: Level, etas: Float64Array): Float64Array {
  const points = 2 * ODDS * PER_UNIT + 1;
  const table = new Float64Array(points * etas.length);
  for (let i = 0; i < points; i++) {
    const odds = i / PER_UNIT - ODDS;
    const p = 1 / (1 + Math.exp(-odds));
    const q = 1 / (1 + Math.exp(odds));
    for (let e = 0; e < etas.length; e++)
      table[i * etas.length + e] = logLikelihood(positive, n, p, q, etas[e]!);
  }
  return table;
}

/** Half a period of a cosine, from 0 at t = 0 to 1 at t = 1. */
const rise = (t: number) => (1 - Math.cos(Math.PI * t)) / 2;

/**
 * psignifit's priors, not normalised: the bias lies within the levels, or with falling probability up to half their
 * range outside; the width is between twice the smallest distance of levels and their range, falling to 0 at once and
 * three times these; lapses are Beta(1, 10), and so is η. One lapse rate for both ends has the prior of both.
 */
function logPriors(levels: readonly Level[], grid: Grid, equal: boolean): number[][] {
  const { low, high, spread, least } = bounds(levels);
  const outside = (m: number) => Math.max(low - m, m - high, 0) / (spread / 2);
  const densities: ((value: number) => number)[] = [
    (m) => rise(1 - Math.min(1, outside(m))),
    (w) => {
      if (w < least || w > 3 * spread) return 0;
      return w < 2 * least
        ? rise((w - least) / least)
        : w > spread
          ? rise((3 * spread - w) / (2 * spread))
          : 1;
    },
    (gamma) => (equal ? 1 : (1 - gamma) ** 9),
    (lambda) => (1 - lambda) ** (equal ? 18 : 9),
    (eta) => (1 - eta) ** 9,
  ];
  return grid.map(({ values }, a) => Array.from(values, (value) => Math.log(densities[a]!(value))));
}

function summary({ grid, mass, lapses }: Posterior): Omit<Fit, 'inverted'> {
  const shares = marginals(grid, mass);
  const [bias, width, gamma, lapseHigh, overdispersion] = grid.map((axis, a) => estimate(axis, shares[a]!));
  const scaled = ({ mean, interval: [low, high] }: Estimate): Estimate => ({
    mean: mean * THRESHOLD,
    interval: [low * THRESHOLD, high * THRESHOLD],
  });
  return {
    bias: bias!,
    width: width!,
    threshold: scaled(width!),
    lapseLow: lapses === 'equal' ? lapseHigh! : gamma!,
    lapseHigh: lapseHigh!,
    overdispersion: overdispersion!,
    draws: drawn(grid, mass, lapses),
  };
}

function estimate(axis: Axis, marginal: Float64Array): Estimate {
  const mean = sum(marginal.map((share, i) => share * axis.values[i]!));
  if (axis.values.length === 1) return { mean, interval: [mean, mean] };
  const below = cumulated(axis, marginal);
  return {
    mean,
    interval: [interpolated(below, axis.values, 0.025), interpolated(below, axis.values, 0.975)],
  };
}

/** The share of the posterior below each value, from 0 to 1. */
function cumulated({ values, weights }: Axis, marginal: Float64Array): number[] {
  const density = marginal.map((share, i) => share / weights[i]!);
  const below = [0];
  for (let i = 1; i < values.length; i++)
    below.push(below[i - 1]! + ((density[i]! + density[i - 1]!) / 2) * (values[i]! - values[i - 1]!));
  return below.map((share) => share / below.at(-1)!);
}

/** The y at x, of points with rising x. */
function interpolated(xs: readonly number[], ys: Float64Array, x: number): number {
  const i = Math.max(
    1,
    xs.findIndex((each) => each >= x),
  );
  const part = (x - xs[i - 1]!) / (xs[i]! - xs[i - 1]! || 1);
  return ys[i - 1]! + part * (ys[i]! - ys[i - 1]!);
}

/** Takes the observers at equal steps of the cumulated posterior. */
function drawn(grid: Grid, mass: Float64Array, lapses: Lapses): Observer[] {
  const sizes = grid.map(({ values }) => values.length);
  const observers: Observer[] = [];
  let total = 0;
  for (let i = 0; i < mass.length && observers.length < DRAWS; i++) {
    total += mass[i]!;
    while (observers.length < DRAWS && total > (observers.length + 0.5) / DRAWS) {
      const at: number[] = [];
      for (let a = 4, rest = i; a >= 0; a--) {
        at[a] = rest % sizes[a]!;
        rest = (rest - at[a]!) / sizes[a]!;
      }
      const [bias, width, lapseLow, lapseHigh, overdispersion] = grid.map(({ values }, a) => values[at[a]!]!);
      observers.push({
        bias: bias!,
        width: width!,
        lapseLow: lapses === 'equal' ? lapseHigh! : lapseLow!,
        lapseHigh: lapseHigh!,
        overdispersion: overdispersion!,
      });
    }
  }
  return observers;
}
