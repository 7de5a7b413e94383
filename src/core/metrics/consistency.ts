import { majorityChance, type Verdict } from '../answers/pair-verdict.ts';
import { bothRight, isMostlyRight, less, not, possible, withBounds } from './bounds.ts';
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
import { meanWithInterval } from './statistics.ts';
import { MIRROR, ORIGINAL, viewOfRow, type PairView } from '../view-list.ts';

/** Original and mirror of one question. */
interface ViewPair {
  cluster: string;
  /** Whether each view is right; null if that is not known. */
  original: boolean | null;
  mirror: boolean | null;
  /** Whether a judge decides, because no rule does. */
  byJudge: boolean;
  asked: [Asked, Asked];
  /** Probability of each view counting as right by guessing. */
  chances: [number, number] | null;
}

/** Pairs the views of questions (by set and id) that were answered in both and are right or wrong, known or not. */
function viewPairs(rows: readonly ScoredRow[]): ViewPair[] {
  const views = groupBy(rows.filter(isScorable), problemKey);
  return [...views.values()].flatMap((group) => {
    const first = group[0]!;
    const mirrored = views.get(problemKey({ ...first, view: MIRROR }));
    if (viewOfRow(first) !== ORIGINAL || !mirrored) return [];
    const isViewRight = (ofView: readonly ScoredRow[]) => isMostlyRight(ofView.map(verdictOf));
    const [p, q] = [guessed(group), guessed(mirrored)];
    return [
      {
        cluster: imageKey(first),
        original: isViewRight(group),
        mirror: isViewRight(mirrored),
        byJudge: [...group, ...mirrored].some(isByJudge),
        asked: [askedOf(first), askedOf(mirrored[0]!)],
        chances: p === null || q === null ? null : [p, q],
      },
    ];
  });
}

/** Probability that guesses are right for most completions of a view; null if guessing is not defined. */
function guessed(completions: readonly ScoredRow[]): number | null {
  const p = chanceOf(completions[0]!);
  return p === null ? null : majorityChance(p, completions.length);
}

/** The shares of pairs, each with the probability of its event if the views are right with probabilities p and q. */
const SHARES: Record<PairView | Exclude<Verdict, 'only_view'>, (p: number, q: number) => number> = {
  original: (p) => p,
  mirror: (_, q) => q,
  consistent: (p, q) => p * q,
  only_original: (p, q) => p * (1 - q),
  only_mirror: (p, q) => (1 - p) * q,
  neither: (p, q) => (1 - p) * (1 - q),
};

/** Whether each event has happened, by whether the views are right; null where that is not known. */
const EVENTS: Record<
  keyof typeof SHARES,
  (original: boolean | null, mirror: boolean | null) => boolean | null
> = {
  original: (original) => original,
  mirror: (_, mirror) => mirror,
  consistent: bothRight,
  only_original: (original, mirror) => bothRight(original, not(mirror)),
  only_mirror: (original, mirror) => bothRight(not(original), mirror),
  neither: (original, mirror) => bothRight(not(original), not(mirror)),
};

/** The names of these shares, as metrics. */
export const PAIR_SHARES = Object.keys(SHARES) as (keyof typeof SHARES)[];

/**
 * Computes shares of pairs: right originals, right mirrors, and each verdict [B-61]; {} if there are no pairs. Chance
 * assumes independent guesses, one per completion. `view_gap` is the difference of originals and mirrors, whose
 * interval tells whether the views diverge. Where answers are not judged, each is between what surely holds and what
 * possibly does: a pair of which one view is surely wrong is surely not right in both.
 */
export function viewConsistency(rows: readonly ScoredRow[]): Record<string, Metric> {
  const pairs = viewPairs(rows);
  if (pairs.length === 0) return {};
  const by_judge = pairs.filter(({ byJudge }) => byJudge).length;
  const figures = Object.fromEntries(
    PAIR_SHARES.map((name): [string, Metric] => [
      name,
      {
        ...withBounds(
          pairs.map(({ cluster, original, mirror }) => ({
            cluster,
            ...possible(EVENTS[name](original, mirror)),
          })),
        ),
        ...(by_judge > 0 && { by_judge }),
        ...meanChance(pairs.map(({ chances }) => (chances === null ? null : SHARES[name](...chances)))),
      },
    ]),
  );
  const floor = floorOf(pairs.map(({ asked }) => asked))!;
  const view_gap = withBounds(
    pairs.map(({ cluster, original, mirror }) => ({
      cluster,
      ...less(possible(original), possible(mirror)),
    })),
    meanWithInterval,
  );
  return { ...figures, consistent: { ...figures.consistent!, floor }, view_gap };
}
