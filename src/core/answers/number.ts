import { LENGTHS } from '../../base/lengths.ts';
import { readSaid } from '../../rows/read/said.ts';
import { lengthAt } from './find-quantities.ts';
import { isNegative, isPartOfName, isWord, readMeasures, textOf, type Token } from './number-words.ts';
import { NEGATION, aboutAsked } from './answer-words.ts';
import { comparesOtherwise } from './as-asked.ts';

/** Number as written, with its unit (null without a unit) and the number of base units per unit. */
export interface Measured {
  value: number;
  unit: string | null;
  factor: number;
}

const RIGHT_ANGLE = /\b(?:a |at )?right angles?\b/gi;
const ABOUT = ['about', 'approximately', 'around', 'roughly', 'nearly', 'almost'];
/** Base unit and factor of each unit, by the unit's name. */
const UNITS: ReadonlyMap<string, Omit<Measured, 'value'>> = new Map(
  (
    '° 1 ° degree degrees deg, ° 57.29577951 rad radian radians, % 1 % percent, px 1 px pixel pixels, ' +
    'kg 1 kg kgs kilo kilos kilogram kilograms, kg 0.001 g gram grams, kg 1000 ton tons tonne tonnes, ' +
    'kg 0.45359237 lb lbs pound pounds, kg 0.0283495 oz ounce ounces, l 1 l liter liters litre litres, ' +
    'l 0.001 ml milliliter milliliters millilitre millilitres, s 1 s sec secs second seconds, ' +
    's 60 min mins minute minutes, s 3600 h hr hrs hour hours, ' +
    'm/s 1 m/s mps, m/s 0.2777777778 km/h kph, m/s 0.44704 mph'
  )
    .split(', ')
    .flatMap((group) => {
      const [unit, factor, ...names] = group.split(' ');
      return names.map((name) => [name, { unit: unit!, factor: Number(factor) }] as const);
    }),
);

/** Returns the unit in a question or reference answer, which applies to numbers without a unit; null if absent. */
export function statedUnit(question: string, reference: string): Omit<Measured, 'value'> | null {
  const name = STATED_UNIT.exec(question.toLowerCase())?.[1];
  const { unit, factor } = UNITS.get(name ?? '') ?? parseNumber(reference) ?? { unit: null, factor: 1 };
  return unit === null ? null : { unit, factor };
}

/**
 * Whether numbers in a unit are measurements. Percentages, pixels and angles are not measurements: twice an angle is
 * another direction. The functions in distance.ts read lengths and areas.
 */
export const isMeasure = (stated: Omit<Measured, 'value'> | null): boolean =>
  stated !== null && !/^(?:%|px|m²?|°)$/.test(stated.unit!);
const STATED_UNIT = new RegExp(
  String.raw`(?:\b(?:in|how many|number of) |(?<=\s)[([]|, )(${[...UNITS.keys()].filter((name) => name !== 's').join('|')})(?![\p{L}/])`,
  'u',
);

/** Regular expression for roots, such as "√13", "2√{3}", "sqrt(5)/2". */
const ROOT = /(\d+(?:\.\d+)?)? ?(?:√|\\?sqrt) ?[{(]? ?(\d+(?:\.\d+)?) ?[})]?(?: ?\/ ?(\d+))?/gi;
const withoutRoots = (text: string): string =>
  text.replace(ROOT, (_, times = '1', root: string, over = '1') =>
    String((Number(times) * Math.sqrt(Number(root))) / Number(over)),
  );

function numbersIn(text: string): Measured[] {
  const plain = withoutRoots(text)
    .replace(RIGHT_ANGLE, '90 degrees')
    .replace(/(?<=\d)k\b(?!\s?(?:g|m)\b)/gi, ' thousand')
    .replace(/(?<=\d)(?: ?: ?| to )1\b(?![.:]?\d)/g, '');
  const tokens = readMeasures(plain);
  return tokens.flatMap((token, i) => {
    if (token.kind !== 'number' || isPartOfName(tokens, i)) return [];
    const hasPi = isWord(tokens[i + 1], 'π', 'pi');
    const value = (isNegative(tokens, i) ? -1 : 1) * token.value * (hasPi ? Math.PI : 1);
    return [{ value, ...unitAt(tokens, hasPi ? i + 2 : i + 1) }];
  });
}

function unitAt(tokens: readonly Token[], at: number): Omit<Measured, 'value'> {
  const [name = '', over, time] = tokens.slice(at, at + 3).map((token) => textOf([token]));
  const speed = over === '/' || over === 'per' ? UNITS.get(`${name}/${(time ?? '')[0]}`) : undefined;
  const length = speed ? null : lengthAt(tokens, at);
  if (length) return { unit: length.power === 1 ? 'm' : 'm²', factor: LENGTHS[length.name] ** length.power };
  return speed ?? UNITS.get(name) ?? { unit: null, factor: 1 };
}

/**
 * Reads the single number in an answer; in an equation, the number after the last "=". Null if there are no numbers,
 * several numbers or a range. If the answer has several clauses, reads only the clauses about the question's subject.
 */
export function parseNumber(text: string, question = ''): Measured | null {
  return readSaid(
    text,
    (stretch) => numberOf(aboutAsked(stretch, question)),
    ({ value, unit, factor }) => `${value} ${unit} ${factor}`,
  );
}

/**
 * Returns the number in an answer. If the reference answer is a numbered object, returns the number of the first such
 * object: 2 in "Room 2 is larger than Room 1". Null without a number, or with a comparative that the question lacks.
 */
export function numberNamed(text: string, reference: string, question: string): Measured | null {
  const noun = NAMED_BY_NUMBER.exec(reference)?.[1];
  const name = new RegExp(`\\b${noun}s? #?(\\d+)\\b`, 'giu');
  if (noun === undefined || text.search(name) < 0) return parseNumber(text, question);
  const value = readSaid(text, (stretch) => {
    const clause = stretch.split(/[.;(,\n](?!\d)/).find((part) => /\p{L}/u.test(part)) ?? '';
    if (comparesOtherwise(clause, question)) return null;
    const named = new Set(
      Array.from(clause.replace(/ than .*/is, '').matchAll(name), ([, number]) => Number(number)),
    );
    return named.size === 1 && !NEGATION.test(clause) ? [...named][0]! : null;
  });
  return value === null ? null : { value, unit: null, factor: 1 };
}

function numberOf(stretch: string): Measured | null {
  const result = stretch.slice(stretch.lastIndexOf('=') + 1);
  const numbers = numbersIn(result);
  const [first] = numbers;
  return first && numbers.every((number) => isSameNumber(number, first)) ? first : null;
}

/** Numbered objects, such as "Room 2", "the chair 3". */
export const NAMED_BY_NUMBER =
  /^\W*(?:the )?(?!(?:about|approximately|around|roughly|nearly|almost|minus|negative|plus|answer|total|only|exactly|is)\b)(\p{L}{3,}) #?(\d{1,3})\W*$/iu;

/** Whether a text is a number with at most two other words: "about −2.5 cm", "√13", "2 steps". */
export function isNumber(text: string): boolean {
  const words = (text.match(/\p{L}+/gu) ?? []).filter((word) => !ABOUT.includes(word.toLowerCase()));
  return text.length <= 40 && words.length <= 2 && numbersIn(text).length === 1;
}

/**
 * Whether an answer has the number of the reference answer, in the question's unit: 25% equals 0.25 for a fraction, 25
 * for a percentage.
 */
export function givesNumber(said: Measured, wanted: Measured, question: string): boolean {
  const asFraction = (number: Measured, other: Measured): Measured =>
    number.unit === '%' && other.unit === null && Math.abs(other.value) <= 1 && !/percent|%/i.test(question)
      ? { value: number.value / 100, unit: null, factor: 1 }
      : number;
  return isSameNumber(asFraction(said, wanted), asFraction(wanted, said));
}

/**
 * Whether two numbers are equal, or one of them is the other number rounded to two or more decimals (3.61 for √13). A
 * number without a unit has the unit of the other number.
 */
function isSameNumber(a: Measured, b: Measured): boolean {
  if (a.unit !== b.unit && a.unit !== null && b.unit !== null) return false;
  const isPlain = a.unit === null || b.unit === null || a.factor === b.factor;
  const [p, q] = isPlain ? [a.value, b.value] : [a.value * a.factor, b.value * b.factor];
  return isClose(p, q, 1e-9) || isRounded(p, q) || isRounded(q, p);
}

const isClose = (a: number, b: number, tolerance: number): boolean =>
  Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));

/** Whether `short` has two to four decimals and equals `long` rounded to the same number of decimals. */
function isRounded(short: number, long: number): boolean {
  const decimals = /\.(\d+)$/.exec(String(short))?.[1]!.length ?? 0;
  return decimals >= 2 && decimals <= 4 && Math.abs(short - long) <= 0.5 * 10 ** -decimals + 1e-12;
}
