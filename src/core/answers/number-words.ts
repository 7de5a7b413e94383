import { lengthUnit } from '../../base/lengths.ts';
import { tokenise } from '../../rows/read/tokens.ts';
import { plainNumbers } from './plain-text.ts';

/** Cardinal numbers in English words: "twenty-one", "a hundred and five", "two dozen". */

/** Ordinals from the first to the tenth. */
export const ORDINALS: readonly string[] =
  'first second third fourth fifth sixth seventh eighth ninth tenth'.split(' ');

const DIGITS = 'zero one two three four five six seven eight nine';
const TEENS = 'ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen';
const TENS = 'twenty thirty forty fifty sixty seventy eighty ninety';
const SCALES: Readonly<Record<string, number>> = { dozen: 12, hundred: 100, thousand: 1e3, million: 1e6 };
const VALUES: ReadonlyMap<string, number> = new Map([
  ...`${DIGITS} ${TEENS}`.split(' ').map((word, value) => [word, value] as const),
  ...TENS.split(' ').map((word, i) => [word, 10 * (i + 2)] as const),
  ...Object.entries(SCALES),
]);
const oneOf = (words: string): string => `(?:${words.replaceAll(' ', '|')})`;
const SMALL = `(?:${oneOf(TENS)}(?: ${oneOf(DIGITS.slice(5))})?|${oneOf(`${DIGITS} ${TEENS}`)})`;
const GROUP = `(?:(?:(?:${SMALL}|a) )?(?:hundred(?:(?: and)? ${SMALL})?|dozen)|${SMALL})`;
const REST = `(?:(?: and)? ${GROUP})?`;
/** Groups of decreasing scale, such as [3 million] [205 thousand] [7]. "A hundred" and "thousand" imply 1. */
const CARDINAL = new RegExp(
  `^(?:(?:(?:${GROUP}|a) )?million(?:(?: and)? ${GROUP} thousand)?${REST}` +
    `|(?:(?:${GROUP}|a) )?thousand${REST}|${GROUP})(?: point(?: ${oneOf(DIGITS)})+)?(?![^ ])`,
);
/** Maximum number of words of a cardinal without decimals. */
const MOST_WORDS = 24;

/**
 * Reads the longest cardinal at `words[start]`: value and number of words; null without a cardinal. Words are lower
 * case, with hyphens split ("twenty", "one"). Ordinals and vague words ("second", "dozens", "few") do not count.
 */
export function readCardinal(words: readonly string[], start = 0): { value: number; length: number } | null {
  if (words[start] !== 'a' && !VALUES.has(words[start] ?? '')) return null;
  const [cardinal] = CARDINAL.exec(words.slice(start, start + MOST_WORDS).join(' ')) ?? [];
  if (cardinal === undefined) return null;
  const [whole = '', decimals = ''] = cardinal.split(' point ');
  let [total, group] = [0, 0];
  for (const word of whole.split(' ')) {
    const value = VALUES.get(word) ?? 0;
    if (value >= 1e3) [total, group] = [total + (group || 1) * value, 0];
    else group = word in SCALES ? (group || 1) * value : group + value;
  }
  const fraction = decimals.replace(/\w+ ?/g, (word) => String(VALUES.get(word.trim())));
  return { value: total + group + Number(`0.${fraction || 0}`), length: cardinal.split(' ').length };
}

/** Replaces cardinals in a list of words by digits: "the", "twenty", "one", "cups" becomes "the", "21", "cups". */
export function withDigits(words: readonly string[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const number = readCardinal(words, i);
    out.push(number ? String(number.value) : words[i]!);
    if (number) i += number.length - 1;
  }
  return out;
}

/** Token of a text with numbers. Words are in lower case; a punctuation mark is one character. */
export type Token = Amount | Word;

interface Amount {
  kind: 'number';
  value: number;
  spaced: boolean;
}

interface Word {
  kind: 'word' | 'mark';
  text: string;
  /** True if the token follows white space, or a hyphen that joins words. */
  spaced: boolean;
}

/** Numbers, words and punctuation marks: 3/4, 2.5, .5, 1e-3. "2nd" is a number and a word. */
const AMOUNT =
  /\d{1,4}\/\d{1,4}(?![\d/])|\d+(?:\.\d+)?(?:e[+-]?\d{1,3}(?!\d))?|\.\d+|\p{L}+(?:'\p{L}+)?|\n|\S/gu;
const ORDINAL_PARTS: Readonly<Record<string, number>> = {
  third: 3,
  fifth: 5,
  sixth: 6,
  eighth: 8,
  tenth: 10,
};
const PARTS: Readonly<Record<string, number>> = { half: 2, halve: 2, quarter: 4, ...ORDINAL_PARTS };

/** Splits a text into numbers (also "twenty-one", "2 thousand"), words and other marks. A line break becomes `\n`. */
export function readNumbers(text: string): Token[] {
  return readCardinals(split(plainNumbers(text).toLowerCase()));
}

/** Reads numbers as `readNumbers` does, and fractions in words: "two and a half", "three quarters of a". */
export function readMeasures(text: string): Token[] {
  return readParts(readNumbers(text));
}

export const isWord = (token: Token | undefined, ...texts: string[]): boolean =>
  token !== undefined && token.kind !== 'number' && texts.includes(token.text);

/** Whether a word is a unit of length or π, which belongs to the number before it. */
const isUnitWord = (token: Token | undefined): boolean =>
  token?.kind === 'word' && (lengthUnit(token.text) !== null || isWord(token, 'π', 'pi'));

/** Whether a number is negative: "-2", "minus 2", but not "5 - 2", "1-2", "2 ft-3 in", "plus or minus 2". */
export function isNegative(tokens: readonly Token[], i: number): boolean {
  const [before, sign] = [tokens[i - 2], tokens[i - 1]];
  if (isWord(sign, 'minus', 'negative')) return !isWord(before, 'or');
  const isDifference = before?.kind === 'number' || isWord(before, ')') || isUnitWord(before);
  return isWord(sign, '-') && !tokens[i]!.spaced && !isDifference;
}

/** Whether a number is part of a name or an ordinal: in "chair2" and "2nd", but not in "5ft3". */
export function isPartOfName(tokens: readonly Token[], i: number): boolean {
  const [first, before, after] = [tokens[i - 2], tokens[i - 1], tokens[i + 1]];
  const isUnit = first?.kind === 'number' && isUnitWord(before);
  if (before?.kind === 'word' && !tokens[i]!.spaced && !isUnit) return true;
  return isWord(after, 'st', 'nd', 'rd', 'th') && !after!.spaced;
}

/** Returns tokens as one text, with `#` for numbers. */
export const textOf = (tokens: readonly Token[]): string =>
  tokens.map((token) => (token.kind === 'number' ? '#' : token.text)).join(' ');

/** Returns up to `n` tokens before a position, as a text with `#` for numbers. */
export const wordsBefore = (tokens: readonly Token[], at: number, n: number): string =>
  textOf(tokens.slice(Math.max(0, at - n), at));

function split(text: string): Token[] {
  const tokens: Token[] = [];
  for (const { text: piece, start, kind, joined } of tokenise(text, AMOUNT)) {
    // A hyphen that joins words ("six-foot", "2-meter") is neither a minus sign nor a range.
    const isRange = joined && kind === 'number';
    if (isRange) tokens.push({ kind: 'mark', text: '-', spaced: false });
    const spaced = start === 0 || (joined && !isRange) || /\s/.test(text[start - 1]!);
    if (kind !== 'number') {
      // The ² of a unit is a token of its own.
      const word = /^\p{L}/u.test(piece);
      tokens.push({ kind: word ? 'word' : 'mark', text: piece, spaced: spaced && piece !== '\n' });
      continue;
    }
    const [over, under] = piece.split('/').map(Number) as [number, number?];
    const value = under === undefined ? over : over / under;
    const last = tokens.at(-1);
    const mixed = under !== undefined && last?.kind === 'number' && Number.isInteger(last.value) && value < 1;
    if (mixed && text[start - 1] === ' ') last.value += value;
    else tokens.push({ kind, value, spaced });
  }
  return tokens;
}

/** Combines cardinals in words, and digits before a scale ("2 thousand"), into number tokens. */
function readCardinals(tokens: Token[]): Token[] {
  const words = tokens.map((token) => (token.kind === 'word' ? token.text : ''));
  const out: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    const read = token.kind === 'word' ? readCardinal(words, i) : null;
    if (read) {
      out.push({ kind: 'number', value: read.value, spaced: token.spaced });
      i += read.length - 1;
    } else if (token.kind === 'number' && SCALES[words[i + 1] ?? '']) {
      out.push({ ...token, value: token.value * SCALES[words[i + 1]!]! });
      i += 1;
    } else out.push(token);
  }
  return out;
}

/** Combines fractions in words and "point four". An ordinal is a fraction only before "of a": "a third of a meter". */
function readParts(tokens: Token[]): Token[] {
  const out: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (isWord(token, 'point')) {
      const end = tokens.findIndex((next, k) => k > i && next.kind !== 'number');
      const decimals = tokens.slice(i + 1, end < 0 ? i + 1 : end).map((next) => (next as Amount).value);
      const ofA = isWord(tokens[end], 'of') && isWord(tokens[end + 1], 'a', 'an') ? 2 : 0;
      if (decimals.length > 0 && isUnitWord(tokens[end + ofA])) {
        out.push({ kind: 'number', value: Number(`0.${decimals.join('')}`), spaced: true });
        i = end + ofA - 1;
        continue;
      }
    }
    const name = token.kind === 'word' ? token.text.replace(/s$/, '') : '';
    const part = PARTS[name];
    const ofA = isWord(tokens[i + 1], 'of') && isWord(tokens[i + 2], 'a', 'an');
    if (!part || (ORDINAL_PARTS[name] && !ofA)) {
      out.push(token);
      continue;
    }
    if (ofA) i += 2;
    else if (isWord(tokens[i + 1], 'a', 'an')) i += 1;
    const value = takeShares(out) / part;
    const whole = isWord(out.at(-1), 'and') && value < 1 ? out.at(-2) : undefined;
    if (whole?.kind === 'number' && Number.isInteger(whole.value)) {
      out.splice(-2, 2, { ...whole, value: whole.value + value });
    } else out.push({ kind: 'number', value, spaced: token.spaced });
  }
  return out;
}

/** Removes a fraction's numerator from the end of the list; returns it: 1 for "a quarter", 3 for "three quarters". */
function takeShares(out: Token[]): number {
  const last = out.at(-1);
  if (isWord(last, 'a', 'an')) out.pop();
  else if (last?.kind === 'number' && Number.isInteger(last.value)) {
    out.pop();
    return last.value;
  }
  return 1;
}
