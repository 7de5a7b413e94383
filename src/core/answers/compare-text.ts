import { remembered } from '../../base/recent-map.ts';
import { correctionIn, isBareAnswer, ranksOf, unwrapped } from '../../rows/read/said.ts';
import {
  COLOR,
  DENIES,
  DESCRIBES,
  RESTS,
  TONE,
  aboutAsked,
  askedKind,
  headOf,
  abstains,
  exclude,
  isOfOther,
  isClosed,
  isContent,
  isVerb,
  nameOf,
  unitIn,
  OF_VIEWER,
  withoutOne,
  wordsOf,
} from './answer-words.ts';
import { asAsked, THAN } from './as-asked.ts';
import { comparesList } from './answer-lists.ts';
import { isPlace } from './answer-places.ts';
import { rejected, withoutRejected } from './rejected.ts';

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
  const said = inFull(correctionIn(unwrapped(text))?.now ?? text, candidates, question);
  const listed = candidates.length > 0 ? null : comparesList(said, reference, question);
  if (listed !== null) return { parsed: said, correct: listed };
  for (const stretch of ranksOf(said).flat()) {
    if (abstains(stretch)) return { parsed: null, correct: false };
    if (NOTHING.test(stretch) && !NOTHING.test(reference)) return { parsed: stretch, correct: false };
    const [time, wantedTime] = [stretch, reference].map(timeIn);
    if (time !== undefined && wantedTime !== undefined && wantedTime !== time)
      return { parsed: stretch, correct: false };
    const [hour, wantedHour] = [stretch, reference].map(hourIn);
    if (hour !== undefined && wantedHour !== undefined)
      return { parsed: hour === wantedHour ? reference : stretch, correct: hour === wantedHour };
    if (candidates.length === 2 && NEITHER.test(stretch) && !candidates.some((other) => NEITHER.test(other)))
      return { parsed: stretch, correct: false };
    const compares = (words: readonly string[]) =>
      compareStretch(stretch.replace(/^no, /i, ''), words, reference, question, candidates, mayDescribe);
    const compared = compares(wanted) ?? (shorter.some((words) => compares(words)) ? true : null);
    if (compared !== null) return { parsed: compared ? reference : stretch, correct: compared };
  }
  return isWriting(reference, question) && isShort(said) ? { parsed: said, correct: false } : NOT_JUDGED;
}

/** Replaces a noun that only one candidate has by its whole name: "the pallet" by "the wooden pallet". */
function inFull(text: string, candidates: readonly string[], question: string): string {
  return candidates.reduce((said, candidate) => {
    const noun = headOf(candidate).at(-1) ?? '';
    const name = wordsOf(candidate);
    const at = name.indexOf(noun);
    const isOnly = wordsOf(question).filter((word) => word === noun).length === 1;
    if (!/^\p{L}+$/u.test(noun) || name.length === 1 || !isContent(name[0]!) || !isOnly) return said;
    const others = candidates.flatMap((other) => (other === candidate ? [] : wordsOf(other)));
    return said.replace(new RegExp(`\\b${noun}\\b`, 'giu'), (found, index: number, all: string) => {
      const before = wordsOf(/[^ ]+ $/.exec(all.slice(Math.max(0, index - 40), index))?.[0] ?? '')[0] ?? '';
      const after = wordsOf(
        /^ [^ ]+(?: \p{L}+)?/u.exec(all.slice(index + noun.length, index + noun.length + 80))?.[0] ?? '',
      )[0];
      const isNamed = (at > 0 && before === name[at - 1]) || (name.length > at + 1 && after === name[at + 1]);
      return isNamed || others.includes(before) ? found : name.join(' ');
    });
  }, text);
}

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
  reference: string,
  question: string,
  candidates: readonly string[],
  mayDescribe: boolean,
): boolean | null {
  const whole = wordsOf(stretch);
  if (whole.join(' ') === wanted.join(' ')) return true;
  if (candidates.some((other) => nameOf(other).join(' ') === whole.join(' '))) return false;
  const rivals = candidates.length === 2 ? candidates.map(nameOf) : [wanted];
  const denied = rejected(stretch, rivals, question);
  if (denied !== null) return rivals[denied]!.join(' ') !== wanted.join(' ');
  const placed = asAsked(withoutRejected(stretch, candidates), question, candidates).replace(
    PLACED,
    (place) => (candidates.length === 2 ? candidates[/^\W*(?:the )?(?:la|se)/i.test(place) ? 1 : 0]! : place),
  );
  const told = withoutOne(placed).replace(OF_VIEWER, ' ');
  const clause = aboutAsked(told, question).replace(THAN, '');
  const place = candidates.length === 0 ? isPlace(clause, reference, question) : null;
  if (place !== null) return place;
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
/** Returns the only direction of a clock in a text: 3 for "at 3 o'clock". */
function hourIn(text: string): string | undefined {
  const [hour, ...others] = wordsOf(text)
    .join(' ')
    .matchAll(/\b(\d{1,2}) o'clock\b/g);
  return others.length > 0 ? undefined : hour?.[1];
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
