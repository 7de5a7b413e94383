import type { Xyxy } from '../spatial/boxes.ts';

/**
 * The grid of a prompt's image tokens: `rows` × `cols` cells of equal size on `piece`, the rectangle of the picture
 * that the model sees, as shares of the picture's width and height. Cell (r, c) is token r · cols + c.
 */
export interface Grid {
  rows: number;
  cols: number;
  piece: Xyxy;
}

export const cellsOf = ({ rows, cols }: Grid): number => rows * cols;

/** Returns, for each cell, the share of its area inside a box, 0–1. The box is in shares of the picture's sides. */
export function cellShares(grid: Grid, [x1, y1, x2, y2]: Xyxy): Float32Array {
  const { rows, cols, piece } = grid;
  const [left, top, right, bottom] = piece;
  const along = (n: number, from: number, to: number, a: number, b: number) =>
    Array.from({ length: n }, (_, i) => {
      const size = (to - from) / n;
      const start = from + i * size;
      return Math.max(0, Math.min(b, start + size) - Math.max(a, start)) / size;
    });
  const [xs, ys] = [along(cols, left, right, x1, x2), along(rows, top, bottom, y1, y2)];
  return Float32Array.from({ length: rows * cols }, (_, i) => ys[Math.floor(i / cols)]! * xs[i % cols]!);
}

/** Moves a map of the mirrored picture onto the original: column c becomes column cols − 1 − c. */
export function foldBack(map: Float32Array, { cols }: Pick<Grid, 'cols'>): Float32Array {
  return map.map((_, i) => map[i - (i % cols) + (cols - 1 - (i % cols))]!);
}
