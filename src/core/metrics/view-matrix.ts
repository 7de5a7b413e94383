import { changes, isSame, type Given } from '../answers/given.ts';
import { majorityChance } from '../answers/pair-verdict.ts';
import { MIRROR, ORIGINAL, POLARITY, isViewId, sortedViews, viewOfRow, type ViewId } from '../view-list.ts';
import { askedOf, floorOf } from './floor.ts';
import type { EvaluationResult, Metric } from './results.ts';
import { chanceOf, meanChance, type ScoredRow } from './scored-row.ts';
import { shareWithInterval } from './share.ts';
import { answersByView, pairingsOf, type AnswersByView, type ViewPairing } from './view-pairings.ts';

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
 * Those from `agreement` on are of pairs that can be compared; `unparsed` counts the pairs left out because an answer
 * cannot be read. A figure without pairs is absent. `chance` is of guesses that know neither picture nor each other.
 */
export function viewMatrix(rows: readonly ScoredRow[]): MatrixFigure[] {
  const answers = answersByView(rows);
  const views = sortedViews(answers.keys());
  return views.flatMap((one, i) =>
    views.slice(i + 1).flatMap((other) => {
      const figures = pairFigures(pairingsOf(answers, one, other), notJudged(answers, one, other));
      return Object.entries(figures).map(([metric, figure]) => ({
        one,
        other,
        metric: metric as MatrixMetric,
        ...figure,
      }));
    }),
  );
}

/** How many questions were answered in both views, and are no pairs because an answer could not be judged. */
function notJudged(answers: AnswersByView, one: ViewId, other: ViewId): number {
  const others = answers.get(other);
  return [...(answers.get(one) ?? [])].filter(
    ([key, answer]) => others?.has(key) && (answer === null || others.get(key) === null),
  ).length;
}

/** The figures of pairs of the same two views; {} if there are none. */
function pairFigures(
  pairs: readonly ViewPairing[],
  not_judged: number,
): Partial<Record<MatrixMetric, Metric>> {
  if (pairs.length === 0) return {};
  const isRead = ({ one, other }: ViewPairing) => one.given !== null && other.given !== null;
  const compared = pairs.filter(({ agrees }) => agrees !== null);
  const change = (pair: ViewPairing) => changes(pair.one.reference, pair.other.reference);
  const [changing, staying] = [true, false].map((which) => pairs.filter((pair) => change(pair) === which));
  const same = ({ one, other }: ViewPairing) => isSame(one.given!, other.given!);
  const lettered = pairs.some(hasMoved) ? pairs.filter(isLettered) : [];
  const [moving, resting] = [true, false].map((which) =>
    lettered.filter(({ one, other }) => !isSameLetter(one.reference, other.reference) === which),
  );
  const sameLetter = ({ one, other }: ViewPairing) => isSameLetter(one.given!, other.given!);
  const figure = (
    of: readonly ViewPairing[],
    event: (pair: ViewPairing) => boolean,
    chance: (p: number, q: number, pair: ViewPairing) => number,
    all?: readonly ViewPairing[],
  ): Metric => ({
    ...shareWithInterval(of.map((pair) => ({ cluster: pair.cluster, value: Number(event(pair)) }))),
    ...(all && { unparsed: all.filter((pair) => !isRead(pair)).length }),
    ...chanceOfPairs(of, chance),
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
      ({ one, other }) => one.right && other.right,
      (p, q, { one, other }) => majorityChance(p, one.completions) * majorityChance(q, other.completions),
    ),
    agreement: figure(
      compared,
      ({ agrees }) => agrees!,
      (p) => p,
      pairs,
    ),
    consistent_wrong: figure(
      compared,
      ({ one, other, agrees }) => agrees! && !(one.right && other.right),
      (p) => p * (1 - p),
      pairs,
    ),
    inconsistent: figure(
      compared,
      ({ agrees }) => !agrees,
      (p) => 1 - p,
      pairs,
    ),
    update: figure(
      changing!.filter(isRead),
      (pair) => !same(pair),
      (p) => 1 - p,
      changing,
    ),
    stability: figure(staying!.filter(isRead), same, (p) => p, staying),
    update_by_letter: figure(
      moving!.filter(isRead),
      (pair) => !sameLetter(pair),
      (p) => 1 - p,
      moving,
    ),
    stability_by_letter: figure(resting!.filter(isRead), sameLetter, (p) => p, resting),
  };
  const floor = floorOf(pairs.map(({ one, other }) => [askedOf(one.row), askedOf(other.row)]));
  if (floor) figures.consistent.floor = floor;
  if (not_judged > 0) figures.consistent.not_judged = not_judged;
  return Object.fromEntries(Object.entries(figures).filter(([, { n }]) => n > 0));
}

const isLettered = ({ one, other }: ViewPairing): boolean =>
  one.reference.kind === 'option' && other.reference.kind === 'option';

const isSameLetter = (a: Given, b: Given): boolean =>
  a.kind === 'option' && b.kind === 'option' && a.letter === b.letter;

/** Whether the right or the given options show that a letter stands for another text in one view than in the other. */
const hasMoved = (pair: ViewPairing): boolean =>
  isLettered(pair) &&
  (['reference', 'given'] as const).some((which) => {
    const [a, b] = [pair.one[which], pair.other[which]];
    return a !== null && b !== null && isSame(a, b) !== isSameLetter(a, b);
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
    ...shareWithInterval(compared.map(({ cluster, agrees }) => ({ cluster, value: Number(agrees) }))),
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
