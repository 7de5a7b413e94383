import { quantile } from '../metrics/metric.ts';
import { mean, sum } from '../../base/numbers.ts';
import { Random } from '../../base/random.ts';
import type { Fit } from './fit.ts';
import type { Answers } from './likelihood.ts';
import { type Observer, THRESHOLD } from './observer.ts';

/** A difference between two observers (second minus first), and its 95% interval. */
export interface Difference {
  value: number;
  interval: [number, number];
}

/** Answers, and the observer model that was fitted to them. */
export interface Fitted {
  answers: Answers;
  fit: Fit;
}

export interface Differences {
  threshold: Difference;
  lapse: Difference;
  /** Differences by response bias, for the biases in both fits. */
  shifts: Record<string, Difference>;
  shares: Record<string, Difference>;
}

/** Number of draws that estimate the influence of scenes on a parameter. */
const FOR_INFLUENCE = 250;
/** Weight of a prior correlation of 0, in scenes. */
const PRIOR = 10;

/**
 * Compares two observers by draws of one joint posterior. The observers are correlated because of their common scenes.
 * A scene's influence on a posterior mean is the covariance of the parameter and the scene's log-likelihood (Giordano
 * and Broderick, "The Bayesian infinitesimal jackknife for variance", 2023). Common scenes' influences on both
 * observers have the same correlation as the parameters. Draws of both posteriors are paired with this correlation.
 */
export function differencesOf(first: Fitted, second: Fitted): Differences {
  const drawsOf = (key: 'draws' | 'shifting' | 'replacing') =>
    [first, second].map(({ fit }) => {
      const draws = fit[key];
      const some = draws.filter((_, i) => i % Math.ceil(draws.length / FOR_INFLUENCE) === 0);
      return { draws, some, likelihoods: some.map((observer) => fit.likelihood.ofScenes(observer)) };
    });
  const [one, two] = [first, second].map(({ answers }) => answers.scenes.map(({ block }) => block));
  const others = new Map(two!.map((block, i) => [block, i]));
  const common = one!.flatMap((block, i) => {
    const other = others.get(block);
    return other === undefined ? [] : [[i, other] as const];
  });
  const random = Random.from('differences');
  const pairs = first.fit.draws.map(() => [random.normal(), random.normal()] as const);
  const between = (
    sides: ReturnType<typeof drawsOf>,
    valueOf: (one: Observer) => number,
    other = valueOf,
  ): Difference => {
    const values = [valueOf, other].map((value, s) => sides[s]!.some.map(value));
    const influence = (s: number, scene: number) =>
      covariance(
        values[s]!,
        sides[s]!.likelihoods.map((each) => each[scene]!),
      );
    const influences = common.map(([i, j]) => [influence(0, i), influence(1, j)] as const);
    const product = (a: 0 | 1, b: 0 | 1) => sum(influences.map((scene) => scene[a] * scene[b]));
    const scale = Math.sqrt(product(0, 0) * product(1, 1));
    const r = scale === 0 ? 0 : ((product(0, 1) / scale) * common.length) / (common.length + PRIOR);
    return paired(sides[0]!.draws.map(valueOf), sides[1]!.draws.map(other), r, pairs);
  };
  const shared = first.answers.habits.flatMap((name, h) => {
    const other = second.answers.habits.indexOf(name);
    return other < 0 ? [] : [[name, h, other] as const];
  });
  const ofHabits = (sides: ReturnType<typeof drawsOf>, key: 'shifts' | 'shares') =>
    Object.fromEntries(
      shared.map(([name, h, other]) => [
        name,
        between(
          sides,
          (observer) => observer[key][h]!,
          (observer) => observer[key][other]!,
        ),
      ]),
    );
  const all = drawsOf('draws');
  return {
    threshold: between(all, ({ width }) => width * THRESHOLD),
    lapse: between(all, ({ lapseLow, lapseHigh }) => (lapseLow + lapseHigh) / 2),
    shifts: ofHabits(drawsOf('shifting'), 'shifts'),
    shares: ofHabits(drawsOf('replacing'), 'shares'),
  };
}

function covariance(a: readonly number[], b: readonly number[]): number {
  const [meanOfA, meanOfB] = [mean(a)!, mean(b)!];
  return sum(a.map((value, i) => (value - meanOfA) * (b[i]! - meanOfB))) / a.length;
}

/** Pairs draws of both posteriors by normal variables with correlation r. Both distributions are unchanged. */
function paired(
  first: readonly number[],
  second: readonly number[],
  r: number,
  pairs: readonly (readonly [number, number])[],
): Difference {
  const byRank = (values: readonly number[], keys: readonly number[]) => {
    const sorted = [...values].sort((a, b) => a - b);
    const out = Array<number>(values.length);
    const order = [...keys.keys()].sort((a, b) => keys[a]! - keys[b]!);
    for (const [rank, i] of order.entries()) out[i] = sorted[rank]!;
    return out;
  };
  const ranked = byRank(
    first,
    pairs.map(([a]) => a),
  );
  const two = byRank(
    second,
    pairs.map(([a, b]) => r * a + Math.sqrt(1 - r * r) * b),
  );
  const differences = two.map((value, i) => value - ranked[i]!).sort((a, b) => a - b);
  return {
    value: mean(second)! - mean(first)!,
    interval: [quantile(differences, 0.025), quantile(differences, 0.975)],
  };
}
