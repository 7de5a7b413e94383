import { MIRROR, type ViewId } from '../../rows/view-list.ts';

/**
 * How a pair of an original and another view was answered: a model that guesses tends to be right about one view only.
 * `only_view`: the other view is not the mirror.
 */
export const VERDICTS = ['consistent', 'only_original', 'only_mirror', 'only_view', 'neither'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Returns the verdict on a pair from whether each view is right. @param view the other view. */
export function pairVerdict(original: boolean, other: boolean, view: ViewId = MIRROR): Verdict {
  if (original) return other ? 'consistent' : 'only_original';
  if (!other) return 'neither';
  return view === MIRROR ? 'only_mirror' : 'only_view';
}

/** Returns true if more than half of a view's completions are right, which makes the view count as right. */
export function isMajorityRight(right: readonly boolean[]): boolean {
  return 2 * right.filter(Boolean).length > right.length;
}
