import { readCardinal } from '../spatial/language/numbers.ts';
import { plainNumbers } from './plain-text.ts';

/** A piece of a text from which numbers are read. Words are in lower case; a mark is one character. */
export type Token = { kind: 'number'; value: number; spaced: boolean } | Word;

interface Word {
  kind: 'word' | 'mark';
  text: string;
  /** True if white space precedes it. */
  spaced: boolean;
}

const PIECE =
  /(\d{1,4})\/(\d{1,4})(?![\d/])|\d+(?:\.\d+)?(?:e[+-]?\d{1,3}(?!\d))?|\.\d+|\p{L}+(?:'\p{L}+)?|\S/giu;
const SCALES: Readonly<Record<string, number>> = { hundred: 100, thousand: 1e3, million: 1e6, dozen: 12 };
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
export function tokenize(text: string): Token[] {
  return readCardinals(split(plainNumbers(text).toLowerCase()));
}

/** Like `tokenize`, and reads fractions in words as numbers: "two and a half", "half a", "three quarters of a". */
export function tokenizeMeasure(text: string): Token[] {
  return readParts(tokenize(text));
}

export const isWord = (token: Token | undefined, ...texts: string[]): boolean =>
  token !== undefined && token.kind !== 'number' && texts.includes(token.text);

function split(text: string): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  // A hyphen that joins words ("six-foot", "2-meter") is neither a minus sign nor a range.
  const joined = text.replace(/([\p{L}\d])-(?=\p{L})/gu, '$1 ');
  for (const match of joined.matchAll(PIECE)) {
    const piece = match[0];
    const gap = joined.slice(end, match.index);
    if (gap.includes('\n')) tokens.push({ kind: 'mark', text: '\n', spaced: false });
    const spaced = gap !== '' || match.index === 0;
    end = match.index + piece.length;
    const last = tokens.at(-1);
    if (match[1]) {
      const value = Number(match[1]) / Number(match[2]);
      const mixed = last?.kind === 'number' && Number.isInteger(last.value) && value < 1 && gap === ' ';
      if (mixed) last.value += value;
      else tokens.push({ kind: 'number', value, spaced });
    } else if (/^\.?\d/.test(piece)) tokens.push({ kind: 'number', value: Number(piece), spaced });
    else tokens.push({ kind: /^\p{L}/u.test(piece) ? 'word' : 'mark', text: piece, spaced });
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
    } else if (token.kind === 'number' && SCALES[words[i + 1] ?? '']) {
      out.push({ ...token, value: token.value * SCALES[words[i + 1]!]! });
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
