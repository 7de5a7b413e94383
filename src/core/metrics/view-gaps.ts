import { percentsText } from '../../base/format.ts';
import { MIRROR, ORIGINAL, partnerAmong, viewLabel, type ViewId } from '../../rows/view-list.ts';
import { endsOf } from './metric.ts';
import { holm, studentP, Z } from './statistics.ts';
import type { EvaluationResult } from '../evaluation/results.ts';

/** A kind of question, as an evaluation answered it in both views. */
export interface ViewGap {
  /** Null for all questions. */
  slice: { field: string; value: string } | null;
  /** The view next to the original. */
  view: ViewId;
  original: EvaluationResult;
  other: EvaluationResult;
  /** p of the hypothesis that both views are equally often right; 1 where answers that are not scored may make them so. */
  p: number;
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

/** The view with which a set's originals are compared: the mirror if it was asked, else the first other one. */
const partnerIn = (results: readonly EvaluationResult[], set: string): ViewId | undefined =>
  partnerAmong(results.flatMap(({ set: own, view }) => (own === set && view !== null ? [view] : [])));

/** The figure of originals and of a view of the same questions; the matrix of views has those of other views. */
function ofPairs(
  results: readonly EvaluationResult[],
  set: string,
  view: ViewId,
  [ofMirror, ofMatrix]: readonly [string, string],
  slice: ViewGap['slice'] = null,
): EvaluationResult | undefined {
  if (view === MIRROR) return figureIn(results, set, { metric: ofMirror, view: null, slice });
  const ofOriginal = { field: 'view', value: ORIGINAL };
  return slice
    ? undefined
    : figureIn(results, set, { task: 'views', metric: ofMatrix, view, slice: ofOriginal });
}

/** How often originals and a view, or the one that they are compared with, are both right, in the first set that has both. */
export function bothRight(results: readonly EvaluationResult[], view?: ViewId): EvaluationResult | undefined {
  for (const set of new Set(results.map(({ set }) => set))) {
    const other = view ?? partnerIn(results, set) ?? MIRROR;
    const both = ofPairs(results, set, other, ['consistent', 'consistent']);
    if (both) return both;
  }
  return undefined;
}

/** All questions of a set or a kind of them in both views; null if they were not the same questions. */
export function viewGap(
  results: readonly EvaluationResult[],
  set: string,
  slice: ViewGap['slice'],
): ViewGap | null {
  const view = partnerIn(results, set) ?? MIRROR;
  const [original, other] = [
    { of: ORIGINAL, names: ['original', 'first_right'] },
    { of: view, names: ['mirror', 'second_right'] },
  ].map(
    // The matrix of views has no figures of kinds.
    ({ of, names: [ofMirror, ofMatrix] }) =>
      ofPairs(results, set, view, [ofMirror!, ofMatrix!], slice) ??
      figureIn(results, set, { metric: 'accuracy', view: of, slice }),
  );
  // Of different numbers of rows, they are not the same questions.
  if (!original || !other || !endsOf(original) || !endsOf(other) || original.n !== other.n) return null;
  const gap = view === MIRROR ? figureIn(results, set, { metric: 'view_gap', view: null, slice }) : undefined;
  return {
    slice,
    view,
    original,
    other,
    p: gap?.p ?? unpairedP(original, other),
  };
}

/** The same of both views' intervals, as if other rows had been asked in the other view. */
function unpairedP(one: EvaluationResult, other: EvaluationResult): number {
  const [greater, less] = endsOf(one)![0] > endsOf(other)![1] ? [one, other] : [other, one];
  const [least, most] = [endsOf(greater)![0], endsOf(less)![1]];
  if (least <= most || !greater.interval || !less.interval) return 1;
  // What each lacks to the end of its interval on the side of the other.
  return normalP(least - most, Math.hypot(least - greater.interval[0], less.interval[1] - most));
}

/** p of a difference whose 95% interval has this half width. */
const normalP = (difference: number, half: number): number => studentP((Z * difference) / half, 1000);

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

/** How far apart the views surely are: 0 where answers that are not scored may make them equal. */
export function sureDistance({ original, other }: ViewGap): number {
  const [a, b] = [endsOf(original)!, endsOf(other)!];
  return Math.max(0, a[0] - b[1], b[0] - a[1]);
}

/**
 * Those whose views differ by more than chance, after Holm's correction for how many there are. All questions are the
 * main comparison, which is chosen before any answer is seen, so they and the kinds are corrected apart.
 */
export function beyondChance<G extends ViewGap>(gaps: readonly G[]): G[] {
  const families = [true, false].map((isMain) => gaps.filter(({ slice }) => (slice === null) === isMain));
  return families.flatMap((family) => {
    const ps = holm(family.map(({ p }) => p));
    return family.filter((gap, i) => ps[i]! < 0.05 && sureDistance(gap) > 0);
  });
}

/** The kind whose views surely differ most comes first; all questions come last. */
export const byDistance = (a: ViewGap, b: ViewGap): number =>
  Number(b.slice !== null) - Number(a.slice !== null) || sureDistance(b) - sureDistance(a);

/**
 * What several evaluations get right of the kind of question that one of them answers most unequally in both views; of
 * all questions where none does so beyond chance: "gets 99.2% of side questions right and 0.8% of their mirrors", then
 * only "94.1% and 90.2%". Null if an evaluation did not ask them in the same two views.
 */
export function likeForLikeTexts(
  evaluations: readonly (readonly EvaluationResult[])[],
  set: string,
): string[] | null {
  const gapsOf = (slice: ViewGap['slice']) => evaluations.map((results) => viewGap(results, set, slice));
  const all = [null, ...kindsIn(evaluations.flat(), set)].flatMap(gapsOf).filter((gap) => gap !== null);
  const slice = beyondChance(all).sort(byDistance)[0]?.slice ?? null;
  const gaps = gapsOf(slice).filter((gap) => gap !== null);
  const [first] = gaps;
  if (!first || gaps.length < evaluations.length || gaps.some(({ view }) => view !== first.view)) return null;
  const what = slice === null ? 'originals' : `${slice.value} questions`;
  return gaps.map(({ original, other, view }, i) => {
    const [a, b] = [original, other].map((figure) => percentsText(endsOf(figure)!));
    return i === 0 ? `gets ${a} of ${what} right and ${b} of their ${viewLabel(view)}` : `${a} and ${b}`;
  });
}
