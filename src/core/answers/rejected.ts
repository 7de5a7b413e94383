import { DENIES, NOT, isClosed, unitIn, wordsOf } from './answer-words.ts';

/** Reads rejections of candidates: "The door isn't open.", "the cup rather than the plate". */

/**
 * Returns the index of the only candidate that an answer rejects: "open" for "The door isn't open." Null if the answer
 * contains words of another candidate, or words that are not in the question.
 */
export function rejected(
  stretch: string,
  candidates: readonly (readonly string[])[],
  question: string,
): number | null {
  const [clause] = stretch.split(/[,;] /, 1) as [string];
  if (!NOT.test(clause) || PARTLY.test(clause)) return null;
  const [denials, told] = [true, false].map((denies) =>
    wordsOf(clause).filter((word) => DENIES.test(word) === denies),
  ) as [string[], string[]];
  if (denials.length !== 1) return null;
  const named = candidates.findIndex((candidate) => unitIn(told, candidate) >= 0);
  const others = candidates.flatMap((words, i) => (i === named ? [] : words));
  const asked = wordsOf(question);
  const isKnown = (word: string) =>
    candidates[named]!.includes(word) || (!others.includes(word) && (isClosed(word) || asked.includes(word)));
  return named >= 0 && told.every(isKnown) ? named : null;
}
const PARTLY = /(?:\bnot|n't) (?:just|only|quite|exactly|really|very|the only)\b/i;

/** Removes the candidates that an answer rejects: "the cup" for "The cup rather than the plate". */
export const withoutRejected = (text: string, candidates: readonly string[]): string =>
  text
    .replace(NOT_BUT, '')
    .replace(REJECTING, (rejected, named: string) =>
      (candidates.length === 0 && rejected.startsWith(',')) ||
      candidates.some((candidate) => wordsOf(candidate).join(' ') === wordsOf(named).join(' '))
        ? ''
        : rejected,
    );
/** Matches the rejected part of "not yellow but orange". */
const NOT_BUT = /\bnot (?:(?:an?|the) )?[\p{L} -]{2,30}?,? but (?:rather |instead )?(?=\p{L})/giu;
const REJECTING = /,? ?\b(?:and )?(?:not|rather than|instead of|as opposed to|unlike) ([^,.;:!?]+)/gi;
