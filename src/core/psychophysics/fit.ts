import { sum } from '../../base/numbers.ts';
import { Random } from '../../base/random.ts';
import { type Answers, Likelihood } from './likelihood.ts';
import { atZero, density, drawn, factorOf, moved, type Part } from './mixture.ts';
import { type Asymptotes, type Observer, THRESHOLD } from './observer.ts';
import { type Effects, Prior } from './prior.ts';

/** Posterior mean of a parameter, and its 95% credible interval (2.5% and 97.5% points). */
export interface Estimate {
  mean: number;
  interval: [number, number];
}

/** Estimates of an observer. Quantities are in the unit of x; all other estimates are 0–1. */
export interface Fit {
  /** Sign of x in the fit: 1, or −1 if the observer was fitted to −x. */
  turn: 1 | -1;
  width: Estimate;
  /** Discrimination threshold: half the distance from the 25% to the 75% point of Φ. */
  threshold: Estimate;
  /** Shift of x by each response bias, assuming that biases can shift x. Other estimates do not assume this. */
  shifts: Estimate[];
  /** Share of each response bias, assuming that biases can replace answers. Other estimates do not assume this. */
  shares: Estimate[];
  lapseLow: Estimate;
  lapseHigh: Estimate;
  /** Mean of the lapse rates at both ends. */
  lapse: Estimate;
  /** Draws from the posterior, which are equally probable. */
  draws: Observer[];
  /** Posterior draws that assume that response biases can shift x, the source of `shifts`. */
  shifting: Observer[];
  /** Posterior draws that assume that response biases can replace answers, the source of `shares`. */
  replacing: Observer[];
  likelihood: Likelihood;
}

/** Number of stored draws from a posterior. */
const KEPT = 1000;
/** Number of draws per round and parameter. `ROUNDS`: minimum and maximum number of rounds. */
const PER_PARAMETER = 40;
const LEAST_ROUNDS = 4;
const ROUNDS = 40;
/** Number of parameters above which the number of draws grows with its square, as the covariance does. */
const FEW = 7;
/** Effective sample size at which importance sampling ends. */
const ENOUGH = 700;
/** Minimum effective sample size per parameter. Weights are flattened to achieve this size. */
const COUNTED = 12;

/**
 * Fits an observer by its posterior. A priori, it is equally probable that no response bias shifts x and that all
 * biases can shift x; likewise for replaced answers. Otherwise, many small nonzero shifts or shares together would make
 * curves steeper, or lapses rarer. The size of a single effect is estimated on the assumption that effects exist,
 * because the estimate would otherwise shrink to 0. Equal answers always give equal values.
 *
 * @param turn −1 to fit an observer to −x
 * @throws Error for fewer than two levels
 */
export function fit(answers: Answers, turn: 1 | -1 = 1, asymptotes: Asymptotes = 'equal'): Fit {
  const likelihood = new Likelihood(answers, turn);
  const random = Random.from('fit');
  const priorOf = (effects: Effects) => new Prior(answers, asymptotes, effects);
  const prior = priorOf({ replaces: true, shifts: true });
  const both = posteriorOf(likelihood, prior, prior.start(), random);
  const shares = answers.habits.map((_, h) => h);
  const shifts = shares.map((h) => shares.length + h);
  const without = (effects: Effects, zeros: number[]) =>
    posteriorOf(likelihood, priorOf(effects), atZero(both.proposal, zeros), random, both.evidence);
  const replaced = without({ replaces: true, shifts: false }, shifts);
  const shifted = without({ replaces: false, shifts: true }, shares);
  const neither = without({ replaces: false, shifts: false }, [...shares, ...shifts]);
  const all = averaged([both, replaced, shifted, neither]);
  const replacing = averaged([both, replaced]);
  const shifting = averaged([both, shifted]);
  return {
    turn,
    width: all.estimate(({ width }) => width),
    threshold: all.estimate(({ width }) => width * THRESHOLD),
    shifts: answers.habits.map((_, h) => shifting.estimate((observer) => observer.shifts[h]!)),
    shares: answers.habits.map((_, h) => replacing.estimate((observer) => observer.shares[h]!)),
    lapseLow: fromZero(all.estimate(({ lapseLow }) => lapseLow)),
    lapseHigh: fromZero(all.estimate(({ lapseHigh }) => lapseHigh)),
    lapse: fromZero(all.estimate(({ lapseLow, lapseHigh }) => (lapseLow + lapseHigh) / 2)),
    draws: all.draws(),
    shifting: shifting.draws(),
    replacing: replacing.draws(),
    likelihood,
  };
}

/** Draws from a posterior, with weights that sum to 1, and the proposal of the last round. */
interface Posterior {
  observers: Observer[];
  weights: number[];
  /** Logarithm of the mean likelihood under the prior, without the constant factor that all priors share. */
  evidence: number;
  proposal: Part[];
}

/** Averages posteriors, weighted by the probability of each posterior given the answers. */
function averaged(posteriors: readonly Posterior[]) {
  const parts = proportions(posteriors.map(({ evidence }) => evidence));
  const observers = posteriors.flatMap((posterior) => posterior.observers);
  const weights = posteriors.flatMap((posterior, i) => posterior.weights.map((weight) => parts[i]! * weight));
  return {
    estimate: (value: (observer: Observer) => number) => estimateOf(observers.map(value), weights),
    draws: () => resampled(weights, KEPT).map((i) => observers[i]!),
  };
}

/**
 * Draws from a posterior by importance sampling, with mixtures of multivariate t distributions that adapt round by
 * round (Cappé, Douc, Guillin, Marin and Robert, "Adaptive importance sampling in general mixture classes", 2008).
 * Draws of all rounds count, weighted by the mixture of all proposals (Cornuet, Marin, Mira and Robert, "Adaptive
 * multiple importance sampling", 2012). A posterior with less evidence than the other posterior needs fewer draws.
 *
 * @param beside evidence of the other posterior
 */
function posteriorOf(
  likelihood: Likelihood,
  prior: Prior,
  start: Part[],
  random: Random,
  beside = -Infinity,
): Posterior {
  const proposals = [start];
  const parameters = start[0]!.mean.length;
  const size = Math.max(parameters, parameters ** 2 / FEW);
  const n = Math.round(PER_PARAMETER * size);
  const points: number[][] = [];
  const observers: Observer[] = [];
  // For each drawn point: the log of the posterior, and the sum of the densities of all proposals.
  const posteriors: number[] = [];
  const densities: number[] = [];
  for (let round = 1; ; round++) {
    const proposal = proposals.at(-1)!;
    points.forEach((point, i) => (densities[i]! += density(proposal, point)));
    for (const point of drawn(proposal, n, random)) {
      const observer = prior.observer(point);
      if (!observer) continue;
      points.push(point);
      observers.push(observer);
      posteriors.push(likelihood.of(observer) + prior.log(observer));
      densities.push(sum(proposals.map((each) => density(each, point))));
    }
    const logs = posteriors.map((log, i) => log - Math.log(n * densities[i]!));
    const weights = proportions(logs);
    const evidence = logSum(logs) - Math.log(factorOf(parameters));
    const enough = ENOUGH * Math.min(1, Math.exp(evidence - beside));
    if (round === ROUNDS || (round >= LEAST_ROUNDS && worthOf(weights) >= enough))
      return { observers, weights, evidence, proposal };
    proposals.push(moved(proposal, points, flattened(logs, COUNTED * size)));
  }
}

/** Density of a normal distribution at the ends of its 95% interval, times the length of this interval. */
const AT_ENDS = 0.229;

/**
 * Extends intervals of rates to 0, because a tail of 2.5% cannot end at 0. The interval begins at 0 if the density
 * below its lower end is at least that of a normal distribution at the ends of its interval.
 */
const fromZero = ({ mean, interval: [low, high] }: Estimate): Estimate => ({
  mean,
  interval: [0.025 * (high - low) >= AT_ENDS * low ? 0 : low, high],
});

/** Returns log Σ exp(x) over a list of logarithms x. */
function logSum(logs: readonly number[]): number {
  let most = -Infinity;
  for (const log of logs) if (log > most) most = log;
  return most + Math.log(sum(logs.map((log) => Math.exp(log - most))));
}

/** Returns weights that sum to 1, proportional to a power of exp(logs). */
function proportions(logs: readonly number[], power = 1): number[] {
  const raised = logs.map((log) => power * log);
  const whole = logSum(raised);
  return raised.map((log) => Math.exp(log - whole));
}

const worthOf = (weights: readonly number[]): number => 1 / sum(weights.map((weight) => weight * weight));

/** Flattens weights by the largest power up to 1 that achieves the required effective sample size. */
function flattened(logs: readonly number[], enough: number): number[] {
  const whole = proportions(logs);
  if (worthOf(whole) >= enough) return whole;
  let [low, high] = [0, 1];
  for (let i = 0; i < 20; i++) {
    const middle = (low + high) / 2;
    if (worthOf(proportions(logs, middle)) >= enough) low = middle;
    else high = middle;
  }
  return proportions(logs, low);
}

/** Draws indices in proportion to weights, by systematic resampling. */
function resampled(weights: readonly number[], n: number): number[] {
  const out: number[] = [];
  let below = 0;
  weights.forEach((weight, i) => {
    below += weight;
    while (out.length < n && (out.length + 0.5) / n <= below) out.push(i);
  });
  while (out.length < n) out.push(out.at(-1)!);
  return out;
}

/** Returns the mean and the interval of weighted values. */
function estimateOf(values: readonly number[], weights: readonly number[]): Estimate {
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
