import { mean, sum, at, type Values } from '../../base/numbers.ts';
import {
  divergence,
  entropyOf,
  unmirrorMap,
  liftOf,
  mapOf,
  mirrorError,
  relativeMap,
  sinksOf,
  unpackMap,
} from './maps.ts';
import { cellShares } from '../seen/token-grid.ts';
import type { Look, LookedView } from './look.ts';

/** Map of a view. `layer` is an index into the analysed layers; `head` is null for the mean over heads. */
export interface Which {
  layer: number;
  head: number | null;
  query: number;
}

const headsOf = ({ maps }: LookedView): number => maps.shape[1]!;

/** Returns indices into the arrays of a view, for one head or for all heads. */
function rowsOf(view: LookedView, { layer, head, query }: Which): number[] {
  const heads = headsOf(view);
  const wanted = head === null ? Array.from({ length: heads }, (_, h) => h) : [head];
  return wanted.map((h) => (layer * heads + h) * view.queries.length + query);
}

/** Returns the attention on each cell, as a share of all attention. */
function weightsAt(view: LookedView, which: Which): Float32Array {
  const rows = rowsOf(view, which);
  const sum = new Float32Array(view.maps.shape[3]!);
  for (const row of rows) unpackMap(view.maps, row).forEach((w, i) => (sum[i]! += w / rows.length));
  return sum;
}

export const mapAt = (view: LookedView, which: Which): Float32Array => mapOf(weightsAt(view, which));

/** Returns the share of all attention that is on the image, 0–1. */
export const shareAt = (view: LookedView, which: Which): number =>
  mean(rowsOf(view, which).map((row) => view.share[row]!))!;

/**
 * Returns the share of the attention on the image that is inside an object's box, 0–1. In a mean over heads, heads with
 * more attention on the image have more weight.
 */
export function massAt(view: LookedView, which: Which, object: number): number {
  const rows = rowsOf(view, which);
  const onPicture = rows.reduce((sum, row) => sum + view.share[row]!, 0);
  if (onPicture === 0) return 0;
  const inside = rows.reduce(
    (sum, row) => sum + view.share[row]! * view.mass[row * view.objects.length + object]!,
    0,
  );
  return inside / onPicture;
}

/** Returns the mass in an object's box relative to a uniform map; null if the model cannot see the box. */
export const liftAt = (view: LookedView, which: Which, object: number): number | null =>
  view.grid && liftOf(massAt(view, which, object), view.objects[object]!.box, view.grid);

/** Returns the attention sinks of a layer: cells with much attention from nearly every head and query. */
export function sinksAt(view: LookedView, layer: number): number[] {
  const maps = view.queries.flatMap((_, query) =>
    Array.from({ length: headsOf(view) }, (_, head) => mapAt(view, { layer, head, query })),
  );
  return view.grid ? sinksOf(maps, view.grid) : [];
}

/** Returns the mass in an object's box on a map without the given cells; null if the other cells have no attention. */
export function massWithout(
  view: LookedView,
  which: Which,
  object: number,
  cells: readonly number[],
): number | null {
  const map = mapAt(view, which).map((p, i) => (cells.includes(i) ? 0 : p));
  const left = sum(map);
  const inside = view.grid && cellShares(view.grid, view.objects[object]!.box);
  return inside && left > 0 ? map.reduce((mass, p, i) => mass + p * inside[i]!, 0) / left : null;
}

/** Returns a map relative to the general prompt's map for the same head; null if there is no general map. */
export function relativeAt(view: LookedView, which: Which): Float32Array | null {
  const { general } = view;
  if (!general) return null;
  const heads = headsOf(view);
  const wanted = which.head === null ? Array.from({ length: heads }, (_, h) => h) : [which.head];
  const sum = new Float32Array(general.shape[3]!);
  for (const head of wanted)
    unpackMap(general, which.layer * heads + head).forEach((w, i) => (sum[i]! += w / wanted.length));
  return relativeMap(mapAt(view, which), mapOf(sum));
}

/** Returns the share of a relative map inside an object's box, and the lift; null if there is no general map. */
export function relativeMassAt(
  view: LookedView,
  which: Which,
  object: number,
): { mass: number; lift: number | null } | null {
  const relative = relativeAt(view, which);
  if (!relative || !view.grid) return null;
  const { box } = view.objects[object]!;
  const inside = cellShares(view.grid, box);
  const mass = mapOf(relative).reduce((sum, p, i) => sum + p * inside[i]!, 0);
  return { mass, lift: liftOf(mass, box, view.grid) };
}

/** Returns the attention by source, in the order of `source_names`. The values sum to 1. */
export function sourcesAt(view: LookedView, which: Which): number[] {
  const n = view.source_names.length;
  return view.source_names.map((_, s) => mean(rowsOf(view, which).map((row) => view.sources[row * n + s]!))!);
}

export const entropyAt = (view: LookedView, which: Which): number => entropyOf(mapAt(view, which));

/** Returns the maps of a query in both views, and the original's grid; null unless both views have the query. */
function mapsAt({ views: [original, mirror] }: Pick<Look, 'views'>, which: Which) {
  const name = original?.queries[which.query]?.name;
  const there = mirror?.queries.findIndex((query) => query.name === name) ?? -1;
  if (!original?.grid || !mirror?.grid || there < 0) return null;
  const maps = [mapAt(original, which), mapAt(mirror, { ...which, query: there })] as const;
  return { maps, grid: original.grid };
}

/** Returns the mirror error of a query, and the error without folding; null unless both views have the query. */
export function mirrorErrorAt(
  look: Pick<Look, 'views'>,
  which: Which,
): { folded: number; unfolded: number } | null {
  const both = mapsAt(look, which);
  return both && { folded: mirrorError(...both.maps, both.grid), unfolded: divergence(...both.maps) };
}

/** Returns the mirror's map, folded back, minus the original's map; null unless both views have the query. */
export function differenceAt(look: Pick<Look, 'views'>, which: Which): Float32Array | null {
  const both = mapsAt(look, which);
  if (!both) return null;
  const [original, mirror] = both.maps;
  const folded = unmirrorMap(mirror, both.grid);
  return original.map((p, i) => folded[i]! - p);
}

/**
 * Whether words have distinct log-odds, by their log-probabilities [layer, word]. The logit lens uses only the first
 * token of a word, so words that share it ("to the left", "to the right") are equally likely after every layer.
 */
export function areToldApart({ shape, data }: { shape: number[]; data: ArrayLike<number> }): boolean {
  const [layers, words] = shape as [number, number];
  const columns = Array.from({ length: words }, (_, w) =>
    Array.from({ length: layers }, (_, layer) => data[layer * words + w]).join(),
  );
  return new Set(columns).size === words;
}

/**
 * Returns the log-odds of the right answer against all other words, after each layer. Null if the right answer is not
 * among the words, or if some words are indistinguishable.
 */
export function oddsThrough(
  { words }: Pick<Look, 'words'>,
  { lens, reference }: LookedView,
): number[] | null {
  const right = words.indexOf(reference);
  const shape = [lens.length / words.length, words.length];
  if (right < 0 || words.length < 2 || !areToldApart({ shape, data: lens })) return null;
  return Array.from({ length: lens.length / words.length }, (_, layer) =>
    oddsOf(lens.slice(layer * words.length, (layer + 1) * words.length), right),
  );
}

/**
 * Returns the log-odds of the first word against all other words after each layer, from log-probabilities [layer,
 * word]. Null if some words are indistinguishable.
 */
export const oddsByLayer = (words: Values): number[] | null =>
  areToldApart(words)
    ? Array.from({ length: words.shape[0]! }, (_, layer) => oddsOf([...at(words, layer)], 0))
    : null;

/** Returns the log-odds of one word against all other words together, from the log-probabilities of all words. */
export function oddsOf(logprobs: readonly number[], right: number): number {
  const others = logprobs.filter((_, i) => i !== right);
  const most = Math.max(...others);
  return logprobs[right]! - most - Math.log(others.reduce((sum, x) => sum + Math.exp(x - most), 0));
}
