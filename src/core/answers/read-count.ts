import { sum } from '../../base/numbers.ts';
import { singular } from '../../rows/read/names.ts';
import { SENTENCE_ENDS } from './find-quantities.ts';
import { isBareAnswer, readSaid } from '../../rows/read/said.ts';
import { COLOR, STATES, exclude, isContent, statesAgainst, wordsOf } from './answer-words.ts';
import { isNegative, isPartOfName, isWord, readNumbers, wordsBefore, type Token } from './number-words.ts';

/** Returns the count in an answer; of several numbers, the number of the question's objects: "two of the three". */
export const countSaid = (text: string, question: string): number | null =>
  readSaid(text, (stretch) => {
    const listed = numberedLines(stretch);
    if (listed !== null) return listed;
    const plain = allBut(withoutNames(lastOfRow(withTimes(stretch)), question), question)
      .replace(/\bhalf a dozen\b/gi, '6')
      .replace(/\ban? single\b/gi, 'one')
      .replace(PAIR, '2')
      .replace(/^[^]*\bbut only (?=\p{L}|\d)/iu, '')
      .replace(/^\s*\d{1,2}[.)] /gm, '');
    const bare = ofSide(ofNoun(plain, question), question)
      .replace(/\([^()]*\)/g, ' ')
      .replace(JOINED, ' ');
    // Text before the first colon, as in "I see 9: two at the front, the others at the back".
    const head = plain.split(': ', 1)[0]!;
    return (
      parseCount(bare, question) ??
      (bare === plain ? null : parseCount(plain, question)) ??
      (head === plain || isBareAnswer(head) ? null : parseCount(head, question))
    );
  });

/** Returns the part of an answer about the question's side or colour: "Right: 4" of "Left: 6, right: 4". */
function ofSide(text: string, question: string): string {
  const asked = tellingWords(question);
  const parts =
    asked.length === 0
      ? []
      : text.split(/\n+|; |(?<!\d), (?=on |in |at |the )|, (?=\p{L}+(?: side)?: )|\. (?=[^.:]+: )/u);
  const shared = parts.map((part) => asked.filter((word) => wordsOf(part).includes(word)).length);
  const told = parts.filter((_, i) => shared[i]! > 0 && shared[i] === Math.max(...shared));
  const others = parts.filter((part) => !told.includes(part) && tellingWords(part).length > 0);
  return told.length === 1 && others.length === parts.length - 1 ? told[0]! : text;
}

/** Returns the count labelled by a question's noun: "3" for "Chairs: 3; tables: 2". */
function ofNoun(text: string, question: string): string {
  const labels = [...text.matchAll(/(?:^|[;,.\n])\W*(\p{L}[\p{L} ]*): ?(\d+|\p{L}+)(?=\W*(?:$|[;,.\n]))/gu)];
  const noun = nounCounted(question);
  const named = labels.filter(([, label]) => singular(wordsOf(label!).at(-1) ?? '') === noun);
  return labels.length > 1 && named.length === 1 ? named[0]![2]! : text;
}

/** Matches "a pair of chairs", but not one object with a pair's name. */
const PAIR =
  /\ba (?:pair|couple) of(?! (?:\p{L}+ )?(?:scissors|glasses|pants|trousers|jeans|shorts|binoculars|pliers|tongs|tweezers|goggles|sunglasses|headphones)\b)/giu;

/** Matches an adjective with a number: "the 3-storey building". */
const JOINED = /\b(?:\d+|two|three|four|five|six)-(?!(?:hundred|thousand|dozen)\b)\p{L}{4,}/giu;

/** Returns the number of lines of an answer that only lists things from 1; null for other answers. */
function numberedLines(text: string): number | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const isList =
    lines.length > 1 && lines.every((line, i) => new RegExp(`^\\s*${i + 1}[.)] ?\\p{L}`, 'u').test(line));
  return isList ? lines.length : null;
}

/** Replaces a count from one by its last number: "Let me count: 1, 2, 3, 4." */
const lastOfRow = (text: string): string =>
  !/\bcount/i.test(text)
    ? text
    : text.replace(/\b1(?:,? (?:and )?\d{1,2}){2,}\b/g, (row) => {
        const numbers = row.match(/\d+/g)!.map(Number);
        return numbers.every((number, i) => number === i + 1) ? String(numbers.length) : row;
      });

/** Replaces "all but one" by a number, if the question says of how many: "How many of the 3 boxes are open?" */
function allBut(text: string, question: string): string {
  const [, all] = /\bof (?:the|these|those|all) (\p{L}+|\d+)\b/iu.exec(question) ?? [];
  const total = all === undefined ? null : parseCount(all);
  return total === null
    ? text
    : text
        .replace(/^\W*all(?: of (?:them|these|those))?\W*$/i, String(total))
        .replace(/\ball (?:but|except) (\p{L}+|\d+)/giu, (whole, rest: string) => {
          const count = parseCount(rest);
          return count === null ? whole : String(total - count);
        });
}

/** Replaces "once" and "twice" by numbers, except in "at once" and "twice as many". */
export const withTimes = (text: string): string =>
  text
    .replace(
      SIDE_TIMES,
      (_, side: string, times: string) => `${COUNT_OF[times.toLowerCase()] ?? times} ${side}`,
    )
    .replace(/(?<!\b(?:at|all) )\bonce\b(?=\W*(?:$|[.,;!?\n]|in\b|to\b|on\b|at\b|only\b))/gi, '1')
    .replace(/\b(?:twice|thrice)\b(?! (?:as|the)\b)/gi, (word) => COUNT_OF[word.toLowerCase()]!);

const COUNT_OF: Readonly<Record<string, string>> = { once: '1', twice: '2', thrice: '3' };
/** Matches a count after its side: "right once and left twice". */
const SIDE_TIMES =
  /\b(left|right|up|down|forward|backward) (once|twice|thrice|(?:\d+|two|three|four|five)(?= times))\b/gi;

/** Removes numbers that are part of names: "Room 1" if the question contains it, "Boat 2", "Boat 3", "Step 1". */
function withoutNames(text: string, question: string): string {
  const names = [...text.matchAll(/(?<![\p{L}\d])(\p{Lu}\p{L}+) #?(\d+)(?![\d.,]*\d)/gu)];
  const isName = ([name, noun, number]: RegExpMatchArray) =>
    noun === 'Step' ||
    question.toLowerCase().includes(name.toLowerCase()) ||
    names.some(([, other, value]) => other === noun && value !== number);
  return names.filter(isName).reduce((rest, [name, noun]) => rest.replace(name, noun!), text);
}

/**
 * Reads a count: a whole number in digits or words, 0 for "none" and "no chairs", or the stated total of several
 * numbers. Null for ranges, bounds, vague words, and several numbers without a total or a number selected by the
 * question.
 */
export function parseCount(text: string, question = ''): number | null {
  const tokens = readNumbers(text);
  if (tokens.some((_, i) => isRange(tokens, i))) return null;
  const all = countsIn(tokens);
  const parts = all.map(({ value, at }, i) => ({
    value,
    isGroup: isGroup(tokens, at),
    words: tokens
      .slice(at + 1, all[i + 1]?.at)
      .flatMap((token) => (token.kind === 'word' ? [singular(token.text)] : [])),
  }));
  const noun = nounCounted(question);
  // "Two horses stand there. The sheep are farther off." has no count for a question about sheep.
  const isNamed = tokens.some((token) => token.kind === 'word' && singular(token.text) === noun);
  const [first] = parts;
  if (parts.length === 1 && isNamed && first!.value > 1 && isOtherThing(first!.words, noun!)) return null;
  // "2 of the 4 chairs are red" counts red chairs, and all chairs for no question.
  const [part, group] = parts;
  if (parts.length === 2 && group!.isGroup && isWord(tokens[all[0]!.at + 1], 'of', 'out')) {
    const other = group!.words.find(isTelling);
    return other === undefined || wordsOf(question).includes(other) ? whole([part!]) : null;
  }
  if (parts.length === 1 && first!.value > 0 && isOfOther(text, question)) return null;
  const told = whole(parts.length < 2 ? [] : tellingMost(parts, question));
  if (told !== null) return told;
  const there = whole(parts.length < 2 ? [] : atPlace(parts, question, noun));
  if (there !== null) return there;
  if (addUp(parts, question, noun) && isWord(tokens[all.at(-1)!.at - 1], 'and', ','))
    return sum(parts.map(({ value }) => value));
  const single = parts.filter((part) => !part.isGroup);
  if (single.length === 1 && parts.length > 1) return whole(single);
  const named = single.filter(({ words }) => noun !== null && words.slice(0, 2).includes(noun));
  // The numbers in "2 birds on the left and 3 on the right" add up to a total.
  const isPart = single.some(
    ({ words }, i) => i > 0 && (words.length === 0 || PREPOSITIONS.includes(words[0]!)),
  );
  return totalOf(tokens, all) ?? (isPart ? null : whole(named));
}

/** Whether numbers are of kinds or places: "2 white cars and 2 black cars", "3 birds on the left and 1 on the right". */
function addUp(parts: readonly Part[], question: string, noun: string | null): boolean {
  const asked = wordsOf(question);
  const isPart = ({ words }: Part, i: number) =>
    words[1] === noun || ['one', 'and', undefined].includes(words[1])
      ? !asked.includes(words[0]!) && (words[1] === noun || isTelling(words[0] ?? ''))
      : placeOf(words).some((word) => word !== 'total') &&
        (words[0] === noun || (i > 0 && PREPOSITIONS.includes(words[0]!)));
  const isTotal = parts.length > 2 && brokenDown(parts) !== null;
  return noun !== null && parts.length > 1 && parts.every(isPart) && !isTotal;
}

/** Returns the words after the first preposition: "counter" for "mugs are on the counter". */
function placeOf(words: readonly string[]): readonly string[] {
  const place = words.slice(words.findIndex((word) => PREPOSITIONS.includes(word)));
  const rest = PREPOSITIONS.includes(place[0] ?? '') ? place.slice(1).filter((word) => word !== 'the') : [];
  const end = rest.findIndex((word) => !isContent(word));
  return rest.slice(0, end < 0 ? undefined : end);
}

/** Returns the numbers at the place that a question asks about: 3 for "2 in the sink and 3 on the counter". */
function atPlace(parts: readonly Part[], question: string, noun: string | null): readonly Part[] {
  const asked = wordsOf(ASKED_PLACE.exec(question)?.[1] ?? '').filter(isContent);
  const all = sum(parts.map(({ value }) => value));
  const isNamed = (words: readonly string[]) => words.includes(noun ?? '');
  const isThere = ({ words }: Part) => placeOf(words).some((word) => asked.includes(word));
  const isElsewhere = ({ value, words }: Part) =>
    value * 2 === all || placeOf(words).length > 0 || (!isNamed(words) && words.some(isContent));
  const there = parts.filter(isThere);
  const isOfNoun = there.every(({ words }) => isNamed(words) || !isContent(words[0] ?? ''));
  return isOfNoun && parts.every((part) => isThere(part) || isElsewhere(part)) ? there : [];
}
const ASKED_PLACE =
  /\b(?:is|are|was|were|there|sitting|standing|lying|parked|hanging) (?:on|in|at|near|under|behind|above|below|beside|around|inside|next to|in front of) ((?:the |an? )?[\p{L} ]+)/iu;

/** Whether an answer has the opposite of a word of the question: "on the left", for the right, or "blue", for red. */
function isOfOther(text: string, question: string): boolean {
  const [told, asked] = [text, question].map((said) => tellingWords(said)) as [string[], string[]];
  const isOther = (word: string, other: string) =>
    exclude(word, other) ||
    OPPOSITES.some((pair) => word !== other && pair.includes(word) && pair.includes(other));
  const missing = asked.filter((word) => !told.includes(word));
  return told.some((word) => !asked.includes(word) && missing.some((other) => isOther(word, other)));
}
const OPPOSITES = [...STATES, ['left', 'right'], ['top', 'bottom'], ['front', 'behind']];

/** Returns the count in a text with these numbers: the only value, or the stated total. */
function totalOf(tokens: readonly Token[], found: readonly Found[]): number | null {
  const nouns = found.filter(({ value, at }) => value !== 1 || !isWord(tokens[at + 1], ...PREPOSITIONS));
  const numbers = nouns.length > 0 ? nouns : found;
  const isOne = new Set(numbers.map(({ value }) => value)).size === 1;
  const total = isOne
    ? numbers[0]!.value
    : (statedTotal(tokens, numbers) ?? brokenDown(numbers) ?? brokenDown(found));
  return isCount(total ?? undefined) ? total : null;
}

/** Whether a number counts another kind of object: "two horses and a foal". */
const isOtherThing = (words: readonly string[], noun: string): boolean =>
  words.length > 0 && isContent(words[0]!) && !words.slice(0, 4).includes(noun) && !isTelling(words[0]!);

const isCount = (value: number | undefined): value is number => Number.isSafeInteger(value) && value! >= 0;

/** Returns the number in a list of one number, if the number is a count; otherwise null. */
const whole = ([first, ...others]: readonly { value: number }[]): number | null =>
  others.length === 0 && isCount(first?.value) ? first!.value : null;

/** Whether a number is the size of a group: "five" in "two of the five", but not in "a total of the five". */
const isGroup = (tokens: readonly Token[], at: number): boolean =>
  isWord(tokens[at - 1], 'the', 'these', 'those', 'all', 'of') &&
  tokens.slice(Math.max(0, at - 2), at).some((token) => isWord(token, 'of')) &&
  !tokens.slice(Math.max(0, at - 3), at).some((token) => isWord(token, 'total', 'number', 'count', 'sum'));

/** Returns the numbers whose words include most distinguishing words of the question: "red", "left", "sitting". */
function tellingMost<T extends { words: readonly string[] }>(parts: readonly T[], question: string): T[] {
  const telling = tellingWords(question);
  // "Two of which go our way" tells of the lanes "going our direction".
  const isIn = (words: readonly string[], word: string) =>
    words.includes(word) || words.includes(word.replace(/ing$/, ''));
  const scores = parts.map(({ words }) => telling.filter((word) => isIn(words, word)).length);
  const best = Math.max(...scores);
  return best > 0 ? parts.filter((_, i) => scores[i] === best) : [];
}
const isTelling = (word: string): boolean =>
  TELLING.test(word) || COLOR.test(word) || (isContent(word) && statesAgainst(word).length > 0);
const tellingWords = (text: string): string[] =>
  (text.toLowerCase().match(/\p{L}+/gu) ?? []).map(singular).filter(isTelling);
const TELLING = /^(?:left|right|above|below|front|behind|top|bottom|upper|lower|going|\p{L}{3,}ing)$/u;

/** Returns the counted noun of a question, in the singular: "cup" for "How many red cups are there?" */
function nounCounted(question: string): string | null {
  const counted =
    /\b(?:how many|number of|count)(?: the)? ((?:\p{L}+ )*?\p{L}+)(?= (?:is|are|was|were|do|does|did|can|could|have|has|in|on|of|at|you)\b|\W*$)/iu.exec(
      question,
    )?.[1];
  const words = counted?.toLowerCase().split(' ') ?? [];
  // "How many more apples than oranges" requests a difference, not a count of objects in the answer.
  if (/^(?:more|fewer|less)$/.test(words[0] ?? '')) return null;
  // The noun is the first plural that no other plural follows: "steps lead up to the entrance", "tennis balls".
  const isPlural = (word: string | undefined) => word !== undefined && singular(word) !== word;
  const noun = words.find((word, i) => isPlural(word) && !isPlural(words[i + 1])) ?? words.at(-1);
  return noun === undefined ? null : singular(noun);
}

/** Number with the words up to the next number, in the singular. */
interface Part {
  value: number;
  words: readonly string[];
}

interface Found {
  value: number;
  at: number;
}

/** Prepositions that can follow the pronoun "one": "two chairs: one on the left, one near the door". */
const PREPOSITIONS = 'on in at near to under behind next by with above below beside around'.split(' ');

const NOT_COUNTED = 'more less fewer doubt question idea way longer one other need'.split(' ');

/** Returns every count in a text, with its position. */
const countsIn = (tokens: readonly Token[]): Found[] =>
  tokens.flatMap((_, at) => {
    const value = countAt(tokens, at);
    return value === null ? [] : [{ value, at }];
  });

/** Returns the number at token `i`; 0 for a negated noun; otherwise null. */
function countAt(tokens: readonly Token[], i: number): number | null {
  const [before, token, after] = [tokens[i - 1], tokens[i]!, tokens[i + 1]];
  if (token.kind === 'number') {
    if (isWord(before, '√', 'not') || REJECTED.test(wordsBefore(tokens, i, 2))) return null;
    if (isNegative(tokens, i)) return -1;
    if (token.value === 1 && isPronoun(tokens, i)) return null;
    // A number with a joined unit, as in "5cm", is a measurement.
    const isJoined = after?.kind === 'word' && !after.spaced;
    return isJoined || isPartOfName(tokens, i) ? null : token.value;
  }
  if (isWord(token, 'none', 'nobody')) return 0;
  if (isWord(token, 'no') && after?.kind === 'number' && after.value === 1) return 0;
  const denied =
    isWord(token, 'no') ||
    (isWord(token, 'any') &&
      /(?:n't|not)(?: (?:see|have|find|spot|notice))?$/.test(wordsBefore(tokens, i, 2)));
  if (isWord(token, 'any') && (!after || after.kind === 'mark')) return denied ? 0 : null;
  return denied && after?.kind === 'word' && !NOT_COUNTED.includes(after.text) ? 0 : null;
}

const REJECTED = /\b(?:rather than|instead of)$/;

/** Whether "one" is a pronoun: "the red one", "one of them", but not at the start of "One of the plates is empty". */
const isPronoun = (tokens: readonly Token[], i: number): boolean =>
  isWord(tokens[i - 1], 'the', 'this', 'that', 'each', 'every', 'another', 'which', 'no') ||
  (isWord(tokens[i + 1], 'of') && !(i === 0 && isWord(tokens[i + 2], 'the')));

const BOUND = /(?:[<>≤≥]|\b(?:more|less|fewer|greater) than|\bat (?:least|most)|\bup to|\bover|\bunder)$/;

/** Whether a number belongs to a range or bound: "2-3", "between 2 and 3", "2 or 3", "at least 3", "3+". */
function isRange(tokens: readonly Token[], i: number): boolean {
  if (tokens[i]!.kind !== 'number') return false;
  const before = wordsBefore(tokens, i, 3);
  const [after, next] = [tokens[i + 1], tokens[i + 2]];
  const open = isWord(after, 'or') && isWord(next, 'more', 'less', 'fewer');
  const plus = isWord(after, '+') && next?.kind !== 'number';
  return (
    open || plus || /# (?:-|to|or)$|\bbetween # and$|\b(?:few|several)$/.test(before) || BOUND.test(before)
  );
}

const CLAUSE_ENDS = [...SENTENCE_ENDS, ':', ',', '(', ')'];
/** Maximum distance between a total and the word that announces it, in tokens. */
const REACH = 12;

/** Returns the last stated total: "5 in total", "total: 5", "2 + 3 = 5", "so there are 5". */
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

/** Returns the first number if it is the sum of the following numbers: "3 chairs, 2 red and 1 blue". */
function brokenDown(numbers: readonly { value: number }[]): number | null {
  const [first, ...parts] = numbers.map(({ value }) => value);
  return sum(parts) === first ? first! : null;
}

const CLOSING = ['altogether', 'overall'];
const OPENING = [
  'total',
  'difference',
  '=',
  'equals',
  'makes',
  'sum',
  'so',
  'therefore',
  'thus',
  'hence',
  'answer',
];
