import type { Xyxy } from '../../rows/sample/boxes.ts';

/**
 * Grid of a prompt's image tokens: `rows` × `cols` cells of equal size on `piece`, the visible rectangle of the image,
 * in shares of the image's width and height. Each image has one such grid, in sequence: cell (r, c) of image p is token
 * (p · rows + r) · cols + c.
 */
export interface Grid {
  rows: number;
  cols: number;
  piece: Xyxy;
  /** Number of images in the prompt; 1 if the field is absent. */
  pictures?: number;
}

export const cellsOf = ({ rows, cols, pictures = 1 }: Grid): number => pictures * rows * cols;

/**
 * Returns the share of each cell's area that is inside a box, 0–1. The box is in shares of the image's sides; in
 * prompts with several images, it belongs to the first image.
 */
export function cellShares(grid: Grid, [x1, y1, x2, y2]: Xyxy): Float32Array {
  const { rows, cols, piece } = grid;
  const [left, top, right, bottom] = piece;
  const xs = sharesAlong(cols, [left, right], [x1, x2]);
  const ys = sharesAlong(rows, [top, bottom], [y1, y2]);
  const shares = new Float32Array(cellsOf(grid));
  ys.forEach((y, r) => xs.forEach((x, c) => (shares[r * cols + c] = y * x)));
  return shares;
}

/** Divides one side of a grid into `n` parts, and returns the share of each part that is between the ends of a box. */
const sharesAlong = (n: number, [from, to]: [number, number], [start, end]: [number, number]): Float64Array =>
  new Float64Array(n).map((_, i) => {
    const size = (to - from) / n;
    const at = from + i * size;
    return Math.max(0, Math.min(end, at + size) - Math.max(start, at)) / size;
  });
