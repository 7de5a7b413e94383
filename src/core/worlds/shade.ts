import { lens, type Lens } from './camera.ts';
import { light, type Ray } from './light.ts';
import { FLOOR, floorDepth, rowSlope, SKY, windowOf, type Raster, type Window } from './raster.ts';
import { hit } from './solids.ts';
import type { World } from './world.ts';

/** An 8-bit sRGB picture: width × height × 3, row by row from the top left. */
export interface Picture {
  w: number;
  h: number;
  rgb: Uint8Array;
}

/** Samples per pixel in each direction, for pixels with an edge. */
const SUB = 3;

/** Converts linear light in 4096 steps to sRGB bytes. */
const TO_BYTE = Uint8Array.from({ length: 4096 }, (_, i) => {
  const v = (i + 0.5) / 4096;
  return Math.round(255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055));
});

/**
 * Converts light to a whole number of steps. Sums of these do not depend on the order of samples, so mirroring is
 * exact.
 */
const steps = (v: number): number => Math.min(4095, Math.floor(v * 4096));

/**
 * Colours a raster: one sample at each pixel's centre, or SUB² of them if a neighbour shows another surface, tile or
 * patch of paint, or the other side of a shadow's edge.
 */
export function shade(world: World, raster: Raster): Picture {
  const { w, h } = raster.size;
  const l = lens(world.camera, raster.size);
  const rgb = new Uint8Array(w * h * 3);
  const keys = new Int16Array(w * h);
  const ray: Ray = { id: 0, t: 0, rgb: [0, 0, 0], key: 0 };
  for (let y = 0, at = 0; y < h; y++) {
    const slope = rowSlope(l, y + 0.5);
    for (let x = 0; x < w; x++, at++) {
      ray.id = raster.ids[at]!;
      ray.t = raster.depth[at]!;
      light(world, l, x + 0.5 - w / 2, slope, ray);
      keys[at] = ray.key;
      rgb[at * 3] = TO_BYTE[steps(ray.rgb[0])]!;
      rgb[at * 3 + 1] = TO_BYTE[steps(ray.rgb[1])]!;
      rgb[at * 3 + 2] = TO_BYTE[steps(ray.rgb[2])]!;
    }
  }
  const windows = world.objects.map((solid) => windowOf(l, solid));
  for (let y = 0, at = 0; y < h; y++) {
    for (let x = 0; x < w; x++, at++) {
      const key = keys[at];
      const edge =
        (x > 0 && keys[at - 1] !== key) ||
        (x < w - 1 && keys[at + 1] !== key) ||
        (y > 0 && keys[at - w] !== key) ||
        (y < h - 1 && keys[at + w] !== key);
      if (edge) average(world, l, windows, x, y, ray, rgb.subarray(at * 3));
    }
  }
  return { w, h, rgb };
}

/** Writes the mean light over SUB² points of a pixel into the first three bytes of `out`. */
function average(
  world: World,
  l: Lens,
  windows: Window[],
  x: number,
  y: number,
  ray: Ray,
  out: Uint8Array,
): void {
  let r = 0;
  let g = 0;
  let b = 0;
  for (let j = 0; j < SUB; j++) {
    const slope = rowSlope(l, y + (2 * j + 1) / (2 * SUB));
    const ry = slope * l.cos - l.sin;
    const rz = slope * l.sin + l.cos;
    const floor = floorDepth(l, slope);
    for (let i = 0; i < SUB; i++) {
      // A quotient of two integers, so that the samples of mirrored pixels are exact negatives.
      const dx = ((2 * x - l.size.w) * SUB + 2 * i + 1) / (2 * SUB);
      ray.id = floor < Infinity ? FLOOR : SKY;
      ray.t = floor;
      for (let id = 0; id < windows.length; id++) {
        const { x1, y1, x2, y2 } = windows[id]!;
        if (x < x1 || x >= x2 || y < y1 || y >= y2) continue;
        const t = hit(world.objects[id]!, 0, l.height, 0, dx / l.focal, ry, rz);
        if (t < ray.t) {
          ray.id = id;
          ray.t = t;
        }
      }
      light(world, l, dx, slope, ray);
      r += steps(ray.rgb[0]);
      g += steps(ray.rgb[1]);
      b += steps(ray.rgb[2]);
    }
  }
  out[0] = TO_BYTE[Math.floor(r / (SUB * SUB))]!;
  out[1] = TO_BYTE[Math.floor(g / (SUB * SUB))]!;
  out[2] = TO_BYTE[Math.floor(b / (SUB * SUB))]!;
}
