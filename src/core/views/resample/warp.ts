import { isRecord } from '../../json.ts';
import type { Size } from '../../sample/boxes.ts';
import { declaredSize, type Sample } from '../../sample/sample.ts';
import type { Resample } from '../../view-parts.ts';

/** Maps points of a picture to its view and back, both in pixels from the upper left corner. */
export interface Warp {
  size: Size;
  to(point: readonly [number, number]): [number, number];
  from(point: readonly [number, number]): [number, number];
  /** `from` as a projective matrix, row by row, for views that interpolate pixels. */
  back?: Projective;
}

/** Takes (x, y, 1) to a point in homogeneous coordinates. */
export type Projective = readonly [...Triple, ...Triple, ...Triple];
type Triple = readonly [number, number, number];

const through =
  ([a, b, c, d, e, f, g, h, i]: Projective): Warp['from'] =>
  ([x, y]) => {
    const depth = g * x + h * y + i;
    return [(a * x + b * y + c) / depth, (d * x + e * y + f) / depth];
  };

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

/**
 * Turns the picture clockwise about its middle, and cuts it to the largest rectangle of the same shape without empty
 * corners.
 */
function rolled(degrees: number, { w, h }: Size): Warp {
  const [cos, sin] = [Math.cos(radians(degrees)), Math.sin(radians(degrees))];
  const [c, s] = [cos, Math.abs(sin)];
  const part = Math.min(w / (w * c + h * s), h / (w * s + h * c));
  const size = { w: Math.max(1, Math.floor(part * w)), h: Math.max(1, Math.floor(part * h)) };
  const turn: Turn = (u, v) => [cos * u - sin * v, sin * u + cos * v];
  return turned(turn, [cos, sin, 0], [-sin, cos, 0], [0, 0, 1], size, { w, h });
}

/** Maps a point to its place in the view, both relative to the middle of the picture. */
type Turn = (x: number, y: number) => [number, number];

/**
 * Makes the map of a turn, with its inverse as a projective matrix in rows: from points relative to the middle of the
 * view, or to `ox`, `oy`, to points relative to the middle of the picture.
 */
function turned(
  turn: Turn,
  [a, b, c]: Triple,
  [d, e, f]: Triple,
  [g, h, i]: Triple,
  size: Size,
  picture: Size,
  [ox, oy]: readonly [number, number] = [size.w / 2, size.h / 2],
): Warp {
  const [mx, my] = [picture.w / 2, picture.h / 2];
  const depth: Triple = [g, h, i - g * ox - h * oy];
  const of = (p: number, q: number, r: number, middle: number): Triple => [
    p + middle * depth[0],
    q + middle * depth[1],
    r - p * ox - q * oy + middle * depth[2],
  ];
  const back: Projective = [...of(a, b, c, mx), ...of(d, e, f, my), ...depth];
  const to: Warp['to'] = ([x, y]) => {
    const [u, v] = turn(x - mx, y - my);
    return [u + ox, v + oy];
  };
  return { size, to, from: through(back), back };
}

/**
 * The camera turns on the spot, by degrees to its right: the homography K·R·K⁻¹, cut to a rectangle that both pictures
 * show.
 */
function panned(degrees: number, { w, h }: Size, focal: number): Warp {
  const [cos, sin] = [Math.cos(radians(degrees)), Math.sin(radians(degrees))];
  /** From the middle, in pixels. */
  const turn: Turn = (x, y) => {
    const depth = x * sin + focal * cos;
    return [(focal * (x * cos - focal * sin)) / depth, (focal * y) / depth];
  };
  // The edge towards which the camera turns moves inwards, and the picture becomes lower there.
  const edge = (Math.sign(degrees) * w) / 2;
  const [inner, lowest] = turn(edge, h / 2);
  const [x1, x2] = degrees > 0 ? [-w / 2, inner] : [inner, w / 2];
  const high = Math.min(h / 2, lowest);
  const size = { w: Math.max(1, Math.floor(x2 - x1)), h: Math.max(1, Math.floor(2 * high)) };
  const [ox, oy] = [degrees > 0 ? -x1 : size.w - x2, size.h / 2];
  return turned(
    turn,
    [focal * cos, 0, focal * focal * sin],
    [0, focal, 0],
    [-sin, 0, focal * cos],
    size,
    { w, h },
    [ox, oy],
  );
}

/** Distance of the slanted picture from the camera, relative to its width. */
const ASLANT_FROM = 2;

/**
 * Shows the picture held at a slant: turned about its vertical middle, its right edge away from the viewer, and cut to
 * the rectangle that it fills.
 */
function slanted(degrees: number, { w, h }: Size): Warp {
  const [cos, sin] = [Math.cos(radians(degrees)), Math.sin(radians(degrees))];
  const far = ASLANT_FROM * w;
  const seen: Turn = (x, y) => {
    const depth = far + x * sin;
    return [(far * x * cos) / depth, (far * y) / depth];
  };
  const [[left], [right]] = [seen(-w / 2, 0), seen(w / 2, 0)];
  const [, lowest] = seen((Math.sign(degrees) * w) / 2, h / 2);
  const size = { w: Math.max(1, Math.floor(right - left)), h: Math.max(1, Math.floor(2 * lowest)) };
  const [ox, oy] = [-left, size.h / 2];
  return turned(seen, [far, 0, 0], [0, far * cos, 0], [-sin, 0, far * cos], size, { w, h }, [ox, oy]);
}

/**
 * The focal length of a row's picture in pixels: the stated one, or that of the world that the picture shows; undefined
 * if it is not known.
 */
export function focalOf({ meta, images }: Pick<Sample, 'meta' | 'images'>): number | undefined {
  const stated = meta?.focal_px;
  if (typeof stated === 'number' && stated > 0) return stated;
  const camera = isRecord(meta?.world) && meta.world.camera;
  const focal = isRecord(camera) ? camera.focal : undefined;
  const size = declaredSize(images[0]);
  return typeof focal === 'number' && focal > 0 && size ? focal * size.h : undefined;
}
