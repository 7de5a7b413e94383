import { type Lens, lens } from './camera.ts';
import { FLOOR, floorDepth, type Raster, rowSlope, SKY, type Window, windowOf } from './raster.ts';
import { hit, type Surface, surfaceAt } from './solids.ts';
import type { World, Colour, Floor, Solid } from './world.ts';

const AMBIENT = 0.42;
const DIRECT = 0.72;
const GLOSS = 0.22;
/** Depth in metres at which the floor has completely faded into the horizon. */
const HAZE = 22;

/** Hit of a ray: object (or FLOOR, SKY), depth, and linear light from the hit. All rays reuse one result. */
interface Ray {
  id: number;
  t: number;
  rgb: [number, number, number];
  /** Key that differs between adjacent rays only at an edge of an object, tile, patch of paint or shadow. */
  key: number;
}

/**
 * Computes the light along a ray that is `dx` pixels right of the centre line and rises by `slope` per unit of depth.
 * Light is from one distant lamp with hard shadows, and from the sky. The floor is darker where an object touches it.
 */
function light(world: World, l: Lens, dx: number, slope: number, ray: Ray): void {
  const rx = dx / l.focal;
  const ry = slope * l.cos - l.sin;
  const rz = slope * l.sin + l.cos;
  if (ray.id === SKY) {
    mix(ray.rgb, HORIZON, ZENITH, Math.min(1, Math.max(0, ry * 1.6)));
    ray.key = SKY;
  } else if (ray.id === FLOOR) {
    lightFloor(world, rx * ray.t, rz * ray.t, ray);
  } else {
    lightSolid(world, rx, ry, rz, l.height, ray);
  }
}

function lightFloor(world: World, x: number, z: number, ray: Ray): void {
  const tile = tileOf(world.floor, x, z);
  const lit = !inShadow(world, FLOOR, x, 0, z);
  let strength = AMBIENT + (lit ? DIRECT * world.light.y : 0);
  for (const solid of world.objects) {
    if (solid.y > 0) continue;
    const dx = x - solid.x;
    const dz = z - solid.z;
    const near = 1 - (dx * dx + dz * dz) / (0.81 * solid.size * solid.size);
    if (near > 0) strength *= 1 - 0.5 * near * near;
  }
  const tone = toneOf(world.floor, tile);
  ray.rgb[0] = tone[0] * strength;
  ray.rgb[1] = tone[1] * strength;
  ray.rgb[2] = tone[2] * strength;
  const far = Math.min(1, ray.t / HAZE);
  mix(ray.rgb, ray.rgb, HORIZON, far * far);
  ray.key = -8 - 2 * tile - (lit ? 1 : 0);
}

const surface: Surface = { nx: 0, ny: 0, nz: 0, ahead: 0, across: 0, up: 0, piece: 0 };

function lightSolid(world: World, rx: number, ry: number, rz: number, height: number, ray: Ray): void {
  const solid = world.objects[ray.id]!;
  const x = rx * ray.t;
  const y = height + ry * ray.t;
  const z = rz * ray.t;
  surfaceAt(solid, x, y, z, surface);
  const { nx, ny, nz, piece } = surface;
  const patch = patchOf(solid, surface);
  const lamp = world.light;
  const facing = nx * lamp.x + nz * lamp.z + ny * lamp.y;
  const lit = facing > 0 && !inShadow(world, ray.id, x, y, z);
  const strength = AMBIENT * (0.75 + 0.25 * ny) + (lit ? DIRECT * facing : 0);
  let gloss = 0;
  if (lit && piece === 0) {
    // Blinn's highlight on curved surfaces: the cosine between normal and half vector, to the 32nd power.
    const eye = Math.sqrt(rx * rx + rz * rz + ry * ry);
    const hx = lamp.x - rx / eye;
    const hy = lamp.y - ry / eye;
    const hz = lamp.z - rz / eye;
    const along = nx * hx + nz * hz + ny * hy;
    gloss = GLOSS * ((along * along) / (hx * hx + hz * hz + hy * hy)) ** 16;
  }
  const paint = paintOf(solid, patch);
  ray.rgb[0] = paint[0] * strength + gloss;
  ray.rgb[1] = paint[1] * strength + gloss;
  ray.rgb[2] = paint[2] * strength + gloss;
  ray.key = ray.id * 64 + piece * 16 + patch * 2 + (lit ? 1 : 0);
}

/** Returns whether an object is between a point and the lamp. Convex objects cast no shadow on their lit side. */
function inShadow(world: World, self: number, x: number, y: number, z: number): boolean {
  const lamp = world.light;
  for (let i = 0; i < world.objects.length; i++) {
    if (i === self) continue;
    const solid = world.objects[i]!;
    // A ray that misses the bounding sphere (squared radius 0.75 size²) cannot hit the object.
    const px = solid.x - x;
    const py = solid.y + solid.size / 2 - y;
    const pz = solid.z - z;
    const along = px * lamp.x + pz * lamp.z + py * lamp.y;
    const off = px * px + pz * pz + py * py - along * along;
    if (off > 0.76 * solid.size * solid.size || along < -solid.size) continue;
    if (hit(solid, x, y, z, lamp.x, lamp.y, lamp.z) < Infinity) return true;
  }
  return false;
}

function mix(out: [number, number, number], a: Rgb, b: Rgb, t: number): void {
  out[0] = a[0] + (b[0] - a[0]) * t;
  out[1] = a[1] + (b[1] - a[1]) * t;
  out[2] = a[2] + (b[2] - a[2]) * t;
}

/** 8-bit sRGB image with width × height × 3 bytes, row by row from the top left. */
export interface Picture {
  w: number;
  h: number;
  rgb: Uint8Array;
}

/** Number of samples per pixel in each direction, for pixels that contain an edge. */
const SUB = 3;

/** Table that converts linear light in 4096 steps to sRGB bytes. */
const TO_BYTE = Uint8Array.from({ length: 4096 }, (_, i) => {
  const v = (i + 0.5) / 4096;
  return Math.round(255 * (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055));
});

/** Converts light to an integer number of steps: sums are independent of sample order, and mirroring is exact. */
const steps = (v: number): number => Math.min(4095, Math.floor(v * 4096));

/**
 * Colours a raster, with one sample at the centre of each pixel. Uses SUB² samples if a neighbouring pixel shows
 * another surface, tile or patch of paint, or the other side of a shadow's edge.
 * @param smooth false for one sample in every pixel, which halves the time, for images that are displayed only briefly
 */
export function shade(world: World, raster: Raster, smooth = true): Picture {
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
  if (!smooth) return { w, h, rgb };
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

/** Writes the mean light over SUB² points in a pixel into the first three bytes of `out`. */
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
    // Uses quotients of two integers, so that samples of mirrored and turned pixels are exact negatives.
    const slope = ((l.size.h - 2 * y) * SUB - 2 * j - 1) / (2 * SUB) / l.focal;
    const ry = slope * l.cos - l.sin;
    const rz = slope * l.sin + l.cos;
    const floor = floorDepth(l, slope);
    for (let i = 0; i < SUB; i++) {
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

/** Linear light in red, green and blue, 0–1. */
type Rgb = readonly [number, number, number];

const srgb = (hex: string): Rgb =>
  [1, 3, 5].map((start) => {
    const v = parseInt(hex.slice(start, start + 2), 16) / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;

/** Colours of objects, which differ visibly from each other and from every floor, in light and in shadow. */
const COATS: Record<Colour, Rgb> = {
  red: srgb('#d62828'),
  green: srgb('#2c963e'),
  blue: srgb('#2654d6'),
  yellow: srgb('#f0cc24'),
  purple: srgb('#8834b2'),
  cyan: srgb('#34c4d6'),
  orange: srgb('#f0801c'),
  white: srgb('#f0f0f0'),
};

/** Pairs of floor tones, one tone for each of the two kinds of tiles. A plain floor uses only the first tone. */
const FLOORS: [Rgb, Rgb][] = [
  [srgb('#96928c'), srgb('#807c76')],
  [srgb('#a49480'), srgb('#8c7c6a')],
  [srgb('#808c96'), srgb('#6c7884')],
  [srgb('#8c9688'), srgb('#788474')],
];
export const FLOOR_TONES = FLOORS.length;

const WHITE = srgb('#f5f5f5');
const BLACK = srgb('#18181c');

/**
 * Returns the paint at a point on an object's surface. 0 is the colour of the object. On an object with a face, 1 and 2
 * are the light and the dark parts of the eyes on the front, and 1 is also the arrow on the top.
 */
function patchOf(solid: Solid, { ahead, across, up, piece }: Surface): 0 | 1 | 2 {
  if (!solid.face) return 0;
  const side = Math.abs(across);
  if (piece === 3) {
    const shaft = side < 0.07 && ahead > -0.34 && ahead <= 0.06;
    const head = ahead > 0.06 && side < 0.38 - ahead;
    return shaft || head ? 1 : 0;
  }
  if (ahead <= 0 || piece === 2) return 0;
  const d2 = (side - 0.19) * (side - 0.19) + (up - 0.66) * (up - 0.66);
  return d2 < 0.07 * 0.07 ? 2 : d2 < 0.15 * 0.15 ? 1 : 0;
}

/** Returns the colour of an object, or of the light or dark parts of its face. */
function paintOf({ colour }: Solid, patch: 0 | 1 | 2): Rgb {
  if (patch === 0) return COATS[colour];
  return patch === 2 ? BLACK : colour === 'white' ? COATS.blue : WHITE;
}

/** Returns the kind of tile at a floor position, 0 or 1. The origin is the centre of a tile: no pattern is chiral. */
function tileOf({ pattern, tile, heading, origin }: Floor, x: number, z: number): 0 | 1 {
  if (pattern === 'plain') return 0;
  const dx = x - origin.x;
  const dz = z - origin.z;
  const u = dx * heading.x + dz * heading.z;
  const v = dx * heading.z - dz * heading.x;
  const steps = Math.floor(Math.abs(u) / tile + 0.5) + Math.floor(Math.abs(v) / tile + 0.5);
  return (steps & 1) as 0 | 1;
}

const toneOf = (floor: Floor, tile: 0 | 1): Rgb => FLOORS[floor.tone]![tile];

/** Colour of the backdrop directly above the horizon. The floor fades into this colour. */
const HORIZON = srgb('#c4ccd4');
const ZENITH = srgb('#8ca4c4');
