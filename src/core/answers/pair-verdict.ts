/** How a pair of an original and its mirror was answered. A guess is right about one view only. */
export const VERDICTS = ['consistent', 'only_original', 'only_mirror', 'neither'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** The verdict on a pair whose views were each right or not. */
export function pairVerdict(original: boolean, mirror: boolean): Verdict {
  if (original) return mirror ? 'consistent' : 'only_original';
  return mirror ? 'only_mirror' : 'neither';
}

/** How often a view counts as right when each of its `n` completions is right with probability `p`, by itself. */
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

/** A view counts as right when more than half of its completions are. */
export function isMajorityRight(right: readonly boolean[]): boolean {
  return 2 * right.filter(Boolean).length > right.length;
}
