import { subtractDecimals } from '../../base/numbers.ts';
import {
  type BoxFormat,
  fullWidth,
  mirrorEntry,
  type Size,
  splitFormat,
  toPixels,
  type Xyxy,
} from '../sample/boxes.ts';
import type { Mask, Sample } from '../sample/sample.ts';
import type { SceneObject } from '../scene-graph/scene-graph.ts';
import { mirrorRle, transposeRle } from '../sample/rle.ts';
import { exchanged, stepsOf, turned, type Symmetry } from '../symmetry.ts';

/**
 * Boxes, points and masks under every symmetry of the rectangle, composed of the mirror and the exchange of x and y.
 *
 * The mirror is x → full − x for every x. Coordinates are pixel edges, so 0 maps to the image's full width `w`. For
 * pixel indices, if a row declares them, pass a width that is smaller by one. Every function is its own inverse: lists
 * keep their order, the corners of a sorted box stay sorted, and decimals keep their precision.
 */

/** Names of the 17 key points of COCO, in order. */
const COCO_KEYPOINTS = [
  'nose',
  ...['eye', 'ear', 'shoulder', 'elbow', 'wrist', 'hip', 'knee', 'ankle'].flatMap((part) => [
    `left_${part}`,
    `right_${part}`,
  ]),
];

type Keypoint = [x: number, y: number, visible: number];

/** Moves named key points under a reflection. Each key point takes the position of its partner on the other side. */
function withPartners(
  values: readonly number[],
  names: readonly string[] | undefined,
  move: (point: Keypoint) => Keypoint,
): number[] {
  const count = values.length / 3;
  const labels = names ?? (count === COCO_KEYPOINTS.length ? COCO_KEYPOINTS : undefined);
  if (labels?.length !== count) {
    throw new RangeError(`Key points require x, y and visibility per name, not ${values.length} numbers.`);
  }
  return labels.flatMap((name) => {
    const partner = labels.indexOf(partnerName(name));
    if (partner < 0) throw new RangeError(`Key point "${name}" has no partner on the other side.`);
    return move(values.slice(3 * partner, 3 * partner + 3) as Keypoint);
  });
}

const SIDES = new Map(
  [
    ['left', 'right'],
    ['Left', 'Right'],
    ['LEFT', 'RIGHT'],
    ['l', 'r'],
    ['L', 'R'],
  ].flatMap(([left, right]) => [
    [left!, right!],
    [right!, left!],
  ]),
);

/**
 * Returns the name for the other side: `left_eye`, `LeftEye`, `l_eye` ↔ `right_eye`, `RightEye`, `r_eye`. Returns other
 * names unchanged.
 */
function partnerName(name: string): string {
  return name.replace(/left|right|Left|Right|LEFT|RIGHT|(?<![a-zA-Z])[lrLR](?![a-zA-Z])/g, (side) =>
    SIDES.get(side)!,
  );
}

/*
 * Decimal arithmetic with numbers as written. In floating point, 1 − 0.1 − 0.8 is 0.09999999999999998, but a mirrored
 * file must contain 0.1, and a second mirror must restore the original bytes.
 */

/** Returns the shortest text for a number, without an exponent. A coordinate below 1e-20 counts as zero. */
function plain(x: number): string {
  const text = String(x);
  if (!text.includes('e')) return text;
  return Math.abs(x) < 1 ? x.toFixed(20) : String(BigInt(x));
}

/**
 * Computes `from − a − b …` with the decimals that each number has. The function is its own inverse while 15
 * significant digits, the limit of a double, suffice for all operands.
 */
function subtract(from: number, ...parts: number[]): number {
  return Number(subtractDecimals(plain(from), ...parts.map(plain)));
}

/**
 * Transforms one entry of `boxes` with its image: a box, a point, a polygon (flat list of x and y), key points (flat
 * list of x, y and visibility, with the names of the points if they differ from COCO's 17) or a single x or y.
 * @throws RangeError if the numbers do not fit the format, the required size is missing, or a single x or y would
 * become the other coordinate
 */
export function turnBox(
  box: readonly number[],
  symmetry: Symmetry,
  format: BoxFormat,
  size?: Size,
  keypointNames?: readonly string[],
): number[] {
  const { exchanges, turnsX, turnsY } = stepsOf(symmetry);
  if (format === 'scalar_x_px' || format === 'scalar_y_px') {
    if (exchanges)
      throw new RangeError('This view exchanges x and y, so it cannot transform a single coordinate.');
    const isX = format === 'scalar_x_px';
    if (!(isX ? turnsX : turnsY)) return [...box];
    const full = isX ? size?.w : size?.h;
    if (full === undefined) throw new RangeError(`${format} needs the image's ${isX ? 'width' : 'height'}.`);
    return box.map((v) => subtract(full, v));
  }
  return turned([...box], symmetry, size, {
    exchange: (entry) => {
      if (format === 'keypoints_px')
        return withPartners(entry, keypointNames, ([x, y, seen]) => [y, x, seen]);
      if (entry.length % 2 !== 0)
        throw new RangeError(`${format} needs pairs of numbers, got ${entry.length}.`);
      return exchanged(entry);
    },
    reflect: (entry, frame) => reflected(entry, format, frame, keypointNames),
  });
}

/** Mirrors an entry of `boxes`. Unlabelled key points (visibility 0) have no position that could change. */
function reflected(entry: readonly number[], format: BoxFormat, size?: Size, names?: readonly string[]) {
  const full = fullWidth(format, size);
  if (full === null) throw new RangeError(`${format} needs the image's width. Add w and h to the image.`);
  if (format === 'keypoints_px')
    return withPartners(entry, names, ([x, y, seen]) => [seen === 0 ? x : subtract(full, x), y, seen]);
  const expected = splitFormat(format)?.shape === 'point' ? 2 : 4;
  if (format === 'polygon_px' && entry.length % 2 !== 0)
    throw new RangeError('A polygon must be a list of x, y pairs.');
  if (format !== 'polygon_px' && entry.length !== expected)
    throw new RangeError(`${format} needs ${expected} numbers, got ${entry.length}.`);
  return mirrorEntry(entry, format, full, subtract);
}

/** Transforms a point [x, y, …] with its image. The unit is that of `format`, by default pixels. */
export const turnPoint = (
  point: readonly number[],
  symmetry: Symmetry,
  format: BoxFormat | undefined,
  size?: Size,
): number[] =>
  turned([...point], symmetry, size, {
    exchange: ([x, y, ...rest]) => [y!, x!, ...rest],
    reflect: ([x, ...rest], frame) => {
      const full = fullWidth(format ?? 'point_px', frame);
      if (full === null)
        throw new RangeError("A point in pixels needs the image's width. Add w and h to the image.");
      return x === undefined ? [] : [subtract(full, x), ...rest];
    },
  });

/**
 * Transforms a mask with its image: run-length encoding (in the size of the mask), or polygons in pixels.
 * @throws RangeError if runs do not fill the size, or if the image width for polygons is missing
 */
export const turnMask = (mask: Mask, symmetry: Symmetry, size?: Size): Mask =>
  turned(mask, symmetry, size, {
    exchange: (shape) =>
      Array.isArray(shape)
        ? shape.map((polygon) => exchanged(polygon))
        : { ...shape, size: [shape.size[1], shape.size[0]], counts: transposeRle(shape.counts, shape.size) },
    reflect: (shape, frame) => {
      if (!Array.isArray(shape)) return { ...shape, counts: mirrorRle(shape.counts, shape.size) };
      if (!frame) throw new RangeError("Polygons in pixels need the image's width.");
      return shape.map((polygon) => reflected(polygon, 'polygon_px', frame));
    },
  });

/** Returns the box of an object in pixels, or null. @throws RangeError if its numbers do not fit their format */
export const placeOf = ({ box, box_format: format = 'xyxy_px' }: SceneObject, size: Size): Xyxy | null =>
  box && splitFormat(format) ? toPixels(box, format, size) : null;

/** Returns the boxes of a row in pixels. @throws RangeError if their numbers do not fit the format */
export const placesOf = ({ boxes = [], box_format: format }: Sample, size: Size): Xyxy[] =>
  format && splitFormat(format) ? boxes.map((box) => toPixels(box, format, size)) : [];
