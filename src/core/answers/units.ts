import { isUnitName, lengthUnit, type LengthUnit } from '../spatial/lengths.ts';
import { isWord, type Token } from './tokens.ts';

/** `lengthUnit` of a word; null for numbers and marks. */
export function wordUnit(token: Token | undefined): LengthUnit | null {
  return token?.kind === 'word' ? lengthUnit(token.text) : null;
}

/** Whether the unit is written in full ("foot", not "ft"). */
export const isSpelledOut = (token: Token | undefined): boolean =>
  token?.kind === 'word' && isUnitName(token.text);

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
export function isPreposition(tokens: readonly Token[], at: number): boolean {
  const after = tokens[at + 1];
  return (
    isWord(tokens[at], 'in') &&
    wordUnit(tokens[at - 2]) !== 'ft' &&
    after !== undefined &&
    after.kind !== 'mark'
  );
}

/** Whether the unit at `at` belongs to a speed, an area or a volume: m/s, m², m2, m^2. */
export function isCompoundUnit(tokens: readonly Token[], at: number): boolean {
  const after = tokens[at + 1];
  if (isWord(after, 'per', '²', '³', '^')) return true;
  if (isWord(after, '/'))
    return isWord(tokens[at + 2], 's', 'sec', 'second', 'h', 'hr', 'hour', 'min', 'minute');
  return (
    after?.kind === 'number' && !after.spaced && [2, 3].includes(after.value) && wordUnit(tokens[at]) !== 'ft'
  );
}
