import { remembered } from '../../base/recent-map.ts';
import { DENIES, isContent, wordsOf } from './answer-words.ts';
import { parseDistance } from './distance.ts';
import { unitAt } from './find-quantities.ts';
import { readNumbers } from './number-words.ts';
import { parseCount } from './read-count.ts';

/** Limit in a yes/no question: "more than three chairs", "at most 2 m". */
const LIMIT =
  /\b(?:(?<more>more|greater|larger|bigger|farther|further|longer|taller|wider|higher|deeper|thicker) than|(?<less>less|fewer|smaller|shorter|narrower|lower|nearer|closer) than|(?<least>at least|no (?:less|fewer) than|a minimum of)|(?<most>at most|no more than|up to|within|a maximum of)|(?<same>exactly|precisely)) (?<limit>[^?,;]+)/iu;
const limitIn = remembered(50, (question: string) => LIMIT.exec(question)?.groups);
/** Words of an answer that restate no limit of their own. */
const MAY_ADD = /^(?:apart|away|long|distance|total|about|approximately|roughly|around|tall|high|wide|deep)$/;
const INEXACT = /\b(?:about|approximately|roughly|around|almost|nearly|some|than|least|most)\b/i;

/**
 * Whether the count or the length in an answer meets the limit that a question asks for: true for "There are five
 * chairs.", for "Are there more than three chairs?" Null without both, or if the answer has words of another object.
 */
export function meetsLimit(text: string, question: string): boolean | null {
  const asked = limitIn(question);
  if (asked === undefined || text.length > 200) return null;
  const [limit, said] = [asked.limit!, text].map((part) => amountIn(part)) as [Amount | null, Amount | null];
  if (limit === null || said === null || limit.isLength !== said.isLength) return null;
  const [words, known] = [wordsOf(text), wordsOf(question)];
  if (said.value > 0 && words.some((word) => DENIES.test(word))) return null;
  const isKnown = (word: string) =>
    known.includes(word) || MAY_ADD.test(word) || /\d/.test(word) || !isContent(word);
  const content = said.isLength ? wordsOf(text.replace(/\d[\d.,]* ?\p{L}+/u, '')) : words;
  if (!content.every(isKnown)) return null;
  const difference = said.value - limit.value;
  // "About 1 m" decides no limit of 1 m.
  if (Math.abs(difference) <= 0.1 * limit.value && INEXACT.test(text)) return null;
  if (asked.more) return difference > 0;
  if (asked.less) return difference < 0;
  if (asked.least) return difference >= 0;
  return asked.most ? difference <= 0 : said.isLength ? null : difference === 0;
}

interface Amount {
  value: number;
  isLength: boolean;
}
/** Returns the only length, or the only count, in a text. */
function amountIn(text: string): Amount | null {
  const tokens = readNumbers(text);
  const isLength = tokens.some((_, i) => unitAt(tokens, i) !== null);
  const length = isLength ? parseDistance(text) : null;
  if (isLength) return length && !length.bound ? { value: length.size, isLength } : null;
  const count = parseCount(text);
  return count === null ? null : { value: count, isLength };
}
