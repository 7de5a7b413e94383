import { tokenise } from '../read/tokens.ts';
import { plainNumbers } from './plain-text.ts';

/**
 * Cardinal numbers in English words, as people and models write them: "twenty-one", "a hundred and five", "two dozen".
 */

const SMALL: ReadonlyMap<string, number> = new Map(
  (
    'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen ' +
    'seventeen eighteen nineteen'
  )
    .split(' ')
    .map((word, value) => [word, value]),
);
const TENS: ReadonlyMap<string, number> = new Map(
  'twenty thirty forty fifty sixty seventy eighty ninety'.split(' ').map((word, i) => [word, 10 * (i + 2)]),
);
const SCALES: ReadonlyMap<string, number> = new Map([
  ['thousand', 1e3],
  ['million', 1e6],
]);

/** A number read from a list of words: its value and its length in words. */
interface ReadNumber {
  value: number;
  length: number;
}

/**
 * Reads the longest cardinal that begins at `words[start]`; null if there is none. Words are in lower case, with
 * hyphens already split ("twenty", "one"). Ordinals and vague words ("second", "dozens", "few") are not cardinals.
 */
export function readCardinal(words: readonly string[], start = 0): ReadNumber | null {
  let total = 0;
  let at = start;
  // Groups of decreasing scale: [3 million] [205 thousand] and [7].
  for (let limit = Infinity; limit > 1;) {
    const first = at === start;
    const joined = !first && words[at] === 'and' ? at + 1 : at;
    const group = readBelowThousand(words, joined) ?? (first ? readArticle(words, joined, SCALES) : null);
    if (!group) break;
    const scale = SCALES.get(words[joined + group.length] ?? '') ?? 1;
    if (scale >= limit) break;
    total += group.value * scale;
    at = joined + group.length + (scale > 1 ? 1 : 0);
    limit = scale;
  }
  if (at === start) return null;
  const decimals = readDecimals(words, at);
  return { value: total + decimals.value, length: at + decimals.length - start };
}

const PACKS: ReadonlyMap<string, number> = new Map([
  ['hundred', 100],
  ['dozen', 12],
]);

/** Words with every cardinal among them as digits: "the", "twenty", "one", "cups" gives the, 21, cups. */
export function withDigits(words: readonly string[]): string[] {
  const out: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const number = readCardinal(words, i);
    out.push(number ? String(number.value) : words[i]!);
    if (number) i += number.length - 1;
  }
  return out;
}

/** "two hundred and five", "a hundred", "fifteen hundred", "three dozen", "seventy-one". */
function readBelowThousand(words: readonly string[], at: number): ReadNumber | null {
  const lead = readBelowHundred(words, at) ?? readArticle(words, at, PACKS);
  if (!lead) return null;
  const pack = PACKS.get(words[at + lead.length] ?? '');
  if (!pack) return lead;
  const value = lead.value * pack;
  const next = at + lead.length + 1;
  const and = words[next] === 'and' ? 1 : 0;
  const rest = pack === 100 ? readBelowHundred(words, next + and) : null;
  return rest
    ? { value: value + rest.value, length: next + and + rest.length - at }
    : { value, length: next - at };
}

/** The 1 that "a hundred" and "thousand" imply, with length 1 for "a" and 0 without it. */
function readArticle(
  words: readonly string[],
  at: number,
  values: ReadonlyMap<string, number>,
): ReadNumber | null {
  const length = words[at] === 'a' ? 1 : 0;
  return values.has(words[at + length] ?? '') ? { value: 1, length } : null;
}

function readBelowHundred(words: readonly string[], at: number): ReadNumber | null {
  const small = SMALL.get(words[at] ?? '');
  if (small !== undefined) return { value: small, length: 1 };
  const tens = TENS.get(words[at] ?? '');
  if (tens === undefined) return null;
  const unit = SMALL.get(words[at + 1] ?? '');
  return unit && unit < 10 ? { value: tens + unit, length: 2 } : { value: tens, length: 1 };
}

/** "point two five" → 0.25. */
function readDecimals(words: readonly string[], at: number): ReadNumber {
  let digits = '';
  if (words[at] === 'point') {
    for (let i = at + 1; ; i++) {
      const digit = SMALL.get(words[i] ?? '');
      if (digit === undefined || digit > 9) break;
      digits += digit;
    }
  }
  return digits ? { value: Number(`0.${digits}`), length: digits.length + 1 } : { value: 0, length: 0 };
}

/** A token of a text from which numbers are read. Words are in lower case; a mark is one character. */
export type Token = { kind: 'number'; value: number; spaced: boolean } | Word;

interface Word {
  kind: 'word' | 'mark';
  text: string;
  /** True if white space or a hyphen that joins words precedes it. */
  spaced: boolean;
}

/** How amounts are written, besides words and marks: 3/4, 2.5, .5, 1e-3. "2nd" is a number and a word. */
const AMOUNT =
  /\d{1,4}\/\d{1,4}(?![\d/])|\d+(?:\.\d+)?(?:e[+-]?\d{1,3}(?!\d))?|\.\d+|\p{L}+(?:'\p{L}+)?|\n|\S/gu;
const MULTIPLIERS: Readonly<Record<string, number>> = {
  hundred: 100,
  thousand: 1e3,
  million: 1e6,
  dozen: 12,
};
const PARTS: Readonly<Record<string, number>> = {
  half: 1 / 2,
  halves: 1 / 2,
  third: 1 / 3,
  thirds: 1 / 3,
  quarter: 1 / 4,
  quarters: 1 / 4,
};

/**
 * Splits a text into numbers (also in words: "twenty-one", "2 thousand"), words and marks. A line break becomes `\n`.
 */
export function readNumbers(text: string): Token[] {
  return readCardinals(split(plainNumbers(text).toLowerCase()));
}

/** Like `readNumbers`, and reads fractions in words as numbers: "two and a half", "half a", "three quarters of a". */
export function readMeasures(text: string): Token[] {
  return readParts(readNumbers(text));
}

export const isWord = (token: Token | undefined, ...texts: string[]): boolean =>
  token !== undefined && token.kind !== 'number' && texts.includes(token.text);

function split(text: string): Token[] {
  const tokens: Token[] = [];
  for (const { text: piece, start, kind, joined } of tokenise(text, AMOUNT)) {
    // A hyphen that joins words ("six-foot", "2-meter") is neither a minus sign nor a range.
    const isRange = joined && kind === 'number';
    if (isRange) tokens.push({ kind: 'mark', text: '-', spaced: false });
    const spaced = start === 0 || (joined && !isRange) || /\s/.test(text[start - 1]!);
    if (kind !== 'number') {
      // The ² of a unit is none of its letters.
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

/** Joins cardinals in words, and digits before a scale ("2 thousand"), to numbers. */
function readCardinals(tokens: Token[]): Token[] {
  const words = tokens.map((token) => (token.kind === 'word' ? token.text : ''));
  const out: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    const read = token.kind === 'word' ? readCardinal(words, i) : null;
    if (read) {
      out.push({ kind: 'number', value: read.value, spaced: token.spaced });
      i += read.length - 1;
    } else if (token.kind === 'number' && MULTIPLIERS[words[i + 1] ?? '']) {
      out.push({ ...token, value: token.value * MULTIPLIERS[words[i + 1]!]! });
      i += 1;
    } else out.push(token);
  }
  return out;
}

/** Joins fractions in words to numbers. An ordinal is a fraction only before "of a": "a third of a meter". */
function readParts(tokens: Token[]): Token[] {
  const out: Token[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    const part = token.kind === 'word' ? PARTS[token.text] : undefined;
    const ofA = isWord(tokens[i + 1], 'of') && isWord(tokens[i + 2], 'a', 'an');
    if (!part || (part === PARTS.third && !ofA)) {
      out.push(token);
      continue;
    }
    if (ofA) i += 2;
    else if (isWord(tokens[i + 1], 'a', 'an')) i += 1;
    const value = takeShares(out) * part;
    const whole = isWord(out.at(-1), 'and') && value < 1 ? out.at(-2) : undefined;
    if (whole?.kind === 'number' && Number.isInteger(whole.value)) {
      out.splice(-2, 2, { ...whole, value: whole.value + value });
    } else out.push({ kind: 'number', value, spaced: token.spaced });
  }
  return out;
}

/**
 * Removes "a" or the number of parts from the end of the list and returns the number: 1 for "a quarter", 3 for "three
 * quarters".
 */
function takeShares(out: Token[]): number {
  const last = out.at(-1);
  if (isWord(last, 'a', 'an')) out.pop();
  else if (last?.kind === 'number' && Number.isInteger(last.value)) {
    out.pop();
    return last.value;
  }
  return 1;
}
