import { parseBoxText } from './box.ts';
import { parseDistance } from './distance.ts';
import { plainPunctuation } from './plain-text.ts';
import { parseYesNo } from './yes-no.ts';

/** Paper B's BBOX_KEYWORDS. */
const BOX_KEYWORDS = [
  'bounding box',
  'box coordinates',
  'coordinates',
  'bbox',
  'where is',
  'x coordinate',
  'y coordinate',
  'draw a box',
  'top left',
  'bottom right',
  'region of',
];

/** Paper B's DISTANCE_KEYWORDS: those that ask for a length, and those that only compare. */
const LENGTH_KEYWORDS = [
  'how far',
  'distance between',
  'distance from',
  'measure the distance',
  'what is the distance',
  'spacing between',
  'gap between',
];
const COMPARISON_KEYWORDS = [
  'which is closer',
  'which is farther',
  'closer',
  'further',
  'nearer',
  'farthest',
];

/** Any of the keywords as whole words, in any case. */
const anyOf = (keywords: readonly string[]): RegExp =>
  new RegExp(`\\b(?:${keywords.join('|').replaceAll(' ', '[ -]')})\\b`, 'i');
const BOX = anyOf(BOX_KEYWORDS);
const LENGTH = anyOf(LENGTH_KEYWORDS);
const COMPARISON = anyOf(COMPARISON_KEYWORDS);

const POLAR =
  /(?:^|[.,:;?!]\s*|\n)(?:is|are|was|were|do|does|did|can|could|has|have|had|will|would|should)(?:n't)?\s|\byes or no\b|\byes\/no\b/i;

export type QuestionType = 'bbox' | 'distance' | 'yesno' | 'untyped';

/**
 * Types a question by the paper's keyword lists, in the order box, distance, yes/no, and then requires that the
 * reference parses as that type (R29): "Which is closer?" holds a distance keyword but has no length. For yes/no the
 * paper's lists are of answers; a reference whose first word does not decide counts only for a polar question.
 */
export function typeQuestion(question: string, reference: string): QuestionType {
  const text = plainPunctuation(question);
  if (BOX.test(text)) return parseBoxText(reference) ? 'bbox' : 'untyped';
  if (LENGTH.test(text) || COMPARISON.test(text)) {
    const distance = parseDistance(reference);
    return distance && (!distance.assumed_unit || LENGTH.test(text)) ? 'distance' : 'untyped';
  }
  const decided = /^\W*(?:yes|no|true|false|correct|incorrect|indeed|actually|in fact)\b/i.test(reference);
  return (decided || POLAR.test(text)) && parseYesNo(reference) ? 'yesno' : 'untyped';
}

const SPATIAL =
  /\b(?:left|right|leftmost|rightmost|(?:counter|anti)?-?clockwise|above|below|beneath|underneath|under|over|behind|in front|front of|beside|next to|adjacent|between|inside|outside|on top|top of|bottom of|near|nearer|nearest|close to|closer|closest|far|farther|farthest|further|furthest|distance|apart|spacing|gap|position(?:ed|ing)?|located|location|where|direction|facing|orient(?:ed|ation)|tall|taller|tallest|height|short(?:er|est)?|wide|wider|widest|width|thin(?:ner|nest)?|narrow(?:er|est)?|thick(?:er|est)?|big(?:ger|gest)?|large[rs]?|largest|small(?:er|est)?|size|long(?:er|est)?|length|deep(?:er|est)?|depth|bounding box|bbox|coordinates?|region|horizontal(?:ly)?|vertical(?:ly)?|o'clock)\b/i;

/** "right" and "left" that are no sides, and "how long" of time. */
const FALSE_FRIENDS =
  /\b(?:all right|that's right|right (?:now|away|answer)|(?:is|are) left (?:in|on|over)|as long as|how long (?:ago|does it take)|over there)\b/gi;

/**
 * Whether a question is about space (place, side, order, distance, size, boxes), as against the general questions of
 * mixed sets such as vqasynth_spacellava. By words of the question alone: the papers name the split but give no rule.
 */
export function isSpatialQuestion(question: string): boolean {
  return SPATIAL.test(plainPunctuation(question).replace(FALSE_FRIENDS, ' '));
}
