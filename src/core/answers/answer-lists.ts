import { remembered } from '../../base/recent-map.ts';
import { isBareAnswer } from '../../rows/read/said.ts';
import { DENIES, isContent, wordsOf } from './answer-words.ts';

/** Reads answers that list several things: "a laptop, a mug and a notebook". */

/** Returns the words of each thing that a reference answer lists, without those of the question; empty for one thing. */
const thingsIn = remembered(50, (reference: string, question: string): readonly (readonly string[])[] => {
  const asked = wordsOf(question);
  const things = reference
    .split(/\s*(?:[,;\n]|->|→)\s*(?:(?:and|then) )?|\s+and\s+/)
    .map((thing) => wordsOf(thing).filter((word) => isContent(word) && !asked.includes(word)));
  const isList = things.length > 1 && things.every(({ length }) => length > 0 && length < 4);
  return isList && new Set(things.map((words) => words.join(' '))).size === things.length ? things : [];
});

/**
 * Whether an answer lists the things of the reference answer, in its order if the question asks for one. Null if the
 * answer or the reference answer is no list, or if the answer has other things.
 */
export function comparesList(text: string, reference: string, question: string): boolean | null {
  const things = thingsIn(reference, question);
  if (things.length === 0 || text.length > 10 * reference.length + 100) return null;
  const direction = BACKWARD.exec(text)?.[0].toLowerCase();
  if (direction !== undefined && !question.toLowerCase().includes(direction)) return null;
  const said = wordsOf(text.replace(/^\s*\d{1,2}[.)] /gm, ''));
  const words = said.filter(isContent);
  const [listed, asked] = [things.flat(), wordsOf(question)];
  const isKnown = (word: string) => listed.includes(word) || asked.includes(word);
  if (!words.every(isKnown) || said.some((word) => DENIES.test(word))) return null;
  const places = things.map((thing) =>
    words.flatMap((_, i) => (thing.every((word, k) => words[i + k] === word) ? [i] : [])),
  );
  if (places.some(({ length }) => length > 1)) return null;
  if (places.some(({ length }) => length === 0))
    return isBareAnswer(text) && places.flat().length > 0 ? false : null;
  const order = places.map(([place]) => place!);
  // "The lamp is between the vase and the clock" lists no two things around the vase.
  const span = words.slice(Math.min(...order), Math.max(...order));
  if (!span.every((word) => listed.includes(word))) return null;
  return !ORDERED.test(question) || order.every((place, i) => i === 0 || place > order[i - 1]!);
}
const BACKWARD = /\b(?:right to left|bottom to top|back to front|far(?:thest)? to near(?:est)?)\b/i;
const ORDERED =
  /\b(?:order|ordered|sequence|rank|sort|sorted|left to right|right to left|top to bottom|bottom to top|front to back|back to front|clockwise|(?:est|er)\b.* to )\b/i;
