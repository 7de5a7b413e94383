import { type Edit, inCaseOf } from '../read/tokens.ts';
import { sign } from '../read/words/sets.ts';
import { DIRECTIONS, PICTURE, SIGNS } from '../read/words/picture-words.ts';
import { directionIn, type Direction, type Symmetry } from '../symmetry.ts';

/**
 * Phrases for directions in the image. A rotation by 90° or a transpose changes the kind of a phrase: "to the left of"
 * becomes "above" (docs/views.md). Each class has four phrases. Plain directions have no phrases; only their words are
 * replaced by their opposites.
 */

type Phrases = Readonly<Record<Direction, string>>;

const phrases = (left: string, right: string, above: string, below: string): Phrases => {
  return { left, right, above, below };
};
const RELATION = phrases('to the left of', 'to the right of', 'above', 'below');
const SIDE = phrases('on the left side', 'on the right side', 'at the top', 'at the bottom');
const MOST = phrases('leftmost', 'rightmost', 'topmost', 'bottommost');
const RANK = phrases('from the left', 'from the right', 'from the top', 'from the bottom');
const ORDER = phrases('from left to right', 'from right to left', 'from top to bottom', 'from bottom to top');
const MORE = phrases('further left', 'further right', 'higher', 'lower');
const MOTION = phrases('to the left', 'to the right', 'upwards', 'downwards');
/** Single words for a position next to an object, and for a part of the image. */
const PLACE = phrases('left', 'right', 'above', 'below');
const PART_NAME = phrases('left', 'right', 'top', 'bottom');

const THE_PICTURE = `(?:the|this) ${PICTURE}\\b`;
const OF_PICTURE = `(?= of ${THE_PICTURE})`;
const OF_THING = `(?= (?:the|a|an|this|that) )(?! ${THE_PICTURE})`;
/** Condition that the clause ends, or that the text refers to the image. */
const ENDS = `(?=\\s*(?:[?.,!;:)]|$)| (?:in|of) ${THE_PICTURE})`;
const MOVES =
  '\\b(?:mov(?:e|es|ed|ing)|(?:driv|slid)(?:e|es|ing)|(?:go|roll|drift|shift|swim|sail|walk|run|travel|fly)(?:s|es|ing|ning|ming)?|flies)\\b';
const words = (form: string): RegExp => new RegExp(`\\b${form}`, 'gi');

/** Matches a position next to an object, but not "the left of the two" (an object) or a direction of motion. */
const relation = (form: string): RegExp => words(`(?<!\\bthe |${MOVES} )${form}${OF_THING}`);

/** Words which make clear that "above" or "higher" refers to the image's axes, not to height. */
type Says = 'sentence' | ' in the image' | ' of the image';

interface PhraseClass {
  rule: string;
  phrases: Phrases;
  /** Pattern whose matching groups are direction words. A list of options has two groups. */
  form: RegExp;
  says?: Says;
}

const phraseClass = (rule: string, phrases: Phrases, form: RegExp, says?: Says): PhraseClass => {
  return { rule: `quarter.${rule}`, phrases, form, ...(says && { says }) };
};

const SIDES = '(left|right|top|bottom)';
const TO_SIDE = '(?:to(?:wards)? the (left|right)|(left|right)(?:wards?)?|(up|down)wards?)';
const PLACE_MENU =
  '(?:(?:to the |on the )?(left|right)(?: of)? or (?:to the |on the )?(left|right) of|(above|below) or (above|below))';
const SIDE_MENU = `(?:on|at) the ${SIDES}(?: side)? or (?:on |at )?(?:the )?${SIDES}(?: side)?${ENDS}`;
const ON_SIDE = `(?:(?:on|at) the ${SIDES}(?: side)?${OF_PICTURE}|(?:on the (left|right)|at the (top|bottom))(?: side)?${ENDS})`;
const AFTER_MOVES = `(?<=${MOVES} (?:${TO_SIDE.replace(/\((?!\?)/g, '(?:')} or )?)`;

const [ASKED_RELATION, ASKED_SIDE] = [relation(PLACE_MENU), words(SIDE_MENU)];

const CLASSES: readonly PhraseClass[] = [
  phraseClass('menu', RELATION, ASKED_RELATION, 'sentence'),
  phraseClass('menu', SIDE, ASKED_SIDE, ' of the image'),
  phraseClass(
    'phrase',
    ORDER,
    words('from (?:(left) to right|(right) to left|(top) to bottom|(bottom) to top)\\b'),
  ),
  phraseClass('phrase', RANK, words('from the (left|right|top|bottom)\\b(?=\\s*(?:[?.,!:]|$|in the\\b))')),
  phraseClass('phrase', MOST, words('(leftmost|rightmost|topmost|bottommost|uppermost|lowermost)\\b')),
  phraseClass(
    'phrase',
    MORE,
    words(`(?:(?:further|farther|more) (?:to the )?(left|right)|(higher|lower))(?:${ENDS}|(?= than\\b))`),
    ' in the image',
  ),
  phraseClass('phrase', SIDE, words(ON_SIDE), ' of the image'),
  phraseClass(
    'phrase',
    PART_NAME,
    words(`(left|right|top|bottom|upper|lower)(?= (?:half|third|edge)${ENDS})`),
  ),
  phraseClass(
    'motion',
    MOTION,
    new RegExp(`${AFTER_MOVES}${TO_SIDE}(?=\\s*(?:[?.,!;:)]|$| or\\b| in ${THE_PICTURE}))`, 'gi'),
    ' in the image',
  ),
  phraseClass(
    'relation',
    RELATION,
    relation('(?:(?:to the |on the )?(left|right) of|(above|below))'),
    'sentence',
  ),
];

/** Directions without phrases. Only the word itself becomes its opposite; a rotation by 90° cannot rewrite it. */
const PLAIN = [
  '(?:left|right)(?= of\\b)(?<!\\bside (?:left|right))',
  '(?:left|right)(?=\\s*(?:[?.,!;:)/]|$)|\\s+(?:or|and|to|in|of|than|with respect to|relative to)\\b)(?<=(?:\\b(?:(?:on|to|at|from|towards?) the|fac(?:es?|ed|ing)|(?:look|point)(?:s|ed|ing)?|or|further|farther|and|located|positioned|placed)|,) (?:left|right))',
  '(?:above|below)\\b(?<!\\bthe (?:above|below))',
  '(?:top-most|bottom-most|highest|lowest|higher)\\b',
  'lower(?= (?:in (?:the|this)|than)\\b)',
  '(?:top|bottom|upper|lower)(?=\\s*(?:[?.,]|$|to\\b))(?<=\\bfrom the (?:top|bottom|upper|lower))',
  `(?:left|right|top|bottom|upper|lower)(?=${SIGNS.ofPicture.source.slice(1)})`,
  `(?=${SIGNS.menuOfParts.source.slice(1)})(?:left|right|top|bottom|upper|lower)(?<=${SIGNS.asksPart.source}[^]*)`,
].map(words);

const CORNER = words(`(top|upper|bottom|lower)([- ]?)(left|right)(?=(?: corner)?${ENDS})`);

/** Kind of a question whose answer is only a side: a position next to an object, a part of the image, or a motion. */
type Asked = 'relation' | 'part' | 'motion';

const ASKS: readonly [Asked, RegExp][] = [
  [
    'relation',
    sign`\bwhich side of (?!${THE_PICTURE})|\b(?:relative|in relation|with respect) to\b|\bwhere (?:is|are) [^?]+ from (?:the|an?)\b`,
  ],
  ['relation', ASKED_RELATION],
  ['part', SIGNS.asksPart],
  ['part', sign`\bwhere (?:is|are) [^?]* in ${THE_PICTURE}(?: as shown)?\s*[?,(]`],
  ['part', ASKED_SIDE],
  ['motion', sign`\b(?:which|what) (?:way|direction)\b[^?]*${MOVES}`],
  ['motion', sign`${MOVES} ${TO_SIDE} or `],
];

function askedBy(question: string): Asked | null {
  const [first, ...others] = ASKS.flatMap(([asked, sign]) => (question.search(sign) < 0 ? [] : [asked]));
  const isMixed = others.some((asked) => asked === 'motion') && first !== 'motion';
  return isMixed ? null : (first ?? null);
}

/** Matches "…, left or right?" at the end of a question. */
const LAST_MENU =
  /(?<=[,:] )(left|right|above|below|top|bottom) or (left|right|above|below|top|bottom)(?=\s*\?\s*$)/gi;
/** Matches a choice or an answer that is only a side. */
const LONE = sign`^(\W*(?:\(?[A-H][).:]\s*)?)((?:(on|at|to|in) the )?(?:(left|right|top|bottom|above|below)|(left|right|up|down)wards?)( side| half| third| edge)?)(?: (?:in|of) ${THE_PICTURE})?\W*$`;

/** Phrase with its text after the symmetry. For a plain direction (rule `plain`), `to` equals `from`. */
export interface DirectionPhrase extends Edit {
  says?: Says;
}

/**
 * Finds the phrases of all classes in a text, each with its rewrite. The phrases do not overlap.
 * @param question row's question, if the text is one of its answers
 */
export function directionPhrases(text: string, symmetry: Symmetry, question?: string): DirectionPhrase[] {
  const phrases: DirectionPhrase[] = [];
  const turned = (word: string) => directionIn(symmetry, DIRECTIONS.get(word.toLowerCase())!.direction);
  const add = (start: number, from: string, said: string, rule: string, says?: Says) => {
    const end = start + from.length;
    const to = inCaseOf(from, said);
    if (phrases.every((phrase) => phrase.end <= start || end <= phrase.start))
      phrases.push({ start, end, from, to, rule, ...(says && { says }) });
  };
  const wanted = askedBy(question ?? text);
  const lone = question === undefined ? null : LONE.exec(text);
  if (lone && wanted) {
    const [, lead, from, , side, way] = lone as unknown as string[];
    const to = loneWords(wanted, lone, turned((side ?? way)!));
    if (to !== null) add(lead!.length, from!, to, wanted === 'motion' ? 'quarter.motion' : 'quarter.lone');
    return phrases;
  }
  for (const { index, 0: from, 1: one, 2: two } of text.matchAll(LAST_MENU)) {
    const to = wanted === 'relation' ? PLACE : wanted === 'part' ? PART_NAME : null;
    if (to) add(index, from, `${to[turned(one!)]} or ${to[turned(two!)]}`, 'quarter.menu');
  }
  for (const match of text.matchAll(CORNER)) {
    const [from, vertical, gap, side] = match as unknown as [string, string, string, string];
    const both = [turned(vertical), turned(side)];
    const ordered = (['above', 'below', 'left', 'right'] as const).filter((direction) =>
      both.includes(direction),
    );
    add(match.index, from, ordered.map((direction) => PART_NAME[direction]).join(gap), 'quarter.corner');
  }
  for (const { form, phrases, rule, says } of CLASSES)
    for (const match of text.matchAll(form)) {
      const to = match.slice(1).flatMap((word) => (word === undefined ? [] : [turned(word)]));
      const isUpright = to.some((direction) => direction === 'above' || direction === 'below');
      add(
        match.index,
        match[0],
        to.map((direction) => phrases[direction]).join(' or '),
        rule,
        isUpright ? says : undefined,
      );
    }
  for (const form of PLAIN)
    for (const { index, 0: word } of text.matchAll(form)) add(index, word, word, 'plain');
  return phrases.sort((a, b) => a.start - b.start);
}

/** Returns the words for a lone side after the symmetry; null if no words fit. */
function loneWords(asked: Asked, lone: RegExpExecArray, to: Direction): string | null {
  const [, , , before, side, way, part = ''] = lone.map((group) => group?.toLowerCase());
  if (asked === 'motion') return way || before === 'to' ? MOTION[to] : null;
  if (way) return null;
  const isPart = side === 'top' || side === 'bottom';
  const isPlace = side === 'above' || side === 'below';
  const isLevel = to === 'left' || to === 'right';
  if (asked === 'relation') {
    if (isPart || !['', ' side'].includes(part)) return null;
    return isLevel && before ? `to the ${to}` : PLACE[to];
  }
  if (isPlace || before === 'to') return null;
  if (!['', ' side'].includes(part)) return `${before ? `${before} the ` : ''}${PART_NAME[to]}${part}`;
  return before ? SIDE[to] : PART_NAME[to];
}
