import type { Verdict } from '../answers/pair-verdict.ts';
import { both, exactly, less, withBounds, wrong, type Range } from './bounds.ts';
import { askedOf, floorOf } from './floor-search.ts';
import type { Metric } from '../evaluation/results.ts';
import type { ScoredRow } from '../evaluation/scored-row.ts';
import { gapWithInterval } from './statistics.ts';
import { answersByView, answersIn, chanceOfPairs, pairingsOf } from './view-pairings.ts';
import { MIRROR, ORIGINAL, type PairView } from '../../rows/view-list.ts';

/** Computes shares of pairs from the shares of right answers in each view; for chance, from the probabilities. */
const SHARES: Record<PairView | Exclude<Verdict, 'only_view'>, (original: Range, mirror: Range) => Range> = {
  original: (original) => original,
  mirror: (_, mirror) => mirror,
  consistent: both,
  only_original: (original, mirror) => both(original, wrong(mirror)),
  only_mirror: (original, mirror) => both(wrong(original), mirror),
  neither: (original, mirror) => both(wrong(original), wrong(mirror)),
};

/** Names of the metrics that are shares of pairs. */
export const PAIR_SHARES = Object.keys(SHARES) as (keyof typeof SHARES)[];

/**
 * Computes shares of pairs: right originals, right mirrors, and each outcome [B-61]; {} without pairs. If a view has
 * several answers, each answer to the original is paired with each answer to the mirror, so the expected value does not
 * depend on the number of answers. Chance assumes independent guesses. `view_gap` is the difference between originals
 * and mirrors, with its interval. Unscored answers give bounds; a pair with one certainly wrong view is certainly not
 * right in both views.
 */
export function viewConsistency(rows: readonly ScoredRow[]): Record<string, Metric> {
  const pairs = pairingsOf(answersByView(rows), ORIGINAL, MIRROR);
  if (pairs.length === 0) return {};
  const by_judge = pairs.filter(({ one, other }) => one.byJudge || other.byJudge).length;
  const answers = answersIn(pairs);
  const valuesOf = (share: (original: Range, mirror: Range) => Range) =>
    pairs.map(({ cluster, one, other }) => ({ cluster, ...share(one.right, other.right) }));
  const figures = Object.fromEntries(
    PAIR_SHARES.map((name): [string, Metric] => [
      name,
      {
        ...withBounds(valuesOf(SHARES[name])),
        ...answers,
        ...(by_judge > 0 && { by_judge }),
        ...chanceOfPairs(pairs, (p, q) => SHARES[name](exactly(p), exactly(q)).low),
      },
    ]),
  );
  const floor = floorOf(pairs.map(({ one, other }) => [askedOf(one.row), askedOf(other.row)]))!;
  const view_gap = { ...withBounds(valuesOf(less), gapWithInterval), ...answers };
  return { ...figures, consistent: { ...figures.consistent!, floor }, view_gap };
}
