import { sum } from '../../base/numbers.ts';
import {
  differenceAt,
  entropyAt,
  liftAt,
  mapAt,
  relativeAt,
  shareAt,
  sinksAt,
  type Which,
} from './map-shares.ts';
import type { Look } from './look.ts';
import { unmirrorMap } from './maps.ts';
import type { Grid } from '../seen/token-grid.ts';

/** Attention map that is drawn, and its display options. */
export interface MapChoice {
  query: string;
  /** Index of the displayed layer in the list of analysed layers. */
  layer: number;
  head: HeadChoice;
  /**
   * Values to draw: the attention of each view; the attention divided by that of a general prompt; or the mirror's map,
   * flipped back, minus the original's map.
   */
  mode: 'attention' | 'difference' | 'relative';
  /** Opacity of the attention map over the images, 0–1. */
  opacity: number;
}

/**
 * Selected head: its number; the mean of all heads; the head with the most attention on the queried object; or, among
 * heads with attention on the image, the head with the lowest entropy.
 */
type HeadChoice = number | 'mean' | 'object' | 'picture';

/** Returns the index of a query in a view; -1 if the view's text does not contain the query. */
export const queryIn = ({ views }: Look, view: number, name: string): number =>
  views[view]?.queries.findIndex((query) => query.name === name) ?? -1;

/** Returns the index of the queried object among the original's objects; -1 if the query is not an object. */
export const objectOf = ({ views }: Look, query: string): number =>
  views[0]!.objects.findIndex(
    ({ label }) => label.toLowerCase() === query.replace(/#\d+$/, '').toLowerCase(),
  );

/** Returns the map to draw. Its indices, including the selected head, refer to the original and apply to both views. */
export function whichOf(look: Look, { query, layer, head }: MapChoice): Which | null {
  const q = queryIn(look, 0, query);
  if (q < 0) return null;
  const place = { layer: Math.min(layer, look.layers.length - 1), query: q };
  return { ...place, head: chosenHead(look, place, head, query) };
}

function chosenHead(
  look: Look,
  place: Omit<Which, 'head'>,
  choice: HeadChoice,
  query: string,
): number | null {
  if (choice === 'mean') return null;
  if (typeof choice === 'number') return Math.min(choice, look.heads - 1);
  const [view] = look.views;
  const object = objectOf(look, query);
  const all = Array.from({ length: look.heads }, (_, head) => head);
  const share = (head: number) => shareAt(view!, { ...place, head });
  const even = sum(all.map(share)) / all.length;
  const isObject = choice === 'object' && object >= 0;
  // Selects heads as arXiv 2503.06287 does for heads that find objects: much attention on the image, then low entropy.
  const heads = isObject ? all : all.filter((head) => share(head) >= even - 1e-9);
  const score = (head: number) =>
    isObject ? (liftAt(view!, { ...place, head }, object) ?? 0) : -entropyAt(view!, { ...place, head });
  return heads.reduce((best, head) => (score(head) > score(best) ? head : best));
}

/** Map to draw: a value for each cell of all images, and the cells that are attention sinks. */
interface ChosenMap {
  grid: Grid;
  values: Float32Array;
  kind: 'attention' | 'difference';
  sinks: ReadonlySet<number>;
}

export function chosenMap(look: Look, choice: MapChoice, view: number): ChosenMap | null {
  const which = whichOf(look, choice);
  const seen = look.views[view];
  if (!seen?.grid || !which) return null;
  const kind = choice.mode === 'difference' ? choice.mode : 'attention';
  const values =
    kind === 'difference' ? differenceOf(look, which, view) : attentionOf(look, which, choice, view);
  return values && { grid: seen.grid, values, kind, sinks: new Set(sinksAt(seen, which.layer)) };
}

function attentionOf(
  look: Look,
  which: Which,
  { query, mode }: MapChoice,
  view: number,
): Float32Array | null {
  const there = queryIn(look, view, query);
  const inView = { ...which, query: there };
  if (there < 0) return null;
  return mode === 'relative' ? relativeAt(look.views[view]!, inView) : mapAt(look.views[view]!, inView);
}

/** Returns the mirror's map minus the original's map; flips the result if the view is the mirror. */
function differenceOf(look: Look, which: Which, view: number): Float32Array | null {
  const values = differenceAt(look, which);
  const grid = look.views[view]!.grid!;
  return values && view > 0 ? unmirrorMap(values, grid) : values;
}
