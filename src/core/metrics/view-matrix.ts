import { changes, isSame, type Given } from '../answers/given.ts';
import {
  MIRROR,
  ORIGINAL,
  POLARITY,
  isViewId,
  sortedViews,
  viewOf,
  viewOfRow,
  type ViewId,
} from '../../rows/view-list.ts';
import { both, bothRight, not, withBounds, type Range } from './bounds.ts';
import { askedOf, floorOf } from './floor-search.ts';
import type { EvaluationResult, Metric } from '../evaluation/results.ts';
import type { ScoredRow } from '../evaluation/scored-row.ts';
import {
  answersByView,
  answersIn,
  chanceOfPairs,
  pairingsOf,
  shareOfPairs,
  type AnswerPair,
  type ViewPairing,
} from './view-pairings.ts';

/** Metric of the pairs of two views. `one` is the view that comes first in the table of views. */
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
 * Computes the view matrix of one set: metrics of every two views over the questions that both views contain.
 * - `first_right`, `second_right`: accuracy in each view on these questions; `consistent`: both views correct.
 * - `agreement`: the answers are the same once mapped back. `consistent_wrong`: the answers agree, but not both are
 * right. `inconsistent`: the answers do not agree.
 * - `update`: share of answers that change, among questions whose right answer changes. `stability`: share of answers
 * that stay, among questions whose right answer stays. A model that always gives the same answer scores 0 and 1.
 * - `update_by_letter`, `stability_by_letter`: the same for option letters instead of option texts, if a view moves
 * options. A model that always gives the same letter scores 0 and 1, and any value of `update` by text.
 * The first three metrics cover all pairs that are right or wrong. The other metrics cover comparable pairs; `unparsed`
 * counts pairs that are excluded because an answer is unparsed. Unscored answers give bounds. A metric without pairs is
 * absent. If a question has several answers, each answer in one view is paired with each answer in the other view.
 * `chance` assumes guesses that are independent of the image and of each other.
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

/** Computes the metrics of the pairs of two views; {} without pairs. */
function pairFigures(pairs: readonly ViewPairing[]): Partial<Record<MatrixMetric, Metric>> {
  if (pairs.length === 0) return {};
  const comparable = pairs.filter(({ one, other }) => one.reference !== null && other.reference !== null);
  const change = ({ one, other }: ViewPairing) => changes(one.reference!, other.reference!);
  const [changing, staying] = [true, false].map((which) =>
    comparable.filter((pair) => change(pair) === which),
  );
  const lettered = comparable.some(hasMoved) ? comparable.filter(isLettered) : [];
  const [moving, resting] = [true, false].map((which) =>
    lettered.filter(({ one, other }) => !isSameLetter(one.reference!, other.reference!) === which),
  );
  /**
   * @param share share of a question; null excludes the question
   * @param all questions among which excluded questions are counted; undefined if the metric excludes no question
   */
  const figure = (
    some: readonly ViewPairing[],
    share: (pair: ViewPairing) => Range | null,
    chance: (p: number, q: number) => number,
    all?: readonly ViewPairing[],
  ): Metric => {
    const counted = some.flatMap((pair) => {
      const range = share(pair);
      return range ? [{ pair, cluster: pair.cluster, ...range }] : [];
    });
    const used = counted.map(({ pair }) => pair);
    return {
      ...withBounds(counted),
      ...answersIn(used),
      ...(all && { unparsed: all.filter((pair) => !counts(pair)).length }),
      ...chanceOfPairs(used, chance),
    };
  };
  const figures: Record<MatrixMetric, Metric> = {
    first_right: figure(pairs, ({ one }) => one.right, guessed),
    second_right: figure(
      pairs,
      ({ other }) => other.right,
      (_, q) => q,
    ),
    consistent: figure(
      pairs,
      ({ one, other }) => both(one.right, other.right),
      (p, q) => p * q,
    ),
    agreement: figure(comparable, agreeing, guessed, comparable),
    consistent_wrong: figure(
      comparable,
      shareOf((pair) => bothRight(isAgreed(pair), not(bothRight(pair.one.right, pair.other.right)))),
      (p) => p * (1 - p),
      comparable,
    ),
    inconsistent: figure(comparable, differing, missed, comparable),
    update: figure(changing!, changed(isSame), missed, changing),
    stability: figure(staying!, kept(isSame), guessed, staying),
    update_by_letter: figure(moving!, changed(isSameLetter), missed, moving),
    stability_by_letter: figure(resting!, kept(isSameLetter), guessed, resting),
  };
  const [{ one: first, other: second } = {}] = pairs;
  const views = [first, second].map((answer) => (answer ? viewOfRow(answer.row) : ORIGINAL));
  const floor = floorOf(
    pairs.map(({ one, other }) => [askedOf(one.row), askedOf(other.row)]),
    views.some((view) => view === ORIGINAL) && views.some((view) => viewOf(view).isReordered),
  );
  if (floor) figures.consistent.floor = floor;
  return Object.fromEntries(Object.entries(figures).filter(([, { n }]) => n > 0));
}

/** Chance of a metric for a guess that is right with probability `p` in the first view. */
const guessed = (p: number): number => p;
const missed = (p: number): number => 1 - p;

const isKnown = ({ one, other }: AnswerPair): boolean => one.isKnown && other.isKnown;

/** Whether an answer pair counts: both answers are parsed, or one of the answers is not scored. */
const isCounted = (pair: AnswerPair): boolean =>
  !isKnown(pair) || (pair.one.given !== null && pair.other.given !== null);

const counts = ({ pairs }: ViewPairing): boolean => pairs.some(isCounted);

/** Whether the answers of a pair are the same by `isEqual`; null if one of the answers is not scored. */
const isEqualIn = (pair: AnswerPair, isEqual: IsEqual): boolean | null =>
  isKnown(pair) ? isEqual(pair.one.given!, pair.other.given!) : null;

const isAgreed = ({ agrees }: AnswerPair): boolean | null => (agrees === 'unknown' ? null : agrees);

/** Returns the share of a question's comparable answer pairs for which an event holds. */
const shareOf =
  (event: (pair: AnswerPair) => boolean | null) =>
  ({ pairs }: ViewPairing): Range | null =>
    shareOfPairs(pairs, (pair) => (pair.agrees === null ? undefined : event(pair)));

const agreeing = shareOf(isAgreed);
const differing = shareOf((pair) => not(isAgreed(pair)));

/** Returns the share of a question's answer pairs for which an event holds, among pairs that count (`isCounted`). */
const shareOfRead =
  (event: (pair: AnswerPair) => boolean | null) =>
  ({ pairs }: ViewPairing): Range | null =>
    shareOfPairs(pairs, (pair) => (isCounted(pair) ? event(pair) : undefined));

type IsEqual = (a: Given, b: Given) => boolean;
const kept = (isEqual: IsEqual) => shareOfRead((pair) => isEqualIn(pair, isEqual));
const changed = (isEqual: IsEqual) => shareOfRead((pair) => not(isEqualIn(pair, isEqual)));

const isLettered = ({ one, other }: ViewPairing): boolean =>
  one.reference?.kind === 'option' && other.reference?.kind === 'option';

const isSameLetter = (a: Given, b: Given): boolean =>
  a.kind === 'option' && b.kind === 'option' && a.letter === b.letter;

/** Whether a letter stands for different option texts in the two views, by the reference answers or the answers. */
const hasMoved = (pairing: ViewPairing): boolean =>
  isLettered(pairing) &&
  [
    [pairing.one.reference, pairing.other.reference] as const,
    ...pairing.pairs.map(({ one, other }) => [one.given, other.given] as const),
  ].some(([a, b]) => a !== null && b !== null && isSame(a, b) !== isSameLetter(a, b));

/**
 * Computes the agreement between answers to originals and to other views, right or wrong. Reference answers only
 * determine how a view maps answers. Each answer pair of every view counts once. Null if no pair is comparable.
 */
export function labelFreeAgreement(rows: readonly ScoredRow[]): Metric | null {
  const answers = answersByView(rows);
  const pairs = sortedViews(answers.keys())
    .filter((view) => view !== ORIGINAL)
    .flatMap((view) => pairingsOf(answers, ORIGINAL, view));
  const compared = pairs.flatMap((pair) => {
    const range = agreeing(pair);
    return range ? [{ pair, cluster: pair.cluster, ...range }] : [];
  });
  if (compared.length === 0) return null;
  return {
    ...withBounds(compared),
    ...chanceOfPairs(
      compared.map(({ pair }) => pair),
      (p) => p,
    ),
  };
}

/** Field of the view matrix in `results.json`: `view` is the second view, `slice` the first; `task` is `views`. */
const FIELD = 'view';

/** Views that the metrics of mirror pairs and opposite questions already cover. */
const COVERED: readonly ViewId[] = [ORIGINAL, MIRROR, POLARITY];

/** Returns the view matrix of one set if it has a view other than original, mirror and opposite; otherwise []. */
export function matrixResults(set: string, rows: readonly ScoredRow[]): EvaluationResult[] {
  return rows.every((row) => COVERED.includes(viewOfRow(row))) ? [] : matrixOf(set, rows);
}

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

export const isOfMatrix = ({ task, slice }: Pick<EvaluationResult, 'task' | 'slice'>): boolean =>
  task === 'views' && slice?.field === FIELD;

export function matrixFigures(results: readonly EvaluationResult[], set: string): MatrixFigure[] {
  return results.flatMap(({ slice, view, metric, task, set: own, answer, ...figure }) => {
    const isOne = own === set && answer === undefined && task === 'views' && slice?.field === FIELD;
    return isOne && view !== null && isViewId(slice.value)
      ? [{ one: slice.value, other: view, metric: metric as MatrixMetric, ...figure }]
      : [];
  });
}

/** Returns the views of the given metrics, in the order of the table of views. */
export const viewsOfMatrix = (figures: readonly MatrixFigure[]): ViewId[] =>
  sortedViews(figures.flatMap(({ one, other }) => [one, other]));

/** Returns the metric of two views in either order. In reverse, `first_right` and `second_right` are exchanged. */
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
