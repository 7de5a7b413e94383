import { LENGTHS, lengthUnit, type LengthUnit } from '../sample/lengths.ts';
import { isWord, readMeasures, type Token } from './numbers.ts';

/** An area with its place among the tokens of an answer, both ends included. */
interface Found {
  value: number;
  unit: LengthUnit | null;
  first: number;
  last: number;
}

/**
 * Reads an area in square metres: the last number with a unit of area (m², sq ft, square meters), a range as its
 * midpoint. A number without any unit counts if it is the only one; a length is not an area. Null if there is none.
 */
export function parseArea(text: string): number | null {
  const tokens = readMeasures(text);
  const numbers = tokens.flatMap((token, at) => (token.kind === 'number' ? [areaAt(tokens, at)] : []));
  const areas = numbers.filter(({ unit }) => unit !== null);
  const last = areas.at(-1);
  if (last) return finite(midpoint(tokens, numbers, last) * LENGTHS[last.unit!] ** 2);
  const [only] = numbers;
  if (!only || numbers.length > 1 || isOther(tokens, only.first)) return null;
  return finite(only.value);
}

/** The number at `at`, with the unit of area after it. */
function areaAt(tokens: readonly Token[], at: number): Found {
  const { value } = tokens[at] as Extract<Token, { kind: 'number' }>;
  const unitAt = (i: number) => (tokens[i]?.kind === 'word' ? lengthUnit(tokens[i].text) : null);
  const next = tokens[at + 1];
  const found = (unit: LengthUnit | null, last = at): Found => ({ value, unit, first: at, last });
  if (isWord(next, 'square', 'sq')) {
    const i = isWord(tokens[at + 2], '.') ? at + 3 : at + 2;
    return found(unitAt(i), i);
  }
  const joined = next?.kind === 'word' ? /^sq(m|ft)s?$/.exec(next.text)?.[1] : undefined;
  if (joined !== undefined) return found(lengthUnit(joined), at + 1);
  const [power, exponent] = [tokens[at + 2], tokens[at + 3]];
  if (isWord(power, '²', 'squared')) return found(unitAt(at + 1), at + 2);
  if (isWord(power, '^') && isTwo(exponent)) return found(unitAt(at + 1), at + 3);
  return isTwo(power) && !power!.spaced ? found(unitAt(at + 1), at + 2) : found(null);
}

const isTwo = (token: Token | undefined): boolean => token?.kind === 'number' && token.value === 2;

/** The middle of "20 to 25 square meters"; the value of any other area. */
function midpoint(tokens: readonly Token[], numbers: readonly Found[], area: Found): number {
  const before = numbers[numbers.indexOf(area) - 1];
  const isRange =
    before !== undefined &&
    area.first - before.last === 2 &&
    (isWord(tokens[area.first - 1], '-', 'to') ||
      (isWord(tokens[area.first - 1], 'and') && isWord(tokens[before.first - 1], 'between')));
  return isRange ? (before.value + area.value) / 2 : area.value;
}

/** Whether a bare number is none of an area: negative, a share, a length, or part of a name ("room2"). */
function isOther(tokens: readonly Token[], at: number): boolean {
  const [before, number, after] = [tokens[at - 1], tokens[at]!, tokens[at + 1]];
  if (isWord(before, '-', 'minus', 'negative') || isWord(after, '%', '°')) return true;
  if (before?.kind === 'word' && !number.spaced) return true;
  return after?.kind === 'word' && (!after.spaced || lengthUnit(after.text) !== null);
}

const finite = (area: number): number | null => (Number.isFinite(area) ? area : null);
