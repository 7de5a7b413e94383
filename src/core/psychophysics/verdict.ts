import { sum } from '../numbers.ts';
import type { Random } from '../random.ts';
import type { Fit, Level } from './fit.ts';
import { probability, type Observer } from './observer.ts';

/**
 * What can be said of an observer. `constant`: the same answer to everything. `cannot tell`: whether answers rise or
 * fall with x is open (below 97.5 %). `inverted`: they fall. `out of range`: they rise or fall, but the curve may be
 * wider than twice the largest level, so there is no threshold.
 */
export type Verdict = 'measured' | 'inverted' | 'out of range' | 'constant' | 'cannot tell';

export function verdict(fit: Fit, levels: readonly Level[]): Verdict {
  const positive = sum(levels.map((level) => level.positive));
  if (positive === 0 || positive === sum(levels.map(({ n }) => n))) return 'constant';
  const largest = Math.max(...levels.map(({ x }) => Math.abs(x)));
  const decided = fit.inverted < 0.025 || fit.inverted > 0.975;
  if (!decided) return 'cannot tell';
  if (fit.width.interval[1] > 2 * largest) return 'out of range';
  return fit.inverted > 0.5 ? 'inverted' : 'measured';
}

/**
 * Whether the curve describes the answers: the deviance at the posterior mean, and how often observers of the posterior
 * would answer at least as far from their own curves as these answers lie from them. A small p says that no curve of
 * this form gave these answers.
 */
export function deviance(fit: Fit, levels: readonly Level[], random: Random): { value: number; p: number } {
  const turn = fit.inverted > 0.5 ? -1 : 1;
  const turned = levels.map((level) => ({ ...level, x: turn * level.x }));
  const means: Observer = {
    bias: fit.bias.mean,
    width: fit.width.mean,
    lapseLow: fit.lapseLow.mean,
    lapseHigh: fit.lapseHigh.mean,
    overdispersion: fit.overdispersion.mean,
  };
  const farther = fit.draws.filter((observer) => {
    const simulated = turned.map(({ x, n }) => ({ x, n, positive: answers(x, n, observer, random) }));
    return devianceOf(simulated, observer) >= devianceOf(turned, observer);
  });
  return { value: devianceOf(turned, means), p: farther.length / fit.draws.length };
}

const devianceOf = (levels: readonly Level[], observer: Observer): number =>
  2 *
  sum(
    levels.map(({ x, positive, n }) => {
      const p = probability(x, observer);
      const part = (k: number, expected: number) => (k === 0 ? 0 : k * Math.log(k / expected));
      return part(positive, n * p) + part(n - positive, n * (1 - p));
    }),
  );

/** Draws the number of positive answers among `n`, beta-binomially: by Pólya's urn. */
export function answers(x: number, n: number, observer: Observer, random: Random): number {
  const p = probability(x, observer);
  const nu = observer.overdispersion > 0 ? 1 / observer.overdispersion ** 2 - 1 : Infinity;
  let positive = 0;
  for (let i = 0; i < n; i++)
    if (random.chance(nu === Infinity ? p : (p * nu + positive) / (nu + i))) positive += 1;
  return positive;
}
