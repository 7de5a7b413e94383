/**
 * The verdict of a judge that was asked for 0 or 1: the number when only one of the two stands alone in the text
 * (not as part of 10, 0.5 or -1), else null, so that the caller can ask again and then count a failure.
 */
export function parseJudge(text: string): 0 | 1 | null {
  const found = new Set(text.match(/(?<![\w.,-])[01](?![\w%]|[.,]\d)/g));
  return found.size === 1 ? (Number([...found][0]) as 0 | 1) : null;
}
