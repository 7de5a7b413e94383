import { MIRROR, type ViewId } from '../../rows/view-list.ts';

/**
 * Outcomes of a pair of an original and another view. Guesses tend to be right in one view only. `only_view`: only the
 * other view is right, and that view is not the mirror.
 */
export const VERDICTS = ['consistent', 'only_original', 'only_mirror', 'only_view', 'neither'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Returns the outcome of a pair. @param view view of the pair besides the original */
export function pairVerdict(original: boolean, other: boolean, view: ViewId = MIRROR): Verdict {
  if (original) return other ? 'consistent' : 'only_original';
  if (!other) return 'neither';
  return view === MIRROR ? 'only_mirror' : 'only_view';
}

/** Whether a view counts as right: more than half of its completions are right. */
export function isMajorityRight(right: readonly boolean[]): boolean {
  return 2 * right.filter(Boolean).length > right.length;
}
