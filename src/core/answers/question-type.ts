import { parseBoxText } from './box.ts';
import { parseDistance } from './distance.ts';
import { Phrases, type PhraseSign } from '../read/patterns.ts';
import { Text, type Token } from '../read/tokens.ts';
import { plainPunctuation } from './plain-text.ts';
import { parseYesNo } from './yes-no.ts';

/** What a question or its reference says, by the words of the papers' lists and of ours. */
export const QUESTION_SIGNS = {
  /** Paper B's BBOX_KEYWORDS. */
  box: {
    phrases: new Phrases(
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
    ),
    example: 'Draw a box around the cup.',
    counterExample: 'Is the cup in the box?',
  },
  /** Those of paper B's DISTANCE_KEYWORDS that ask for a length. */
  length: {
    phrases: new Phrases(
      'how far',
      'distance between',
      'distance from',
      'measure the distance',
      'what is the distance',
      'spacing between',
      'gap between',
    ),
    example: 'How far is the cup from the jug?',
    counterExample: 'Is the cup far from the jug?',
  },
  /** Those of paper B's DISTANCE_KEYWORDS that only compare. */
  comparison: {
    phrases: new Phrases('which is closer', 'which is farther', 'closer', 'further', 'nearer', 'farthest'),
    example: 'Is the cup closer than the jug?',
    counterExample: 'Is the cup close to the jug?',
  },
  /** A reference that begins with its verdict. */
  decided: {
    phrases: new Phrases(
      '^^ <mark>* @yes|no|true|false|correct|incorrect|indeed|actually',
      '^^ <mark>* in @fact',
    ),
    example: 'In fact, the cup is smaller.',
    counterExample: 'The cup is smaller, in fact.',
  },
  /** A question for yes or no. */
  polar: {
    phrases: new Phrases(
      "{ ^^ / .|,|:|;|?|!|\\n } @is|are|was|were|do|does|did|can|could|has|have|had|will|would|should|isn't|aren't|wasn't|weren't|don't|doesn't|didn't|couldn't|hasn't|haven't|hadn't|wouldn't|shouldn't",
      'yes or|/ no',
    ),
    example: 'In the image, is the cup red?',
    counterExample: 'Which cup is red?',
  },
  /** A question about space. */
  spatial: {
    phrases: new Phrases(
      "left|right|leftmost|rightmost|clockwise|counterclockwise|anticlockwise|above|below|beneath|underneath|under|over|behind|beside|adjacent|between|inside|outside|near|nearer|nearest|closer|closest|far|farther|farthest|further|furthest|distance|apart|spacing|gap|position|positioned|positioning|located|location|where|direction|facing|oriented|orientation|tall|taller|tallest|height|shorter|shortest|wide|wider|widest|width|thinner|thinnest|narrow|narrower|narrowest|thick|thicker|thickest|big|bigger|biggest|large|larger|largest|small|smaller|smallest|size|long|longer|longest|length|deep|deeper|deepest|depth|bbox|coordinate|coordinates|region|horizontal|horizontally|vertical|vertically|short|thin|o'clock",
      'in @front',
      '@front of',
      'next @to',
      'on @top',
      '@top of',
      '@bottom of',
      '@close to',
      'bounding @box',
    ),
    example: 'Is the cup close to the jug?',
    counterExample: 'Did they close the shop?',
  },
  /** "Right" and "left" that are no sides, "how long" that asks for a time, and the like. */
  notSpatial: {
    phrases: new Phrases(
      'all @right',
      "that's @right",
      '@right now|away|answer',
      'is|are @left in|on|over',
      'as @long as',
      'how @long ago',
      'how @long does it take',
      '@over there',
    ),
    example: 'What milk is left in the jug?',
    counterExample: 'Is the milk left of the jug?',
  },
} as const satisfies Record<string, PhraseSign>;

const says = (sign: keyof typeof QUESTION_SIGNS, words: readonly Token[]): boolean =>
  QUESTION_SIGNS[sign].phrases.in(words);

type QuestionType = 'bbox' | 'distance' | 'yesno' | 'untyped';

/**
 * Types a question by the paper's keyword lists, in the order box, distance, yes/no, and then requires that the
 * reference parses as that type (R29): "Which is closer?" has a distance keyword but no length. For yes/no, the paper's
 * lists apply to the answer; a reference whose first word does not decide counts only if the question is polar.
 */
export function typeQuestion(question: string, reference: string): QuestionType {
  if (typed?.question !== question || typed.reference !== reference)
    typed = { question, reference, type: readType(question, reference) };
  return typed.type;
}

/** The last question that was typed: that of one row is typed several times, as it is counted, shown and scored. */
let typed: { question: string; reference: string; type: QuestionType } | undefined;

/** The last question in tokens, for the same reason. */
let read: { question: string; text: Text } | undefined;
function textOf(question: string): Text {
  if (read?.question !== question) read = { question, text: new Text(plainPunctuation(question)) };
  return read.text;
}

function readType(question: string, reference: string): QuestionType {
  const { words } = textOf(question);
  if (says('box', words)) return parseBoxText(reference) ? 'bbox' : 'untyped';
  const length = says('length', words);
  if (length || says('comparison', words)) {
    const distance = parseDistance(reference);
    return distance && (!distance.assumed_unit || length) ? 'distance' : 'untyped';
  }
  const decided = says('decided', new Text(reference).words) || says('polar', words);
  return decided && parseYesNo(reference) ? 'yesno' : 'untyped';
}

/**
 * Whether a question is about space (place, side, order, distance, size, boxes), and not one of the general questions
 * in mixed sets such as vqasynth_spacellava. Decided by words of the question alone, since the papers name the split
 * but give no rule.
 */
export function isSpatialQuestion(question: string): boolean {
  const { tokens, words } = textOf(question);
  const friends = QUESTION_SIGNS.notSpatial.phrases.all(tokens);
  return says(
    'spatial',
    words.filter((_, i) => !friends.some(({ first, end }) => i >= first && i < end)),
  );
}
