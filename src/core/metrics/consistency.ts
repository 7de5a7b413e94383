import { isNotJudged, isRight } from '../answers/score-row.ts';
import { isMajorityRight, majorityChance, type Verdict } from '../answers/pair-verdict.ts';
import { askedOf, floorOf, type Asked } from './floor.ts';
import type { Metric } from './results.ts';
import {
  chanceOf,
  groupBy,
  imageKey,
  isJudged,
  meanChance,
  problemKey,
  type ScoredRow,
} from './scored-row.ts';
import { shareWithInterval } from './share.ts';
import { meanWithInterval } from './statistics.ts';
import { MIRROR, ORIGINAL, viewOfRow, type PairView } from '../view-list.ts';

/** Original and mirror of one question. */
interface ViewPair {
  cluster: string;
  original: boolean;
  mirror: boolean;
  asked: [Asked, Asked];
  /** Probability of each view counting as right by guessing. */
  chances: [number, number] | null;
}

/** Pairs the views of questions (by set and id) that were answered in both and can be right or wrong. */
function viewPairs(rows: readonly ScoredRow[]): ViewPair[] {
  const judged = rows.filter(isJudged);
  const views = groupBy(judged, problemKey);
  return [...views.values()].flatMap((group) => {
    const first = group[0]!;
    const mirrored = views.get(problemKey({ ...first, view: MIRROR }));
    if (viewOfRow(first) !== ORIGINAL || !mirrored) return [];
    const isViewRight = (of: readonly ScoredRow[]) => isMajorityRight(of.map(({ score }) => isRight(score)!));
    const [p, q] = [guessed(group), guessed(mirrored)];
    return [
      {
        cluster: imageKey(first),
        original: isViewRight(group),
        mirror: isViewRight(mirrored),
        asked: [askedOf(first), askedOf(mirrored[0]!)],
        chances: p === null || q === null ? null : [p, q],
      },
    ];
  });
}

/** How many questions were asked in both views and are in no figure of pairs, as no rule can judge an answer to them. */
function notJudgedPairs(rows: readonly ScoredRow[]): number {
  const views = groupBy(rows, problemKey);
  const isLeftOut = (group: readonly ScoredRow[]) => group.every(({ score }) => isNotJudged(score));
  return [...views.values()].filter((group) => {
    const mirrored = views.get(problemKey({ ...group[0]!, view: MIRROR }));
    return viewOfRow(group[0]!) === ORIGINAL && mirrored && (isLeftOut(group) || isLeftOut(mirrored));
  }).length;
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

/** The names of these shares, as metrics. */
export const PAIR_SHARES = Object.keys(SHARES);

/**
 * Computes shares of pairs: right originals, right mirrors, and each verdict [B-61]; {} if there are no pairs. Chance
 * assumes independent guesses, one per completion. `view_gap` is the difference of originals and mirrors, whose
 * interval tells whether the views diverge.
 */
export function viewConsistency(rows: readonly ScoredRow[]): Record<string, Metric> {
  const pairs = viewPairs(rows);
  if (pairs.length === 0) return {};
  const not_judged = notJudgedPairs(rows);
  const shares = Object.entries(SHARES).map(([name, probability]): [string, Metric] => [
    name,
    {
      ...shareWithInterval(
        pairs.map(({ cluster, original, mirror }) => ({
          cluster,
          value: probability(Number(original), Number(mirror)),
        })),
      ),
      ...(not_judged > 0 && { not_judged }),
      ...meanChance(pairs.map(({ chances }) => (chances === null ? null : probability(...chances)))),
    },
  ]);
  const floor = floorOf(pairs.map(({ asked }) => asked))!;
  const view_gap = meanWithInterval(
    pairs.map(({ cluster, original, mirror }) => ({ cluster, value: Number(original) - Number(mirror) })),
  );
  const figures = Object.fromEntries(shares);
  return { ...figures, consistent: { ...figures.consistent!, floor }, view_gap };
}
