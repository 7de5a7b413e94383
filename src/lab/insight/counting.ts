import { parseCount } from '../../core/answers/read-count.ts';
import { singular } from '../../rows/read/names.ts';
import type { SetRow } from '../../core/insight/set-row.ts';

/** Compares two counts in digits or words. Null unless the reference answer is a count. Any other answer is wrong. */
export function countVerdict(answer: string, reference: string): SetRow['count'] {
  const right = parseCount(reference);
  if (right === null) return null;
  const count = parseCount(answer);
  if (count === null) return 'wrong';
  return count === right ? 'right' : Math.abs(count - right) === 1 ? 'off by one' : 'wrong';
}

const COUNTED =
  /\b(?:how many|number of)\s+(?<what>[\p{L}\p{N}' -]+?)(?=\s+(?:are|is|do|does|can|in|on|at|to|there|have|has|you|of)\b|\s*[?.,]|\s*$)/iu;
const ANYTHING = new Set(['object', 'thing', 'item', 'solid']);

/**
 * Returns the indices of the objects that a question counts ("how many red cubes are there?"): objects whose label and
 * attributes contain all words. Null if the number of objects differs from the reference answer. In that case, the
 * words mean something else ("how many objects are left of …"), or the graph is incomplete.
 */
export function countedThings(
  question: string,
  reference: string,
  things: readonly { label: string; attributes?: Record<string, unknown> }[],
): number[] | null {
  const what = COUNTED.exec(question)?.groups?.what;
  const right = parseCount(reference);
  if (what === undefined || right === null) return null;
  const wanted = wordsIn(what).filter((word) => !ANYTHING.has(word));
  const indices = things.flatMap(({ label, attributes = {} }, i) => {
    const has = new Set(wordsIn([label, ...Object.values(attributes)].join(' ')));
    return wanted.every((word) => has.has(word)) ? [i] : [];
  });
  return indices.length === right ? indices : null;
}

/** Returns the words of a text in lower case, without plural endings. */
const wordsIn = (text: string): string[] => (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map(singular);
