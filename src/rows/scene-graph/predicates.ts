import type { SceneRelation } from './scene-graph.ts';

/** Axes of the image from its viewer's point of view. On each axis, pole 0 has the smaller coordinate. */
export type Direction = 'left_right' | 'above_below' | 'front_behind';

/** Position of the subject towards a pole of an axis: 0 is left, above, in front; 1 is right, below, behind. */
export interface Order {
  direction: Direction;
  pole: 0 | 1;
}

const POLES: Readonly<Record<Direction, readonly [string, string]>> = {
  left_right: ['left', 'right'],
  above_below: ['above over higher', 'below under beneath underneath lower'],
  front_behind: ['front closer nearer', 'behind back farther further'],
};
const WORDS = new Map<string, Order>(
  (Object.keys(POLES) as Direction[]).flatMap((direction) =>
    ([0, 1] as const).flatMap((pole) =>
      POLES[direction][pole].split(' ').map((word): [string, Order] => [word, { direction, pole }]),
    ),
  ),
);

const FILLERS = new Set(
  (
    'is are was were be located positioned placed situated standing sitting lying seen directly immediately just ' +
    'slightly far to on at in from the side hand of and than camera viewer observer away more diagonally'
  ).split(' '),
);

/** Opposites of direction words, for reversing an edge. */
const OPPOSITE = new Map(
  Object.entries({
    left: 'right',
    right: 'left',
    above: 'below',
    over: 'under',
    higher: 'lower',
    below: 'above',
    under: 'over',
    beneath: 'above',
    underneath: 'above',
    lower: 'higher',
    front: 'behind',
    behind: 'in front of',
  }),
);

const words = (predicate: string) =>
  predicate
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter(Boolean);

/**
 * Returns the orders of an edge along the image's axes: `to the left of` has one order, `front-left` two, `wearing`
 * none. Words for contact (`on`, `on top of`) do not order centroids. Only the viewer's frame of reference counts.
 */
export function ordersOf({ predicate, frame }: Pick<SceneRelation, 'predicate' | 'frame'>): Order[] {
  if (frame !== 'viewer') return [];
  const parts = words(predicate);
  const orders = parts.flatMap((word) => WORDS.get(word) ?? []);
  const strange = parts.some((word) => !WORDS.has(word) && !FILLERS.has(word));
  const both = new Set(orders.map((order) => order.direction)).size < orders.length;
  return strange || both ? [] : orders;
}

/** Returns whether a text looks like a relation between objects instead of an object. */
export function looksLikeRelation(text: string): boolean {
  const parts = words(text);
  return (
    parts.length > 0 &&
    parts.every((word) => WORDS.has(word) || FILLERS.has(word) || OTHER_RELATIONS.has(word)) &&
    parts.some((word) => WORDS.has(word) || OTHER_RELATIONS.has(word))
  );
}

const OTHER_RELATIONS = new Set(
  (
    'on in near inside outside next to between next holding wearing touching covering behind against around through ' +
    'sits stands lies hangs facing contains has close'
  ).split(' '),
);

/** Returns whether a predicate describes its subject (`is`, `has color`), so that the edge's object is an attribute. */
export function looksLikeAttribution(predicate: string): boolean {
  return /^(?:is|are|has|have|is a|has attribute|attribute|property)$|\b(?:colou?r|material|shape|size|texture|state|pattern)(?: is| of)?$/i.test(
    predicate.trim(),
  );
}

/** Returns the default frame of reference for an edge without a frame. */
export function usualFrame(predicate: string): SceneRelation['frame'] {
  if (/\b(?:north|south|east|west)/i.test(predicate)) return 'world';
  return words(predicate).some((word) => WORDS.has(word)) ? 'viewer' : 'none';
}

/** Returns the reversed predicate: `left of` → `right of`. Null unless the predicate has exactly one direction. */
export function reversedPredicate(predicate: string): string | null {
  const turning = words(predicate).filter((word) => OPPOSITE.has(word));
  if (turning.length !== 1) return null;
  return predicate
    .replace(/\bin front of\b/i, 'front')
    .replace(new RegExp(`\\b${turning[0]}\\b`, 'i'), (word) => OPPOSITE.get(word.toLowerCase())!);
}
