import type { Size } from '../boxes.ts';
import type { Resample } from './resample-id.ts';

/**
 * Views that compute new pixels: crop, border, scale, a small roll, pan or slant, grey and light. This file is the only
 * definition of their arithmetic: for models, files and panels alike the picture is made by it, so a model sees what a
 * person sees (docs/views.md, new pixels).
 */

/** Where points of a picture are in its view, both in pixels from the upper left corner, and back. */
export interface Warp {
  size: Size;
  to(point: readonly [number, number]): [number, number];
  from(point: readonly [number, number]): [number, number];
}

/**
 * The geometry of a view; null where nothing moves (grey, light), and for a pan without a focal length.
 * @param focal in pixels
 */
export function warpOf(one: Resample, { w, h }: Size, focal?: number): Warp | null {
  switch (one.op) {
    case 'grey':
    case 'light':
      return null;
    case 'crop': {
      const [x1, y1, x2, y2] = one.box;
      const [left, top] = [Math.min(Math.round(x1 * w), w - 1), Math.min(Math.round(y1 * h), h - 1)];
      const size = {
        w: Math.max(1, Math.round(x2 * w) - left),
        h: Math.max(1, Math.round(y2 * h) - top),
      };
      return shifted(size, -left, -top);
    }
    case 'pad': {
      const side = Math.max(w, h);
      return shifted({ w: side, h: side }, Math.floor((side - w) / 2), Math.floor((side - h) / 2));
    }
    case 'scale': {
      const size = { w: Math.max(1, Math.round(w * one.by)), h: Math.max(1, Math.round(h * one.by)) };
      const [sx, sy] = [size.w / w, size.h / h];
      return { size, to: ([x, y]) => [x * sx, y * sy], from: ([x, y]) => [x / sx, y / sy] };
    }
    case 'roll':
      return rolled(one.degrees, { w, h });
    case 'slant':
      return slanted(one.degrees, { w, h });
    case 'pan':
      return focal === undefined ? null : panned(one.degrees, { w, h }, focal);
  }
}

const shifted = (size: Size, dx: number, dy: number): Warp => ({
  size,
  to: ([x, y]) => [x + dx, y + dy],
  from: ([x, y]) => [x - dx, y - dy],
});

const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Turned clockwise about the middle, and cut to the largest rectangle of the same shape that has no empty corner. */
function rolled(degrees: number, { w, h }: Size): Warp {
  const [cos, sin] = [Math.cos(radians(degrees)), Math.sin(radians(degrees))];
  const [c, s] = [cos, Math.abs(sin)];
  const part = Math.min(w / (w * c + h * s), h / (w * s + h * c));
  const size = { w: Math.max(1, Math.floor(part * w)), h: Math.max(1, Math.floor(part * h)) };
  const [ox, oy] = [size.w / 2, size.h / 2];
  return {
    size,
    to: ([x, y]) => {
      const [u, v] = [x - w / 2, y - h / 2];
      return [cos * u - sin * v + ox, sin * u + cos * v + oy];
    },
    from: ([x, y]) => {
      const [u, v] = [x - ox, y - oy];
      return [cos * u + sin * v + w / 2, cos * v - sin * u + h / 2];
    },
  };
}

/**
 * The camera turns on the spot, by degrees to its right: the homography K·R·K⁻¹, cut to a rectangle that both pictures
 * show.
 */
function panned(degrees: number, { w, h }: Size, focal: number): Warp {
  const [cos, sin] = [Math.cos(radians(degrees)), Math.sin(radians(degrees))];
  /** From the middle, in pixels; the inverse turns the other way. */
  const turn = (x: number, y: number, s: number): [number, number] => {
    const depth = x * s + focal * cos;
    return [(focal * (x * cos - focal * s)) / depth, (focal * y) / depth];
  };
  // The edge towards which the camera turns moves inwards, and the picture grows lower there.
  const edge = (Math.sign(degrees) * w) / 2;
  const [inner, lowest] = turn(edge, h / 2, sin);
  const [x1, x2] = degrees > 0 ? [-w / 2, inner] : [inner, w / 2];
  const high = Math.min(h / 2, lowest);
  const size = { w: Math.max(1, Math.floor(x2 - x1)), h: Math.max(1, Math.floor(2 * high)) };
  const [ox, oy] = [degrees > 0 ? -x1 : size.w - x2, size.h / 2];
  return {
    size,
    to: ([x, y]) => {
      const [u, v] = turn(x - w / 2, y - h / 2, sin);
      return [u + ox, v + oy];
    },
    from: ([x, y]) => {
      const [u, v] = turn(x - ox, y - oy, -sin);
      return [u + w / 2, v + h / 2];
    },
  };
}

/** How far away the picture is that is held aslant, in parts of its width. */
const ASLANT_FROM = 2;

/**
 * The picture of the picture, held aslant: turned about its vertical middle, its right edge away from the viewer, and cut
 * to the rectangle that it fills.
 */
function slanted(degrees: number, { w, h }: Size): Warp {
  const [cos, sin] = [Math.cos(radians(degrees)), Math.sin(radians(degrees))];
  const far = ASLANT_FROM * w;
  const seen = (x: number, y: number): [number, number] => {
    const depth = far + x * sin;
    return [(far * x * cos) / depth, (far * y) / depth];
  };
  const [[left], [right]] = [seen(-w / 2, 0), seen(w / 2, 0)];
  const [, lowest] = seen((Math.sign(degrees) * w) / 2, h / 2);
  const size = { w: Math.max(1, Math.floor(right - left)), h: Math.max(1, Math.floor(2 * lowest)) };
  const [ox, oy] = [-left, size.h / 2];
  return {
    size,
    to: ([x, y]) => {
      const [u, v] = seen(x - w / 2, y - h / 2);
      return [u + ox, v + oy];
    },
    from: ([x, y]) => {
      const u = ((x - ox) * far) / (far * cos - (x - ox) * sin);
      return [u + w / 2, ((y - oy) * (far + u * sin)) / far + h / 2];
    },
  };
}

interface Picture {
  width: number;
  height: number;
  /** Three bytes per pixel, rows from top to bottom. */
  data: Uint8Array;
}

/**
 * Makes the pixels of a view: crop and pad copy them, scale averages as Pillow's `BILINEAR` does, roll, pan and slant
 * read between the four nearest, grey is Pillow's `L`.
 * @throws RangeError for a pan without a focal length
 */
export function resamplePixels(picture: Picture, one: Resample, focal?: number): Picture {
  const { width: w, height: h, data } = picture;
  if (one.op === 'grey') return { ...picture, data: greyed(data) };
  if (one.op === 'light') return { ...picture, data: data.map((v) => Math.min(255, Math.round(v * one.by))) };
  const warp = warpOf(one, { w, h }, focal);
  if (!warp) throw new RangeError('A pan needs the focal length in pixels (meta.focal_px).');
  const { size } = warp;
  if (one.op === 'scale') return scaled(picture, size);
  const out = new Uint8Array(size.w * size.h * 3);
  if (one.op === 'crop' || one.op === 'pad') {
    const [left, top] = warp.from([0, 0]);
    const x1 = Math.max(0, left);
    const x2 = Math.min(w, left + size.w);
    for (let y = Math.max(0, top); y < Math.min(h, top + size.h); y++)
      out.set(data.subarray(3 * (y * w + x1), 3 * (y * w + x2)), 3 * ((y - top) * size.w + x1 - left));
  } else between(picture, warp, out);
  return { width: size.w, height: size.h, data: out };
}

function greyed(data: Uint8Array): Uint8Array {
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i += 3) {
    const grey = (data[i]! * 19595 + data[i + 1]! * 38470 + data[i + 2]! * 7471 + 0x8000) >> 16;
    out[i] = grey;
    out[i + 1] = grey;
    out[i + 2] = grey;
  }
  return out;
}

/** Every pixel of the view from the four around its place in the picture. */
function between({ width: w, height: h, data }: Picture, { size, from }: Warp, out: Uint8Array): void {
  let to = 0;
  for (let v = 0; v < size.h; v++)
    for (let u = 0; u < size.w; u++) {
      const [x, y] = from([u + 0.5, v + 0.5]);
      const left = Math.min(Math.max(x - 0.5, 0), w - 1);
      const top = Math.min(Math.max(y - 0.5, 0), h - 1);
      const [x0, y0] = [Math.floor(left), Math.floor(top)];
      const [fx, fy] = [left - x0, top - y0];
      const at = 3 * (y0 * w + x0);
      const right = x0 + 1 < w ? 3 : 0;
      const below = y0 + 1 < h ? 3 * w : 0;
      for (let c = at; c < at + 3; c++) {
        const upper = data[c]! * (1 - fx) + data[c + right]! * fx;
        const lower = data[c + below]! * (1 - fx) + data[c + below + right]! * fx;
        out[to++] = Math.round(upper * (1 - fy) + lower * fy);
      }
    }
}

/** Which pixels of a line make a pixel of the scaled one, and how much each. */
function weightsOf(from: number, to: number): { first: number; weights: Float64Array }[] {
  const step = from / to;
  const reach = Math.max(step, 1);
  return Array.from({ length: to }, (_, i) => {
    const middle = (i + 0.5) * step;
    const first = Math.max(0, Math.floor(middle - reach + 0.5));
    const end = Math.min(from, Math.floor(middle + reach + 0.5));
    const weights = Float64Array.from({ length: end - first }, (_, k) =>
      Math.max(0, 1 - Math.abs((first + k + 0.5 - middle) / reach)),
    );
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}

function scaled({ width: w, height: h, data }: Picture, size: Size): Picture {
  const wide = new Uint8Array(size.w * h * 3);
  weightsOf(w, size.w).forEach(({ first, weights }, x) => {
    for (let y = 0; y < h; y++)
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k]! * data[3 * (y * w + first + k) + c]!;
        wide[3 * (y * size.w + x) + c] = Math.round(sum);
      }
  });
  const out = new Uint8Array(size.w * size.h * 3);
  const row = size.w * 3;
  weightsOf(h, size.h).forEach(({ first, weights }, y) => {
    for (let i = 0; i < row; i++) {
      let sum = 0;
      for (let k = 0; k < weights.length; k++) sum += weights[k]! * wide[(first + k) * row + i]!;
      out[y * row + i] = Math.round(sum);
    }
  });
  return { width: size.w, height: size.h, data: out };
}
