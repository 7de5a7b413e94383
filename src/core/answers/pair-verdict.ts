/**
 * How a pair of an original and its mirror was answered: a model that guesses tends to be right about one view only.
 */
export const VERDICTS = ['consistent', 'only_original', 'only_mirror', 'neither'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Returns the verdict on a pair from whether each view is right. */
export function pairVerdict(original: boolean, mirror: boolean): Verdict {
  if (original) return mirror ? 'consistent' : 'only_original';
  return mirror ? 'only_mirror' : 'neither';
}

/**
 * Probability that a view counts as right if each of its `n` completions is right with probability `p`, independently.
 */
export function majorityChance(p: number, n: number): number {
  let chance = 0;
  // C(n, k) for k = 0, 1, …
  let ways = 1;
  for (let k = 0; k <= n; k++) {
    if (2 * k > n) chance += ways * p ** k * (1 - p) ** (n - k);
    ways = (ways * (n - k)) / (k + 1);
  }
  return chance;
}

/** Returns true if more than half of a view's completions are right, which makes the view count as right. */
export function isMajorityRight(right: readonly boolean[]): boolean {
  return 2 * right.filter(Boolean).length > right.length;
}
