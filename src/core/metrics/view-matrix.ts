import { changes, isSame, type Given } from '../answers/given.ts';
import { majorityChance } from '../answers/pair-verdict.ts';
import {
  MIRROR,
  ORIGINAL,
  POLARITY,
  isReordered,
  isViewId,
  sortedViews,
  viewOfRow,
  type ViewId,
} from '../view-list.ts';
import { bothRight, not, possible, withBounds } from './bounds.ts';
import { askedOf, floorOf } from './floor-search.ts';
import type { EvaluationResult, Metric } from '../evaluation/results.ts';
import type { ScoredRow } from '../evaluation/scored-row.ts';
import { chanceOf, meanChance } from './chance.ts';
import { answersByView, pairingsOf, type ViewPairing } from './view-pairings.ts';

/** A figure of the pairs of two views; `one` comes first in the order of the table of views. */
export interface MatrixFigure extends Metric {
  one: ViewId;
  other: ViewId;
  metric: MatrixMetric;
}

export type MatrixMetric =
  | 'first_right'
  | 'second_right'
  | 'consistent'
  | 'agreement'
  | 'consistent_wrong'
  | 'inconsistent'
  | 'update'
  | 'stability'
  | 'update_by_letter'
  | 'stability_by_letter';

/**
 * The view matrix of one set's rows: for every two views that share questions, what became of those questions in both.
 * - `first_right`, `second_right`: the accuracy in either view on these questions, `consistent`: both right;
 * - `agreement`: the answers agree once what the views do to an answer is taken into account; `consistent_wrong`: they
 *   agree without both being right; `inconsistent`: they do not agree;
 * - `update`: of the questions whose right answer changes, where another answer was given; `stability`: of those where
 *   it stays, where the same was given. A model that gives the same answer to everything has 0 and 1;
 * - `update_by_letter`, `stability_by_letter`: the same of the letters instead of the texts behind them, of questions
 *   with options, where a view puts some option in another place (elsewhere the two counts are equal). A model that
 *   gives the same letter to everything has 0 and 1 here, and may have any update by text.
 * The first three are of all pairs that are right or wrong. Those from `agreement` on are of pairs that can be compared;
 * `unparsed` counts the pairs left out because an answer cannot be read. Where an answer is not judged, it is not known
 * what it says, and each figure has bounds. A figure without pairs is absent. `chance` is of guesses that know neither picture nor each other.
 */
export function viewMatrix(rows: readonly ScoredRow[]): MatrixFigure[] {
  const answers = answersByView(rows);
  const views = sortedViews(answers.keys());
  return views.flatMap((view, i) =>
    views.slice(i + 1).flatMap((other) => {
      const figures = pairFigures(pairingsOf(answers, view, other));
      return Object.entries(figures).map(([metric, figure]) => ({
        one: view,
        other,
        metric: metric as MatrixMetric,
        ...figure,
      }));
    }),
  );
}

/** A pair whose answers can be compared. */
type ComparedPair = ViewPairing & { compared: NonNullable<ViewPairing['compared']> };

/** The figures of pairs of the same two views; {} if there are none. */
function pairFigures(pairs: readonly ViewPairing[]): Partial<Record<MatrixMetric, Metric>> {
  if (pairs.length === 0) return {};
  const comparable = pairs.filter((pair): pair is ComparedPair => pair.compared !== null);
  const isKnown = ({ compared: [one, other] }: ComparedPair) => one.isKnown && other.isKnown;
  const isRead = ({ compared: [one, other] }: ComparedPair) => one.given !== null && other.given !== null;
  /** Pairs that count: an answer that is not judged may say anything, one that cannot be read says nothing. */
  const counts = (pair: ComparedPair) => !isKnown(pair) || isRead(pair);
  const agreeing = comparable.filter(({ agrees }) => agrees !== null);
  const agree = ({ agrees }: ViewPairing) => (agrees === 'unknown' ? null : agrees);
  const change = ({ compared: [one, other] }: ComparedPair) => changes(one.reference, other.reference);
  const [changing, staying] = [true, false].map((which) =>
    comparable.filter((pair) => change(pair) === which),
  );
  const same = (pair: ComparedPair) =>
    isKnown(pair) ? isSame(pair.compared[0].given!, pair.compared[1].given!) : null;
  const lettered = comparable.some(hasMoved) ? comparable.filter(isLettered) : [];
  const [moving, resting] = [true, false].map((which) =>
    lettered.filter(({ compared: [one, other] }) => !isSameLetter(one.reference, other.reference) === which),
  );
  const sameLetter = (pair: ComparedPair) =>
    isKnown(pair) ? isSameLetter(pair.compared[0].given!, pair.compared[1].given!) : null;
  /** @param event whether it holds of a pair; null if that is not known */
  const figure = <Pair extends ViewPairing>(
    some: readonly Pair[],
    event: (pair: Pair) => boolean | null,
    chance: (p: number, q: number, pair: ViewPairing) => number,
    all?: readonly ComparedPair[],
  ): Metric => ({
    ...withBounds(some.map((pair) => ({ cluster: pair.cluster, ...possible(event(pair)) }))),
    ...(all && { unparsed: all.filter((pair) => !counts(pair)).length }),
    ...chanceOfPairs(some, chance),
  });
  const figures: Record<MatrixMetric, Metric> = {
    first_right: figure(
      pairs,
      ({ one }) => one.right,
      (p, _, { one }) => majorityChance(p, one.completions),
    ),
    second_right: figure(
      pairs,
      ({ other }) => other.right,
      (_, q, { other }) => majorityChance(q, other.completions),
    ),
    consistent: figure(
      pairs,
      ({ one, other }) => bothRight(one.right, other.right),
      (p, q, { one, other }) => majorityChance(p, one.completions) * majorityChance(q, other.completions),
    ),
    agreement: figure(agreeing, agree, (p) => p, comparable),
    consistent_wrong: figure(
      agreeing,
      (pair) => bothRight(agree(pair), not(bothRight(pair.one.right, pair.other.right))),
      (p) => p * (1 - p),
      comparable,
    ),
    inconsistent: figure(
      agreeing,
      (pair) => not(agree(pair)),
      (p) => 1 - p,
      comparable,
    ),
    update: figure(
      changing!.filter(counts),
      (pair) => not(same(pair)),
      (p) => 1 - p,
      changing,
    ),
    stability: figure(staying!.filter(counts), same, (p) => p, staying),
    update_by_letter: figure(
      moving!.filter(counts),
      (pair) => not(sameLetter(pair)),
      (p) => 1 - p,
      moving,
    ),
    stability_by_letter: figure(resting!.filter(counts), sameLetter, (p) => p, resting),
  };
  const [{ one: first, other: second } = {}] = pairs;
  const views = [first, second].map((answer) => (answer ? viewOfRow(answer.row) : ORIGINAL));
  const floor = floorOf(
    pairs.map(({ one, other }) => [askedOf(one.row), askedOf(other.row)]),
    views.some((view) => view === ORIGINAL) && views.some((view) => isReordered(view)),
  );
  if (floor) figures.consistent.floor = floor;
  return Object.fromEntries(Object.entries(figures).filter(([, { n }]) => n > 0));
}

const isLettered = ({ compared: [one, other] }: ComparedPair): boolean =>
  one.reference.kind === 'option' && other.reference.kind === 'option';

const isSameLetter = (a: Given, b: Given): boolean =>
  a.kind === 'option' && b.kind === 'option' && a.letter === b.letter;

/** Whether the right or the given options show that a letter stands for another text in one view than in the other. */
const hasMoved = (pair: ComparedPair): boolean =>
  isLettered(pair) &&
  (['reference', 'given'] as const).some((which) => {
    const [a, b] = pair.compared.map((answer) => answer[which]);
    return a != null && b != null && isSame(a, b) !== isSameLetter(a, b);
  });

/** The mean over pairs of what guessing reaches, computed from the chances of both views. */
function chanceOfPairs(
  pairs: readonly ViewPairing[],
  chance: (p: number, q: number, pair: ViewPairing) => number,
): Pick<Metric, 'chance' | 'chance_n'> {
  return meanChance(
    pairs.map((pair) => {
      const [p, q] = [chanceOf(pair.one.row), chanceOf(pair.other.row)];
      return p === null || q === null ? null : chance(p, q, pair);
    }),
  );
}

/**
 * How often the answers of a set to originals agree with those to its other views, right or wrong. Right answers only
 * serve to know how a view maps answers. Each pair of answers counts once, over all views; null if no pair can be
 * compared.
 */
export function labelFreeAgreement(rows: readonly ScoredRow[]): Metric | null {
  const answers = answersByView(rows);
  const pairs = sortedViews(answers.keys())
    .filter((view) => view !== ORIGINAL)
    .flatMap((view) => pairingsOf(answers, ORIGINAL, view));
  const compared = pairs.filter(({ agrees }) => agrees !== null);
  if (compared.length === 0) return null;
  return {
    ...withBounds(
      compared.map(({ cluster, agrees }) => ({ cluster, ...possible(agrees === 'unknown' ? null : agrees) })),
    ),
    ...chanceOfPairs(compared, (p) => p),
  };
}

/**
 * The view matrix in `results.json`: `view` is the second view of a pair, `slice` names the first, `task` is `views`.
 */
const FIELD = 'view';

/** Views that the figures of pairs and of polarity flips already cover. */
const COVERED: readonly ViewId[] = [ORIGINAL, MIRROR, POLARITY];

/** The figures of the matrix of one set, where it was asked in a view beside original, mirror and opposite. */
export function matrixResults(set: string, rows: readonly ScoredRow[]): EvaluationResult[] {
  return rows.every((row) => COVERED.includes(viewOfRow(row))) ? [] : matrixOf(set, rows);
}

/** The figures of the matrix of one set, whatever its views. */
export function matrixOf(set: string, rows: readonly ScoredRow[]): EvaluationResult[] {
  return viewMatrix(rows).map(({ one, other, metric, ...figure }) => ({
    set,
    view: other,
    slice: { field: FIELD, value: one },
    task: 'views',
    metric,
    ...figure,
  }));
}

/** Whether a figure is one of the matrix. */
export const isOfMatrix = ({ task, slice }: Pick<EvaluationResult, 'task' | 'slice'>): boolean =>
  task === 'views' && slice?.field === FIELD;

/** The figures of a set's matrix, as they were written. */
export function matrixFigures(results: readonly EvaluationResult[], set: string): MatrixFigure[] {
  return results.flatMap(({ slice, view, metric, task, set: own, answer, ...figure }) => {
    const isOne = own === set && answer === undefined && task === 'views' && slice?.field === FIELD;
    return isOne && view !== null && isViewId(slice.value)
      ? [{ one: slice.value, other: view, metric: metric as MatrixMetric, ...figure }]
      : [];
  });
}

/** The views of some figures, in their order. */
export const viewsOfMatrix = (figures: readonly MatrixFigure[]): ViewId[] =>
  sortedViews(figures.flatMap(({ one, other }) => [one, other]));

/** The figure of two views, in either order; those of one view alone are exchanged with them. */
export function matrixFigure(
  figures: readonly MatrixFigure[],
  a: ViewId,
  b: ViewId,
  metric: MatrixMetric,
): MatrixFigure | undefined {
  return figures.find(
    (figure) =>
      (figure.one === a && figure.other === b && figure.metric === metric) ||
      (figure.one === b && figure.other === a && figure.metric === (EXCHANGED[metric] ?? metric)),
  );
}

const EXCHANGED: Partial<Record<MatrixMetric, MatrixMetric>> = {
  first_right: 'second_right',
  second_right: 'first_right',
};
