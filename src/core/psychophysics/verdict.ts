import { Z } from '../metrics/share.ts';
import { studentQuantile } from '../metrics/statistics.ts';
import { sum } from '../numbers.ts';
import type { Random } from '../random.ts';
import type { Fit, Level } from './fit.ts';
import { probability, type Observer } from './observer.ts';

/**
 * What can be said of an observer. `constant`: the same answer to everything. `cannot tell`: whether answers rise or
 * fall with x is open: neither is sure to 97.5 %, or a straight line through the levels' ranks might be level. The
 * posterior alone decides too soon, because no observer of its priors answers the same at every x. `inverted`: they
 * fall. `out of range`: they rise or fall, but the curve may be wider than twice the largest level, so there is no
 * threshold.
 */
export type Verdict = 'measured' | 'inverted' | 'out of range' | 'constant' | 'cannot tell';

export function verdict(fit: Fit, levels: readonly Level[]): Verdict {
  const positive = sum(levels.map((level) => level.positive));
  if (positive === 0 || positive === sum(levels.map(({ n }) => n))) return 'constant';
  const largest = Math.max(...levels.map(({ x }) => Math.abs(x)));
  const decided = fit.inverted < 0.025 || fit.inverted > 0.975;
  if (!decided || !isSloped(levels)) return 'cannot tell';
  if (fit.width.interval[1] > 2 * largest) return 'out of range';
  return fit.inverted > 0.5 ? 'inverted' : 'measured';
}

/**
 * Whether the shares of positive answers rise or fall over the levels, at 95 %: the slope of the line through them by
 * the levels' ranks, with the spread of counts about it, which is at least that of independent answers.
 */
function isSloped(levels: readonly Level[]): boolean {
  const rising = [...levels].sort((a, b) => a.x - b.x).filter(({ n }) => n > 0);
  const total = sum(rising.map(({ n }) => n));
  const weighted = (of: (level: Level, rank: number) => number) =>
    sum(rising.map((level, rank) => level.n * of(level, rank))) / total;
  const [share, middle] = [weighted(({ positive, n }) => positive / n), weighted((_, rank) => rank)];
  const squares = total * weighted((_, rank) => (rank - middle) ** 2);
  if (squares === 0) return false;
  const slope = (total * weighted(({ positive, n }, rank) => (positive / n) * (rank - middle))) / squares;
  const rest =
    total * weighted(({ positive, n }, rank) => (positive / n - share - slope * (rank - middle)) ** 2);
  const df = rising.length - 2;
  const independent = share * (1 - share);
  const spread = df > 0 ? Math.max(independent, rest / df) : independent;
  const t = Math.abs(slope) / Math.sqrt(spread / squares);
  return t > (spread > independent ? studentQuantile(df) : Z);
}

/** With fewer answers to plain differences than this, two errors among them may make the width too large. */
const FEW_PLAIN = 64;

/**
 * Whether the width may be larger than it says. The prior of lapses expects hardly any, so errors on plain differences,
 * those from half of the largest on, are read as a flat curve unless there are enough answers to them: of simulated
 * observers who err in 10 % of plain cases, with 8 answers a level, the interval of the width lies above it in a quarter
 * (`test/unit/core/psychophysics/fit.slow.test.ts`).
 * @param falls whether the curve falls as x rises
 */
export function mayBeTooWide(levels: readonly Level[], falls: boolean): boolean {
  const largest = Math.max(...levels.map(({ x }) => Math.abs(x)));
  const plain = levels.filter(({ x }) => Math.abs(x) >= largest / 2);
  const errors = sum(plain.map(({ x, positive, n }) => (x > 0 !== falls ? n - positive : positive)));
  return sum(plain.map(({ n }) => n)) < FEW_PLAIN && errors >= 2;
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
