import type { Resample } from '../../view-parts.ts';
import { warpOf, type Projective } from './warp.ts';

/**
 * Views that compute new pixels: crop, border, scale, a small roll, pan or slant, grey and light. Models, files and
 * panels all use the arithmetic of this file, so a model sees what a person sees (docs/views.md, new pixels).
 */

interface Picture {
  width: number;
  height: number;
  /** Three bytes per pixel, rows from top to bottom. */
  data: Uint8Array;
}

/**
 * Makes the pixels of a view: crop and pad copy them; scale averages as Pillow's `BILINEAR` does; roll, pan and slant
 * interpolate between the four nearest; grey is Pillow's `L`.
 * @throws RangeError for a pan without a focal length
 */
export function resamplePixels(picture: Picture, one: Resample, focal?: number): Picture {
  const { width: w, height: h, data } = picture;
  if (one.op === 'grey') return { ...picture, data: greyed(data) };
  if (one.op === 'light') return { ...picture, data: lit(data, one.by) };
  const warp = warpOf(one, { w, h }, focal);
  if (!warp) throw new RangeError('A pan needs the focal length in pixels (meta.focal_px).');
  const { size, back } = warp;
  const out = { width: size.w, height: size.h, data: new Uint8Array(size.w * size.h * 3) };
  if (one.op === 'scale') scaled(picture, out);
  else if (back) between(picture, back, out);
  else {
    const [left, top] = warp.from([0, 0]);
    const x1 = Math.max(0, left);
    const x2 = Math.min(w, left + size.w);
    for (let y = Math.max(0, top); y < Math.min(h, top + size.h); y++)
      out.data.set(data.subarray(3 * (y * w + x1), 3 * (y * w + x2)), 3 * ((y - top) * size.w + x1 - left));
  }
  return out;
}

/** Four pixels at a time as three words, which is faster than byte by byte. */
function greyed(data: Uint8Array): Uint8Array {
  const read = new DataView(data.buffer, data.byteOffset, data.length);
  const out = new Uint8Array(data.length);
  const fours = data.length - (data.length % 12);
  const words = new Int32Array(out.buffer, 0, fours / 4);
  for (let i = 0, to = 0; i < fours; i += 12, to += 3) {
    const a = read.getInt32(i, true);
    const b = read.getInt32(i + 4, true);
    const c = read.getInt32(i + 8, true);
    const p = grey(a & 0xff, (a >>> 8) & 0xff, (a >>> 16) & 0xff);
    const q = grey(a >>> 24, b & 0xff, (b >>> 8) & 0xff);
    const r = grey((b >>> 16) & 0xff, b >>> 24, c & 0xff);
    const s = grey((c >>> 8) & 0xff, (c >>> 16) & 0xff, c >>> 24);
    words[to] = Math.imul(p, 0x010101) | (q << 24);
    words[to + 1] = Math.imul(q, 0x0101) | Math.imul(r, 0x01010000);
    words[to + 2] = r | Math.imul(s, 0x01010100);
  }
  for (let i = fours; i < data.length; i += 3) out.fill(grey(data[i]!, data[i + 1]!, data[i + 2]!), i, i + 3);
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

/** Weights are whole numbers of this many bits, as in Pillow, so that every machine computes the same bytes. */
const BITS = 22;
const HALF = 1 << (BITS - 1);
/** Steps between two pixels; the product of two has `BITS` bits. */
const STEPS = 1 << (BITS / 2);

/** Interpolates every pixel of the view from the four around its place in the picture. */
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
 * The pixels of a line that make up each pixel of the scaled line, with their weights. There are a multiple of four
 * weights; those past the end of the line are 0.
 */
function weightsOf(from: number, to: number): { first: Int32Array; taps: number; weights: Int32Array } {
  const step = from / to;
  const reach = Math.max(step, 1);
  const taps = 4 * Math.ceil(reach / 2);
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
    first[i] = Math.max(0, Math.min(start, from - taps));
    const at = i * taps - first[i]!;
    for (let k = start; k < end; k++) weights[at + k] = Math.round((parts[k - start]! / sum) * 2 * HALF);
  }
  return { first, taps, weights };
}

/** Scales horizontally, then vertically, four pixels of a line at a time. */
function scaled({ width: w, height: h, data }: Picture, { width, height, data: out }: Picture): void {
  const wide = new Uint8Array(width * h * 3);
  const { first, taps, weights } = weightsOf(w, width);
  let to = 0;
  for (let y = 0; y < h; y++)
    for (let x = 0; x < width; x++) {
      let at = 3 * (y * w + first[x]!);
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      const end = (x + 1) * taps;
      for (let k = x * taps; k < end; k += 4, at += 12) {
        const a = weights[k]!;
        const b = weights[k + 1]!;
        const c = weights[k + 2]!;
        const d = weights[k + 3]!;
        red +=
          Math.imul(a, data[at]!) +
          Math.imul(b, data[at + 3]!) +
          Math.imul(c, data[at + 6]!) +
          Math.imul(d, data[at + 9]!);
        green +=
          Math.imul(a, data[at + 1]!) +
          Math.imul(b, data[at + 4]!) +
          Math.imul(c, data[at + 7]!) +
          Math.imul(d, data[at + 10]!);
        blue +=
          Math.imul(a, data[at + 2]!) +
          Math.imul(b, data[at + 5]!) +
          Math.imul(c, data[at + 8]!) +
          Math.imul(d, data[at + 11]!);
      }
      wide[to++] = red >> BITS;
      wide[to++] = green >> BITS;
      wide[to++] = blue >> BITS;
    }
  const down = weightsOf(h, height);
  const row = width * 3;
  const sums = new Int32Array(row);
  for (let y = 0; y < height; y++) {
    sums.fill(HALF);
    for (let k = 0; k < down.taps; k += 4) {
      const of = y * down.taps + k;
      const a = down.weights[of]!;
      const b = down.weights[of + 1]!;
      const c = down.weights[of + 2]!;
      const d = down.weights[of + 3]!;
      const at = (down.first[y]! + k) * row;
      for (let i = at; i < at + row; i++)
        sums[i - at]! +=
          Math.imul(a, wide[i]!) +
          Math.imul(b, wide[i + row]!) +
          Math.imul(c, wide[i + 2 * row]!) +
          Math.imul(d, wide[i + 3 * row]!);
    }
    const to = y * row;
    for (let i = 0; i < row; i++) out[to + i] = sums[i]! >> BITS;
  }
}
