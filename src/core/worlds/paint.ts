import type { Surface } from './solids.ts';
import type { Colour, Floor, Solid } from './world.ts';

/** Linear light, 0–1. */
export type Rgb = readonly [number, number, number];

const srgb = (hex: string): Rgb =>
  [1, 3, 5].map((at) => {
    const v = parseInt(hex.slice(at, at + 2), 16) / 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  }) as unknown as Rgb;

/** Colours that can be told from one another and from every floor, in light and in shadow. */
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

/** Pairs of floor tones, one for each kind of tile; a plain floor uses the first. */
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
 * Returns the paint at a point of a solid's surface: 0 is its own colour. On a solid with a face, 1 and 2 are the light
 * and dark of the eyes on its front, and 1 is the arrow on its top.
 */
export function patchOf(solid: Solid, { ahead, across, up, piece }: Surface): 0 | 1 | 2 {
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

/** The colour of a solid, or of the light or dark part of its face. */
export function paintOf({ colour }: Solid, patch: 0 | 1 | 2): Rgb {
  if (patch === 0) return COATS[colour];
  return patch === 2 ? BLACK : colour === 'white' ? COATS.blue : WHITE;
}

/**
 * The kind of tile at a point of the floor, 0 or 1. Tiles are centred on the origin, so the pattern has no handedness.
 */
export function tileOf({ pattern, tile, heading, origin }: Floor, x: number, z: number): 0 | 1 {
  if (pattern === 'plain') return 0;
  const dx = x - origin.x;
  const dz = z - origin.z;
  const u = dx * heading.x + dz * heading.z;
  const v = dx * heading.z - dz * heading.x;
  const steps = Math.floor(Math.abs(u) / tile + 0.5) + Math.floor(Math.abs(v) / tile + 0.5);
  return (steps & 1) as 0 | 1;
}

export const toneOf = (floor: Floor, tile: 0 | 1): Rgb => FLOORS[floor.tone]![tile];

/** The backdrop, from the horizon upwards. The floor fades into its lowest colour. */
export const HORIZON = srgb('#c4ccd4');
export const ZENITH = srgb('#8ca4c4');
