import type { ViewId } from '../../rows/view-list.ts';
import { mapAt } from './map-shares.ts';
import type { Look } from './look.ts';
import { verdictOf } from './looked-set.ts';
import { mapOf, unpackMap, type PackedMaps } from './maps.ts';
import type { Grid } from '../seen/token-grid.ts';
import { pairSentence, verdictText } from './sentences.ts';
import { liftOf } from './set-figures.ts';
import { ROLES, type CountVerdict } from './set-names.ts';
import type { SetRow } from './set-row.ts';

/** Question in one view of a row, and the model's attention while it answers. */
export interface DrawnView {
  view: ViewId;
  question: string;
  reference: string;
  answer: string;
  verdict: CountVerdict | null;
  objects: SetRow['objects'];
  /** Lift of the answer's attention on objects in the question, by layer, as the mean over heads. */
  lifts: { label: string; byLayer: (number | null)[] }[];
  /** Attention map of the answer, as the mean over heads [layer, cell], with its grid. Null if it was not stored. */
  map: { grid: Grid; maps: PackedMaps } | null;
}

/** Attention map of one layer: its grid, and the attention on each cell. */
export interface DrawnMap {
  grid: Grid;
  values: Float32Array;
}

/** Converts a row of an analysed evaluation set for drawing. @param bytesOf decodes base64 */
export function drawnView(row: SetRow, bytesOf: (base64: string) => number[]): DrawnView {
  const { view, question, reference, answer, objects } = row;
  const layers = row.share.length / (row.heads * row.queries.length);
  const lifts = ROLES.filter((role) => role !== 'other').flatMap((role) => {
    const object = objects.find((placed) => placed.role === role);
    const lift = (_: unknown, layer: number) => liftOf(row, 'answer', layer, null, role);
    return object ? [{ label: object.label, byLayer: Array.from({ length: layers }, lift) }] : [];
  });
  const map = unpacked(row.map, bytesOf);
  return { view, question, reference, answer, verdict: verdictOf(row), objects, lifts, map };
}

/** Returns the attention map of a row; null if the row has no map, or if the sizes of its parts do not match. */
function unpacked(map: SetRow['map'], bytesOf: (base64: string) => number[]): DrawnView['map'] {
  if (!map) return null;
  const { rows, cols, piece, pictures = 1, max } = map;
  const cells = pictures * rows * cols;
  const bytes = bytesOf(map.bytes);
  const shape = [max.length, cells];
  return bytes.length === max.length * cells
    ? { grid: { rows, cols, piece, pictures }, maps: { shape, max, bytes } }
    : null;
}

/**
 * Returns the views of a row at a layer (an index into the analysed layers), with a sentence about both views.
 * @param look analysis of every head, if requested: its answers and maps replace the stored answers and maps
 * @param head null for the mean of all heads; single heads require `look`
 */
export function drawnPair(
  views: readonly DrawnView[],
  look: Look | null,
  layer: number,
  head: number | null,
) {
  const drawn = views.map(({ lifts, ...view }) => {
    const seen = look?.views.find((looked) => looked.view === view.view);
    return {
      ...view,
      answer: seen?.answer ?? view.answer,
      verdictText: verdictText(view),
      lifts: lifts.flatMap(({ label, byLayer }) => {
        const lift = byLayer[layer] ?? null;
        return lift === null ? [] : [{ label, lift }];
      }),
      map: mapIn(view, seen, layer, head),
    };
  });
  return { finding: pairSentence(drawn), views: drawn };
}

/** Returns the attention map of a view at a layer: from the analysis of every head if requested, or as stored. */
function mapIn(
  { map }: Pick<DrawnView, 'map'>,
  seen: Look['views'][number] | undefined,
  layer: number,
  head: number | null,
): DrawnMap | null {
  if (seen?.grid) {
    const query = seen.queries.findIndex(({ name }) => name === 'answer');
    return query < 0 ? null : { grid: seen.grid, values: mapAt(seen, { layer, head, query }) };
  }
  return map && layer < map.maps.shape[0]!
    ? { grid: map.grid, values: mapOf(unpackMap(map.maps, layer)) }
    : null;
}
