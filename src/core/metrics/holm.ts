/**
 * Holm's correction of p values for that there are several: the chance that any of them is small by accident stays below
 * the level. Never below what was given, in the same order.
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).sort((a, b) => ps[a]! - ps[b]!);
  const corrected = new Array<number>(ps.length);
  let least = 0;
  for (const [rank, i] of order.entries()) {
    least = Math.max(least, Math.min(1, (ps.length - rank) * ps[i]!));
    corrected[i] = least;
  }
  return corrected;
}
