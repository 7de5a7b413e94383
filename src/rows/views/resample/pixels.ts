import type { Resample } from '../../view-parts.ts';
import { turns, warpOf, type Projective } from './warp.ts';

/**
 * Views that compute new pixels: crop, border, scale, a small roll, pan or slant, grey and light. Models, files and
 * panels use the same code, so that a model receives the same image as a person (docs/views.md, new pixels).
 */

interface Picture {
  width: number;
  height: number;
  /** Pixels with three bytes each, in rows from top to bottom. */
  data: Uint8Array;
}

/**
 * Computes the pixels of a view. Crop and pad copy pixels; scale averages like Pillow's `BILINEAR`; roll, pan and slant
 * interpolate between the four nearest pixels; grey is Pillow's `L`.
 * @throws RangeError for a pan without a focal length
 */
export function resamplePixels(picture: Picture, resample: Resample, focal?: number): Picture {
  const { width: w, height: h, data } = picture;
  if (resample.op === 'grey') return { ...picture, data: greyed(data) };
  if (resample.op === 'light') return { ...picture, data: lit(data, resample.by) };
  const warp = warpOf(resample, { w, h }, focal);
  if (!warp) throw new RangeError('A pan needs the focal length in pixels (meta.focal_px).');
  const { size } = warp;
  const out = { width: size.w, height: size.h, data: new Uint8Array(size.w * size.h * 3) };
  if (resample.op === 'scale') scaled(picture, out);
  else if (turns(resample)) between(picture, warp.back, out);
  else {
    const [left, top] = warp.from([0, 0]);
    const x1 = Math.max(0, left);
    const x2 = Math.min(w, left + size.w);
    for (let y = Math.max(0, top); y < Math.min(h, top + size.h); y++)
      out.data.set(data.subarray(3 * (y * w + x1), 3 * (y * w + x2)), 3 * ((y - top) * size.w + x1 - left));
  }
  return out;
}

function greyed(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3)
    out[i] = out[i + 1] = out[i + 2] = grey(data[i]!, data[i + 1]!, data[i + 2]!);
  return out;
}

const grey = (red: number, green: number, blue: number): number =>
  (Math.imul(red, 19595) + Math.imul(green, 38470) + Math.imul(blue, 7471) + 0x8000) >> 16;

function lit(data: Uint8Array, by: number): Uint8Array {
  const to = Uint8Array.from({ length: 256 }, (_, v) => Math.min(255, Math.round(v * by)));
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = to[data[i]!]!;
  return out;
}

/** Number of bits of the integer weights. As in Pillow, integers give the same bytes on every machine. */
const BITS = 22;
const HALF = 1 << (BITS - 1);
/** Number of steps between two pixels. The product of two step counts has `BITS` bits. */
const STEPS = 1 << (BITS / 2);

/** Interpolates every pixel of the view from the four pixels around its position in the image. */
function between(
  { width: w, height: h, data }: Picture,
  [a, b, c, d, e, f, g, i, j]: Projective,
  { width, height, data: out }: Picture,
): void {
  let to = 0;
  for (let v = 0.5; v < height; v++)
    for (let u = 0.5; u < width; u++) {
      const depth = g * u + i * v + j;
      const x = Math.min(Math.max((a * u + b * v + c) / depth - 0.5, 0), w - 1);
      const y = Math.min(Math.max((d * u + e * v + f) / depth - 0.5, 0), h - 1);
      const x0 = x | 0;
      const y0 = y | 0;
      const fx = ((x - x0) * STEPS + 0.5) | 0;
      const fy = ((y - y0) * STEPS + 0.5) | 0;
      const w01 = fx * (STEPS - fy);
      const w10 = (STEPS - fx) * fy;
      const w11 = fx * fy;
      const w00 = STEPS * STEPS - w01 - w10 - w11;
      const at = 3 * (y0 * w + x0);
      const right = at + (x0 + 1 < w ? 3 : 0);
      const below = y0 + 1 < h ? 3 * w : 0;
      for (let k = 0; k < 3; k++)
        out[to++] =
          (Math.imul(w00, data[at + k]!) +
            Math.imul(w01, data[right + k]!) +
            Math.imul(w10, data[at + below + k]!) +
            Math.imul(w11, data[right + below + k]!) +
            HALF) >>
          BITS;
    }
}

/**
 * Returns the pixels of a line that contribute to each pixel of the scaled line, with their weights. Pixels beyond the
 * end of the line have weight 0.
 */
function weightsOf(from: number, to: number): { first: Int32Array; taps: number; weights: Int32Array } {
  const step = from / to;
  const reach = Math.max(step, 1);
  const taps = Math.min(2 * Math.ceil(reach), from);
  const first = new Int32Array(to);
  const weights = new Int32Array(to * taps);
  const parts = new Float64Array(taps);
  for (let i = 0; i < to; i++) {
    const middle = (i + 0.5) * step;
    const start = Math.max(0, Math.floor(middle - reach + 0.5));
    const end = Math.min(from, Math.floor(middle + reach + 0.5), start + taps);
    let sum = 0;
    for (let k = start; k < end; k++)
      sum += parts[k - start] = Math.max(0, 1 - Math.abs((k + 0.5 - middle) / reach));
    first[i] = Math.min(start, from - taps);
    const at = i * taps - first[i]!;
    for (let k = start; k < end; k++) weights[at + k] = Math.round((parts[k - start]! / sum) * 2 * HALF);
  }
  return { first, taps, weights };
}

/** Scales an image horizontally, then vertically. */
function scaled({ width: w, height: h, data }: Picture, { width, height, data: out }: Picture): void {
  const across = weightsOf(w, width);
  const wide = new Uint8Array(width * h * 3);
  let to = 0;
  for (let y = 0; y < h; y++)
    for (let x = 0; x < width; x++) {
      let at = 3 * (y * w + across.first[x]!);
      let [red, green, blue] = [HALF, HALF, HALF];
      for (let k = x * across.taps; k < (x + 1) * across.taps; k++) {
        const weight = across.weights[k]!;
        red += Math.imul(weight, data[at++]!);
        green += Math.imul(weight, data[at++]!);
        blue += Math.imul(weight, data[at++]!);
      }
      wide[to++] = red >> BITS;
      wide[to++] = green >> BITS;
      wide[to++] = blue >> BITS;
    }
  const down = weightsOf(h, height);
  const row = 3 * width;
  const sums = new Int32Array(row);
  for (let y = 0; y < height; y++) {
    sums.fill(HALF);
    for (let k = 0; k < down.taps; k++) {
      const weight = down.weights[y * down.taps + k]!;
      const at = (down.first[y]! + k) * row;
      for (let i = 0; i < row; i++) sums[i]! += Math.imul(weight, wide[at + i]!);
    }
    for (let i = 0; i < row; i++) out[y * row + i] = sums[i]! >> BITS;
  }
}
