import { remembered } from '../../base/recent-map.ts';
import { isBareAnswer } from '../../rows/read/said.ts';
import { DENIES, isContent, wordsOf } from './answer-words.ts';
import { ORDINALS } from './number-words.ts';

/** Reads answers that list several things: "a laptop, a mug and a notebook". */

/**
 * Returns the words of each thing that a reference answer lists; empty for one thing. Words of the question are left
 * out, unless it names all things, as in "Order the cup, the plate and the fork by their distance."
 */
const thingsIn = remembered(50, (reference: string, question: string): readonly (readonly string[])[] => {
  const asked = wordsOf(question);
  const written = reference
    .split(/\s*(?:[,;>\n]|->|→)\s*(?:(?:and|then) )?|\s+and\s+/)
    .map((thing) => wordsOf(thing).filter(isContent));
  const isAsked = ORDERED.test(question) && written.flat().every((word) => asked.includes(word));
  const things = isAsked ? written : written.map((words) => words.filter((word) => !asked.includes(word)));
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
  const [directed = '', start = '', end = ''] = DIRECTION.exec(text) ?? [];
  const isDirected = (from: string, to: string) =>
    new RegExp(`\\b${from} to (?:the )?${to}\\b`, 'i').test(question);
  const isBackward = directed !== '' && isDirected(end, start);
  if (directed !== '' && !isBackward && !isDirected(start, end)) return null;
  const said = inSequence(
    wordsOf(
      text
        .replace(directed, '')
        .replace(/(?<!\S)\d{1,2}[.)] /g, '')
        .replace(/\b(?:lastly|finally)\b/gi, LAST),
    ),
  );
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
  const inOrder = isBackward ? order.reverse() : order;
  return !ORDERED.test(question) || inOrder.every((place, i) => i === 0 || place > inOrder[i - 1]!);
}
/** Direction of a list, as in "from left to right: cup, plate". */
const DIRECTION = /\b(left|right|top|bottom|front|back|near|far|\p{L}+est) to (?:the )?(\p{L}+)\b/iu;
/** Returns the index of the option whose order a text has, if all options list the same things; -1 without one. */
export function optionInOrder(text: string, options: readonly string[], question: string): number {
  if (!options[0] || !SEPARATES.test(options[0])) return -1;
  const asking = options.map((option) => `${question} Order: ${option}`);
  const things = options.map((option, i) =>
    thingsIn(option, asking[i]!)
      .map((words) => words.join(' '))
      .sort()
      .join(),
  );
  if (!things[0] || new Set(things).size > 1) return -1;
  return options.findIndex((option, i) => comparesList(text, option, asking[i]!));
}

/** Removes the words for places in a sequence, if they are in order: "first the cup, then the plate". */
function inSequence(words: readonly string[]): readonly string[] {
  const places = words.map((word) => PLACES.indexOf(word)).filter((at) => at >= 0);
  const isInOrder = places.every((at, i) => i === 0 || at > places[i - 1]!);
  const isLast = places.includes(PLACES.length - 1);
  if (!isInOrder || (isLast && THEN.test(words.join(' ').split(LAST)[1]!))) return words;
  return words.filter((word) => !PLACES.includes(word) && !THEN.test(word));
}
const SEPARATES = /[,;>→\n]| and /;
const LAST = 'last';
const PLACES = [...ORDINALS, LAST];
const THEN = /\b(?:then|next|followed|comes?)\b/;
const ORDERED =
  /\b(?:order|ordered|sequence|rank|sort|sorted|left to right|right to left|top to bottom|bottom to top|front to back|back to front|clockwise|\p{L}+(?:est|er)\b.* to )\b/iu;
