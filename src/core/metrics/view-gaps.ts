import { percentsText, percentText } from '../../base/format.ts';
import { kindLabel } from '../../base/labels.ts';
import { MIRROR, ORIGINAL, partnerAmong, viewLabel, type ViewId } from '../../rows/view-list.ts';
import { endsOf, sureValue, type Ends } from './metric.ts';
import { holm, studentP, Z } from './statistics.ts';
import type { EvaluationResult } from '../evaluation/results.ts';

/** Results of an evaluation in both views of the questions, for one kind of question. */
export interface ViewGap {
  /** Kind of question; null for all questions. */
  slice: { field: string; value: string } | null;
  view: ViewId;
  original: EvaluationResult;
  other: EvaluationResult;
  /** p value of the hypothesis of equal accuracy in both views; 1 if unscored answers could make them equal. */
  p: number;
  /** 95% interval of the accuracy on originals minus the other accuracy, or wider; null if unknown. */
  interval: Ends | null;
}

/** Keys that identify a metric of a set. Without a slice, the metric is over all kinds of rows. */
export interface FigureNames {
  task?: string;
  metric: string;
  /** View of the metric; null for metrics over both views of a row. */
  view: ViewId | null;
  slice?: ViewGap['slice'] | undefined;
  answer?: string | undefined;
}

/** Returns the metric with these keys, by default over all tasks; undefined if the evaluation lacks the metric. */
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

/** Returns the view to compare with a set's originals: the mirror if evaluated, otherwise the first other view. */
const partnerIn = (results: readonly EvaluationResult[], set: string): ViewId | undefined =>
  partnerAmong(results.flatMap(({ set: own, view }) => (own === set && view !== null ? [view] : [])));

/** Returns the metric of pairs of original and another view. For views except the mirror, reads the view matrix. */
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

/** Returns the pair accuracy of original and another view, by default the partner view, in the first set with both. */
export function bothRight(results: readonly EvaluationResult[], view?: ViewId): EvaluationResult | undefined {
  for (const set of new Set(results.map(({ set }) => set))) {
    const other = view ?? partnerIn(results, set) ?? MIRROR;
    const both = ofPairs(results, set, other, ['consistent', 'consistent']);
    if (both) return both;
  }
  return undefined;
}

/** Returns the view gap of a set, or of one kind of question; null if the views have different questions. */
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
    // The view matrix has no metrics for single kinds of questions.
    ({ of, names: [ofMirror, ofMatrix] }) =>
      ofPairs(results, set, view, [ofMirror!, ofMatrix!], slice) ??
      figureIn(results, set, { metric: 'accuracy', view: of, slice }),
  );
  // If the numbers of rows differ, the views have different questions.
  if (!original || !other || !endsOf(original) || !endsOf(other) || original.n !== other.n) return null;
  const [one, two] = [original.interval, other.interval];
  const gap = view === MIRROR ? figureIn(results, set, { metric: 'view_gap', view: null, slice }) : undefined;
  return {
    slice,
    view,
    original,
    other,
    p: gap?.p ?? unpairedP(original, other),
    interval: gap ? (gap.interval ?? null) : one && two ? [one[0] - two[1], one[1] - two[0]] : null,
  };
}

/** Returns the p value from the intervals of both views, as if the views had different rows. */
function unpairedP(one: EvaluationResult, other: EvaluationResult): number {
  const [greater, less] = endsOf(one)![0] > endsOf(other)![1] ? [one, other] : [other, one];
  const [least, most] = [endsOf(greater)![0], endsOf(less)![1]];
  if (least <= most || !greater.interval || !less.interval) return 1;
  // Half widths of both intervals, on the sides that face the other interval.
  return normalP(least - most, Math.hypot(least - greater.interval[0], less.interval[1] - most));
}

/** Returns the p value of a difference from the half width of its 95% interval. */
const normalP = (difference: number, half: number): number => studentP((Z * difference) / half, 1000);

/** Returns the kinds of questions in a set, sorted by field and value. */
export function kindsIn(
  results: readonly EvaluationResult[],
  set: string,
): { field: string; value: string }[] {
  const kinds = new Map<string, { field: string; value: string }>();
  for (const { set: own, slice } of results)
    if (own === set && slice) kinds.set(`${slice.field} ${slice.value}`, slice);
  return [...kinds].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, slice]) => slice);
}

/** Maximum number of kinds that a sentence lists. */
const LISTED = 3;

/**
 * Lists the kinds of questions in a set whose pair accuracy is not above their image-free bound (`within`), and the
 * kinds whose pairs can all be answered without the image (`blind`), which no accuracy can exceed; "" without any.
 */
export function kindsWithinBound(
  results: readonly EvaluationResult[],
  set: string,
): Record<'within' | 'blind', string> {
  const kinds: Record<'within' | 'blind', string[]> = { within: [], blind: [] };
  for (const { set: own, view, slice, metric, floor, ...figure } of results) {
    if (own !== set || view !== null || !slice || metric !== 'consistent' || !floor) continue;
    const [label, least] = [kindLabel(slice.value), sureValue(figure)];
    if (floor.words >= 1) kinds.blind.push(label);
    else if (least !== null && least <= floor.words)
      kinds.within.push(
        `${label} (${percentsText(endsOf(figure)!)}, image-free bound of this kind ${percentText(floor.words)})`,
      );
  }
  const listed = (texts: readonly string[]) => {
    const more = texts.length > LISTED ? [`${texts.length - LISTED} more`] : [];
    return [...texts.slice(0, LISTED), ...more].join(', ');
  };
  return { within: listed(kinds.within), blind: listed(kinds.blind) };
}

/** Returns the minimum difference between the views: 0 if unscored answers could make the views equal. */
export function sureDistance({ original, other }: ViewGap): number {
  const [a, b] = [endsOf(original)!, endsOf(other)!];
  return Math.max(0, a[0] - b[1], b[0] - a[1]);
}

/**
 * Returns the significant gaps, after Holm's correction for the number of gaps. The comparison of all questions is
 * chosen in advance, so it is corrected separately from the kinds of questions.
 */
export function beyondChance<G extends ViewGap>(gaps: readonly G[]): G[] {
  const families = [true, false].map((isMain) => gaps.filter(({ slice }) => (slice === null) === isMain));
  return families.flatMap((family) => {
    const ps = holm(family.map(({ p }) => p));
    return family.filter((gap, i) => ps[i]! < 0.05 && sureDistance(gap) > 0);
  });
}

/** Compares gaps for sorting: the kind with the largest certain gap is first; the gap of all questions is last. */
export const byDistance = (a: ViewGap, b: ViewGap): number =>
  Number(b.slice !== null) - Number(a.slice !== null) || sureDistance(b) - sureDistance(a);

/**
 * Describes the accuracies of several evaluations on the kind of question with the largest significant view gap in any
 * of the evaluations, or on all questions: "answers 99.2% of side questions and 0.8% of their mirrors correctly", then
 * only "94.1% and 90.2%". Null if an evaluation lacks these questions in the same two views.
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
  const what = slice === null ? 'originals' : `${kindLabel(slice.value)} questions`;
  return gaps.map(({ original, other, view }, i) => {
    const [a, b] = [original, other].map((figure) => percentsText(endsOf(figure)!));
    return i > 0 ? `${a} and ${b}` : `answers ${a} of ${what} and ${b} of their ${viewLabel(view)} correctly`;
  });
}
