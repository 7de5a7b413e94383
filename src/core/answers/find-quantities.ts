import { isUnitName, LENGTHS, lengthUnit, type LengthUnit } from '../../base/lengths.ts';
import { areAlike, MEASURED, measuredBy } from './measured-words.ts';
import { isNegative, isPartOfName, isWord, textOf, wordsBefore, type Token } from './number-words.ts';
import { NEGATION, isContent, isVerb, wordsOf } from './answer-words.ts';

/** Returns the unit of length of a token; null if the token is not the name of a unit. */
function wordUnit(token: Token | undefined): LengthUnit | null {
  return token?.kind === 'word' ? lengthUnit(token.text) : null;
}

/** Whether a token is a unit written in full ("foot", not "ft"). */
const isSpelledOut = (token: Token | undefined): boolean => token?.kind === 'word' && isUnitName(token.text);

/** Converts 5'3" to 5 foot 3 inch: a prime after a number is a unit, unless the prime closes a quotation. */
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

/** Unit of length or area in a list of tokens, with the position after the unit. */
export interface Unit {
  name: LengthUnit;
  power: 1 | 2;
  end: number;
}

/** Returns the unit after a number, as `unitAt` does. Ignores other uses of "in": "2.3 in meters", "3 in the box". */
export function lengthAt(tokens: readonly Token[], at: number): Unit | null | undefined {
  const after = tokens[at + 1];
  const isIn = isWord(tokens[at], 'in') && wordUnit(tokens[at - 2]) !== 'ft';
  if (!isIn || after === undefined || after.kind === 'mark') return unitAt(tokens, at);
  return isSpelledOut(after) ? unitAt(tokens, at + 1) : null;
}

/** Returns the unit at a position: m, sq ft, m², m^2, sqm. Null without a unit; undefined for a speed or a volume. */
export function unitAt(tokens: readonly Token[], at: number): Unit | null | undefined {
  const word = tokens[at];
  const joined = word?.kind === 'word' ? /^sq(m|ft)s?$/.exec(word.text)?.[1] : undefined;
  if (joined !== undefined) return { name: lengthUnit(joined)!, power: 2, end: at + 1 };
  if (isWord(word, 'square', 'sq', 'cubic')) {
    const named = isWord(tokens[at + 1], '.') ? at + 2 : at + 1;
    const name = wordUnit(tokens[named]);
    if (isWord(word, 'cubic')) return name ? undefined : null;
    return name && { name, power: 2, end: named + 1 };
  }
  const name = wordUnit(word);
  if (!name) return null;
  const [after, exponent] = [tokens[at + 1], tokens[at + 2]];
  const powerOf = (token: Token | undefined) => (token?.kind === 'number' ? token.value : 0);
  if (isWord(after, '²', 'squared') || (isWord(after, '^') && powerOf(exponent) === 2))
    return { name, power: 2, end: at + (isWord(after, '^') ? 3 : 2) };
  // In 5'3" and 5ft3in, the 3 is a number of inches, not an exponent.
  const isPart = isWord(word, 'foot') || wordUnit(tokens[at + 2]) !== null;
  if (after?.kind === 'number' && !after.spaced && [2, 3].includes(after.value) && !isPart)
    return after.value === 2 ? { name, power: 2, end: at + 2 } : undefined;
  const isSpeed =
    isWord(after, '/') && isWord(exponent, 's', 'sec', 'second', 'h', 'hr', 'hour', 'min', 'minute');
  return isSpeed || isWord(after, 'per', '³', '^', 'cubed') ? undefined : { name, power: 1, end: at + 1 };
}

/** Number in a list of tokens, with its unit. */
export interface Quantity {
  /** Value in metres or square metres if `unit` is known, otherwise the number without a unit. */
  value: number;
  unit: LengthUnit | null;
  /** Power of the quantity: 1 for a length, 2 for an area. */
  power: 1 | 2;
  /** Unit of the last part of a compound quantity: `in` for 5 ft 3 in. */
  part: LengthUnit | null;
  /** True for an article as number 1 ("a foot"), which counts only if no number in the text has a unit. */
  article: boolean;
  /** Range of the quantity's tokens, from `first` up to, but not including, `end`. */
  first: number;
  end: number;
}

/** Returns every quantity and every number without a unit. Adds compound quantities, resolves ± and ranges. */
export function findQuantities(tokens: readonly Token[]): Quantity[] {
  return joinRanges(joinParts(simpleQuantities(tokens), tokens), tokens);
}

function simpleQuantities(tokens: readonly Token[]): Quantity[] {
  const found: Quantity[] = [];
  tokens.forEach((token, i) => {
    if (i < (found.at(-1)?.end ?? 0)) return;
    const article = isWord(token, 'a', 'an');
    if (article ? !isSpelledOut(tokens[i + 1]) : token.kind !== 'number' || isOtherNumber(tokens, i)) return;
    const read = lengthAt(tokens, i + 1);
    if (read === undefined) return;
    const { name: unit, power, end } = read ?? { name: null, power: 1, end: i + 1 };
    const number = token.kind === 'number' ? token.value : 1;
    const value = unit ? number * LENGTHS[unit] ** power : number;
    found.push({ value, unit, power, part: unit, article, first: i, end });
  });
  return found;
}

/** Whether a number cannot be a length: "few hundred", exponents, percentages, angles, times, parts of names. */
function isOtherNumber(tokens: readonly Token[], i: number): boolean {
  const [before, after, next] = [tokens[i - 1], tokens[i + 1], tokens[i + 2]];
  if (isNegative(tokens, i) || isPartOfName(tokens, i)) return true;
  if (
    isWord(before, 'few', 'several', 'twice', 'thrice', 'double', 'triple', 'times', '^') ||
    isWord(after, '%', '°')
  )
    return true;
  // "Half of 80 cm" is not 80 cm.
  const share = tokens[i - 2];
  if (isWord(before, 'of') && share?.kind === 'number' && share.value < 1) return true;
  const isTime = (colon: Token | undefined, hours: Token | undefined, minutes: Token | undefined) =>
    isWord(colon, ':') && hours?.kind === 'number' && minutes?.kind === 'number' && !minutes.spaced;
  return isTime(after, tokens[i], next) || isTime(before, tokens[i - 2], tokens[i]);
}

const gapOf = (a: Quantity, b: Quantity, tokens: readonly Token[]): string =>
  textOf(tokens.slice(a.end, b.first));

const TOLERANCE = /^(?:±|plus or minus|,? ?give or take)$/;

/** Merges neighbouring quantities for which `join` returns their union. */
function joined(list: readonly Quantity[], join: (last: Quantity, q: Quantity) => Quantity | null) {
  const out: Quantity[] = [];
  for (const q of list) {
    const last = out.at(-1);
    const union = last ? join(last, q) : null;
    out.splice(union ? -1 : out.length, 1, union ?? q);
  }
  return out;
}

/** Adds the parts of 5 ft 3 in, 5'3", 1 m 20 cm and "a foot and a half"; replaces 2.5 ± 0.3 m by its centre. */
const joinParts = (list: readonly Quantity[], tokens: readonly Token[]): Quantity[] =>
  joined(list, (last, q) => {
    const gap = gapOf(last, q, tokens);
    if (TOLERANCE.test(gap)) return { ...inUnit(last, q), end: q.end };
    const part = partInMetres(last, q, gap, tokens);
    if (!part) return null;
    return { ...last, value: last.value + part, part: q.unit ?? 'in', article: false, end: q.end };
  });

/** Returns a number without a unit in the unit of another quantity; returns any other quantity unchanged. */
function inUnit(q: Quantity, { unit, power }: Quantity): Quantity {
  return q.unit || !unit ? q : { ...q, value: q.value * LENGTHS[unit] ** power, unit, power, part: unit };
}

const IMPERIAL: readonly LengthUnit[] = ['in', 'ft', 'yd', 'mile'];

/** Returns `b` in metres if `b` continues quantity `a` in a smaller unit, and is less than the last unit of `a`. */
function partInMetres(a: Quantity, b: Quantity, gap: string, tokens: readonly Token[]): number | null {
  if (!a.part || b.article || a.power + b.power > 2) return null;
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
const joinRanges = (list: readonly Quantity[], tokens: readonly Token[]): Quantity[] =>
  joined(list, (last, q) => {
    const gap = gapOf(last, q, tokens);
    const isRange =
      gap === '-' ||
      gap === 'to' ||
      (gap === 'or' && last.unit === null) ||
      (gap === 'and' && BETWEEN.test(wordsBefore(tokens, last.first, 2)));
    const [low, high] = [inUnit(last, q), inUnit(q, last)];
    const value = (low.value + high.value) / 2;
    return isRange ? { ...high, value, article: false, first: last.first } : null;
  });

/** Ends of clauses, most certain first. `isLast`: the last occurrence, not the first, separates two quantities. */
const ENDS: readonly { words: readonly string[]; isLast?: true }[] = [
  { words: ['.', ';', '!', '?', '\n'] },
  { words: MEASURED.asides },
  { words: ['and', 'but', 'while', 'whereas'], isLast: true },
  { words: [',', ':', '(', ')'] },
];
export const SENTENCE_ENDS = ENDS[0]!.words;

/** Returns the position that separates the words about two quantities: an end of a clause, or a verb. */
function boundary(tokens: readonly Token[], from: number, to: number): number {
  for (const { words, isLast } of ENDS) {
    const gap = tokens.slice(from, to);
    const isPair = (at: number) => isLast && gap.slice(0, at).some((token) => isWord(token, 'between'));
    const places = gap.flatMap((token, i) => (isWord(token, ...words) && !isPair(i) ? [from + i] : []));
    if (places.length > 0) return isLast ? places.at(-1)! : places[0]!;
  }
  const verb = tokens.slice(from, to).findIndex((token) => token.kind === 'word' && isVerb(token.text));
  return verb < 0 ? to : from + verb;
}

/**
 * Returns the quantity whose clause fits the question best: most objects of the question, its dimension, fewest other
 * objects; of equal quantities, the last one. Null if the text negates the best one.
 */
export function quantityAsked(
  list: readonly Quantity[],
  tokens: readonly Token[],
  question: string,
): Quantity | null {
  if (question === '') return list.at(-1) ?? null;
  const asked = new Set(wordsOf(question).filter(isName));
  const dimensions = dimensionsIn(wordsOf(question));
  const scored = list.map((q, i) => {
    const [before, after] = [list[i - 1], list[i + 1]];
    let start = before ? boundary(tokens, before.end, q.first) : 0;
    let end = after ? boundary(tokens, q.end, after.first) : tokens.length;
    const sentence = tokens.slice(0, q.first).findLastIndex((token) => isWord(token, ...SENTENCE_ENDS));
    // A label on the line before a quantity applies to that quantity.
    if (tokens.slice(Math.max(start, sentence + 1), q.first).some(({ kind }) => kind === 'word'))
      start = Math.max(start, sentence + 1);
    const stop = tokens.slice(q.end, end).findIndex((token) => isWord(token, ...SENTENCE_ENDS));
    if (stop >= 0) end = q.end + stop;
    return { q, ...saidOf(tokens.slice(start, q.first), tokens.slice(q.end, end), asked, dimensions) };
  });
  const most = Math.max(...scored.map(({ score }) => score));
  const best = scored.findLast(({ score }) => score === most);
  // "The window is 3 m away, the door farther" has no quantity for a question about the door.
  const isNamed = wordsOf(textOf(tokens)).some((word) => asked.has(word));
  return !best || best.isDenied || best.isOther || (best.isOfOther && isNamed) ? null : best.q;
}

/** Whether a word can be the name of an object: neither a unit nor a word for a dimension. */
const isName = (word: string): boolean =>
  isContent(word) && measuredBy(word) === null && lengthUnit(word) === null && word !== 'square';

const dimensionsIn = (words: readonly string[]): Set<string> =>
  new Set(words.flatMap((word) => measuredBy(word) ?? []));

const sharesOne = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  [...a].some((dimension) => b.has(dimension));

/** Scores how well the words before and after a quantity fit the question. */
function saidOf(
  before: readonly Token[],
  after: readonly Token[],
  asked: ReadonlySet<string>,
  dimensions: ReadonlySet<string>,
): { score: number; isDenied: boolean; isOther: boolean; isOfOther: boolean } {
  const said = textOf(before);
  const words = new Set(wordsOf(`${said} ${textOf(after)}`));
  const measures = dimensionsIn([...words]);
  const isAside = isWord(
    before.find((token) => !isWord(token, ',')),
    ...MEASURED.asides,
  );
  const isOther = dimensions.size > 0 && measures.size > 0 && !sharesOne(measures, dimensions);
  const others = (stretch: string): number =>
    [...stretch.matchAll(MEASURED.thing)]
      .flatMap(([, name]) => wordsOf(name!))
      .filter((word) => isName(word) && !asked.has(word)).length;
  const isDenied = NEGATION.test(said.replace(MEASURED.earlier, '')) && !MEASURED.bound.test(said);
  const named = [...asked].filter((word) => words.has(word)).length;
  const score =
    named -
    3 * Math.min(1, others(said)) -
    Math.min(2, others(textOf(after))) +
    (sharesOne(measures, dimensions) ? 2 : isOther ? -2 : 0) -
    (isAside ? 2 : 0) -
    (isDenied ? 9 : 0);
  // Neither "3 m high" nor "its height is 3 m" answers a question about the distance.
  const [next] = after;
  const stated = MEASURED.stated.exec(said)?.[1];
  const isOtherSize =
    isOther &&
    ((next?.kind === 'word' && measuredBy(next.text) !== null) ||
      (stated !== undefined && [...dimensions].every((asked) => !areAlike(measuredBy(stated)!, asked))));
  return { score, isDenied, isOther: isOtherSize, isOfOther: named === 0 && others(said) > 0 };
}
