/**
 * Boxes and their formats. Pixel coordinates are edges, not indices: in every format, the right edge of an image is at
 * its width, not at width − 1. A guess never overrides a format that a row or model declares.
 */

/** Image size in pixels. */
export interface Size {
  w: number;
  h: number;
}

/** Corners of a box: x1, y1, x2, y2. */
export type Xyxy = [number, number, number, number];

const SHAPES = ['xyxy', 'xywh', 'cxcywh', 'point'] as const;
/** Units of coordinates: `px` for pixels, `norm` for 0–1 and `1000` for 0–1000 of the image's width and height. */
const UNITS = ['px', 'norm', '1000'] as const;
type BoxShape = (typeof SHAPES)[number];
type BoxUnit = (typeof UNITS)[number];

export type BoxFormat =
  `${BoxShape}_${BoxUnit}` | 'polygon_px' | 'keypoints_px' | 'scalar_x_px' | 'scalar_y_px';

/** All values of `box_format`, in the order of help texts. */
export const BOX_FORMATS: readonly BoxFormat[] = [
  ...SHAPES.flatMap((shape) => UNITS.map((unit) => `${shape}_${unit}` as const)),
  'polygon_px',
  'keypoints_px',
  'scalar_x_px',
  'scalar_y_px',
];

/** Returns whether a value from a file is one of `BOX_FORMATS`. */
export function isBoxFormat(value: unknown): value is BoxFormat {
  return (BOX_FORMATS as readonly unknown[]).includes(value);
}

/**
 * Splits `xywh_1000` into the shape `xywh` and the unit `1000`. Null for polygons, key points and scalars, which have
 * no shape of four numbers.
 */
export function splitFormat(format: BoxFormat): { shape: BoxShape; unit: BoxUnit } | null {
  const [shape, unit] = format.split('_') as [BoxShape, BoxUnit];
  return SHAPES.includes(shape) ? { shape, unit } : null;
}

/** Returns the length of one unit in pixels, along x and y. */
function scale(unit: BoxUnit, size: Size): [number, number] {
  if (unit === 'px') return [1, 1];
  const full = unit === 'norm' ? 1 : 1000;
  return [size.w / full, size.h / full];
}

/**
 * Converts a box of any format to pixel corners. A point becomes a box without area. Sorts corners in the wrong order.
 * `size` can be undefined only for pixel formats.
 * @throws RangeError if the numbers do not fit the format, or if the format requires a size and `size` is undefined
 */
export function toPixels(box: readonly number[], format: BoxFormat, size?: Size): Xyxy {
  const parts = splitFormat(format);
  if (!parts) throw new RangeError(`${format} is not a box format.`);
  const { shape, unit } = parts;
  const expected = shape === 'point' ? 2 : 4;
  if (box.length !== expected || !box.every(Number.isFinite)) {
    throw new RangeError(`${format} requires ${expected} finite numbers, not [${box.join(', ')}].`);
  }
  if (unit !== 'px' && !size)
    throw new RangeError(`${format} needs the image's width and height. Add w and h to the image.`);
  const [sx, sy] = scale(unit, size ?? { w: 1, h: 1 });
  const [a, b, c = 0, d = 0] = box as [number, number, number?, number?];
  const corners: Record<BoxShape, Xyxy> = {
    xyxy: [a, b, c, d],
    xywh: [a, b, a + c, b + d],
    cxcywh: [a - c / 2, b - d / 2, a + c / 2, b + d / 2],
    point: [a, b, a, b],
  };
  const [x1, y1, x2, y2] = corners[shape];
  return [Math.min(x1, x2) * sx, Math.min(y1, y2) * sy, Math.max(x1, x2) * sx, Math.max(y1, y2) * sy];
}

/** Converts pixel corners to a format; the inverse of `toPixels` for sorted corners. A point is the box's centre. */
export function fromPixels([x1, y1, x2, y2]: Xyxy, format: BoxFormat, size?: Size): number[] {
  const parts = splitFormat(format);
  if (!parts) throw new RangeError(`${format} is not a box format.`);
  if (parts.unit !== 'px' && !size)
    throw new RangeError(`${format} needs the image's width and height. Add w and h to the image.`);
  const [sx, sy] = scale(parts.unit, size ?? { w: 1, h: 1 });
  const [a, b, c, d] = [x1 / sx, y1 / sy, x2 / sx, y2 / sy];
  const shaped: Record<BoxShape, number[]> = {
    xyxy: [a, b, c, d],
    xywh: [a, b, c - a, d - b],
    cxcywh: [(a + c) / 2, (b + d) / 2, c - a, d - b],
    point: [(a + c) / 2, (b + d) / 2],
  };
  return shaped[parts.shape];
}

/** Returns the area of the box, in its squared unit, or 0 if its corners are in the wrong order. */
export const areaOf = ([x1, y1, x2, y2]: Xyxy): number => Math.max(0, x2 - x1) * Math.max(0, y2 - y1);

export function clampToImage([x1, y1, x2, y2]: Xyxy, { w, h }: Size): Xyxy {
  const x = (v: number) => Math.min(Math.max(v, 0), w);
  const y = (v: number) => Math.min(Math.max(v, 0), h);
  return [x(x1), y(y1), x(x2), y(y2)];
}

/** Returns the width of the coordinate system: 1, 1000, or the image width in pixels. Null if this width is unknown. */
export function fullWidth(format: BoxFormat, size: Size | undefined): number | null {
  const unit = splitFormat(format)?.unit ?? 'px';
  return unit === 'norm' ? 1 : unit === '1000' ? 1000 : (size?.w ?? null);
}

/**
 * Mirrors one entry of numbers, or of the numbers' decimal texts: x becomes `full` − x. The corners of a box swap, so
 * that sorted corners stay sorted.
 */
export function mirrorEntry<T>(
  entry: readonly T[],
  format: BoxFormat,
  full: T,
  subtract: (from: T, ...parts: T[]) => T,
): T[] {
  const shape = splitFormat(format)?.shape ?? format;
  const [a, b, c, d] = entry as readonly [T, T, T, T];
  if (shape === 'xyxy') return [subtract(full, c), b, subtract(full, a), d];
  if (shape === 'xywh') return [subtract(full, a, c), b, c, d];
  if (shape === 'polygon_px') return entry.map((v, i) => (i % 2 === 0 ? subtract(full, v) : v));
  return [subtract(full, a), ...entry.slice(1)];
}
