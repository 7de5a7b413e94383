import type { Mask } from './sample.ts';

/**
 * COCO run-length masks: alternating runs of zeros and ones, starting with zeros. Pixels are in column order, from left
 * to right. A mask is a list of run lengths, or compressed text (the difference of each run to the run two before, in
 * 5-bit groups, lowest first, as characters from '0').
 */

/** Mirrors a mask of `[height, width]`. The result is canonical (only the first run can be empty), in the same form. */
export const mirrorRle = (counts: string | readonly number[], [h, w]: [number, number]) =>
  mapRle(counts, h * w, (pixels) => {
    const mirrored = new Uint8Array(h * w);
    for (let x = 0; x < w; x++) mirrored.set(pixels.subarray(x * h, (x + 1) * h), (w - 1 - x) * h);
    return mirrored;
  });

/** Exchanges x and y in a mask: `[height, width]` becomes `[width, height]`. */
export const transposeRle = (counts: string | readonly number[], [h, w]: [number, number]) =>
  mapRle(counts, h * w, (pixels) => {
    const out = new Uint8Array(h * w);
    for (let x = 0; x < w; x++) for (let y = 0; y < h; y++) out[y * w + x] = pixels[x * h + y]!;
    return out;
  });

/** Decodes the `size` pixels of a mask, column by column, changes and encodes them, and returns the mask's form. */
function mapRle(
  counts: string | readonly number[],
  size: number,
  change: (pixels: Uint8Array) => Uint8Array,
): string | number[] {
  const runs = runsIn(counts);
  const pixels = new Uint8Array(size);
  let at = 0;
  runs.forEach((run, i) => {
    if (!(run >= 0)) throw new RangeError('A run of a mask is negative.');
    if (i % 2 === 1) pixels.fill(1, at, at + run);
    at += run;
  });
  if (at !== size) throw new RangeError(`The runs of a mask cover ${at} pixels of ${size}.`);
  const out = runsOf(change(pixels));
  return typeof counts === 'string' ? compress(out) : out;
}

/**
 * Returns whether a point in pixels is inside a mask: in a polygon (even-odd rule), or on a set pixel of its RLE.
 * @throws RangeError for invalid runs
 */
export function isInsideMask(mask: Mask, [x, y]: readonly [number, number]): boolean {
  if (Array.isArray(mask)) return mask.some((polygon) => isInsidePolygon(polygon, x, y));
  const [h, w] = mask.size;
  const [column, row] = [Math.floor(x), Math.floor(y)];
  if (column < 0 || row < 0 || column >= w || row >= h) return false;
  let left = column * h + row;
  for (const [run, length] of runsIn(mask.counts).entries()) {
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

/** Returns the run lengths of a mask from its pixels (0 or 1), given column by column. */
export function runsOf(pixels: Uint8Array): number[] {
  const runs: number[] = [];
  let value = 0;
  let start = 0;
  for (let i = 0; i < pixels.length; i++) {
    if (pixels[i] === value) continue;
    runs.push(i - start);
    start = i;
    value = 1 - value;
  }
  runs.push(pixels.length - start);
  return runs;
}

const runsIn = (counts: string | readonly number[]): readonly number[] =>
  typeof counts === 'string' ? decompress(counts) : counts;

/** Returns the run lengths from a mask's compressed text. @throws RangeError if the text is invalid */
export function decompress(text: string): number[] {
  const runs: number[] = [];
  for (let i = 0; i < text.length;) {
    let value = 0;
    let shift = 0;
    for (let more = true; more; i++) {
      const bits = text.charCodeAt(i) - 48;
      if (!(bits >= 0 && bits < 64)) throw new RangeError('The run-length encoding of a mask is damaged.');
      value |= (bits & 0x1f) << shift;
      shift += 5;
      more = (bits & 0x20) !== 0;
      if (!more && bits & 0x10) value |= -1 << shift;
    }
    runs.push(runs.length > 2 ? value + runs[runs.length - 2]! : value);
  }
  return runs;
}

function compress(runs: readonly number[]): string {
  let text = '';
  runs.forEach((run, i) => {
    let value = i > 2 ? run - runs[i - 2]! : run;
    for (let more = true; more;) {
      const bits = value & 0x1f;
      value >>= 5;
      more = bits & 0x10 ? value !== -1 : value !== 0;
      text += String.fromCharCode((more ? bits | 0x20 : bits) + 48);
    }
  });
  return text;
}
