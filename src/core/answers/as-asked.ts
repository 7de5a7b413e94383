import { remembered } from '../../base/recent-map.ts';
import { polarPhrases } from '../../rows/read/polar-phrases.ts';
import { DENIES, headOf, wordsOf } from './answer-words.ts';

/** Reads comparisons in answers: "The cup is nearer than the plate.", "The chair is not as tall as the lamp." */

/** Second part of a comparison, without the subject: "than the plate" in "The cup is nearer than the plate". */
export const THAN =
  /,? \b(?:than|compared (?:to|with)|relative to|in contrast to|unlike) (?:[^,.;]|[.,](?=\d))*/gi;

/** Stem of a comparative, as in "is larger than". Also matches the superlative in the question, such as "largest". */
const COMPARES =
  /\b(?:is|are|was|were|looks|seems|stands|has) (?:\p{L}+ )?(\p{L}{3,}?)(?:i?er)\b(?=[^.;]*\bthan\b)/iu;
/** Whether a clause has a comparative that the question lacks: "farther", for "Which is closer?" */
export function comparesOtherwise(clause: string, question: string): boolean {
  const word = COMPARES.exec(clause)?.[1]!.toLowerCase();
  return word !== undefined && !question.toLowerCase().includes(word);
}

/**
 * Rewrites comparisons in the question's words. If the question asks which is closer, "the cup is nearer than the
 * plate" becomes "the cup is closer". Of two options, "the plate is behind" tells which is in front; of more options, a
 * clause about the opposite names no answer, and is removed.
 */
export function asAsked(text: string, question: string, options: readonly string[] | null): string {
  const [asked, ...others] = POLAR.test(text) ? phrasesOf(question) : [];
  if (!asked || others.length > 0) return text;
  return text.replace(EQUATIVE, asComparative).replace(CLAUSE, (clause) => {
    const [phrase, ...more] = polarPhrases(clause);
    if (phrase?.axis !== asked.axis || phrase.form === 'contrary' || more.length > 0) return clause;
    if (wordsOf(clause).some((word) => DENIES.test(word) && word !== 'but')) return clause;
    const [before, after] = [clause.slice(0, phrase.start), clause.slice(phrase.end)];
    if (/\band\b/i.test(before)) return clause;
    const [, end = '', than = ''] = /^([^]*?)(?: than (?:from |to )?(.*))?$/is.exec(after.replace(ONE, ''))!;
    const isSame = phrase.pole === asked.pole;
    const subject = headOf(before).join(' ');
    if (options === null) {
      if (phrase.form === 'position') return clause;
      if (isSame) return before + asked.text + after;
      return than === '' || subject === '' ? clause : `${than} is ${asked.text}${end} than ${subject}`;
    }
    const isNamed = (words: string) => (option: string) => wordsOf(option).join(' ') === words;
    const named = options.filter(isNamed(subject));
    const rest = options.filter((option) => !named.includes(option));
    const isOther = (text: string) => rest.some(isNamed(headOf(text).join(' ')));
    if (named.length !== 1) return isSame ? before + asked.text + after : clause;
    if (!isSame && than !== '' && !isOther(than)) return clause;
    const told = isSame ? named : rest;
    // "Which is in front?" has no anchor, so that the anchor of "in front of the plate" is the other option.
    const isAnchor =
      phrase.form === 'position' && !/^ \p{L}/u.test(question.slice(asked.end)) && isOther(end);
    return told.length === 1 ? `${told[0]} is ${asked.text}${isAnchor ? '' : end}` : '';
  });
}
/** Words that polar phrases contain, which are quicker to find. */
const POLAR =
  /\p{L}(?:er|est|most)\b|\b(?:left|right|front|forward|back|behind|ahead|above|below|over|under|on top|top|bottom|beneath|underneath|in|inside|within|outside|before|more|less|least|as|off|away)\b/iu;
/** Polar phrases of questions, which every completion of a row needs. */
const phrasesOf = remembered(50, polarPhrases);
const ONE = /^ (?:one|object|thing|item|of (?:the two|them|both))\b/i;
const CLAUSE = /(?:[^,.;:!?\n]|(?<=\d)[.,:](?=\d))+/g;
/** "Not as tall as" means shorter than, and "twice as tall as" means taller than. */
const EQUATIVE =
  /\b(?:(?<not>(?:is|are|was|were)(?:n't| not)(?: quite| nearly)?|half)|twice|times) as (?<word>\p{L}+) as\b/giu;
function asComparative(all: string, ...groups: unknown[]): string {
  const { not, word } = groups.at(-1) as { not?: string; word: string };
  const longer = word === 'far' ? 'farther' : `${word.replace(/e$|(?<=[^aeiou][aeiou])(g)$/, '$1$1')}er`;
  const [phrase] = polarPhrases(longer);
  return phrase ? `is ${not === undefined ? longer : phrase.opposite} than` : all;
}
