/** `to` in the case of `from`: LEFT → RIGHT, Left → Right, left → right. */
export function inCaseOf(from: string, to: string): string {
  if (from.length > 1 && from === from.toUpperCase()) return to.toUpperCase();
  const first = from[0] ?? '';
  return first !== first.toLowerCase() ? to[0]!.toUpperCase() + to.slice(1) : to;
}
