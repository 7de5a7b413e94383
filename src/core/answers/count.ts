import { sum } from '../numbers.ts';
import { singular } from '../read/names.ts';
import { isWord, readNumbers, type Token } from './numbers.ts';

/**
 * Reads a count: a whole number in digits or words, 0 for "none" and "no chairs", or the stated total of several
 * numbers. Returns null for ranges, bounds, vague words, and several numbers without a total.
 */
export function parseCount(text: string): number | null {
  const tokens = readNumbers(text);
  if (tokens.some((_, i) => isRange(tokens, i))) return null;
  const found = tokens.flatMap((_, at) => {
    const value = countAt(tokens, at);
    return value === null ? [] : [{ value, at }];
  });
  const nouns = found.filter(({ value, at }) => value !== 1 || !isWord(tokens[at + 1], ...PREPOSITIONS));
  const numbers = nouns.length > 0 ? nouns : found;
  const distinct = new Set(numbers.map(({ value }) => value));
  const value =
    distinct.size > 1
      ? (statedTotal(tokens, numbers) ?? brokenDown(numbers) ?? brokenDown(found))
      : numbers[0]?.value;
  return Number.isSafeInteger(value) && value! >= 0 ? value! : null;
}

/**
 * The number that an answer gives to what a question counts: "There are two people, a man and a woman, in front of 3
 * cars." One adjective may stand between. Null if it gives none or several, a range, or only parts of a total.
 */
export function countOf(text: string, question: string): number | null {
  const wanted = nounCounted(question);
  if (wanted === null) return null;
  const tokens = readNumbers(text);
  const numbers = tokens.flatMap((_, at) => {
    const value = countAt(tokens, at);
    // "one blue one": the last word is no count.
    return value === null || (value === 1 && tokens[at + 1]?.kind !== 'word') ? [] : [{ value, at }];
  });
  const isOfNoun = ({ at }: Found) => {
    const [next, second] = [tokens[at + 1], tokens[at + 2]].map((token) =>
      token?.kind === 'word' ? singular(token.text) : '',
    );
    return next === wanted || (second === wanted && !NOT_COUNTED.includes(next!));
  };
  // "Of the three men, two are wearing hats": the number of those there are is none of those who do.
  const isGroup = ({ at }: Found) =>
    isWord(tokens[at - 1], 'the', 'these', 'those', 'all', 'of') &&
    tokens.slice(at - 2, at).some((token) => isWord(token, 'of')) &&
    !isWord(tokens[at - 2], 'total', 'number', 'count', 'sum', 'all');
  const counts = numbers.filter((one) => !isGroup(one));
  if (counts.length === 1 && numbers.length > 1 && !isRange(tokens, counts[0]!.at)) return counts[0]!.value;
  const [own, others] = [counts.filter(isOfNoun), counts.filter((one) => !isOfNoun(one))];
  const [count] = own;
  if (own.length !== 1 || isRange(tokens, count!.at)) return null;
  // "two on the left and three on the right", "two red and three blue ones": of the same noun, so parts of a total.
  const isPart = ({ at }: Found) =>
    tokens[at + 1]?.kind !== 'word' ||
    isWord(tokens[at + 1], ...PREPOSITIONS, 'of', 'are', 'is') ||
    [tokens[at + 1], tokens[at + 2]].some((token) => isWord(token, 'one', 'ones', 'more', 'other', 'others'));
  const isTotal = sum(others.map(({ value }) => value)) === count!.value;
  return count!.value >= 0 && (isTotal || !others.some(isPart)) ? count!.value : null;
}

/**
 * The sum of the parts into which one sentence divides what is counted, and no other number: "2 birds on the left and 3
 * on the right", "3 green bottles, 2 brown bottles". Null if it is anything else.
 */
export function sumOfParts(text: string, question: string): number | null {
  const noun = nounCounted(question);
  const tokens = readNumbers(text);
  const parts = tokens.flatMap((_, at) => {
    const value = countAt(tokens, at);
    return value === null ? [] : [{ value, at }];
  });
  const between = tokens.slice(parts[0]?.at, parts.at(-1)?.at);
  if (
    noun === null ||
    parts.length < 2 ||
    between.some((token) => isWord(token, ...SENTENCE_ENDS, ':', 'or', 'each', 'every'))
  )
    return null;
  const isPart = ({ value, at }: Found, i: number) => {
    const named = tokens
      .slice(at + 1, at + 4)
      .some((token) => token.kind === 'word' && singular(token.text) === noun);
    return value > 0 && !isRange(tokens, at) && (named || (i > 0 && isWord(tokens[at + 1], ...PREPOSITIONS)));
  };
  const total = sum(parts.map(({ value }) => value));
  // "2 flags here and 2 flags there, so 4 flags": the last one is no part.
  const isTold = tokens.some((token) => isWord(token, ...CLOSING, ...OPENING, 'all'));
  return parts.every(isPart) && !isTold && !parts.some(({ value }) => 2 * value === total && parts.length > 2)
    ? total
    : null;
}

/** Whether a text has several numbers, of which none is read as its count, and which are no two guesses at it. */
export const hasSeveralNumbers = (text: string): boolean => {
  const tokens = readNumbers(text);
  const numbers = tokens.filter(({ kind }) => kind === 'number');
  return numbers.length > 1 && !tokens.some((token, i) => isRange(tokens, i) || isWord(token, 'or'));
};

/** What a question counts, in the singular: "How many red cups are there?" counts the word "cup". */
export function nounCounted(question: string): string | null {
  const counted =
    /\b(?:how many|number of|count)(?: the)? ((?:\p{L}+ )*?\p{L}+)(?= (?:is|are|was|were|do|does|did|can|could|have|has|in|on|of|at|you)\b|\W*$)/iu.exec(
      question,
    )?.[1];
  const words = counted?.toLowerCase().split(' ') ?? [];
  // "How many more apples than oranges": a difference, not the number of things that an answer may mention.
  if (/^(?:more|fewer|less)$/.test(words[0] ?? '')) return null;
  // "steps lead up to the entrance", "tennis balls": the first plural, or what it describes.
  const isPlural = (word: string | undefined) => word !== undefined && singular(word) !== word;
  const noun = words.find((word, i) => isPlural(word) && !isPlural(words[i + 1])) ?? words.at(-1);
  return noun === undefined ? null : singular(noun);
}

interface Found {
  value: number;
  at: number;
}

/** "two chairs: one on the left, one near the door": "one" before a preposition only refers back to the chairs. */
const PREPOSITIONS = [
  'on',
  'in',
  'at',
  'near',
  'to',
  'under',
  'behind',
  'next',
  'by',
  'with',
  'above',
  'below',
  'beside',
];

const NOT_COUNTED = [
  'more',
  'less',
  'fewer',
  'doubt',
  'question',
  'idea',
  'way',
  'longer',
  'one',
  'other',
  'need',
];

/** The number that the token at `i` states; 0 for a negated noun; else null. */
function countAt(tokens: readonly Token[], i: number): number | null {
  const [before, token, after] = [tokens[i - 1], tokens[i]!, tokens[i + 1]];
  if (token.kind === 'number') {
    if (isWord(before, 'minus', 'negative') || (isWord(before, '-') && !token.spaced)) return -1;
    if (token.value === 1 && isPronoun(before, after)) return null;
    // "2nd", "chair2"
    if (after?.kind === 'word' && !after.spaced) return null;
    if (before?.kind === 'word' && !token.spaced) return null;
    return token.value;
  }
  if (isWord(token, 'none')) return 0;
  const denied =
    isWord(token, 'no') ||
    (isWord(token, 'any') && before?.kind === 'word' && /(?:n't|not)$/.test(before.text));
  return denied && after?.kind === 'word' && !NOT_COUNTED.includes(after.text) ? 0 : null;
}

/**
 * "the red one", "one of them", "this one" are not counts. Applies only to the word "one", when its neighbours show it.
 */
const isPronoun = (before: Token | undefined, after: Token | undefined): boolean =>
  isWord(before, 'the', 'this', 'that', 'each', 'every', 'another', 'which', 'no') || isWord(after, 'of');

const BOUND = /(?:[<>≤≥]|\b(?:more|less|fewer|greater) than|\bat (?:least|most)|\bup to|\bover|\bunder)$/;

/**
 * Whether a number belongs to a range: "2-3", "2 to 3", "between 2 and 3", "2 or 3", "at least 3", "3 or more", "3+",
 * "few hundred".
 */
function isRange(tokens: readonly Token[], i: number): boolean {
  if (tokens[i]!.kind !== 'number') return false;
  const words = tokens
    .slice(Math.max(0, i - 3), i)
    .map((token) => (token.kind === 'number' ? '#' : token.text));
  const before = words.join(' ');
  const [after, next] = [tokens[i + 1], tokens[i + 2]];
  const open = isWord(after, 'or') && isWord(next, 'more', 'less', 'fewer');
  const plus = isWord(after, '+') && next?.kind !== 'number';
  return (
    open || plus || /# (?:-|to|or)$|\bbetween # and$|\b(?:few|several)$/.test(before) || BOUND.test(before)
  );
}

const SENTENCE_ENDS = ['.', ';', '\n'];
const CLAUSE_ENDS = [...SENTENCE_ENDS, ':', ',', '(', ')'];
/** How many tokens a total may be away from the word that announces it. */
const REACH = 12;

/** The last total that the text states: "5 in total", "total: 5", "2 + 3 = 5", "so there are 5". */
function statedTotal(tokens: readonly Token[], numbers: readonly Found[]): number | null {
  const numberAt = new Map(numbers.map(({ at, value }) => [at, value]));
  const seek = (from: number, step: 1 | -1, ends: readonly string[]) => {
    for (let i = from + step; Math.abs(i - from) <= REACH && !isWord(tokens[i], ...ends); i += step) {
      const value = numberAt.get(i);
      if (value !== undefined) return value;
    }
    return null;
  };
  let total: number | null = null;
  tokens.forEach((token, i) => {
    if (isWord(token, ...CLOSING) || (isWord(token, 'total', 'all') && isWord(tokens[i - 1], 'in'))) {
      total = seek(i, -1, CLAUSE_ENDS) ?? seek(i, 1, SENTENCE_ENDS) ?? total;
    } else if (
      isWord(token, ...OPENING) ||
      (isWord(token, 'count') && isWord(tokens[i + 1], ':', 'is', 'of'))
    )
      total = seek(i, 1, SENTENCE_ENDS) ?? total;
  });
  return total;
}

/** "3 chairs, 2 red and 1 blue": the first number, if it is the sum of the others. */
function brokenDown(numbers: readonly Found[]): number | null {
  const [first, ...parts] = numbers.map(({ value }) => value);
  return sum(parts) === first ? first! : null;
}

const CLOSING = ['altogether', 'overall'];
const OPENING = ['total', '=', 'equals', 'makes', 'sum', 'so', 'therefore', 'thus', 'hence', 'answer'];
