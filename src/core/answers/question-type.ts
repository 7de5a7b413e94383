import { parseBoxText } from './box.ts';
import { parseDistance } from './distance.ts';
import { compile } from '../spatial/language/patterns.ts';
import { Phrases, Rules } from '../spatial/language/rules.ts';
import { Text } from '../spatial/language/tokens.ts';
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

/** Paper B's DISTANCE_KEYWORDS, split into those that ask for a length and those that only compare. */
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

const BOX = new Phrases(...BOX_KEYWORDS);
const LENGTH = new Phrases(...LENGTH_KEYWORDS);
const COMPARISON = new Phrases(...COMPARISON_KEYWORDS);
const DECIDED = new Phrases(
  '^^ <mark>* @yes|no|true|false|correct|incorrect|indeed|actually',
  '^^ <mark>* in @fact',
);
const POLAR = new Phrases(
  "{ ^^ / .|,|:|;|?|!|\\n } @is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|isn't|aren't|wasn't|weren't|don't|doesn't|didn't|couldn't|hasn't|haven't|hadn't|wouldn't|shouldn't",
  'yes or|/ no',
);

export type QuestionType = 'bbox' | 'distance' | 'yesno' | 'untyped';

/**
 * Types a question by the paper's keyword lists, in the order box, distance, yes/no, and then requires that the
 * reference parses as that type (R29): "Which is closer?" has a distance keyword but no length. For yes/no, the paper's
 * lists apply to the answer; a reference whose first word does not decide counts only if the question is polar.
 */
export function typeQuestion(question: string, reference: string): QuestionType {
  const { words } = new Text(plainPunctuation(question));
  if (BOX.in(words)) return parseBoxText(reference) ? 'bbox' : 'untyped';
  const length = LENGTH.in(words);
  if (length || COMPARISON.in(words)) {
    const distance = parseDistance(reference);
    return distance && (!distance.assumed_unit || length) ? 'distance' : 'untyped';
  }
  const decided = DECIDED.in(new Text(reference).words) || POLAR.in(words);
  return decided && parseYesNo(reference) ? 'yesno' : 'untyped';
}

const SPATIAL = new Phrases(
  "left|right|leftmost|rightmost|clockwise|counterclockwise|anticlockwise|above|below|beneath|underneath|under|over|behind|beside|adjacent|between|inside|outside|near|nearer|nearest|closer|closest|far|farther|farthest|further|furthest|distance|apart|spacing|gap|position|positioned|positioning|located|location|where|direction|facing|oriented|orientation|tall|taller|tallest|height|shorter|shortest|wide|wider|widest|width|thinner|thinnest|narrow|narrower|narrowest|thick|thicker|thickest|big|bigger|biggest|large|larger|larges|largest|small|smaller|smallest|size|long|longer|longest|length|deep|deeper|deepest|depth|bbox|coordinate|coordinates|region|horizontal|horizontally|vertical|vertically|short|thin|o'clock",
  'in @front',
  '@front of',
  'next @to',
  'on @top',
  '@top of',
  '@bottom of',
  '@close to',
  'bounding @box',
);

/** Uses of "right" and "left" that are not sides, of "how long" for time, and the like. */
const FALSE_FRIENDS = new Rules(
  [
    'all @right',
    "that's @right",
    '@right now|away|answer',
    'is|are @left in|on|over',
    'as @long as',
    'how @long ago',
    'how @long does it take',
    '@over there',
  ].map((source) => [compile(source), null] as const),
);

/**
 * Whether a question is about space (place, side, order, distance, size, boxes), and not one of the general questions
 * in mixed sets such as vqasynth_spacellava. Decided by words of the question alone, since the papers name the split
 * but give no rule.
 */
export function isSpatialQuestion(question: string): boolean {
  const { tokens, words } = new Text(plainPunctuation(question));
  const friends = FALSE_FRIENDS.find(tokens);
  return SPATIAL.in(words.filter((_, i) => !friends.some(({ first, end }) => i >= first && i < end)));
}
