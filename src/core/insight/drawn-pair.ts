import type { ViewId } from '../../rows/view-list.ts';
import { mapAt } from './map-shares.ts';
import type { Look } from './look.ts';
import { verdictOf } from './looked-set.ts';
import { mapOf, unpackMap, type Grid, type PackedMaps } from './maps.ts';
import { pairSentence, verdictText } from './sentences.ts';
import { liftOf } from './set-figures.ts';
import { ROLES, type CountVerdict } from './set-names.ts';
import type { SetRow } from './set-row.ts';

/** What was asked in one view of a row, and where the model looked for the answer. */
export interface DrawnView {
  view: ViewId;
  question: string;
  reference: string;
  answer: string;
  verdict: CountVerdict | null;
  objects: SetRow['objects'];
  /** The answer's attention on the objects that the question names, times an even map, by layer: the mean of the heads. */
  lifts: { label: string; byLayer: (number | null)[] }[];
  /** The answer's map of the mean head [layer, cell], and where its cells are. Null if it was not kept. */
  map: { grid: Grid; maps: PackedMaps } | null;
}

/** The map of one layer: where its cells are, and the attention on each. */
export interface DrawnMap {
  grid: Grid;
  values: Float32Array;
}

/** A row of a set as it is drawn. @param bytesOf decodes base64 */
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

/** The map of a row; null if it has none, or its parts do not fit together. */
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
 * The views of a row at a layer, an index into the list of those that were looked at, with a sentence about both.
 * @param look a look at every head, if it was asked for: its answers and maps take the place of those that were kept
 * @param head null for the mean of all heads; single ones are in a look alone
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

/** The map of a view at a layer: that of a look at every head, if it was asked for, else the one that was kept. */
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
