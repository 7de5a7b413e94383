import { contentWords, plainWords } from './clauses.ts';

/** The words that name sides and directions. */

/** For each axis, the words of its two poles. */
const SIDES = {
  x: [/\bleft(?:most|wards?)?\b/g, /\bright(?:most|wards?)?\b/g],
  y: [
    /\b(?:above|over|atop|upper|top|higher|on top)\b/g,
    /\b(?:below|under|underneath|beneath|bottom|lower)\b/g,
  ],
  z: [/\b(?:in front|front|ahead)\b/g, /\b(?:behind|back|rear)\b/g],
  facing: [
    /\b(?:towards?|at|to|faces?|facing) (?:the )?(?:camera|viewer|observer|photographer|us|me)\b/g,
    /(?<!\b(?:far|farther|further|\d m|\d) )\baway\b/g,
  ],
  up: [/\bup(?:wards?)?\b(?! to\b)/g, /\bdown(?:wards?)?\b/g],
  north: [
    /\b(?:north(?:east|west)?(?:ern|wards?)?|n[ew])\b/g,
    /\b(?:south(?:east|west)?(?:ern|wards?)?|s[ew])\b/g,
  ],
  east: [
    /\b(?:(?:north|south)?east(?:ern|wards?)?|[ns]e)\b/g,
    /\b(?:(?:north|south)?west(?:ern|wards?)?|[ns]w)\b/g,
  ],
} as const;
export type Axis = keyof typeof SIDES;
export type Side = Partial<Record<Axis, 0 | 1>>;
const NAMES: Readonly<Record<Axis, readonly [string, string]>> = {
  x: ['left', 'right'],
  y: ['above', 'below'],
  z: ['in front', 'behind'],
  facing: ['toward', 'away'],
  up: ['up', 'down'],
  north: ['north', 'south'],
  east: ['east', 'west'],
};

/** "Right" and "left" that are no sides. */
const NO_SIDE =
  /\bright (?=next|beside|in the (?:middle|center)|in front|behind|above|below|under|at|on top|now|there|here|away|by|near)|\b(?:that's|that is|you're|you are|all|is that|quite) right\b|\bleft over\b|(?<!\b(?:the|to|on|at|its|upper|lower|far|top|bottom) )\bleft (?=the |for |open|alone|out|unattended)|\bback ?ground\b|\bover there\b|\b(?:he|she|it|they|who|has|have|had) left\b|\b(?:turn|turns|go|goes|walk|look|come|step|move)(?:ing)? (?:back|left|right)\b(?=[^.;,]* (?:and|to|until|then)\b)/g;

/** The sides that a stretch of words gives, each axis with its poles. */
export function sidesIn(words: string): Map<Axis, Set<0 | 1>> {
  const plain = words.replace(NO_SIDE, ' ');
  const sides = new Map<Axis, Set<0 | 1>>();
  for (const axis of Object.keys(SIDES) as Axis[])
    for (const pole of [0, 1] as const) {
      if (plain.search(SIDES[axis][pole]) < 0) continue;
      sides.set(axis, (sides.get(axis) ?? new Set<0 | 1>()).add(pole));
    }
  return sides;
}

/** The side that a text gives, and nothing else; null if there is none, or both poles of an axis. */
export function sideOf(text: string): Side | null {
  const side: Side = {};
  const sides = sidesIn(plainWords(text).join(' '));
  for (const [axis, poles] of sides) {
    if (poles.size > 1) return null;
    side[axis] = [...poles][0]!;
  }
  return sides.size > 0 ? side : null;
}

export const sideText = (side: Side): string =>
  (['y', 'z', 'up', 'x', 'facing', 'north', 'east'] as const)
    .flatMap((axis) => (side[axis] === undefined ? [] : [NAMES[axis][side[axis]]]))
    .join(' ');

export const flipped = (side: Side): Side =>
  Object.fromEntries(Object.entries(side).map(([axis, pole]) => [axis, 1 - pole]));

export const WORDS_OF_SIDES =
  /^(?:left|right|leftmost|rightmost|above|over|below|under|underneath|beneath|top|bottom|upper|lower|front|behind|back|rear|higher|ahead|up|upwards?|down|downwards?|diagonally|(?:north|south)?(?:east|west)?(?:ern|ward|wards)?|[ns][ew])$/;

/** The words that say what a side is relative to. */
export const anchorOf = (text: string): string[] =>
  contentWords(text).filter((word) => !WORDS_OF_SIDES.test(word));

/** Whether the reference is a side, whatever it is relative to; bare: and says nothing else. */
export const isSide = (reference: string): boolean =>
  sideOf(reference) !== null && plainWords(reference).length <= 12;
export const isBareSide = (reference: string): boolean =>
  isSide(reference) && anchorOf(reference).length === 0;

/** "The left end", if the question asks for one of the ends. */
export const isSideOfThing = (reference: string, question: string): boolean => {
  const [thing, ...others] = anchorOf(reference);
  const asked = /\b(?:which|what) (\p{L}+)/iu.exec(question)?.[1];
  return isSide(reference) && others.length === 0 && asked !== undefined && plainWords(asked)[0] === thing;
};

/** Both poles of the axis of a side, as `sideIn` writes them; null for a corner. */
export const oppositesOf = (side: string | null): readonly [string, string] | null =>
  Object.values(NAMES).find((poles) => poles.some((pole) => pole === side)) ?? null;

/** The side that a reference gives, in our words. */
export const sideIn = (reference: string): string | null => {
  const side = sideOf(reference);
  return side && sideText(side);
};

/** The sides that a text names, in their order. */
export const sidesNamed = (text: string): string => {
  const words = plainWords(text).join(' ').replace(NO_SIDE, ' ');
  return (Object.keys(SIDES) as Axis[])
    .flatMap((axis) =>
      SIDES[axis].flatMap((pole, i) =>
        [...words.matchAll(pole)].map(({ index }) => ({ index, name: NAMES[axis][i] })),
      ),
    )
    .sort((a, b) => a.index - b.index)
    .map(({ name }) => name)
    .join(' ');
};

/** On how many axes a reference gives a side: 1 for left, 2 for a corner; 0 if it gives none. */
export const axesIn = (reference: string): number => Object.keys(sideOf(reference) ?? {}).length;
