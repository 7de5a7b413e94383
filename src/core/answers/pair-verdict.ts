/** How a pair of an original and its mirror was answered. A guess is right about one view only. */
export const VERDICTS = ['consistent', 'only_original', 'only_mirror', 'neither'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** The verdict on a pair whose views were each right or not. */
export function pairVerdict(original: boolean, mirror: boolean): Verdict {
  if (original) return mirror ? 'consistent' : 'only_original';
  return mirror ? 'only_mirror' : 'neither';
}

/** A view counts as right when more than half of its completions are. */
export function isMajorityRight(right: readonly boolean[]): boolean {
  return 2 * right.filter(Boolean).length > right.length;
}
