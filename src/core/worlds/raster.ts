import type { Size } from '../../rows/sample/boxes.ts';
import { lens, project, type Lens } from './camera.ts';
import { girth, hit } from './solids.ts';
import type { Solid, World } from './world.ts';

/** Visible surface at the centre of each pixel, row by row from the top left. */
export interface Raster {
  size: Size;
  /** Depth along the camera's axis, in metres; Infinity for the sky. */
  depth: Float64Array;
  /** Index of the visible object, or the constant FLOOR or SKY. */
  ids: Int8Array;
  /** For each object, the number of pixels in the image that the object would cover without other objects. */
  covered: number[];
}

export const SKY = -1;
export const FLOOR = -2;

/** Rectangle of pixels, including columns x1 … x2−1 and rows y1 … y2−1. */
export interface Window {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

/**
 * Finds the nearest surface at the centre of every pixel: the floor in closed form, then each object in its bounding
 * rectangle. Pixel centres are symmetric about the centre line, so the mirrored world gives the exact mirrored raster.
 */
export function rasterise(world: World, size: Size): Raster {
  const l = lens(world.camera, size);
  const depth = new Float64Array(size.w * size.h).fill(Infinity);
  const ids = new Int8Array(size.w * size.h).fill(SKY);
  for (let y = 0; y < size.h; y++) {
    const t = floorDepth(l, rowSlope(l, y + 0.5));
    if (t === Infinity) continue;
    depth.fill(t, y * size.w, (y + 1) * size.w);
    ids.fill(FLOOR, y * size.w, (y + 1) * size.w);
  }
  const covered = world.objects.map((solid, id) => {
    let count = 0;
    const { x1, y1, x2, y2 } = windowOf(l, solid);
    for (let y = y1; y < y2; y++) {
      const rise = rowSlope(l, y + 0.5);
      const dy = rise * l.cos - l.sin;
      const dz = rise * l.sin + l.cos;
      for (let x = x1; x < x2; x++) {
        const t = hit(solid, 0, l.height, 0, (x + 0.5 - size.w / 2) / l.focal, dy, dz);
        if (t === Infinity) continue;
        count += 1;
        const at = y * size.w + x;
        if (t < depth[at]!) {
          depth[at] = t;
          ids[at] = id;
        }
      }
    }
    return count;
  });
  return { size, depth, ids, covered };
}

/**
 * Returns the slope of the ray through image row `y` (an edge coordinate, in pixels), per unit of depth, without pitch.
 */
export const rowSlope = (l: Lens, y: number): number => (l.size.h / 2 - y) / l.focal;

/** Returns the depth at which a ray of this slope meets the floor; Infinity if the ray never does. */
export function floorDepth(l: Lens, slope: number): number {
  const dy = slope * l.cos - l.sin;
  return dy < 0 ? -l.height / dy : Infinity;
}

/**
 * Returns a rectangle that contains the image of an object: the projected bounding box, or the whole image if part of
 * the object is behind the camera.
 */
export function windowOf(l: Lens, solid: Solid): Window {
  const { w, h } = l.size;
  const r = girth(solid);
  const out = { x1: Infinity, y1: Infinity, x2: -Infinity, y2: -Infinity };
  for (const x of [solid.x - r, solid.x + r])
    for (const y of [solid.y, solid.y + solid.size])
      for (const z of [solid.z - r, solid.z + r]) {
        const p = project(l, x, y, z);
        if (p.depth < 0.01) return { x1: 0, y1: 0, x2: w, y2: h };
        out.x1 = Math.min(out.x1, w / 2 + p.dx);
        out.x2 = Math.max(out.x2, w / 2 + p.dx);
        out.y1 = Math.min(out.y1, p.y);
        out.y2 = Math.max(out.y2, p.y);
      }
  return {
    x1: Math.max(0, Math.floor(out.x1) - 1),
    y1: Math.max(0, Math.floor(out.y1) - 1),
    x2: Math.min(w, Math.ceil(out.x2) + 1),
    y2: Math.min(h, Math.ceil(out.y2) + 1),
  };
}
