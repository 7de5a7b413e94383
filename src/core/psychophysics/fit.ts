import { sum } from '../../base/numbers.ts';
import { Random } from '../../base/random.ts';
import { type Answers, Likelihood } from './likelihood.ts';
import { atZero, density, drawn, factorOf, moved, type Part } from './mixture.ts';
import { type Asymptotes, type Observer, THRESHOLD } from './observer.ts';
import { type Effects, Prior } from './prior.ts';

/** A parameter's posterior mean and 95% credible interval (2.5% and 97.5% points). */
export interface Estimate {
  mean: number;
  interval: [number, number];
}

/** What the answers say of their observer. Quantities are in the unit of x, the others 0–1. */
export interface Fit {
  /** 1, or −1 if the answers were fitted as those of an observer of −x. */
  turn: 1 | -1;
  width: Estimate;
  /** Half the distance from the 25% to the 75% point of Φ: the smallest difference that is told reliably. */
  threshold: Estimate;
  /** In the order of the habits, if each may shift what is seen, which only these figures take as given. */
  shifts: Estimate[];
  /** If each habit may replace answers, which only these figures take as given. */
  shares: Estimate[];
  lapseLow: Estimate;
  lapseHigh: Estimate;
  /** Of both ends, their mean. */
  lapse: Estimate;
  /** Observers drawn from the posterior, each as probable as any other. */
  draws: Observer[];
  /** Observers drawn from the posterior if each habit may shift what is seen, of which are the shifts. */
  shifting: Observer[];
  /** Observers drawn from the posterior if each habit may replace answers, of which are the shares. */
  replacing: Observer[];
  likelihood: Likelihood;
}

/** How many observers are kept. */
const KEPT = 1000;
/** Draws of a round, for each parameter, and the fewest and most rounds. */
const PER_PARAMETER = 40;
const LEAST_ROUNDS = 4;
const ROUNDS = 40;
/** A covariance has more entries for each parameter the more there are: beyond so many, draws grow with their square. */
const FEW = 7;
/** Rounds end when all draws are worth so many independent ones. */
const ENOUGH = 700;
/** Weights are flattened until so many draws count, for each parameter. */
const COUNTED = 12;

/**
 * Fits an observer by its posterior. Before there are answers, that habits do not shift what is seen is as probable as that
 * each may, and so it is of replacing answers: all shifts or shares that are small but not 0 would together make curves
 * steeper, or lapses fewer. How large one of them is, is said as if each habit may have one, since a small one would else
 * be drawn to 0. The same answers give the same figures.
 *
 * @param turn −1 to fit an observer of −x
 * @throws Error if there are not two levels
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

/** Observers drawn from a posterior, their weights, which add up to 1, and the proposal from which the last were drawn. */
interface Posterior {
  observers: Observer[];
  weights: number[];
  /** The log of the mean likelihood under the prior, but for the factor that all priors leave out. */
  evidence: number;
  proposal: Part[];
}

/** Posteriors together, each as far as the answers make it probable. */
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
 * Samples a posterior by importance, from mixtures of multivariate t distributions, which are moved to it round by round
 * (Cappé, Douc, Guillin, Marin and Robert, "Adaptive importance sampling in general mixture classes", 2008). The draws of
 * all rounds count, each as one of all proposals together (Cornuet, Marin, Mira and Robert, "Adaptive multiple importance
 * sampling", 2012). Of one that is less probable than another, fewer draws are needed.
 *
 * @param beside the evidence of the other
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
  // Of each point the log of the posterior, and the sum of the densities of all proposals.
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

/** The density of a normal distribution at the ends of its 95% interval, times the length of that, is 0.229. */
const AT_ENDS = 0.229;

/**
 * A rate may be 0, where no tail of 2.5% ends. So its interval begins at 0 if what lies below its lower end is as dense as
 * the ends of a normal interval of that length.
 */
const fromZero = ({ mean, interval: [low, high] }: Estimate): Estimate => ({
  mean,
  interval: [0.025 * (high - low) >= AT_ENDS * low ? 0 : low, high],
});

/** The log of a sum, of the logs of what is added. */
function logSum(logs: readonly number[]): number {
  let most = -Infinity;
  for (const log of logs) if (log > most) most = log;
  return most + Math.log(sum(logs.map((log) => Math.exp(log - most))));
}

/** Weights that add up to 1, in proportion to a power of what these are logs of. */
function proportions(logs: readonly number[], power = 1): number[] {
  const raised = logs.map((log) => power * log);
  const whole = logSum(raised);
  return raised.map((log) => Math.exp(log - whole));
}

/** How many independent draws weighted ones are worth. */
const worthOf = (weights: readonly number[]): number => 1 / sum(weights.map((weight) => weight * weight));

/** Weights raised to the largest power, at most 1, by which enough of the draws count. */
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

/** Indices drawn by their weights, at even distances. */
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

/** Mean and interval of weighted values. */
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
