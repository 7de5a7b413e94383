import { type Edit, inCaseOf } from '../language/tokens.ts';
import type { Sign } from '../language/words.ts';
import { directionIn, type Direction, type Symmetry } from './symmetry.ts';

const PICTURE = '(?:image|picture|photo|photograph)';
export const PART = '(?:side|half|third|quarter|corner|edge|part|portion)';

/** Signs of what the directions in a text refer to when its picture is turned. */
export const SIGNS = {
  /** "In the image as shown, …": everything after it refers to the picture's own axes. */
  lead: {
    pattern: new RegExp(`^\\s*in (?:the|this) ${PICTURE}(?: as shown| shown)?,`, 'i'),
    example: 'In the image as shown, is the cup left of the jug?',
    counterExample: 'Is the cup left of the jug in the image?',
  },
  /** "… in the image?" at the end of a clause. "In the picture on the wall" refers to a picture in the picture. */
  within: {
    pattern: new RegExp(
      `\\b(?:in|of) (?:the|this) ${PICTURE}(?: as shown)?(?=\\s*(?:[?.,!;:]|$|than\\b))`,
      'i',
    ),
    example: 'Is the cup on the left in the image?',
    counterExample: 'Is the cup on the left in the picture on the wall?',
  },
  /** What follows a direction that names a part of the picture. */
  ofPicture: {
    pattern: new RegExp(
      `^[-\\s]*(?:(?:left|right)[-\\s]*)?(?:${PART}\\s+)?(?:in|of) (?:the|this) ${PICTURE}\\b`,
      'i',
    ),
    example: ' side of the image',
    counterExample: ' side of the table',
  },
  /** A text that consists only of a position. */
  lone: {
    pattern: new RegExp(
      `^\\W*(?:\\(?[A-H][).:]\\s*)?(?:(?:on|in|at|to|from)\\s+)?(?:the\\s+)?(?:far\\s+)?(?:(?:top|bottom|upper|lower|above|below)[-\\s]*)?(?:left|right|top|bottom|above|below)?(?:[-\\s]+${PART})?(?:\\s+(?:of|in) (?:the|this) ${PICTURE})?\\W*$`,
      'i',
    ),
    example: 'in the top-left corner of the image',
    counterExample: 'left of the table',
  },
  /** Hands and other parts that a body has two of; "left hand side" is not one. */
  body: {
    pattern:
      /^[-\s]+(?:hands?|arms?|eyes?|ears?|foot|feet|legs?|shoulders?|knees?|elbows?|wrists?|ankles?|thumbs?|cheeks?|hips?|shoes?|gloves?|boots?|sleeves?|paws?|handed|handers?|footed)\b(?![-\s]*side)/i,
    example: ' hand holds it',
    counterExample: ' hand side of it',
  },
  /** The question asks for such a part. */
  asksBody: {
    pattern:
      /\b(?:which|what)\b[^?]*\b(?:hand|arm|eye|ear|foot|leg|shoulder|knee|elbow|wrist|ankle|thumb|shoe|glove|paw)s?\b/i,
    example: 'Which hand holds the cup?',
    counterExample: 'Which side is the cup on?',
  },
  /** The sides are a thing's own. Those from a camera's point of view are the viewer's. */
  ownView: {
    pattern:
      /\b(?:from the (?!viewer|camera|observer|photographer|image|picture|photo)[^,?]{1,60}['’]s? (?:point of view|perspective|viewpoint)|from the (?:point of view|perspective|viewpoint) of (?:the|a|an) (?!viewer|camera|observer|photographer|image|picture|photo))\b/i,
    example: "Is it left from the cube's point of view?",
    counterExample: "Is it left from the camera's point of view?",
  },
  /** Words that suggest another point of view, so that left and right may not be those of the picture. */
  framed: {
    pattern:
      /\b(?:perspective|point of view|viewpoint|fac(?:e|es|ed|ing)|look(?:s|ed|ing)?|point(?:s|ed|ing)?|turn(?:s|ed|ing)?|imagine|standing at|if (?:i|you)|my|your)\b/i,
    example: 'Is it left of the man facing us?',
    counterExample: 'Is it left of the surface?',
  },
  /** Words whose meaning depends on gravity, however the picture is turned. */
  support: {
    pattern:
      /\b(?:on top of|atop|over|under|underneath|beneath|overhead|underside|upright|upwards?|downwards?|up|down|hang(?:s|ing)?|hung|suspended|fall(?:s|ing|en)?|fell|float(?:s|ing)?|hover(?:s|ing)?|climb(?:s|ing)?|(?:stand|sit|lie|rest|lean|perch)(?:s|ting|ing|ed)?(?: up)?on|(?:stands?|standing|sits?|sitting|lies?|lying|rests?|resting|leans?|leaning|perched) on|upside)\b/gi,
    example: 'the lamp hanging there',
    counterExample: 'the top of the page',
  },
  /** A question whether or where a thing is. */
  asksPlace: {
    pattern:
      /^\W*(?:in (?:the|this) \w+(?: as shown)?,\s*)?(?:is|are|was|were|does|do|where|what is|what's)\b/i,
    example: 'Where is the cup?',
    counterExample: 'Which cup is red?',
  },
  /** Something lies on another thing. */
  on: {
    pattern: /\bon (?!the (?:left|right|top|bottom|side|other)\b)(?:the|a|an|his|her|its|their)\b/i,
    example: 'Is the cup on the table?',
    counterExample: 'Is the cup on the left?',
  },
  /** Words for the picture's vertical axis, if they refer to it. */
  vertical: {
    pattern:
      /\b(above|below|top-?most|bottom-?most|uppermost|lowermost|top|bottom|upper|lower|higher|highest|lowest)(?=\b|(?:left|right)\b)/gi,
    example: 'the topmost cup',
    counterExample: 'the stopped clock',
  },
  /** Words about height and width, which a quarter turn exchanges. */
  uprightSize: {
    pattern:
      /\b(?:wide|wider|widest|width|narrow(?:er|est)?|tall|taller|tallest|high|height|short(?:er|est)?|horizontal\w*|vertical\w*|rows?|columns?|[xy]1?2?)\b/i,
    example: 'Which is taller?',
    counterExample: 'Which is larger?',
  },
  /** It asks for the shape of the picture. */
  aspect: {
    pattern: /\b(?:landscape|portrait|aspect(?: ratio)?|wider (?:image|picture|photo))\b/i,
    example: 'Is it a landscape picture?',
    counterExample: 'Is the land green?',
  },
  /** It asks which way up the picture is. */
  aboutTurning: {
    pattern:
      /\b(?:upside[- ]down|rotated|which way up|right way up|orientation of (?:the|this) (?:image|picture|photo))\b/i,
    example: 'Is the picture upside down?',
    counterExample: 'Is the cup down there?',
  },
  /** It refers to the picture. */
  inPicture: {
    pattern: new RegExp(`\\bin (?:the|this) ${PICTURE}\\b`, 'i'),
    example: 'What hour is it in the picture?',
    counterExample: 'What hour is it?',
  },
  /** It asks for a direction as on the dial of a clock. */
  pointsToHour: {
    pattern: /\b(?:hour|o['’]clock)\b/i,
    example: "What o'clock does it point to?",
    counterExample: 'Where does it point?',
  },
} as const satisfies Record<string, Sign>;

/**
 * Directions under a quarter turn or a transpose, where a phrase of one direction becomes a phrase of another kind: "to
 * the left of" becomes "above", not another side (docs/views.md). Each class is written in four ways; what fits none is
 * not rewritten here.
 */

type Phrases = Readonly<Record<Direction, string>>;

const RELATION: Phrases = {
  left: 'to the left of',
  right: 'to the right of',
  above: 'above',
  below: 'below',
};
const SIDE: Phrases = {
  ...{ left: 'on the left side', right: 'on the right side', above: 'at the top', below: 'at the bottom' },
};
const MOST: Phrases = { left: 'leftmost', right: 'rightmost', above: 'topmost', below: 'bottommost' };
const RANK: Phrases = {
  ...{ left: 'from the left', right: 'from the right', above: 'from the top', below: 'from the bottom' },
};
const ORDER: Phrases = {
  ...{ left: 'from left to right', right: 'from right to left' },
  ...{ above: 'from top to bottom', below: 'from bottom to top' },
};
const MORE: Phrases = { left: 'further left', right: 'further right', above: 'higher', below: 'lower' };
const HALF: Phrases = { left: 'left', right: 'right', above: 'top', below: 'bottom' };

const IN_PICTURE = '(?= in (?:the|this) (?:image|picture|photo|photograph)\\b)';
const OF_PICTURE = '(?= of (?:the|this) (?:image|picture|photo|photograph)\\b)';
const OF_THING = '(?= (?:the|a|an|this|that) )(?! (?:the|this) (?:image|picture|photo|photograph)\\b)';
const words = (form: string): RegExp => new RegExp(`\\b${form}`, 'gi');

interface PhraseClass {
  /** The one group that matches is the word that names the direction. */
  form: RegExp;
  phrases: Phrases;
  isRelation?: true;
}

const CLASSES: readonly PhraseClass[] = [
  {
    form: words('from (?:(left) to right|(right) to left|(top) to bottom|(bottom) to top)\\b'),
    phrases: ORDER,
  },
  { form: words('from the (left|right|top|bottom)\\b(?=\\s*(?:[?.,!]|$|in the\\b))'), phrases: RANK },
  { form: words('(leftmost|rightmost|topmost|bottommost|uppermost|lowermost)\\b'), phrases: MOST },
  {
    form: words(`(?:(?:further|farther) (?:to the )?(left|right)|(higher|lower))${IN_PICTURE}`),
    phrases: MORE,
  },
  { form: words(`(?:on|at) the (left|right|top|bottom)(?: side)?${OF_PICTURE}`), phrases: SIDE },
  { form: words(`(left|right|top|bottom|upper|lower)(?= (?:half|third|edge)${OF_PICTURE})`), phrases: HALF },
  { form: words(`(?:to the |on the )?(left|right) of${OF_THING}`), phrases: RELATION, isRelation: true },
  { form: words(`(above|below)${OF_THING}`), phrases: RELATION, isRelation: true },
];

const DIRECTION: Readonly<Record<string, Direction>> = {
  ...{ left: 'left', leftmost: 'left', right: 'right', rightmost: 'right' },
  ...{ top: 'above', topmost: 'above', uppermost: 'above', upper: 'above', above: 'above', higher: 'above' },
  ...{ bottom: 'below', bottommost: 'below', lowermost: 'below', lower: 'below', below: 'below' },
};

const CORNER = words(`(top|upper|bottom|lower)([- ]?)(left|right)(?=(?: corner)?${OF_PICTURE})`);

/** A phrase, with its rewrite for the turned picture. */
export interface TurnedPhrase extends Edit {
  /** True for a relation between two things. The text then has to say that the axes of the picture are meant. */
  isRelation: boolean;
}

/** Finds the phrases of a text that the classes cover, each with its rewrite; no two of them overlap. */
export function quarterPhrases(text: string, symmetry: Symmetry): TurnedPhrase[] {
  const found: TurnedPhrase[] = [];
  const add = (start: number, from: string, to: string, rule: string, isRelation = false) => {
    const end = start + from.length;
    if (found.every((one) => one.end <= start || end <= one.start))
      found.push({ start, end, from, to, rule, isRelation });
  };
  for (const match of text.matchAll(CORNER)) {
    const [from, vertical, gap, side] = match as unknown as [string, string, string, string];
    const turned = [vertical, side].map((word) => directionIn(symmetry, DIRECTION[word.toLowerCase()]!));
    const both = (['above', 'below', 'left', 'right'] as const).filter((one) => turned.includes(one));
    add(match.index, from, inCaseOf(from, both.map((one) => HALF[one]).join(gap)), 'quarter.corner');
  }
  for (const { form, phrases, isRelation } of CLASSES)
    for (const match of text.matchAll(form)) {
      const word = match
        .slice(1)
        .find((group) => group !== undefined)!
        .toLowerCase();
      const to = phrases[directionIn(symmetry, DIRECTION[word]!)];
      add(
        match.index,
        match[0],
        inCaseOf(match[0], to),
        isRelation ? 'quarter.relation' : 'quarter.phrase',
        isRelation ?? false,
      );
    }
  return found.sort((a, b) => a.start - b.start);
}
