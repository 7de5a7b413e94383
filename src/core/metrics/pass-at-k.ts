/**
 * Pass@k of one problem with `n` completions of which `c` are right: 1 − C(n−c, k) / C(n, k), as a product so that
 * nothing overflows. The unbiased estimate of "at least one of k is right"; null when k > n. 0–1.
 */
export function passAtK(n: number, c: number, k: number): number | null {
  if (k > n || k < 1) return null;
  let allWrong = 1;
  for (let i = n - c + 1; i <= n; i++) allWrong *= 1 - k / i;
  return 1 - allWrong;
}

/** What k guesses reach, each right with probability p (R53: two choices and k = 4 give 93.75 %). */
export function chanceAtK(p: number, k: number): number {
  return 1 - (1 - p) ** k;
}
