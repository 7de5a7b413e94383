import { alternativesOf } from '../../rows/read/alternatives.ts';
import { remembered } from '../../base/recent-map.ts';
import { isClosed, isVerb, nameOf, wordsOf } from './answer-words.ts';
import { THAN, asAsked, optionsNamed, polesOffered } from './as-asked.ts';

/** Finds the alternatives in a question, and the one that a reference answer names. */

/** Maximum length of questions and reference answers in which alternatives are searched, in characters. */
export const MOST_READ = 2000;

/** Relative clause in an alternative: "The cat or the basket it is next to?" */
const DESCRIPTION =
  /(?<=\p{L}) (?:(?:that|which) )?(?:it|he|she|they) (?:is|are|stands?|sits?|lies?) [\p{L} ]+?(?=[,?]| or )/giu;

const EVENTS = ['before', 'after'];

/** Returns the name in a reference answer that repeats its question: "truck", for "The truck is in the left lane." */
export function restatedName(reference: string, question: string): string | null {
  if (!/\b(?:what|which|who)\b/i.test(question)) return null;
  const [words, asked] = [wordsOf(reference), wordsOf(question)];
  const isNew = (word: string) => !isClosed(word) && !isVerb(word) && !asked.includes(word);
  const [start, end] = [words.findIndex(isNew), words.findLastIndex(isNew) + 1];
  const name = words.slice(Math.max(0, start), end);
  const isStatement = words.some(isVerb) && name.length < words.length - 1;
  return isStatement && name.length > 0 && name.length <= 3 && name.every(isNew) ? name.join(' ') : null;
}

/** Returns the option that a reference answer names, also in a sentence: "Positioned to the left is the cup." */
export function optionIn(reference: string, options: readonly string[], question: string): string | null {
  const told = wordsOf(asAsked(reference, question, options).replace(THAN, '')).join(' ');
  const inside = (option: string) => ` ${told} `.includes(` ${nameOf(option).join(' ')} `);
  const named = [optionsNamed(reference, options, question), options.filter(inside)];
  return named.find(({ length }) => length === 1)?.[0] ?? null;
}

/** Returns the alternatives in a question, such as "the cup or the plate", if the reference answer is one of them. */
export const alternatives = remembered(
  50,
  (question: string, reference: string): readonly string[] | null => {
    if (question.length > MOST_READ || reference.length > MOST_READ) return null;
    const wanted = wordsOf(reference).join(' ');
    const listed = alternativesOf(question.replace(DESCRIPTION, ''), null).map(({ text }) =>
      text.replace(/^it (?=(?:the|an?)\b)/i, ''),
    );
    if (wanted === '') return null;
    if (/\bbefore or after\b/i.test(question) && EVENTS.includes(wanted)) return EVENTS;
    if (optionIn(reference, listed, question) !== null) return listed;
    const poles = polesOffered(question)?.map(({ text }) => text);
    if (poles && optionIn(reference, poles, question) !== null) return poles;
    const words = wordsOf(question);
    const or = words.lastIndexOf('or');
    if (or < 0) return null;
    // In "Is the lamp on the table or on the floor?", the alternatives have equal numbers of words before and after
    // "or". A shared preposition is not part of them: "closer to the window or to the door".
    for (const n of [1, 2, 3, 4]) {
      const [before, after] = [words.slice(Math.max(0, or - n), or), words.slice(or + 1, or + 1 + n)];
      if (words[or - n - 1] === after[0]) continue;
      const shared = before.length > 1 && before[0] === after[0] ? 1 : 0;
      for (const from of [0, shared]) {
        const pair = [before, after].map((unit) => unit.slice(from).join(' '));
        if (pair.includes(wanted) && pair[0] !== pair[1] && !pair.includes('')) return pair;
      }
    }
    return null;
  },
);
