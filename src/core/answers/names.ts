import { contentWords, plainWords } from './clauses.ts';
import { abstains, type FreeReading, namesNothing, NO_ANSWER, NOT_JUDGED } from './free-reading.ts';
import { allowedWith, askedBy, likeness, offers } from './offers.ts';
import { isPole } from './poles.ts';
import { answerSentences } from './sentences.ts';

/** How many names a list may have, and how many words a name of a list. */
const MOST_NAMES = 8;
const MOST_WORDS = 3;

/** The names of a reference that lists several: "a laptop, a mug and a notebook"; null if it is no such list. */
export function namesIn(reference: string): string[] | null {
  const names = reference
    .trim()
    .replace(/\.$/, '')
    .split(/, (?:and )?|,| and | & /i);
  const isName = (name: string) => {
    const words = plainWords(name);
    const content = contentWords(name);
    return content.length > 0 && content.length <= MOST_WORDS && words.length <= MOST_WORDS + 1;
  };
  return names.length > 1 && names.length <= MOST_NAMES && names.every(isName) ? names : null;
}

/**
 * Reads an answer that must name several things, in any order: each of them and no other one. An answer that does not
 * name all of them is wrong, if what it names is clear.
 */
export function readNames(text: string, names: readonly string[], question: string): FreeReading {
  if (abstains(text) || namesNothing(text)) return NO_ANSWER;
  const asked = askedBy(question);
  const wanted = names.map((name) => contentWords(name));
  const parsed = names.join(', ');
  const plain = contentWords(text);
  const keys = wanted.map((words) => words.join(' '));
  // "notebook, laptop, mug"
  const listed = /^\W*(?:not|no|neither|without)\b/i.test(text)
    ? undefined
    : namesIn(text)?.map((name) => contentWords(name).join(' '));
  if (!isOrdered(question) && listed && [...listed].sort().join() === [...keys].sort().join())
    return { parsed, correct: true };
  const sentences = answerSentences(text);
  const isDenied = sentences.some((sentence) =>
    /\b(?:not|no|or|nor|without|only|instead)\b|n't\b/i.test(sentence),
  );
  const hasPlaces = sentences.some((sentence) =>
    plainWords(sentence).some((word) => isPole(word) && !asked.words.includes(word)),
  );
  const offered = offers(text, asked, allowedWith(asked), new Set(wanted.flat())).filter(
    ({ isNegated }) => !isNegated,
  );
  const kindsOf = (words: readonly string[]) => wanted.map((name) => likeness(words, name));
  const isOther = offered.filter(({ words }) => kindsOf(words).every((kind) => kind === 'other'));
  const lacks = wanted.some((words) => !plain.includes(words.at(-1)!));
  if (lacks)
    return offered.length > 0 && offered.every(({ words }) => !kindsOf(words).includes('unknown'))
      ? { parsed: offered.map(({ words }) => words.join(' ')).join(', '), correct: false }
      : NOT_JUDGED;
  if (isOrdered(question)) return inOrder(text, wanted, question) ?? NOT_JUDGED;
  const isEach = wanted.every((name) => offered.some(({ words }) => likeness(words, name) === 'same'));
  return isEach && isOther.length === 0 && !isDenied && !hasPlaces ? { parsed, correct: true } : NOT_JUDGED;
}

/** "From left to right", "sort them by size". */
const DIRECTION = /\bfrom (?:the )?(\p{L}+) to (?:the )?\p{L}+/iu;
const isOrdered = (question: string): boolean =>
  DIRECTION.test(question) || /\b(?:order|sort|rank|sequence|arrange)/i.test(question);

/** Whether a list gives the names in the reference's order; null if it says anything else. */
function inOrder(text: string, names: readonly string[][], question: string): FreeReading | null {
  const plain = contentWords(text).filter((word) => !/^\d+$/.test(word));
  const words = names.flat();
  const asked = new Set(contentWords(question));
  const others = plain.filter((word) => !words.includes(word) && !asked.has(word));
  const [told, wanted] = [text, question].map((of) => DIRECTION.exec(of)?.[1]?.toLowerCase());
  const said = plain.filter((word) => words.includes(word)).join(' ');
  const isList = [...said.split(' ')].sort().join() === [...words].sort().join();
  if (others.length > 0 || !isList || (told !== undefined && told !== wanted)) return null;
  return { parsed: said, correct: said === words.join(' ') };
}
