import { percentsText } from '../format.ts';
import { PAIR, type ViewId } from '../view-list.ts';
import { endsOf, type Ends } from './metric.ts';
import type { EvaluationResult } from './results.ts';

/** A kind of question, as an evaluation answered it in both views. */
export interface ViewGap {
  /** Null for all questions. */
  slice: { field: string; value: string } | null;
  original: EvaluationResult;
  mirror: EvaluationResult;
}

/** The names of a figure of a set; without a slice, of all kinds of rows. */
export interface FigureNames {
  task?: string;
  metric: string;
  /** Null for figures over both views of a row. */
  view: ViewId | null;
  slice?: ViewGap['slice'] | undefined;
  answer?: string | undefined;
}

/** The figure with these names, over all tasks unless one is given; undefined if the evaluation does not have it. */
export const figureIn = (
  results: readonly EvaluationResult[],
  set: string,
  { task = 'all', metric, view, slice, answer }: FigureNames,
): EvaluationResult | undefined =>
  results.find(
    (figure) =>
      figure.set === set &&
      figure.task === task &&
      figure.metric === metric &&
      figure.view === view &&
      figure.answer === answer &&
      figure.slice?.field === slice?.field &&
      figure.slice?.value === slice?.value,
  );

/** All questions of a set or a kind of them in both views; null if they were not the same questions. */
export function viewGap(
  results: readonly EvaluationResult[],
  set: string,
  slice: ViewGap['slice'],
): ViewGap | null {
  // Results of earlier versions have no shares of the pairs of a kind.
  const [original, mirror] = PAIR.map(
    (view) =>
      figureIn(results, set, { metric: view, view: null, slice }) ??
      figureIn(results, set, { metric: 'accuracy', view, slice }),
  );
  // Of different numbers of rows, they are not the same questions.
  return original && mirror && endsOf(original) && endsOf(mirror) && original.n === mirror.n
    ? { slice, original, mirror }
    : null;
}

/** The kinds of a set's questions, by field, in the order of their names. */
export function kindsIn(
  results: readonly EvaluationResult[],
  set: string,
): { field: string; value: string }[] {
  const kinds = new Map<string, { field: string; value: string }>();
  for (const { set: own, slice } of results)
    if (own === set && slice) kinds.set(`${slice.field} ${slice.value}`, slice);
  return [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, slice]) => slice);
}

/** How far apart the views surely are: 0 where answers that are not judged may make them equal. */
export function sureDistance({ original, mirror }: ViewGap): number {
  const [a, b] = [endsOf(original)!, endsOf(mirror)!];
  return Math.max(0, a[0] - b[1], b[0] - a[1]);
}

/** Whether the views differ by more than chance: their intervals have nothing in common. */
export function isBeyondChance(gap: ViewGap): boolean {
  const [a, b] = [gap.original.interval, gap.mirror.interval];
  return a !== undefined && b !== undefined && (a[0] > b[1] || b[0] > a[1]);
}

/** The kind whose views surely differ most comes first; all questions come last. */
export const byDistance = (a: ViewGap, b: ViewGap): number =>
  Number(b.slice !== null) - Number(a.slice !== null) || sureDistance(b) - sureDistance(a);

/** One kind of question, as each of several evaluations answered it in both views. */
export interface LikeForLike {
  /** Null for all questions. */
  kind: string | null;
  /** Of each evaluation, in their order. */
  shares: { original: Ends; mirror: Ends }[];
}

/**
 * The kind of question whose mirrors one of the evaluations answers most unequally, in all of them; all questions where
 * none does so beyond chance. Null if an evaluation did not ask them in both views.
 */
export function likeForLike(
  evaluations: readonly (readonly EvaluationResult[])[],
  set: string,
): LikeForLike | null {
  const gapsOf = (slice: ViewGap['slice']) => evaluations.map((results) => viewGap(results, set, slice));
  const [widest] = [null, ...kindsIn(evaluations.flat(), set)]
    .flatMap(gapsOf)
    .filter((gap) => gap !== null)
    .filter(isBeyondChance)
    .sort(byDistance);
  const slice = widest?.slice ?? null;
  const gaps = gapsOf(slice).filter((gap) => gap !== null);
  return gaps.length < evaluations.length
    ? null
    : {
        kind: slice?.value ?? null,
        shares: gaps.map(({ original, mirror }) => ({
          original: endsOf(original)!,
          mirror: endsOf(mirror)!,
        })),
      };
}

/**
 * What a comparison says of each evaluation, to follow its name: "gets 99.2 % of side questions right and 0.8 % of their
 * mirrors", then only "94.1 % and 90.2 %".
 */
export const likeForLikeTexts = ({ kind, shares }: LikeForLike): string[] =>
  shares.map(({ original, mirror }, i) => {
    const [a, b] = [percentsText(original), percentsText(mirror)];
    const what = kind === null ? 'originals' : `${kind} questions`;
    return i === 0 ? `gets ${a} of ${what} right and ${b} of their mirrors` : `${a} and ${b}`;
  });
