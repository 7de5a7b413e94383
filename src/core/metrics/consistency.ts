import type { Verdict } from '../answers/pair-verdict.ts';
import { sum } from '../../base/numbers.ts';
import { both, exactly, less, ofAnswers, shareRight, withBounds, wrong, type Range } from './bounds.ts';
import { askedOf, floorOf, type Asked } from './floor-search.ts';
import type { Metric } from '../evaluation/results.ts';
import {
  groupBy,
  imageKey,
  isByJudge,
  isScorable,
  problemKey,
  verdictOf,
  type ScoredRow,
} from '../evaluation/scored-row.ts';
import { chanceOf, meanChance } from './chance.ts';
import { gapWithInterval } from './statistics.ts';
import { MIRROR, ORIGINAL, viewOfRow, type PairView } from '../../rows/view-list.ts';

interface ViewPair {
  cluster: string;
  /** The share of each view's answers that is right. */
  original: Range;
  mirror: Range;
  /** Number of answers, to both views. */
  answers: number;
  /** Whether a judge decides, because no rule does. */
  byJudge: boolean;
  asked: [Asked, Asked];
  /** Probability of each view being right by guessing. */
  chances: [number, number] | null;
}

/** Pairs the views of questions (by set and id) that were answered in both and are right or wrong, known or not. */
function viewPairs(rows: readonly ScoredRow[]): ViewPair[] {
  const views = groupBy(rows.filter(isScorable), problemKey);
  return [...views.values()].flatMap((group) => {
    const first = group[0]!;
    const mirrored = views.get(problemKey({ ...first, view: MIRROR }));
    if (viewOfRow(first) !== ORIGINAL || !mirrored) return [];
    const [p, q] = [chanceOf(first), chanceOf(mirrored[0]!)];
    return [
      {
        cluster: imageKey(first),
        original: shareRight(group.map(verdictOf)),
        mirror: shareRight(mirrored.map(verdictOf)),
        answers: group.length + mirrored.length,
        byJudge: [...group, ...mirrored].some(isByJudge),
        asked: [askedOf(first), askedOf(mirrored[0]!)],
        chances: p === null || q === null ? null : [p, q],
      },
    ];
  });
}

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
  const pairs = viewPairs(rows);
  if (pairs.length === 0) return {};
  const by_judge = pairs.filter(({ byJudge }) => byJudge).length;
  const answers = ofAnswers(sum(pairs.map((pair) => pair.answers)), 2 * pairs.length);
  const figures = Object.fromEntries(
    PAIR_SHARES.map((name): [string, Metric] => [
      name,
      {
        ...withBounds(
          pairs.map(({ cluster, original, mirror }) => ({ cluster, ...SHARES[name](original, mirror) })),
        ),
        ...answers,
        ...(by_judge > 0 && { by_judge }),
        ...meanChance(
          pairs.map(({ chances }) => chances && SHARES[name](exactly(chances[0]), exactly(chances[1])).low),
        ),
      },
    ]),
  );
  const floor = floorOf(pairs.map(({ asked }) => asked))!;
  const view_gap = withBounds(
    pairs.map(({ cluster, original, mirror }) => ({ cluster, ...less(original, mirror) })),
    gapWithInterval,
  );
  return { ...figures, consistent: { ...figures.consistent!, floor }, view_gap: { ...view_gap, ...answers } };
}
