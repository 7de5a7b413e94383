import type { Verdict } from '../answers/pair-verdict.ts';
import { both, exactly, less, withBounds, wrong, type Range } from './bounds.ts';
import { askedOf, floorOf } from './floor-search.ts';
import type { Metric } from '../evaluation/results.ts';
import type { ScoredRow } from '../evaluation/scored-row.ts';
import { gapWithInterval } from './statistics.ts';
import { answersByView, answersIn, chanceOfPairs, pairingsOf } from './view-pairings.ts';
import { MIRROR, ORIGINAL, type PairView } from '../../rows/view-list.ts';

/** The shares of pairs, from the shares of right answers to each view; by guessing, from the probabilities of both. */
const SHARES: Record<PairView | Exclude<Verdict, 'only_view'>, (original: Range, mirror: Range) => Range> = {
  original: (original) => original,
  mirror: (_, mirror) => mirror,
  consistent: both,
  only_original: (original, mirror) => both(original, wrong(mirror)),
  only_mirror: (original, mirror) => both(wrong(original), mirror),
  neither: (original, mirror) => both(wrong(original), wrong(mirror)),
};

/** The names of these shares, as metrics. */
export const PAIR_SHARES = Object.keys(SHARES) as (keyof typeof SHARES)[];

/**
 * Computes shares of pairs: right originals, right mirrors, and each verdict [B-61]; {} if there are no pairs. Of
 * several answers to a view, every pair of an original's and a mirror's answer counts alike, so the figure is that of
 * one answer to each view, however many were asked for. Chance assumes independent guesses. `view_gap` is the
 * difference of originals and mirrors, whose interval tells whether the views diverge. Where answers are not scored,
 * each is between what surely holds and what possibly does: a pair of which one view is surely wrong is surely not
 * right in both.
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
