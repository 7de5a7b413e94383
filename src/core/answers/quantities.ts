import { isUnitName, LENGTHS, lengthUnit, type LengthUnit } from '../sample/lengths.ts';
import { isWord, type Token } from './numbers.ts';

/** `lengthUnit` of a word; null for numbers and marks. */
function wordUnit(token: Token | undefined): LengthUnit | null {
  return token?.kind === 'word' ? lengthUnit(token.text) : null;
}

/** Whether the unit is written in full ("foot", not "ft"). */
const isSpelledOut = (token: Token | undefined): boolean => token?.kind === 'word' && isUnitName(token.text);

/**
 * Turns 5'3" into 5 foot 3 inch: a prime directly after a number becomes a unit, unless it closes a quotation that
 * began before the number.
 */
export function readPrimes(tokens: readonly Token[]): Token[] {
  let quoted = false;
  return tokens.map((token, i) => {
    if (!isWord(token, '"', "'")) return token;
    const afterNumber = tokens[i - 1]?.kind === 'number' && !token.spaced;
    if (isWord(token, "'")) {
      return afterNumber && !isWord(tokens[i - 2], "'") ? { ...token, kind: 'word', text: 'foot' } : token;
    }
    if (afterNumber && !quoted) return { ...token, kind: 'word', text: 'inch' };
    quoted = !quoted;
    return token;
  });
}

/** Whether "in" is a preposition: it is not if the clause ends there or feet come before its number. */
function isPreposition(tokens: readonly Token[], at: number): boolean {
  const after = tokens[at + 1];
  return (
    isWord(tokens[at], 'in') &&
    wordUnit(tokens[at - 2]) !== 'ft' &&
    after !== undefined &&
    after.kind !== 'mark'
  );
}

/** Whether the unit at `at` belongs to a speed, an area or a volume: m/s, m², m2, m^2. */
function isCompoundUnit(tokens: readonly Token[], at: number): boolean {
  const after = tokens[at + 1];
  if (isWord(after, 'per', '²', '³', '^')) return true;
  if (isWord(after, '/'))
    return isWord(tokens[at + 2], 's', 'sec', 'second', 'h', 'hr', 'hour', 'min', 'minute');
  return (
    after?.kind === 'number' && !after.spaced && [2, 3].includes(after.value) && wordUnit(tokens[at]) !== 'ft'
  );
}

/** A number with its unit, in a list of tokens. */
export interface Quantity {
  /** In metres when `unit` is known, else the bare number. */
  value: number;
  unit: LengthUnit | null;
  /** The unit of the last part: `in` for 5 ft 3 in. */
  part: LengthUnit | null;
  /** True for "a foot": counts only if the text has no number with a unit. */
  article: boolean;
  /** Token range [first, end). */
  first: number;
  end: number;
}

/**
 * Finds every length in the tokens, and every bare number that could be one, with compounds added up and ± and ranges
 * resolved.
 */
export function findQuantities(tokens: readonly Token[]): Quantity[] {
  return joinRanges(joinParts(simpleQuantities(tokens), tokens), tokens);
}

/** Up to `n` tokens before position `at`, as one text with `#` for numbers. */
export const wordsBefore = (tokens: readonly Token[], at: number, n: number): string =>
  textOf(tokens.slice(Math.max(0, at - n), at));

const textOf = (tokens: readonly Token[]): string =>
  tokens.map((token) => (token.kind === 'number' ? '#' : token.text)).join(' ');

function simpleQuantities(tokens: readonly Token[]): Quantity[] {
  const found: Quantity[] = [];
  tokens.forEach((token, i) => {
    const article = isWord(token, 'a', 'an');
    if (article ? !isSpelledOut(tokens[i + 1]) : token.kind !== 'number' || isOtherNumber(tokens, i)) return;
    // "2.3 in meters"
    const at = isPreposition(tokens, i + 1) ? i + 2 : i + 1;
    const unit = at === i + 1 || isSpelledOut(tokens[at]) ? wordUnit(tokens[at]) : null;
    if (unit && isCompoundUnit(tokens, at)) return;
    const number = token.kind === 'number' ? token.value : 1;
    const value = unit ? number * LENGTHS[unit] : number;
    found.push({ value, unit, part: unit, article, first: i, end: unit ? at + 1 : i + 1 });
  });
  return found;
}

/**
 * Whether a number cannot be a length: negative numbers, vague ones ("few hundred"), exponents, percentages, angles,
 * times, and parts of a name ("chair2").
 */
function isOtherNumber(tokens: readonly Token[], i: number): boolean {
  const [twoBefore, before, number, after, twoAfter] = [i - 2, i - 1, i, i + 1, i + 2].map(
    (at) => tokens[at],
  );
  if (isWord(before, 'minus', 'negative') && !isWord(twoBefore, 'or')) return true;
  if (isWord(before, 'few', 'several', '^') || isWord(after, '%', '°')) return true;
  if (isWord(after, ':') && twoAfter?.kind === 'number' && !twoAfter.spaced) return true;
  if (number!.spaced) return false;
  // A hyphen after a number or a unit is part of a range; anywhere else it is a minus sign.
  if (isWord(before, '-')) return twoBefore?.kind !== 'number' && !wordUnit(twoBefore);
  if (isWord(before, ':')) return twoBefore?.kind === 'number';
  return before?.kind === 'word' && !wordUnit(before);
}

const gapOf = (a: Quantity, b: Quantity, tokens: readonly Token[]): string =>
  textOf(tokens.slice(a.end, b.first));

const TOLERANCE = /^(?:±|plus or minus|,? ?give or take)$/;

/** Adds up 5 ft 3 in, 5'3", 1 m 20 cm and "a foot and a half"; 2.5 ± 0.3 m becomes its centre. */
function joinParts(list: readonly Quantity[], tokens: readonly Token[]): Quantity[] {
  const out: Quantity[] = [];
  for (const q of list) {
    const last = out.at(-1);
    const gap = last && gapOf(last, q, tokens);
    const part = last && partInMetres(last, q, gap!, tokens);
    if (last && TOLERANCE.test(gap!)) out[out.length - 1] = { ...inUnit(last, q.unit), end: q.end };
    else if (last && part) {
      const value = last.value + part;
      out[out.length - 1] = { ...last, value, part: q.unit ?? 'in', article: false, end: q.end };
    } else out.push(q);
  }
  return out;
}

/** A bare number, read in `unit`; any other quantity unchanged. */
function inUnit(q: Quantity, unit: LengthUnit | null): Quantity {
  return q.unit || !unit ? q : { ...q, value: q.value * LENGTHS[unit], unit, part: unit };
}

const IMPERIAL: readonly LengthUnit[] = ['in', 'ft', 'yd', 'mile'];

/**
 * What `b` adds to `a`, in metres, if it is a lesser part of it: a smaller unit of the same system, and less than one
 * of a's last unit. Else null.
 */
function partInMetres(a: Quantity, b: Quantity, gap: string, tokens: readonly Token[]): number | null {
  if (!a.part || b.article) return null;
  const and = /^,? ?and$/.test(gap) && wordsBefore(tokens, a.first, 1) !== 'between';
  if (!b.unit) {
    if (and && b.value < 1) return b.value * LENGTHS[a.part];
    return a.part === 'ft' && gap === '' && Number.isInteger(b.value) && b.value < 12
      ? b.value * LENGTHS.in
      : null;
  }
  const adjacent = gap === '' || gap === ',' || and || (a.part === 'ft' && (gap === '-' || gap === '.'));
  const sameSystem = IMPERIAL.includes(a.part) === IMPERIAL.includes(b.unit);
  const lesser = LENGTHS[b.unit] < LENGTHS[a.part] && b.value < LENGTHS[a.part];
  return adjacent && sameSystem && lesser ? b.value : null;
}

const BETWEEN = /\bbetween(?: (?:about|around|roughly|approximately))?$/;

/** Replaces ranges by their midpoint: 2–3 m, 2 m to 3 m, 2 or 3 m, between 2 and 3 m. */
function joinRanges(list: readonly Quantity[], tokens: readonly Token[]): Quantity[] {
  const out: Quantity[] = [];
  for (const q of list) {
    const last = out.at(-1);
    const gap = last && gapOf(last, q, tokens);
    const range =
      gap === '-' ||
      gap === 'to' ||
      (gap === 'or' && last?.unit === null) ||
      (gap === 'and' && BETWEEN.test(wordsBefore(tokens, last!.first, 2)));
    if (last && range) {
      const low = inUnit(last, q.unit);
      const high = inUnit(q, last.unit);
      out[out.length - 1] = {
        ...high,
        value: (low.value + high.value) / 2,
        article: false,
        first: last.first,
      };
    } else out.push(q);
  }
  return out;
}
