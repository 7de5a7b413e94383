import { type Edit, inCaseOf } from '../language/tokens.ts';
import { directionIn, type Direction, type Symmetry } from './symmetry.ts';

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
const PART: Phrases = { left: 'left', right: 'right', above: 'top', below: 'bottom' };

const OF_PICTURE = '(?= of (?:the|this) (?:image|picture|photo|photograph)\\b)';
const OF_THING = '(?= (?:the|a|an|this|that) )(?! (?:the|this) (?:image|picture|photo|photograph)\\b)';
const words = (form: string): RegExp => new RegExp(`\\b${form}`, 'gi');

interface PhraseClass {
  /** One group that matches is the word that names the direction. */
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
  { form: words(`(?:on|at) the (left|right|top|bottom)(?: side)?${OF_PICTURE}`), phrases: SIDE },
  { form: words(`(left|right|top|bottom|upper|lower)(?= (?:half|third|edge)${OF_PICTURE})`), phrases: PART },
  { form: words(`(?:to the |on the )?(left|right) of${OF_THING}`), phrases: RELATION, isRelation: true },
  { form: words(`(above|below)${OF_THING}`), phrases: RELATION, isRelation: true },
];

const DIRECTION: Readonly<Record<string, Direction>> = {
  ...{ left: 'left', leftmost: 'left', right: 'right', rightmost: 'right' },
  ...{ top: 'above', topmost: 'above', uppermost: 'above', upper: 'above', above: 'above' },
  ...{ bottom: 'below', bottommost: 'below', lowermost: 'below', lower: 'below', below: 'below' },
};

const CORNER = words(`(top|upper|bottom|lower)([- ]?)(left|right)(?=(?: corner)?${OF_PICTURE})`);

/** A phrase as it is after the turn. */
export interface TurnedPhrase extends Edit {
  /** Between two things: in a picture from above it has to be said that the picture's axes are meant. */
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
    add(match.index, from, inCaseOf(from, both.map((one) => PART[one]).join(gap)), 'quarter.corner');
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
