import type { Grid } from '../../src/core/seen/token-grid.ts';
import { sum } from '../../src/base/numbers.ts';
import type { Xyxy } from '../../src/rows/sample/boxes.ts';

/**
 * Returns the line around the fewest cells that together have half of a map's attention: straight pieces between these
 * cells and all other cells, in shares of the image's sides. Equal cells are either all inside or all outside. Empty
 * without attention. For a map of several images, only the part in one image.
 */
export function contourOf(map: Float32Array, { rows, cols, piece }: Grid, picture = 0): Xyxy[] {
  const [left, top, right, bottom] = piece;
  const x = (c: number) => left + (c * (right - left)) / cols;
  const y = (r: number) => top + (r * (bottom - top)) / rows;
  const least = leastRead(map);
  const isIn = (r: number, c: number) =>
    r >= 0 && c >= 0 && r < rows && c < cols && map[(picture * rows + r) * cols + c]! >= least;
  const lines: Xyxy[] = [];
  for (let r = 0; r <= rows; r++)
    for (let c = 0; c <= cols; c++) {
      if (isIn(r, c) !== isIn(r, c - 1)) lines.push([x(c), y(r), x(c), y(r + 1)]);
      if (isIn(r, c) !== isIn(r - 1, c)) lines.push([x(c), y(r), x(c + 1), y(r)]);
    }
  return lines;
}

/** Returns the minimum attention of the fewest cells with half of the total attention; infinite without attention. */
function leastRead(map: Float32Array): number {
  const half = sum(map) / 2;
  let total = 0;
  return [...map].sort((a, b) => b - a).find((value) => value > 0 && (total += value) >= half) ?? Infinity;
}
