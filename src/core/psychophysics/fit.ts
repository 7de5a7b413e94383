import { sum } from '../numbers.ts';
import { Random } from '../random.ts';
import { type Answers, Likelihood } from './likelihood.ts';
import { density, drawn, moved, type Part } from './mixture.ts';
import { type Observer, THRESHOLD } from './observer.ts';

/** A parameter's posterior mean and 95 % credible interval (2.5 % and 97.5 % points). */
export interface Estimate {
  mean: number;
  interval: [number, number];
}

/** What the answers say of their observer. Quantities are in the unit of x, the others 0–1. */
export interface Fit {
  /** 1, or −1 if the answers were fitted as those of an observer of −x. */
  turn: 1 | -1;
  width: Estimate;
  /** Half the distance from the 25 % to the 75 % point of Φ: the smallest difference that is told reliably. */
  threshold: Estimate;
  /** In the order of the habits. */
  shifts: Estimate[];
  shares: Estimate[];
  lapseLow: Estimate;
  lapseHigh: Estimate;
  /** Of both ends, their mean. */
  lapse: Estimate;
  likeness: Estimate;
  /** Observers drawn from the posterior, each as probable as any other. */
  draws: Observer[];
  likelihood: Likelihood;
}

/** `equal`: γ = λ, one lapse rate for both ends. `free`: two. */
export type Asymptotes = 'equal' | 'free';

/** How many observers are kept. */
const KEPT = 1000;
/** Draws of a round, for each parameter, and the most rounds. */
const PER_PARAMETER = 60;
const ROUNDS = 40;
/** Rounds end when all draws are worth so many independent ones. */
const ENOUGH = 700;
/** Weights are flattened until so many draws count, for each parameter. */
const COUNTED = 25;
/** Levels that are nearer to each other than this part of their range do not make the prior of the width finer. */
const FINEST = 1000;
/** Shares below this, which nobody can tell from 0, have so much room in the prior. */
const NEGLIGIBLE = 0.005;
const ROOM = 0.125;
/** Many observers have no habit that replaces answers: so much more room, for each habit, if all shares are. */
const NONE = 2;
/** The largest likeness that the quadrature over scenes resolves. */
const ALIKE = 0.9;

/**
 * Fits an observer by its posterior, by importance sampling from mixtures of multivariate t distributions, which are moved
 * to the posterior round by round (Cappé, Douc, Guillin, Marin and Robert, "Adaptive importance sampling in general mixture
 * classes", 2008). The draws of all rounds count, each as one of all proposals together (Cornuet, Marin, Mira and Robert,
 * "Adaptive multiple importance sampling", 2012). The same answers give the same figures.
 *
 * Priors, with the range R of the levels: log w is even between twice the smallest distance of two levels and R, and
 * falls to 0 at once and three times these; shifts are Cauchy with a scale of half the threshold, since in the unit of x a
 * wide curve would leave them more room; lapses are Beta(1, 10); shares have a density of 1 − Σ |q|, and 25 times that for
 * each |q| < 0.005, or 50 times for each if all are, since shares that are small but not 0 would take up lapses; ρ has
 * one of (1 − ρ / 0.9)² up to 0.9, and answers are as probably alike by noise as by luck.
 *
 * @param turn −1 to fit an observer of −x
 * @throws Error if there are not two levels
 */
export function fit(answers: Answers, turn: 1 | -1 = 1, asymptotes: Asymptotes = 'equal'): Fit {
  const likelihood = new Likelihood(answers, turn);
  const space = new Space(answers, asymptotes);
  const random = Random.from('fit');
  const start = space.start();
  const parameters = start[0]!.mean.length;
  const proposals = [start];
  const points: number[][] = [];
  const observers: Observer[] = [];
  // Of each point the log of the posterior, and the sum of the densities of all proposals.
  const posteriors: number[] = [];
  const densities: number[] = [];
  let weights: Float64Array = new Float64Array();
  for (let round = 1; round <= ROUNDS; round++) {
    const proposal = proposals.at(-1)!;
    points.forEach((point, i) => (densities[i]! += density(proposal, point)));
    for (const point of drawn(proposal, PER_PARAMETER * parameters, random)) {
      const observer = space.observer(point);
      if (!observer) continue;
      points.push(point);
      observers.push(observer);
      posteriors.push(likelihood.of(observer) + space.logPrior(observer));
      densities.push(sum(proposals.map((each) => density(each, point))));
    }
    const logs = Float64Array.from(posteriors, (log, i) => log - Math.log(densities[i]!));
    weights = shares(logs, 1);
    if (worthOf(weights) >= ENOUGH) break;
    proposals.push(moved(proposal, points, flattened(logs, COUNTED * parameters)));
  }
  const draws = resampled(weights, KEPT).map((i) => observers[i]!);
  const summary = (value: (observer: Observer) => number) => estimate(observers.map(value), weights);
  const each = (key: 'shifts' | 'shares') =>
    answers.habits.map((_, h) => summary((observer) => observer[key][h]!));
  return {
    turn,
    width: summary(({ width }) => width),
    threshold: summary(({ width }) => width * THRESHOLD),
    shifts: each('shifts'),
    shares: each('shares'),
    lapseLow: fromZero(summary(({ lapseLow }) => lapseLow)),
    lapseHigh: fromZero(summary(({ lapseHigh }) => lapseHigh)),
    lapse: fromZero(summary(({ lapseLow, lapseHigh }) => (lapseLow + lapseHigh) / 2)),
    likeness: summary(({ likeness }) => likeness),
    draws,
    likelihood,
  };
}

/** The density of a normal distribution at the ends of its 95 % interval, times the length of that, is 0.229. */
const AT_ENDS = 0.229;

/**
 * A rate may be 0, where no tail of 2.5 % ends. So its interval begins at 0 if what lies below its lower end is as dense as
 * the ends of a normal interval of that length.
 */
const fromZero = ({ mean, interval: [low, high] }: Estimate): Estimate => ({
  mean,
  interval: [0.025 * (high - low) >= AT_ENDS * low ? 0 : low, high],
});

/** Half a period of a cosine, from 0 at t = 0 to 1 at t = 1. */
const rise = (t: number) => (1 - Math.cos(Math.PI * t)) / 2;
const logistic = (t: number) => 1 / (1 + Math.exp(-t));
const logit = (p: number) => Math.log(p / (1 - p));

/** The share at a coordinate along which the prior is that of shares that are not negligible. */
const shareAt = (u: number) =>
  Math.abs(u) < ROOM ? (u * NEGLIGIBLE) / ROOM : u - Math.sign(u) * (ROOM - NEGLIGIBLE);

/** The coordinates in which posteriors are nearly normal: log w, shifts in widths, shares, logits of lapses and of likeness. */
class Space {
  private readonly spread: number;
  private readonly least: number;
  private readonly habits: number;
  private readonly hasScenes: boolean;

  constructor(
    { habits, scenes }: Answers,
    private readonly asymptotes: Asymptotes,
  ) {
    const xs = [...new Set(scenes.map(({ x }) => x))].sort((a, b) => a - b);
    if (xs.length < 2) throw new Error('A curve needs answers to at least two levels.');
    this.spread = xs.at(-1)! - xs[0]!;
    const gaps = xs.slice(1).map((x, i) => x - xs[i]!);
    this.least = Math.max(Math.min(...gaps), this.spread / FINEST);
    this.habits = habits.length;
    this.hasScenes = scenes.some(({ answers }) => answers.length > 1);
  }

  /** Null outside of the parameters' ranges. */
  observer(point: readonly number[]): Observer | null {
    const n = this.habits;
    const width = Math.exp(point[0]!);
    const shifts = point.slice(1, n + 1).map((shift) => shift * width);
    const shares = point.slice(n + 1, 2 * n + 1).map(shareAt);
    if (width < this.least || width > 3 * this.spread) return null;
    if (shifts.some((shift) => Math.abs(shift) >= this.spread)) return null;
    if (sum(shares.map(Math.abs)) >= 1) return null;
    const lapseHigh = logistic(point[2 * n + 1]!) / 2;
    const lapseLow = this.asymptotes === 'free' ? logistic(point[2 * n + 2]!) / 2 : lapseHigh;
    const likeness = this.hasScenes ? ALIKE * logistic(point.at(-1)!) : 0;
    return { width, shifts, shares, lapseLow, lapseHigh, likeness };
  }

  /** Log of the prior's density in these coordinates. */
  logPrior({ width, shifts, shares: replaced, lapseLow, lapseHigh, likeness }: Observer): number {
    const { least, spread } = this;
    const ofWidth =
      width < 2 * least
        ? rise((width - least) / least)
        : width > spread
          ? rise((3 * spread - width) / (2 * spread))
          : 1;
    const sizes = replaced.map(Math.abs);
    let log = Math.log(ofWidth) + Math.log(1 - sum(sizes));
    if (sizes.every((size) => size < NEGLIGIBLE)) log += sizes.length * Math.log(NONE);
    for (const shift of shifts) log -= Math.log(1 + ((2 * shift) / (width * THRESHOLD)) ** 2);
    const lapse = (rate: number) => 9 * Math.log(1 - rate) + Math.log(rate) + Math.log(1 - 2 * rate);
    log += lapse(lapseHigh);
    if (this.asymptotes === 'free') log += lapse(lapseLow);
    if (this.hasScenes) {
      const part = likeness / ALIKE;
      log += Math.log(part) + 3 * Math.log(1 - part);
    }
    return log;
  }

  /** Wide proposals about a narrow, a middling and a wide curve without habits. */
  start(): Part[] {
    const { least, spread, habits } = this;
    const rates = this.asymptotes === 'free' ? 2 : 1;
    const rest = [...Array<number>(rates).fill(logit(0.06)), ...(this.hasScenes ? [logit(0.3)] : [])];
    const zeros = Array<number>(habits).fill(0);
    const scale = [0.6, ...zeros.map(() => 0.25), ...zeros.map(() => 0.3), ...rest.map(() => 1)];
    return [2 * least, Math.sqrt(2 * least * spread), spread].map((width) => ({
      share: 1 / 3,
      mean: [Math.log(width), ...zeros, ...zeros, ...rest],
      root: scale.map((diagonal, i) => scale.map((_, j) => (i === j ? diagonal : 0))),
    }));
  }
}

/** Weights that add up to 1, of logs times a power. */
function shares(logs: Float64Array, power: number): Float64Array {
  let most = -Infinity;
  for (const log of logs) if (log > most) most = log;
  const weights = logs.map((log) => Math.exp(power * (log - most)));
  const total = sum(weights);
  return weights.map((weight) => weight / total);
}

/** How many independent draws weighted ones are worth. */
const worthOf = (weights: Float64Array): number => 1 / sum(weights.map((weight) => weight * weight));

/** Weights raised to the largest power, at most 1, by which enough of the draws count. */
function flattened(logs: Float64Array, enough: number): Float64Array {
  const whole = shares(logs, 1);
  if (worthOf(whole) >= enough) return whole;
  let [low, high] = [0, 1];
  for (let i = 0; i < 20; i++) {
    const middle = (low + high) / 2;
    if (worthOf(shares(logs, middle)) >= enough) low = middle;
    else high = middle;
  }
  return shares(logs, low);
}

/** Indices drawn by their weights, at even distances. */
function resampled(weights: Float64Array, n: number): number[] {
  const out: number[] = [];
  let below = 0;
  weights.forEach((weight, i) => {
    below += weight;
    while (out.length < n && (out.length + 0.5) / n <= below) out.push(i);
  });
  while (out.length < n) out.push(out.at(-1)!);
  return out;
}

/** Mean and interval of weighted values. */
function estimate(values: readonly number[], weights: Float64Array): Estimate {
  const order = [...values.keys()].filter((i) => weights[i]! > 0).sort((a, b) => values[a]! - values[b]!);
  const point = (share: number) => {
    let below = 0;
    for (const [rank, i] of order.entries()) {
      const middle = below + weights[i]! / 2;
      if (middle >= share) {
        if (rank === 0) return values[i]!;
        const before = order[rank - 1]!;
        const from = below - weights[before]! / 2;
        return values[before]! + ((share - from) / (middle - from)) * (values[i]! - values[before]!);
      }
      below += weights[i]!;
    }
    return values[order.at(-1)!]!;
  };
  return { mean: sum(values.map((value, i) => value * weights[i]!)), interval: [point(0.025), point(0.975)] };
}
