import { alternativesOf } from '../../rows/read/alternatives.ts';
import { remembered } from '../../base/recent-map.ts';
import { correctionIn, isBareAnswer, ranksOf, unwrapped } from '../../rows/read/said.ts';
import {
  COLOR,
  DENIES,
  NOT,
  aboutAsked,
  askedKind,
  abstains,
  exclude,
  isOfOther,
  isClosed,
  isContent,
  isVerb,
  nameOf,
  OF_VIEWER,
  withoutOne,
  wordsOf,
} from './answer-words.ts';
import { asAsked, optionsNamed, THAN } from './as-asked.ts';

/**
 * Compares free text by its words alone. An answer is right if it contains the words of the reference answer and no
 * other content words, wrong if it contains another candidate instead, and otherwise not scored.
 */

/** Result of a comparison: the matched text, and whether the answer is right (null if no rule can score it). */
interface Compared {
  parsed: string | null;
  correct: boolean | null;
}

const NOT_JUDGED: Compared = { parsed: null, correct: null };

/** Maximum number of words in a clause that is compared. */
const MOST_WORDS = 16;

/**
 * Compares an answer with a free-text reference answer. @param candidates alternatives in the question, including the
 * right one
 */
export function compareText(
  text: string,
  reference: string,
  question: string,
  candidates: readonly string[] = [],
): Compared {
  const wanted = nameOf(reference);
  const shorter = candidates.length > 0 ? [] : shorterNames(wanted, question);
  const mayDescribe =
    candidates.length === 0 && ![...wanted, ...wordsOf(question)].some((word) => DESCRIBES.test(word));
  const said = correctionIn(unwrapped(text))?.now ?? text;
  for (const stretch of ranksOf(said).flat()) {
    if (abstains(stretch)) return { parsed: null, correct: false };
    if (NOTHING.test(stretch) && !NOTHING.test(reference)) return { parsed: stretch, correct: false };
    const [time, wantedTime] = [stretch, reference].map(timeIn);
    if (time !== undefined && wantedTime !== undefined && wantedTime !== time)
      return { parsed: stretch, correct: false };
    if (candidates.length === 2 && NEITHER.test(stretch) && !candidates.some((other) => NEITHER.test(other)))
      return { parsed: stretch, correct: false };
    const compares = (words: readonly string[]) =>
      compareStretch(stretch.replace(/^no, /i, ''), words, question, candidates, mayDescribe);
    const compared = compares(wanted) ?? (shorter.some((words) => compares(words)) ? true : null);
    if (compared !== null) return { parsed: compared ? reference : stretch, correct: compared };
  }
  return isWriting(reference, question) && isShort(said) ? { parsed: said, correct: false } : NOT_JUDGED;
}

/** Words that describe any object, so that an answer may add or omit them. */
const DESCRIBES =
  /^(?:large|big|small|little|tiny|huge|tall|short|long|young|old|new|modern|empty|single|dark|light|bright|pale|deep|vivid|potted|cell)$/;

const TONE = /^(?:dark|light|bright|pale|deep|vivid)$/;
/** Verbs that only say that something is somewhere; at the end they are nouns: "an umbrella stand". */
const RESTS = /^(?:stand|sit|lie|hang|rest)$/;

/** Returns a reference without descriptions, and without the kind that a question asks for: "second" for "second floor". */
function shorterNames(wanted: readonly string[], question: string): readonly (readonly string[])[] {
  const kind = askedKind(question);
  const names = [
    wanted.filter((word) => !DESCRIBES.test(word) || TONE.test(word)),
    wanted.at(-1) === kind ? wanted.slice(0, -1) : [],
  ];
  return names.filter(({ length }) => length > 0 && length < wanted.length);
}

/** Returns whether a part of an answer is right; null if the part does not decide. */
function compareStretch(
  stretch: string,
  wanted: readonly string[],
  question: string,
  candidates: readonly string[],
  mayDescribe: boolean,
): boolean | null {
  const whole = wordsOf(stretch);
  if (whole.join(' ') === wanted.join(' ')) return true;
  const rivals = candidates.length === 2 ? candidates.map(nameOf) : [wanted];
  const denied = rejected(stretch, rivals, question);
  if (denied !== null) return rivals[denied]!.join(' ') !== wanted.join(' ');
  // An answer that contains a reference answer such as "yellow and orange" is not split at "and".
  const isWhole = wanted.includes('and') && unitIn(whole, wanted) >= 0;
  const placed = asAsked(withoutRejected(stretch, candidates), question, candidates).replace(
    PLACED,
    (place) => (candidates.length === 2 ? candidates[/^\W*(?:the )?(?:la|se)/i.test(place) ? 1 : 0]! : place),
  );
  const told = withoutOne(placed).replace(OF_VIEWER, ' ');
  const clause = (isWhole ? stretch : aboutAsked(told, question)).replace(THAN, '');
  const words = wordsOf(clause);
  if (words.length > MOST_WORDS || words.some((word) => DENIES.test(word) && !wanted.includes(word)))
    return null;
  const asked = askedWords(question);
  const isColored = () => [...wanted, ...wordsOf(question)].some((word) => COLOR.test(word));
  const isKnown = (word: string, i: number) =>
    isClosed(word) ||
    wanted.includes(word) ||
    (mayDescribe && (DESCRIBES.test(word) || (COLOR.test(word) && !isColored()))) ||
    (RESTS.test(word) && i < words.length - 1) ||
    ((asked.has(word) || asked.has(stemOf(word))) && !isRivalAt(i));
  const isRivalAt = (i: number) => wanted.some((word) => exclude(words[i]!, word));
  const at = unitIn(words, wanted);
  const others = candidates.map(nameOf).filter((other) => other.join(' ') !== wanted.join(' '));
  if (at >= 0) {
    if (others.some((other) => unitIn(words, other) >= 0) || isOfOther(clause, wanted, question, others))
      return null;
    const rest = words.every((word, i) => (i >= at && i < at + wanted.length) || isKnown(word, i));
    return rest && !isCompound(words[at + wanted.length], words[at + wanted.length - 1]!, question)
      ? true
      : null;
  }
  if (isBareAnswer(clause) && others.length > 0 && words.every(isKnown) && isPart(words, wanted, others))
    return true;
  const plain = mayDescribe ? words.filter((word) => !DESCRIBES.test(word)) : words;
  return namesOther(plain, wanted, asked, others) ? false : null;
}

const NOTHING = /^\W*(?:nothing|nobody|no one|none)\W*$/i;
/** Returns the only time in a text, on a clock with twelve hours. */
function timeIn(text: string): string | undefined {
  const [time, ...others] = text.matchAll(/(?<![\d:])(\d{1,2}):(\d{2})(?![\d:])/g);
  return time === undefined || others.length > 0 ? undefined : `${Number(time[1]) % 12}:${time[2]}`;
}
/** Returns a verb without its ending: "wear" for "wearing" and "wears". */
const stemOf = (word: string): string => word.replace(/(?<=\p{L}{3})(?:ing|s)$/u, '');
const askedWords = remembered(
  50,
  (question: string) => new Set(wordsOf(question).flatMap((word) => [word, stemOf(word)])),
);
/** Matches answers that choose neither or both of two candidates: "Both are equally close." */
const NEITHER =
  /^\W*(?:neither|both|they|the two|it)\b(?:[^,;]*\b(?:the same|equal|equally|identical|similar|a tie)\b[^,;]*|(?: of (?:them|the two|these))?(?: (?:are|is))?)\W*$|^\W*neither\b|\bneither\b[^.;]*\bnor\b/i;
/** Matches a candidate by its place in the question: "the former", "the second one". */
const PLACED = /^\W*(?:the )?(?:former|latter|first|second)(?: (?:one|option|object))?\W*$/i;

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
const withoutRejected = (text: string, candidates: readonly string[]): string =>
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

/** Returns the index of the reference answer's words in an answer; -1 if they are absent or occur twice. */
function unitIn(words: readonly string[], unit: readonly string[]): number {
  const found = words.flatMap((_, i) => (unit.every((word, k) => words[i + k] === word) ? [i] : []));
  return found.length === 1 && unit.length > 0 ? found[0]! : -1;
}

/** Whether an answer is a part of the reference answer that no other candidate has: "white", for "the runner in white". */
const isPart = (
  words: readonly string[],
  wanted: readonly string[],
  others: readonly (readonly string[])[],
): boolean => {
  const isIn = (word: string) => others.some((other) => other.includes(word));
  return (
    words.some((word) => wanted.includes(word) && !isIn(word)) &&
    words.every((word) => wanted.includes(word) || !isIn(word))
  );
};

/** Whether a noun follows the reference answer's words: "a glass table" is not a glass. Colours are not nouns. */
const isCompound = (next: string | undefined, last: string, question: string): boolean =>
  next !== undefined &&
  isContent(next) &&
  isContent(last) &&
  !COLOR.test(last) &&
  !/\b(?:colou?r|material|made of|kind|type|shape|pattern|which|whose|what)\b/i.test(question);

/** Whether an answer contains only words of another candidate, and lacks the words of the reference answer. */
function namesOther(
  words: readonly string[],
  wanted: readonly string[],
  asked: ReadonlySet<string>,
  others: readonly (readonly string[])[],
): boolean {
  const lacks = wanted.some((word) => !words.includes(word));
  const distinct = wanted.filter((word) => others.every((other) => !other.includes(word)));
  // An answer with content words outside the candidates and the question is not scored: "the white bus", for two vans.
  const isForeign = words.some(
    (word) =>
      isContent(word) &&
      !asked.has(word) &&
      !wanted.includes(word) &&
      !wanted.some((option) => exclude(word, option)),
  );
  if (isForeign || !lacks) return false;
  const named = others.filter((other) => unitIn(words, other) >= 0);
  const isOther = !distinct.some((word) => words.includes(word));
  if (named.length > 0) return named.length === 1 && isOther;
  const isRival = (word: string) =>
    !wanted.includes(word) && wanted.some((option) => exclude(word, option) && !words.includes(option));
  if (words.some(isRival)) return true;
  const distinctive = others.map((other) =>
    other.filter((word) => !wanted.includes(word) && isContent(word)),
  );
  return isOther && distinctive.some((rare) => rare.length > 0 && rare.every((word) => words.includes(word)));
}

/** Whether the question is about written text, which has no synonyms: "Which sign …?", "What does the label say?" */
const isWriting = (reference: string, question: string): boolean =>
  /\b(?:signs?|stickers?|labels?|banners?|posters?|screens?|plates?|say|says|read|reads|written|writing|text|words?|letters?|named?|titles?|brand|logo)\b/i.test(
    question,
  ) &&
  /^\W*(?:\p{Lu}[\p{L}\p{N}'&.-]*|\p{N}+|of|the|and|a|an|in|to|for|[&-])(?: (?:\p{Lu}[\p{L}\p{N}'&.-]*|\p{N}+|of|the|and|a|an|in|to|for|[&-]))*\W*$/u.test(
    reference,
  ) &&
  /\p{Lu}/u.test(reference);
const isShort = (text: string): boolean =>
  ranksOf(text)
    .flat()
    .map(wordsOf)
    .some((words) => words.length > 0 && words.length <= 6 && !words.some(isVerb));

/** Maximum length of questions and reference answers in which alternatives are searched, in characters. */
export const MOST_READ = 2000;

/** Relative clause in an alternative: "The cat or the basket it is next to?" */
const DESCRIPTION =
  /(?<=\p{L}) (?:(?:that|which) )?(?:it|he|she|they) (?:is|are|stands?|sits?|lies?) [\p{L} ]+?(?=[,?]| or )/giu;

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
    if (optionIn(reference, listed, question) !== null) return listed;
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
