import { isRecord } from '../../../base/json.ts';
import type { Size } from '../../sample/boxes.ts';
import { declaredSize, type Sample } from '../../sample/sample.ts';
import type { Resample } from '../../view-parts.ts';

/** Maps points of an image to a view and back, both in pixels from the top-left corner. */
export interface Warp {
  size: Size;
  to(point: readonly [number, number]): [number, number];
  from(point: readonly [number, number]): [number, number];
  /** Mapping `from` as a projective matrix, row by row. */
  back: Projective;
}

/** Matrix that maps (x, y, 1) to a point in homogeneous coordinates. */
export type Projective = readonly [...Triple, ...Triple, ...Triple];
type Triple = readonly [number, number, number];

/** Returns whether an operation loses a part of the image. */
export const isCut = (resample: Resample): boolean => resample.op === 'crop' || turns(resample);
/** Returns whether an operation makes the sides of a box not parallel to the image's sides. */
export const turns = ({ op }: Resample): boolean => op === 'roll' || op === 'pan' || op === 'slant';

/** Returns a function that maps points by a projective matrix. */
const through =
  ([a, b, c, d, e, f, g, h, i]: Projective): Warp['from'] =>
  ([x, y]) => {
    const depth = g * x + h * y + i;
    return [(a * x + b * y + c) / depth, (d * x + e * y + f) / depth];
  };

/** Returns the inverse of a projective matrix, up to a factor that does not affect points. */
const inverted = ([a, b, c, d, e, f, g, h, i]: Projective): Projective => {
  const first: Triple = [e * i - f * h, c * h - b * i, b * f - c * e];
  const second: Triple = [f * g - d * i, a * i - c * g, c * d - a * f];
  return [...first, ...second, d * h - e * g, b * g - a * h, a * e - b * d];
};

const warp = (size: Size, back: Projective): Warp => ({
  size,
  to: through(inverted(back)),
  from: through(back),
  back,
});

/**
 * Returns the geometry of a view. Null if no position changes (grey, light), and for a pan without a focal length.
 * @param focal focal length in pixels
 */
export function warpOf(resample: Resample, { w, h }: Size, focal?: number): Warp | null {
  switch (resample.op) {
    case 'grey':
    case 'light':
      return null;
    case 'crop': {
      const [x1, y1, x2, y2] = resample.box;
      const [left, top] = [Math.min(Math.round(x1 * w), w - 1), Math.min(Math.round(y1 * h), h - 1)];
      const size = { w: Math.round(x2 * w) - left, h: Math.round(y2 * h) - top };
      return warp(atLeastOne(size), [1, 0, left, 0, 1, top, 0, 0, 1]);
    }
    case 'pad': {
      const side = Math.max(w, h);
      const [left, top] = [Math.floor((side - w) / 2), Math.floor((side - h) / 2)];
      return warp({ w: side, h: side }, [1, 0, -left, 0, 1, -top, 0, 0, 1]);
    }
    case 'scale': {
      const size = atLeastOne({ w: Math.round(w * resample.by), h: Math.round(h * resample.by) });
      return warp(size, [w / size.w, 0, 0, 0, h / size.h, 0, 0, 0, 1]);
    }
    case 'roll':
      return rolled(resample.degrees, { w, h });
    case 'slant':
      return slanted(resample.degrees, { w, h });
    case 'pan':
      return focal === undefined ? null : panned(resample.degrees, { w, h }, focal);
  }
}

const atLeastOne = ({ w, h }: Size): Size => ({ w: Math.max(1, w), h: Math.max(1, h) });

const turnBy = (degrees: number): [cos: number, sin: number] => {
  const radians = (degrees * Math.PI) / 180;
  return [Math.cos(radians), Math.sin(radians)];
};

/**
 * Returns the warp for a rotation. The rotation's matrix maps points of the view, relative to `origin`, to points
 * relative to the centre of the image.
 */
function turned(
  [a, b, c, d, e, f, g, h, i]: Projective,
  size: Size,
  picture: Size,
  [ox, oy]: readonly [number, number] = [size.w / 2, size.h / 2],
): Warp {
  const depth: Triple = [g, h, i - g * ox - h * oy];
  const row = (p: number, q: number, r: number, middle: number): Triple => [
    p + middle * depth[0],
    q + middle * depth[1],
    r - p * ox - q * oy + middle * depth[2],
  ];
  return warp(size, [...row(a, b, c, picture.w / 2), ...row(d, e, f, picture.h / 2), ...depth]);
}

/**
 * Returns the warp that rotates the image clockwise about its centre, and crops the result to the largest rectangle of
 * the same shape without empty corners.
 */
function rolled(degrees: number, { w, h }: Size): Warp {
  const [cos, sin] = turnBy(degrees);
  const s = Math.abs(sin);
  const part = Math.min(w / (w * cos + h * s), h / (w * s + h * cos));
  const size = atLeastOne({ w: Math.floor(part * w), h: Math.floor(part * h) });
  return turned([cos, sin, 0, -sin, cos, 0, 0, 0, 1], size, { w, h });
}

/** Returns the warp for a camera that rotates to its right: K·R·K⁻¹, cropped to a rectangle that both images show. */
function panned(degrees: number, { w, h }: Size, focal: number): Warp {
  const [cos, sin] = turnBy(degrees);
  const turn: Projective = [focal * cos, 0, focal * focal * sin, 0, focal, 0, -sin, 0, focal * cos];
  // The image edge towards which the camera rotates moves inwards, and the image becomes lower at this edge.
  const edge = (Math.sign(degrees) * w) / 2;
  const [inner, lowest] = through(inverted(turn))([edge, h / 2]);
  const [x1, x2] = degrees > 0 ? [-w / 2, inner] : [inner, w / 2];
  const size = atLeastOne({ w: Math.floor(x2 - x1), h: Math.floor(2 * Math.min(h / 2, lowest)) });
  return turned(turn, size, { w, h }, [degrees > 0 ? -x1 : size.w - x2, size.h / 2]);
}

/** Distance of the slanted image from the camera, relative to the image width. */
const ASLANT_FROM = 2;

/**
 * Returns the warp that slants the image: rotates it about its vertical centre line, with the right edge away from the
 * viewer, and crops the result to the rectangle that it fills.
 */
function slanted(degrees: number, { w, h }: Size): Warp {
  const [cos, sin] = turnBy(degrees);
  const far = ASLANT_FROM * w;
  const turn: Projective = [far, 0, 0, 0, far * cos, 0, -sin, 0, far * cos];
  const seen = through(inverted(turn));
  const [[left], [right]] = [seen([-w / 2, 0]), seen([w / 2, 0])];
  const [, lowest] = seen([(Math.sign(degrees) * w) / 2, h / 2]);
  const size = atLeastOne({ w: Math.floor(right - left), h: Math.floor(2 * lowest) });
  return turned(turn, size, { w, h }, [-left, size.h / 2]);
}

/**
 * Returns the focal length of a row's image in pixels: the stored focal length, or else the focal length of the image's
 * world. Undefined if unknown.
 */
export function focalOf({ meta, images }: Pick<Sample, 'meta' | 'images'>): number | undefined {
  const stated = meta?.focal_px;
  if (typeof stated === 'number' && stated > 0) return stated;
  const camera = isRecord(meta?.world) && meta.world.camera;
  const focal = isRecord(camera) ? camera.focal : undefined;
  const size = declaredSize(images[0]);
  return typeof focal === 'number' && focal > 0 && size ? focal * size.h : undefined;
}
