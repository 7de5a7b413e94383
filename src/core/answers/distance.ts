import { mean } from '../../base/numbers.ts';
import { plainNumbers } from './plain-text.ts';
import { findQuantities, type Quantity, quantityAsked, readPrimes } from './find-quantities.ts';
import { isWord, readMeasures, wordsBefore, type Token } from './number-words.ts';
import { lengthUnit, LENGTHS, type LengthUnit } from '../../base/lengths.ts';

/** A length or an area in an answer. */
export interface Size {
  /** Length in metres, or area in square metres. */
  size: number;
  /** Unit of the size in the text, or the assumed unit; for an area, the side length of the unit square. */
  unit: LengthUnit;
  /** True if the text has no unit, so that the caller's unit was used. */
  assumed_unit: boolean;
  /** True for a bound such as "less than 3 m" or "up to 3 m", which is used as the size. */
  bound: boolean;
}

/**
 * Reads a length (power 1) or an area (power 2): `\scalar{}` with `\distance_unit{}`, otherwise the quantity that fits
 * the question, or the last quantity. Adds compound quantities, uses the midpoint of a range and the centre of a ±
 * interval, drops conversions in parentheses. A number without a unit is read in `unit` if the sentence states the
 * number as a value. Null for negative, vague or missing sizes.
 */
export function parseSize(text: string, power: 1 | 2, unit: LengthUnit = 'm', question = ''): Size | null {
  const tagged = power === 1 ? readScalar(text, unit) : undefined;
  if (tagged !== undefined) return tagged;
  const withoutAsides = text.replace(/\([^()]*\)/g, (part) =>
    hasNumber(part) ? ' ' : part.replace(/[()]/g, ' '),
  );
  const readings = [...new Set([withoutAsides, text.replace(/[()]/g, ' ')])].map((reading) => {
    const tokens = readPrimes(readMeasures(reading));
    const all = findQuantities(tokens);
    return { tokens, all, quantities: all.filter((q) => q.power === power || q.unit === null) };
  });
  const kinds: ((q: Quantity, tokens: readonly Token[], all: readonly Quantity[]) => boolean)[] = [
    (q) => q.unit !== null && !q.article,
    (q) => q.article,
    // "5 m by 4" is not an area, so a number without a unit must be the only quantity.
    (q, tokens, all) => q.unit === null && isStated(q, tokens) && (power === 1 || all.length === 1),
  ];
  for (const fits of kinds) {
    for (const { tokens, quantities, all } of readings) {
      const fitting = quantities.filter((q) => fits(q, tokens, all));
      if (fitting.length === 0) continue;
      const found = quantityAsked(fitting, tokens, question);
      return found && toSize(found, power, unit, BOUND.test(wordsBefore(tokens, found.first, 4)));
    }
  }
  return null;
}
/** Reads the length in a text with `parseSize`. */
export const parseDistance = (text: string, unit?: LengthUnit): Size | null => parseSize(text, 1, unit);

function toSize(
  { value, unit }: Pick<Quantity, 'value' | 'unit'>,
  power: 1 | 2,
  assumed: LengthUnit,
  bound = false,
): Size | null {
  const size = unit ? value : value * LENGTHS[assumed] ** power;
  return Number.isFinite(size) ? { size, unit: unit ?? assumed, assumed_unit: unit === null, bound } : null;
}

/**
 * Reads Q-Spatial's answer format: the mean of the numbers in the last `\scalar{}`. An unknown unit counts as cm, as in
 * Q-Spatial's code. Undefined if the text does not have this format.
 */
function readScalar(text: string, assumed: LengthUnit): Size | null | undefined {
  const scalar = lastArgument(text, 'scalar');
  if (scalar === undefined) return undefined;
  const tokens = readMeasures(scalar);
  const values = tokens.flatMap((token) => (token.kind === 'number' ? [token.value] : []));
  if (values.length === 0) return undefined;
  if (isWord(tokens[0], '-')) return null;
  const value = mean(values)!;
  const named = lastArgument(text, 'distance_unit');
  if (named === undefined) return toSize({ value, unit: null }, 1, assumed);
  const unit = plainNumbers(named).split(/[ .]/).map(lengthUnit).find(Boolean) ?? 'cm';
  return toSize({ value: value * LENGTHS[unit], unit }, 1, assumed);
}

/** Returns the argument of the last TeX command with this name, with at most one inner level of braces. */
function lastArgument(text: string, name: string): string | undefined {
  const pattern = new RegExp(`\\\\${name}\\s*\\{([^{}]*(?:\\{[^{}]*\\}[^{}]*)*)\\}`, 'g');
  return Array.from(text.matchAll(pattern)).at(-1)?.[1];
}

const hasNumber = (text: string): boolean => readMeasures(text).some(({ kind }) => kind === 'number');

const BOUND =
  /(?:[<>≤≥]|[<>] =|\b(?:less|more|greater|farther|further|shorter|longer|closer) than|\bup to|\bat (?:most|least)|\bunder|\bover|\bwithin|\bbelow|\babove|\b(?:max|min)imum of)(?: (?:about|around|roughly|approximately))?$/;

const LEADS = new Set(
  (
    'is are was be been about around approximately approx roughly nearly almost only just exactly of to by at than ' +
    'least most up under over within say says measures equals gives distance answer estimate estimated value between'
  ).split(' '),
);
const TRAILS = new Set('apart away from between to or units unit'.split(' '));

/** Whether a number without a unit is a stated value ("about 2.5 away"), not part of a name or a count of objects. */
function isStated({ first, end }: Quantity, tokens: readonly Token[]): boolean {
  const [lead, trail] = [tokens[first - 1], tokens[end]];
  const led =
    !lead || (lead.kind === 'mark' && lead.text !== '#') || (lead.kind === 'word' && LEADS.has(lead.text));
  return led && (!trail || trail.kind === 'mark' || (trail.kind === 'word' && TRAILS.has(trail.text)));
}
