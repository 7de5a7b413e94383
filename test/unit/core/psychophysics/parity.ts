import { readFileSync } from 'node:fs';
import { sum } from '../../../../src/base/numbers.ts';
import { type Estimate, fit } from '../../../../src/core/psychophysics/fit.ts';
import { type Observer, THRESHOLD } from '../../../../src/core/psychophysics/observer.ts';

/** What psignifit 4.3 makes of simulated answers (make.py next to the file). Its `threshold` is where the curve's middle lies. */
interface Fixture {
  levels: string;
  x: number[];
  k: number[];
  n: number;
  experiment: 'yes/no' | 'equal asymptote';
  observer: { m: number; w: number; spread: number };
  mean: { threshold: number; width: number; lambda: number };
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(`test/fixtures/parity/psychometric/${name}`, 'utf8'));

export const { fits: fixtures } = read('fits.json') as { fits: Fixture[] };

/** What Markov chains say of simulated observers with two habits, and of scenes that make answers alike (mcmc.py next to the file). */
interface Chain {
  kind: string;
  by: string;
  rho: number;
  x: number[];
  /** Of each scene, a + or − for every way of asking. */
  claims: string[];
  /** How many independent draws the chain is worth. */
  worth: number;
  /** How probable it is that no habit shifts what is seen, and that none replaces answers. */
  none: { shifts: number; shares: number };
  posterior: Record<string, Estimate>;
}

export const { fits: chains, ways } = read('mcmc.json') as { fits: Chain[]; ways: (1 | -1)[][] };

/**
 * How far the ends of our intervals lie from those of the chain, and our means from its means, in percent of its intervals’
 * lengths, and the probabilities that no habit shifts what is seen, and that none replaces answers, in points.
 */
export function besideChain({ x, claims, none, posterior }: Chain): {
  ends: number[];
  means: number[];
  none: number[];
} {
  const scenes = x.map((level, i) => ({
    block: String(i),
    x: level,
    answers: ways.map((signs, w) => [claims[i]![w] === '+' ? 1 : -1, ...signs] as const),
  }));
  const ours = fit({ habits: ways[0]!.map(String), scenes });
  const pairs = [
    [ours.threshold, posterior.threshold!],
    [ours.lapse, posterior.lapse!],
    ...ours.shifts.map((shift, h) => [shift, posterior[`shift ${h}`]!] as const),
    ...ours.shares.map((share, h) => [share, posterior[`share ${h}`]!] as const),
  ] as const;
  const of = (valueOf: (estimate: Estimate) => number) =>
    pairs.map(
      ([our, chain]) =>
        (100 * Math.abs(valueOf(our) - valueOf(chain))) / (chain.interval[1] - chain.interval[0]),
    );
  const without = (key: 'shifts' | 'shares') =>
    ours.draws.filter((observer) => observer[key].every((value) => value === 0)).length / ours.draws.length;
  return {
    // Where a rate may be 0, our interval begins there.
    ends: [
      ...of(({ interval: [low] }) => low).filter((_, i) => pairs[i]![0].interval[0] !== 0),
      ...of(({ interval: [, high] }) => high),
    ],
    means: of(({ mean }) => mean),
    none: (['shifts', 'shares'] as const).map((key) => 100 * Math.abs(without(key) - none[key])),
  };
}

/**
 * Our mean width, our middle and how far it lies from psignifit's in percent of its width, and our lapses in points of
 * percent; and how far width and middle lie from psignifit’s if our draws are weighted as its priors would have them, which
 * are even in the width and in the middle. Each answer is a scene of its own, and the curve's middle is what a habit shifts
 * that always claims the same.
 */
export function compared({ x, k, n, experiment, mean }: Fixture) {
  const scenes = x.flatMap((level, i) =>
    Array.from({ length: n }, (_, j) => ({
      block: `${level} ${j}`,
      x: level,
      answers: [[j < k[i]! ? 1 : -1, 1] as const],
    })),
  );
  const ours = fit({ habits: ['positive'], scenes }, 1, experiment === 'yes/no' ? 'free' : 'equal');
  // In psignifit the middle is free, and no habit replaces answers.
  const draws = ours.shifting.filter(({ shares }) => shares[0] === 0);
  // Ours are even in log w, and Cauchy in b with a scale of half the threshold.
  const weights = draws.map(({ width, shifts: [shift] }) => {
    const scale = (width * THRESHOLD) / 2;
    const beyond = Math.min(1, Math.max(0, (2 * (Math.abs(shift!) - x.at(-1)!)) / (x.at(-1)! - x[0]!)));
    return (width * scale * (1 + (shift! / scale) ** 2) * (1 + Math.cos(Math.PI * beyond))) / 2;
  });
  const weighted = (valueOf: (observer: Observer) => number) =>
    sum(draws.map((one, i) => weights[i]! * valueOf(one))) / sum(weights);
  const apart = (value: number, theirs: number) => (100 * Math.abs(value - theirs)) / mean.width;
  return {
    width: ours.width.mean,
    middle: -ours.shifts[0]!.mean,
    apart: apart(-ours.shifts[0]!.mean, mean.threshold),
    lapse: 100 * Math.abs(ours.lapseHigh.mean - mean.lambda),
    withTheirPriors: {
      width: apart(
        weighted(({ width }) => width),
        mean.width,
      ),
      middle: apart(-weighted(({ shifts }) => shifts[0]!), mean.threshold),
    },
  };
}
