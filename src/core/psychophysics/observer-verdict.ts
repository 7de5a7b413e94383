import { studentQuantile } from '../metrics/statistics.ts';
import { sum } from '../../base/numbers.ts';
import type { Fit } from './fit.ts';
import type { Answers } from './likelihood.ts';

/**
 * Verdict on an observer. `constant`: all answers are the same. `cannot tell`: the answers do not significantly rise or
 * fall over x. `inverted`: the answers fall. `out of range`: the answers rise or fall, but the curve could be wider
 * than twice the largest level, so only a lower bound of the threshold is known.
 */
export type Verdict = 'measured' | 'inverted' | 'out of range' | 'constant' | 'cannot tell';

/** Returns the direction of the curve without a fit, 1 or −1, or the reason why the answers have no direction. */
export function directionOf({ scenes }: Answers): 1 | -1 | 'constant' | 'cannot tell' {
  const claims = scenes.flatMap(({ answers }) => answers.map(([claim]) => claim));
  if (new Set(scenes.map(({ x }) => x)).size < 2) return 'cannot tell';
  if (new Set(claims).size < 2) return 'constant';
  const { slope, isDecided } = trendOf(scenes);
  if (!isDecided) return 'cannot tell';
  return slope < 0 ? -1 : 1;
}

/** Returns the verdict on a fit. @param largest maximum |x| of all levels */
export function verdictOn(fit: Fit, largest: number): Verdict {
  if (fit.width.interval[1] > 2 * largest) return 'out of range';
  return fit.turn === 1 ? 'measured' : 'inverted';
}

/**
 * Returns the slope of the scenes' shares of positive claims on the rank of x, and whether the slope is significant at
 * 95%: by Student's t over scenes, because answers to one scene are correlated.
 */
function trendOf(scenes: Answers['scenes']): { slope: number; isDecided: boolean } {
  const xs = [...new Set(scenes.map(({ x }) => x))].sort((a, b) => a - b);
  const points = scenes.map(({ x, answers }) => ({
    rank: xs.indexOf(x),
    share: sum(answers.map(([claim]) => (claim === 1 ? 1 : 0))) / answers.length,
    n: answers.length,
  }));
  const total = sum(points.map(({ n }) => n));
  const weighted = (valueOf: (point: (typeof points)[number]) => number) =>
    sum(points.map((point) => point.n * valueOf(point))) / total;
  const [share, middle] = [weighted((point) => point.share), weighted(({ rank }) => rank)];
  const spread = weighted(({ rank }) => (rank - middle) ** 2);
  const slope = weighted((point) => (point.share - share) * (point.rank - middle)) / spread;
  const df = points.length - 2;
  if (df < 1) return { slope, isDecided: false };
  const rest = weighted((point) => (point.share - share - slope * (point.rank - middle)) ** 2);
  return { slope, isDecided: Math.abs(slope) > studentQuantile(df) * Math.sqrt(rest / spread / df) };
}
