import { decompress } from '../spatial/mirror/rle.ts';
import type { Mask } from '../spatial/sample.ts';

/** Whether a point in pixels lies in a mask: in any of its polygons (even-odd rule), or on a set pixel of its RLE. @throws RangeError for broken runs */
export function isInsideMask(mask: Mask, [x, y]: readonly [number, number]): boolean {
  if (Array.isArray(mask)) return mask.some((polygon) => isInsidePolygon(polygon, x, y));
  const [h, w] = mask.size;
  const [column, row] = [Math.floor(x), Math.floor(y)];
  if (column < 0 || row < 0 || column >= w || row >= h) return false;
  const counts = typeof mask.counts === 'string' ? decompress(mask.counts) : mask.counts;
  let left = column * h + row;
  for (const [run, length] of counts.entries()) {
    if (left < length) return run % 2 === 1;
    left -= length;
  }
  return false;
}

function isInsidePolygon(polygon: readonly number[], x: number, y: number): boolean {
  let inside = false;
  for (let i = 0, j = polygon.length - 2; i + 1 < polygon.length; j = i, i += 2) {
    const [xi, yi, xj, yj] = [polygon[i]!, polygon[i + 1]!, polygon[j]!, polygon[j + 1]!];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
  }
  return inside;
}
