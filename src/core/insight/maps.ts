import { sum } from '../../base/numbers.ts';
import { quantile } from '../metrics/metric.ts';
import { overlapOf } from '../answers/box-overlap.ts';
import { areaOf, type Xyxy } from '../../rows/sample/boxes.ts';
import { cellShares, cellsOf, type Grid } from '../seen/token-grid.ts';

/** Returns the share of each cell's area that is inside any of several boxes. */
export function unionShares(grid: Grid, boxes: readonly Xyxy[]): Float32Array {
  const shares = new Float32Array(cellsOf(grid));
  const edges = (axis: 0 | 1) =>
    [...new Set(boxes.flatMap((box) => [box[axis], box[axis + 2]!]))].sort((a, b) => a - b);
  const [xs, ys] = [edges(0), edges(1)];
  // Between two adjacent edges of boxes, the boxes cover either everything or nothing.
  for (let y = 1; y < ys.length; y++)
    for (let x = 1; x < xs.length; x++) {
      const piece: Xyxy = [xs[x - 1]!, ys[y - 1]!, xs[x]!, ys[y]!];
      if (boxes.some((box) => overlapOf(box, piece) > 0))
        cellShares(grid, piece).forEach((share, i) => (shares[i]! += share));
    }
  return shares;
}

/** Moves a map of the mirrored image onto the original: column c becomes column cols − 1 − c. */
export function unmirrorMap(map: Float32Array, { cols }: Pick<Grid, 'cols'>): Float32Array {
  return map.map((_, i) => map[i - (i % cols) + (cols - 1 - (i % cols))]!);
}

/** Normalises attention on the cells of an image to a map that sums to 1; all zeros without attention. */
export function mapOf(weights: Float32Array): Float32Array {
  const total = sum(weights) || 1;
  return weights.map((w) => w / total);
}

/**
 * Minimum value of a cell in the general map, relative to a uniform map. Without this minimum, a cell that no prompt
 * attends to would dominate.
 */
const LEAST_GENERAL = 0.01;

/**
 * Returns the relative map (arXiv 2502.17422): a map divided by the general prompt's map of the same image, capped at
 * its 99th percentile. Attention that is independent of the question cancels out: 1 means as much as for that prompt.
 */
export function relativeMap(map: Float32Array, general: Float32Array): Float32Array {
  const ratios = map.map((p, i) => p / Math.max(general[i]!, LEAST_GENERAL / map.length));
  const most = quantile(
    [...ratios].sort((a, b) => a - b),
    0.99,
  );
  return ratios.map((ratio) => Math.min(ratio, most));
}

/**
 * Returns the mass in a box relative to a uniform map: mass / (area of the box inside the visible piece / area of the
 * piece in all images). Null for a box outside the visible piece.
 */
export function liftOf(
  mass: number,
  box: Xyxy,
  { piece, pictures = 1 }: Pick<Grid, 'piece' | 'pictures'>,
): number | null {
  const inside = overlapOf(box, piece);
  return inside > 0 ? (mass * pictures * areaOf(piece)) / inside : null;
}

/** Returns the entropy of a map relative to its maximum: 0 for attention on a single cell, 1 for a uniform map. */
export function entropyOf(map: Float32Array): number {
  if (map.length < 2) return 0;
  return map.reduce((sum, p) => (p > 0 ? sum - p * Math.log(p) : sum), 0) / Math.log(map.length);
}

/**
 * Returns the mirror error: the Jensen–Shannon divergence, in bits, between the original's map and the mirror's map
 * folded back. 1: the maps share no cell. Uniform and symmetric maps also have an error of 0, so a map moves with the
 * image only if its error is smaller than `unfolded`.
 */
export const mirrorError = (original: Float32Array, mirror: Float32Array, grid: Pick<Grid, 'cols'>): number =>
  divergence(original, unmirrorMap(mirror, grid));

/** Returns the Jensen–Shannon divergence of two maps, in bits, 0–1. */
export function divergence(one: Float32Array, other: Float32Array): number {
  const part = (p: number, q: number) => (p > 0 ? p * Math.log2((2 * p) / (p + q)) : 0);
  let sum = 0;
  one.forEach((p, i) => (sum += part(p, other[i]!) + part(other[i]!, p)));
  return Math.max(0, sum / 2);
}

/** Definition of an attention sink: above `times` its share of a uniform map in over `share` of a layer's maps. */
const SINK = { times: 10, share: 0.9 };

/**
 * Returns the attention sinks of a layer: cells with much attention for every query. Maps with few cells have no sinks.
 * @param maps maps of every head and query of the layer
 */
export function sinksOf(maps: readonly Float32Array[], grid: Grid): number[] {
  const cells = cellsOf(grid);
  return Array.from({ length: cells }, (_, i) => i).filter((i) => {
    const many = maps.filter((map) => map[i]! > SINK.times / cells).length;
    return many > SINK.share * maps.length;
  });
}

/**
 * Maps with one byte b per cell: v = max · (b / 255)². The error is below 0.4% of a map's maximum. For small values,
 * the error is smaller than with uniform steps.
 */
export interface PackedMaps {
  /** Sizes of the axes; the last axis is over the cells of a map. */
  shape: number[];
  max: number[];
  bytes: number[];
}

export function packMaps({ shape, data }: { shape: number[]; data: Float32Array }): PackedMaps {
  const cells = shape.at(-1)!;
  const max = Array.from({ length: data.length / cells }, (_, m) =>
    data.subarray(m * cells, (m + 1) * cells).reduce((a, b) => Math.max(a, b), 0),
  );
  const bytes = Array.from(data, (v, i) => {
    const most = max[Math.floor(i / cells)]!;
    return most > 0 ? Math.round(255 * Math.sqrt(Math.max(0, v) / most)) : 0;
  });
  return { shape, max, bytes };
}

/** Returns map number `m`, counted over all axes except the last. */
export function unpackMap({ shape, max, bytes }: PackedMaps, m: number): Float32Array {
  const cells = shape.at(-1)!;
  return Float32Array.from({ length: cells }, (_, i) => max[m]! * (bytes[m * cells + i]! / 255) ** 2);
}
