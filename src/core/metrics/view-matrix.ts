import { changes, isSame, type Given } from '../answers/given.ts';
import {
  MIRROR,
  ORIGINAL,
  POLARITY,
  isReordered,
  isViewId,
  sortedViews,
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
 * `unparsed` counts the pairs left out because an answer cannot be read. Where an answer is not scored, it is not known
 * what it says, and each figure has bounds. A figure without pairs is absent. Of a question with several answers to a
 * view, every answer to one view counts with every answer to the other. `chance` is of guesses that know neither image
 * nor each other.
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

/** The figures of pairs of the same two views; {} if there are none. */
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
   * @param share of a question that counts; null if it does not
   * @param all questions of which those that do not count are told; undefined if none are left out
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
    first_right: figure(
      pairs,
      ({ one }) => one.right,
      (p) => p,
    ),
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
    agreement: figure(comparable, agreeing, (p) => p, comparable),
    consistent_wrong: figure(
      comparable,
      shareOf((pair) => bothRight(isAgreed(pair), not(bothRight(pair.one.right, pair.other.right)))),
      (p) => p * (1 - p),
      comparable,
    ),
    inconsistent: figure(
      comparable,
      shareOf((pair) => not(isAgreed(pair))),
      (p) => 1 - p,
      comparable,
    ),
    update: figure(
      changing!,
      shareOfRead((pair) => not(isEqualIn(pair, isSame))),
      (p) => 1 - p,
      changing,
    ),
    stability: figure(
      staying!,
      shareOfRead((pair) => isEqualIn(pair, isSame)),
      (p) => p,
      staying,
    ),
    update_by_letter: figure(
      moving!,
      shareOfRead((pair) => not(isEqualIn(pair, isSameLetter))),
      (p) => 1 - p,
      moving,
    ),
    stability_by_letter: figure(
      resting!,
      shareOfRead((pair) => isEqualIn(pair, isSameLetter)),
      (p) => p,
      resting,
    ),
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

const isKnown = ({ one, other }: AnswerPair): boolean => one.isKnown && other.isKnown;

/** Whether an answer pair counts: an answer that is not scored may say anything, one that cannot be read says nothing. */
const isCounted = (pair: AnswerPair): boolean =>
  !isKnown(pair) || (pair.one.given !== null && pair.other.given !== null);

const counts = ({ pairs }: ViewPairing): boolean => pairs.some(isCounted);

/** Whether the answers are the same, by `isEqual`; null if it is not known what they say. */
const isEqualIn = (pair: AnswerPair, isEqual: (a: Given, b: Given) => boolean): boolean | null =>
  isKnown(pair) ? isEqual(pair.one.given!, pair.other.given!) : null;

const isAgreed = ({ agrees }: AnswerPair): boolean | null => (agrees === 'unknown' ? null : agrees);

/** The share of a question's pairs of answers, among those of which it can be told whether they agree. */
const shareOf =
  (event: (pair: AnswerPair) => boolean | null) =>
  ({ pairs }: ViewPairing): Range | null =>
    shareOfPairs(pairs, (pair) => (pair.agrees === null ? undefined : event(pair)));

const agreeing = shareOf(isAgreed);

/** The same among those that count. */
const shareOfRead =
  (event: (pair: AnswerPair) => boolean | null) =>
  ({ pairs }: ViewPairing): Range | null =>
    shareOfPairs(pairs, (pair) => (isCounted(pair) ? event(pair) : undefined));

const isLettered = ({ one, other }: ViewPairing): boolean =>
  one.reference?.kind === 'option' && other.reference?.kind === 'option';

const isSameLetter = (a: Given, b: Given): boolean =>
  a.kind === 'option' && b.kind === 'option' && a.letter === b.letter;

/** Whether the right or the given options show that a letter stands for another text in one view than in the other. */
const hasMoved = (pairing: ViewPairing): boolean =>
  isLettered(pairing) &&
  [
    [pairing.one.reference, pairing.other.reference] as const,
    ...pairing.pairs.map(({ one, other }) => [one.given, other.given] as const),
  ].some(([a, b]) => a !== null && b !== null && isSame(a, b) !== isSameLetter(a, b));

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

/**
 * The view matrix in `results.json`: `view` is the second view of a pair, `slice` names the first, `task` is `views`.
 */
const FIELD = 'view';

/** Views that the figures of pairs and of polarity flips already cover. */
const COVERED: readonly ViewId[] = [ORIGINAL, MIRROR, POLARITY];

/** The figures of the matrix of one set, where it was asked in a view next to original, mirror and opposite. */
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
