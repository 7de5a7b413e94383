import { AXIS_WORDS } from '../read/words/signs.ts';
import type { SceneRelation } from './scene-graph.ts';

/** Axes of the image from its viewer's point of view. On each axis, pole 0 has the smaller coordinate. */
export type Direction = 'left_right' | 'above_below' | 'front_behind';

/** Position of the subject towards a pole of an axis: 0 is left, above, in front; 1 is right, below, behind. */
export interface Order {
  direction: Direction;
  pole: 0 | 1;
}

/** Words for a pole, each with its order and its opposite. Along the viewer's line of sight, nearer is in front. */
const WORDS = new Map(
  Object.entries(AXIS_WORDS).flatMap(([axis, poles]) =>
    poles.flatMap((words, pole) =>
      Object.entries(words).map(([word, opposite]) => {
        const direction = axis === 'near_far' ? 'front_behind' : (axis as Direction);
        return [word, { order: { direction, pole } as Order, opposite }] as const;
      }),
    ),
  ),
);

const FILLERS = new Set(
  (
    'is are was were be located positioned placed situated standing sitting lying seen directly immediately just ' +
    'slightly far to on at in from the side hand of and than camera viewer observer away more diagonally'
  ).split(' '),
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
  const orders = parts.flatMap((word) => WORDS.get(word)?.order ?? []);
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
  const turning = words(predicate).flatMap((word) => (WORDS.get(word)?.opposite && word) || []);
  if (turning.length !== 1) return null;
  return predicate
    .replace(/\bin front of\b/i, 'front')
    .replace(new RegExp(`\\b${turning[0]}\\b`, 'i'), (word) => WORDS.get(word.toLowerCase())!.opposite!);
}
