import { isBareAnswer, readSaid } from '../../rows/read/said.ts';
import { remembered } from '../../base/recent-map.ts';
import { plainText, withoutNames } from './plain-text.ts';
import {
  OF_VIEWER,
  aboutAsked,
  askedThing,
  askingPart,
  headOf,
  mayBeSame,
  withoutDenied,
  wordsOf,
} from './answer-words.ts';
import { OWNED_SIDE, asAsked, ofSubject, polesOffered } from './as-asked.ts';

/** Sides and directions in reference answers and model answers. */

/** Words for both poles of each axis. In corners such as "upper left", the axes have this order. */
const SIDES = {
  y: {
    above: /\b(?:above|over|atop|upper|top|higher|on top)\b/g,
    below: /\b(?:below|under|underneath|beneath|bottom|lower)\b/g,
  },
  z: {
    'in front': /\b(?:in front|front|ahead|forwards?)\b/g,
    behind: /\b(?:behind|back|rear|backwards?)\b/g,
  },
  up: { up: /\bupwards?\b|\bup\b(?! to (?!the (?:left|right)\b))/g, down: /\bdown(?:wards?)?\b/g },
  x: { left: /\bleft(?:most|wards?)?\b/g, right: /\bright(?:most|wards?)?\b/g },
  facing: {
    toward:
      /(?<!\b(?:closer?|closest|nearer|nearest|next|farther|further) )\b(?:towards?|at|to|faces?|facing) (?:the )?(?:camera|viewer|observer|photographer|us|me)\b|\btowards?(?= or\b|$)/g,
    away: /(?<!\b(?:far|farther|further|\d m|\d) )\baway\b/g,
  },
  north: {
    north: /\b(?:north(?:east|west)?(?:ern|wards?)?|n[ew])\b/g,
    south: /\b(?:south(?:east|west)?(?:ern|wards?)?|s[ew])\b/g,
  },
  east: {
    east: /\b(?:(?:north|south)?east(?:ern|wards?)?|[ns]e)\b/g,
    west: /\b(?:(?:north|south)?west(?:ern|wards?)?|[ns]w)\b/g,
  },
  turn: {
    clockwise: /(?<!\b(?:counter|anti) ?)clockwise\b/g,
    counterclockwise: /\b(?:counter|anti) ?clockwise\b/g,
  },
  center: { center: /\b(?:center|centre|centered|centred|middle)\b/g },
} as const;
type Axis = keyof typeof SIDES;
type Side = Partial<Record<Axis, 0 | 1>>;
const AXES = Object.keys(SIDES) as Axis[];

/** Phrases that contain "right", "left" or a similar word without meaning a side. */
const NO_SIDE =
  /(?<!\b(?:turn|rotate|look|move|pan|shift|step|view) )\bright (?=next|beside|in the (?:middle|center)|in front|behind|above|below|under|at|on top|now|there|here|away|by|near)|\b(?:that's|that is|you're|you are|all|is that|quite) right\b|\bleft over\b|(?<!\b(?:the|to|on|at|its|upper|lower|far|top|bottom) )\bleft (?=the |for |open|alone|out|unattended)|\bback ?ground\b|\bover there\b|\b(?:he|she|it|they|who|has|have|had) left\b|\b(?:turn|turns|go|goes|walk|look|come|step|move)(?:ing)? (?:back|left|right)\b(?=[^.;,]* (?:and(?! (?:rotate|turn|forward|backward|up|down))|to(?! (?:face|look|see))|until|then)\b)/g;

/** Matches "has its back to", which means that it faces away. */
const BACK_TO =
  /\b(?:its|his|her|their|the) backs? (?:(?:is|are) )?(?:turned )?(?:to|towards?)\b(?: (?:the )?(?:camera|viewer|us|me)\b)?/g;

/** Words without punctuation and without names. */
const plainOf = (text: string): string =>
  (withoutNames(plainText(text).toLowerCase()).match(/[\p{L}\p{N}]+(?:'\p{L}+)?/gu) ?? []).join(' ');

/** Returns the poles of each axis that a text contains. */
const sidesIn = remembered(50, (text: string): ReadonlyMap<Axis, ReadonlySet<0 | 1>> => {
  const plain = plainOf(text).replace(NO_SIDE, ' ').replace(BACK_TO, 'away from');
  const sides = new Map<Axis, Set<0 | 1>>();
  for (const axis of AXES)
    Object.values<RegExp>(SIDES[axis]).forEach((pole, i) => {
      if (plain.search(pole) >= 0) sides.set(axis, (sides.get(axis) ?? new Set<0 | 1>()).add(i as 0 | 1));
    });
  return sides;
});

/** Returns the side in a text; null if the text has no side, or both poles of an axis. */
function sideOf(text: string): Side | null {
  const side: Side = {};
  const sides = sidesIn(text);
  for (const [axis, poles] of sides) {
    if (poles.size > 1) return null;
    side[axis] = [...poles][0]!;
  }
  return sides.size > 0 ? side : null;
}

const sideText = (side: Side): string =>
  AXES.flatMap((axis) => (side[axis] === undefined ? [] : [Object.keys(SIDES[axis])[side[axis]]])).join(' ');

const WORDS_OF_SIDES =
  /^(?:left|right|leftmost|rightmost|above|over|below|under|underneath|beneath|top|bottom|upper|lower|front|behind|back|rear|higher|ahead|forward|backward|up|upward|down|downward|diagonally|(?:north|south)?(?:east|west)?(?:ern|ward)?|[ns][ew]|(?:counter|anti)?clockwise|counter|center|middle|toward|away|facing|hand|side|part|half|corner|edge|end|area|direction|position|far|camera|viewer|observer|photographer|of|to|on|in|at|from|it|and|is|picture|scene)$/;

/** Returns the words of a reference answer that name the anchor of its side. */
const anchorOf = (text: string): string[] => wordsOf(text).filter((word) => !WORDS_OF_SIDES.test(word));

/** Whether the reference answer is a side, with any anchor; `isBareSide` requires a side without an anchor. */
export const isSide = (reference: string): boolean =>
  sideOf(reference) !== null && wordsOf(reference).length <= 10;
export const isBareSide = (reference: string): boolean =>
  isSide(reference) && anchorOf(reference).length === 0;

/** Whether the reference answer is a side of the object in question: "The left end", for "Which end …?" */
export const isSideOfThing = (reference: string, question: string): boolean => {
  const [thing, ...others] = anchorOf(reference);
  const asked = /\b(?:which|what) (\p{L}+)/iu.exec(question)?.[1];
  return isSide(reference) && others.length === 0 && asked !== undefined && wordsOf(asked)[0] === thing;
};

/** Returns both poles of the axis of a side, in the words that `sideIn` uses; null for a corner. */
export const oppositesOf = (side: string | null): readonly string[] | null =>
  Object.values(SIDES)
    .map(Object.keys)
    .find((poles) => poles.length === 2 && poles.includes(side ?? '')) ?? null;

/** Returns the side in a reference answer, in the words of `SIDES`; null if it has no side. */
export const sideIn = (reference: string): string | null => {
  const side = sideOf(reference);
  return side && sideText(side);
};

/** Returns the number of axes of the side in a reference answer: 1 for left, 2 for a corner, 0 without a side. */
export const axesIn = (reference: string): number => Object.keys(sideOf(reference) ?? {}).length;

/** Anchors that contain side words: "than the left one", "of the right plate", "from left to right". */
const ANCHOR =
  /\b(?:than|of|from|beside|near|opposite)(?: to)? (?:the |its |his |her )?(?:left|right|top|bottom|upper|lower|front|back)(?:most)? (?!(?:side|half|part|corner|edge|end|hand|of)\b)\p{L}+|\bthan [^,.;!?]+|\bfrom (?:the )?(?:left|right|top|bottom|front|back) (?=(?:in)?to\b)/giu;
/** Matches a side by an anchor: "to the left of the jug", "behind a tree". */
const BY_ANCHOR =
  /\b(?:(?:on|to|at|in) )?(?:the )?(?:(?:left|right|front|top|bottom|north|south|east|west)(?: ?-?hand)?(?: side| part| end)? of|above|below|under|underneath|beneath|behind|over) ((?:the|an?|its|his|her) [\p{L} ]+)/giu;
/** Matches a side on two axes: "towards the bottom and right", "at the top and on the left". */
const BOTH_AXES =
  /\b(top|bottom|upper|lower|above|below|front|back)(?: side| part)?,? and (?:to(?:wards)? |on |at )?(?:the )?(?:far )?(left|right)\b/gi;
/** Moves a vertical pole to the axis of the reference answer: "upper left" for an arrow, "up" for a position above. */
function upright(side: Side, axes: readonly Axis[]): Side {
  const [to, from] = axes.includes('y') ? (['y', 'up'] as const) : (['up', 'y'] as const);
  const pole = side[to] ?? side[from];
  if (pole === undefined || !axes.includes(to) || axes.includes(from)) return side;
  return Object.fromEntries(Object.entries({ ...side, [to]: pole }).filter(([axis]) => axis !== from));
}

/** Returns a two-axis side such as "upper left" if one of its axes is in the reference answer; otherwise null. */
function compoundIn(told: string, axes: readonly Axis[]): string | null {
  for (const [pair] of plainOf(told).matchAll(COMPOUND)) {
    const side = upright(sideOf(pair) ?? {}, axes);
    const given = Object.keys(side) as Axis[];
    const common = given.filter((axis) => axes.includes(axis));
    if (common.length > 0 && common.length < given.length) return sideText(side);
  }
  return null;
}
/** Further position after the first side: "below the title" in "In the upper left corner, below the title". */
const FURTHER =
  /,(?! ?\d) ?(?:just |directly |right |partly )?(?:below|above|under|beneath|over|behind|in front of|to the \w+ of|near|next to|beside|opposite|by|away from|with its)\b[^]*$/i;
const COMPOUND =
  /\b(?:north|south)(?:east|west)\w*|\b[ns][ew]\b|\b(?:north|south|upper|lower|top|bottom|above|below|front|back|rear|up|down)(?: and)?(?: to the)? (?:left|right|east|west)(?:most|ern)?\b|\b(?:left|right) (?:above|below|front|back)\b/g;

/** Reference frames other than that of the image. In such a reference frame, sides can be exchanged. */
const TURNED =
  /\b(?:in (?:the |a |its )?(?:mirror|reflection)|mirrored|mirror image|reflected|flipped|reversed|rotated|upside|perspective|viewpoint|point of view|if)\b/i;

/** Matches a question for one of two objects: "Which is bigger, the left one or the right one?" */
const WHICH_SIDE =
  /\b(?:which|who)\b[^?]*\b(?:left|right)\b[^?]* or [^?]*\b(?:left|right)\b|^\W*(?:is|are) the (?:left|right)\b[^?]* or (?:is |are )?the (?:left|right)\b/i;
/** Rewrites a comparison of the left and the right object in the question's words: "the left is smaller" for "bigger". */
function ofBigger(text: string, question: string): string {
  const names = { left: 'Sinister', right: 'Dexter' };
  const [said, asked] = [text, question].map((each) =>
    each.replace(OBJECT_AT, (_, side: string) => names[side.toLowerCase() as 'left' | 'right']),
  ) as [string, string];
  const told = asAsked(said, asked, Object.values(names));
  return told === said ? text : told.replace(/sinister/gi, 'left').replace(/dexter/gi, 'right');
}
const OBJECT_AT = /(?:\b(?:the )?(?:one|object|\p{L}+) (?:on|at|to) the )?\b(left|right)\b/giu;

/** Matches a depth by the camera, which is a place in front or behind: "farther from the camera than". */
const DEPTH =
  /\b(?:(?:closer|nearer) to|(farther|further)(?: away)? from) (?:the |a )?(?:camera|viewer|observer|photographer|us) (?:compared to|than)\b/gi;
const EITHER = /^\W*(?:is|are) [^?]{3,80}?,? or (?:is|are) the\b/i;
const OF_ME = /\b(?:on|to|at|of|behind|front|above|below) (?:my|me|your|you)\b/i;
const OF_PERSON = /\b(?:perspective|viewpoint|point of view)\b/i;

/**
 * Returns the side in an answer, in the words of `sideIn`, if possible on the axes of the reference answer. Null
 * without one clear side, or for a side of another object: "the plate is left of the apple", for "Where is the apple?"
 */
export function parseSide(text: string, reference: string, question: string): string | null {
  const axes = Object.keys(sideOf(reference) ?? {}) as Axis[];
  const told = headOf(reference);
  // "Is the cup left of the plate, or is the plate left of the cup?" asks where the reference's subject is.
  const isEither = told.length > 0 && EITHER.test(question);
  const asking = isEither
    ? `Where is the ${told.join(' ')} relative to the ${anchorOf(reference).slice(told.length).join(' ')}?`
    : askingPart(question);
  const asked = askedThing(asking);
  // If the question offers both poles of an axis, an answer can contain more words than the side.
  const offered = sidesIn(asking);
  const isOffered = axes.some((axis) => offered.get(axis)?.size === 2);
  const isTurned = told.length === 0 || isBareSide(reference) || mayBeSame(told, asked);
  const known = new Set(wordsOf(`${question} ${reference}`));
  const others = new Set([...known].filter((word) => !asked.includes(word)));
  // "Where is the cup?" leaves the anchor to the answer.
  const isOpen = anchorOf(reference).some((word) => !wordsOf(question).includes(word));
  // "Is it on my left?" asks for no side of another object.
  const isOfMe = OF_ME.test(asking);
  // Of two sides, "left of the jug" is none of the plate, for "Where is the cup relative to the plate?"
  const ofKnown = (text: string) =>
    text.replace(BY_ANCHOR, (all, anchor: string) => {
      const noun = headOf(anchor).at(-1);
      return noun === undefined || (known.has(noun) && !isOfMe) ? all : ' ';
    });
  // "Forward" can be toward or away from the camera.
  const withoutMoves = axes.includes('z')
    ? text.replace(DEPTH, (_, far?: string) => (far === undefined ? 'in front of' : 'behind'))
    : text.replace(/\b(?:for|back)wards?\b/gi, ' ');
  return readSaid(withoutMoves, (stretch) => {
    const plainly = polesOffered(asking) ? asAsked(stretch, asking, null) : stretch;
    const said = WHICH_SIDE.test(asking) ? ofBigger(stretch, asking) : plainly;
    const about = aboutAsked(
      said.replace(OF_VIEWER, ' ').replace(OWNED_SIDE, '$2 of $1').replace(BOTH_AXES, '$1 $2'),
      asking,
    );
    const clause = isTurned ? ofSubject(about, asking) : about;
    const head = headOf(clause).at(-1);
    if (head !== undefined && asked.length > 0 && others.has(head) && !isBareAnswer(clause)) return null;
    const turns = TURNED.exec(clause)?.[0];
    const isAsked = (turn: string) =>
      // "Did the camera rotate left?" asks for what is rotated.
      OF_PERSON.test(turn)
        ? OF_PERSON.test(question)
        : question.toLowerCase().includes(turn.toLowerCase().replace(/ed$/, ''));
    if (turns !== undefined && !axes.includes('turn') && !isAsked(turns)) return null;
    const plain = withoutDenied(clause).replace(ANCHOR, ' ');
    const told = isOpen || isOfMe || sideOf(plain) === null ? ofKnown(plain) : plain;
    // In "In the upper left corner, below the title", the text after the first side only adds detail.
    const first = told.replace(FURTHER, '');
    const placed = sideOf(first);
    const read = placed && axes.every((axis) => placed[axis] !== undefined) ? placed : sideOf(told);
    if (read === null) return null;
    const compound = isOffered || /\bcorner\b/i.test(reference) ? null : compoundIn(first, axes);
    if (compound !== null) return compound;
    const side = upright(read, axes);
    const onAxes = Object.fromEntries(
      axes.flatMap((axis) => (side[axis] === undefined ? [] : [[axis, side[axis]]])),
    );
    return sideText(axes.some((axis) => side[axis] !== undefined) ? onAxes : side);
  });
}
