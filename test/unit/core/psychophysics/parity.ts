import { readFileSync } from 'node:fs';
import { type Estimate, fit } from '../../../../src/core/psychophysics/fit.ts';

/** What psignifit 4.3 makes of simulated answers (make.py beside the file). Its `threshold` is where the curve's middle lies. */
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
  JSON.parse(readFileSync(new URL(`../../../fixtures/parity/psychometric/${name}`, import.meta.url), 'utf8'));

export const { fits: fixtures } = read('fits.json') as { fits: Fixture[] };

/** What Markov chains say of simulated observers with two habits, and of scenes that make answers alike (mcmc.py beside the file). */
interface Chain {
  kind: string;
  by: string;
  rho: number;
  x: number[];
  /** Of each scene, a + or − for every way of asking. */
  claims: string[];
  /** How many independent draws the chain is worth. */
  worth: number;
  posterior: Record<string, Estimate>;
}

export const { fits: chains, ways } = read('mcmc.json') as { fits: Chain[]; ways: (1 | -1)[][] };

/**
 * How far the ends of our intervals lie from those of the chain, and our means from its means, in percent of its intervals’
 * lengths. Shares that are nearly 0 have tiny intervals, whose ends hang on few draws: there, a length is at least 10 points.
 */
export function besideChain({ x, claims, posterior }: Chain): { ends: number[]; means: number[] } {
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
    ...ours.shares.map((share, h) => [share, posterior[`share ${h}`]!, 0.1] as const),
  ] as const;
  const of = (valueOf: (estimate: Estimate) => number) =>
    pairs.map(([our, { mean, interval }, least = 0]) => {
      const length = Math.max(least, interval[1] - interval[0]);
      return (100 * Math.abs(valueOf(our) - valueOf({ mean, interval }))) / length;
    });
  return {
    // Where a rate may be 0, our interval begins there.
    ends: [
      ...of(({ interval: [low] }) => low).filter((_, i) => pairs[i]![0].interval[0] !== 0),
      ...of(({ interval: [, high] }) => high),
    ],
    means: of(({ mean }) => mean),
  };
}

/**
 * Our mean width, our middle and how far it lies from psignifit's in percent of its width, and our lapses in points of
 * percent. Each answer is a scene of its own, and the curve's middle is what a habit shifts that always claims the same.
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
  return {
    width: ours.width.mean,
    middle: -ours.shifts[0]!.mean,
    apart: (100 * Math.abs(-ours.shifts[0]!.mean - mean.threshold)) / mean.width,
    lapse: 100 * Math.abs(ours.lapseHigh.mean - mean.lambda),
  };
}
