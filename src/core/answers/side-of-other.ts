import { plainWords } from './clauses.ts';
import { answerSentences } from './sentences.ts';

/** Answers with a side that is the one of another thing than the one asked about. */

/** Words of which "left" and "right" say which of several things is meant: "which is bigger, the left or the right one?" */
export const COMPARES = /\b(?:which|who|what)\b/i;

/** "The plate has the apple on its left": the side of the other thing. */
const HAS_AT_SIDE =
  /\b(?:has|have|sees?|with) (?:the |an? )?[\p{L} ]{1,40} (?:on|to|at) (?:(?:its|his|her|their) (?:left|right)\b|the (?:left|right)(?: side)? of (?:it|him|her|them)\b)/iu;
/** "Opposite the left side", "from the left", "the left is where the plate is". */
const NOT_AT =
  /\b(?:opposite|across from)(?: (?:to|of))? (?:the |its |his |her )?(?:left|right)\b|^\W*from (?:the )?(?:left|right)\W*$|\bless (?:left|right)\b|\b(?:left|right) is where the\b/i;
/** "The one on the left of the right one". */
const BESIDE_OTHER = /\b(?:left|right)(?: hand)?(?: side| neighbou?r)? of the (?:left|right)/i;
/** "To the left of the apple is the plate", "On its left is the plate": a place beside the first thing. */
const INVERTED =
  /^\W*(?:(?:on|to|at) )?((?:(?:the|its|his|her|their|\p{L}+) )?(?:\p{L}+'s )?(?:left|right|above|over|below|under|behind)\b[^,.;:–—*-]*?) (?:is|are|stands?|sits?|lies?|you|we|there|faces?) ((?:the|an?) [\p{L} ]+)?/iu;
const isBesideSubject = (text: string, subject: readonly string[]): boolean =>
  answerSentences(text).some((sentence) => {
    const [, lead, thing] = INVERTED.exec(sentence) ?? [];
    const words = lead === undefined ? [] : plainWords(lead);
    // "To the left is the door", asked about the lamp.
    if (thing !== undefined && !plainWords(thing).includes(subject.at(-1)!)) return true;
    return words.some((word) => /^(?:its|his|her|their)$/.test(word) || word === subject.at(-1));
  });

export const hasAtSide = (text: string): boolean => HAS_AT_SIDE.test(text);

/** Whether the side in an answer may be the one of another thing; `subject` is what the question asks about. */
export const isAtOther = (
  text: string,
  reference: string,
  question: string,
  subject: readonly string[],
): boolean =>
  !NOT_AT.test(reference) &&
  (NOT_AT.test(text) ||
    (COMPARES.test(question) && BESIDE_OTHER.test(text)) ||
    (subject.length > 0 && isBesideSubject(text, subject)));
