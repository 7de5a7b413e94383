import type { BoxFormat, Size } from '../boxes.ts';
import { mirrorBox, mirrorMask, mirrorPoint, withPartners } from '../mirror/geometry.ts';
import { transposeRle } from '../mirror/rle.ts';
import type { Mask } from '../sample.ts';
import { sizeIn, stepsOf, type Symmetry } from './symmetry.ts';

/**
 * Boxes, points and masks under the symmetries of the rectangle. Each symmetry is built from exchanges of x and y and
 * reflections of x, so that the mirror's exact decimals and sorted corners apply to all of them.
 */

/** How to exchange x and y in a value, and how to reflect its x, in a picture of a given size. */
interface Steps<T> {
  exchange: (value: T) => T;
  reflect: (value: T, size: Size | undefined) => T;
}

/** Applies a symmetry to a value. `size` is that of the picture before. */
export function turned<T>(value: T, symmetry: Symmetry, size: Size | undefined, steps: Steps<T>): T {
  const { exchanges, turnsX, turnsY } = stepsOf(symmetry);
  const other = size && { ...size, w: size.h, h: size.w };
  const after = size && sizeIn(symmetry, size);
  let out = exchanges ? steps.exchange(value) : value;
  if (turnsX) out = steps.reflect(out, after);
  if (turnsY) out = steps.exchange(steps.reflect(steps.exchange(out), after === size ? other : size));
  return out;
}

/** Exchanges x and y in a box or point of four or two numbers, or in a list of x, y pairs. */
export const exchanged = <T>(entry: readonly T[]): T[] =>
  entry.map((_, i) => entry[i % 2 === 0 ? i + 1 : i - 1]!);

/**
 * Turns one entry of `boxes` with its picture (compare `mirrorBox`).
 * @throws RangeError if the numbers do not fit the format, the size is needed and missing, or a single x or y would
 * become the other
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
    if (exchanges) throw new RangeError('A single coordinate becomes the other one in this view.');
    const [turns, full] = format === 'scalar_x_px' ? [turnsX, size?.w] : [turnsY, size?.h];
    return turns
      ? mirrorBox(box, 'scalar_x_px', full === undefined ? undefined : { w: full, h: full })
      : [...box];
  }
  return turned([...box], symmetry, size, {
    exchange: (entry) => {
      if (format === 'keypoints_px')
        return withPartners(entry, keypointNames, ([x, y, seen]) => [y, x, seen]);
      if (entry.length % 2 !== 0)
        throw new RangeError(`${format} needs pairs of numbers, got ${entry.length}.`);
      return exchanged(entry);
    },
    reflect: (entry, at) => mirrorBox(entry, format, at, keypointNames),
  });
}

/** Turns one point [x, y, …] with its picture. */
export const turnPoint = (
  point: readonly number[],
  symmetry: Symmetry,
  format: BoxFormat | undefined,
  size?: Size,
): number[] =>
  turned([...point], symmetry, size, {
    exchange: ([x, y, ...rest]) => [y!, x!, ...rest],
    reflect: (entry, at) => mirrorPoint(entry, format, at),
  });

/** Turns a mask with its picture. @throws RangeError as `mirrorMask` does */
export const turnMask = (mask: Mask, symmetry: Symmetry, size?: Size): Mask =>
  turned(mask, symmetry, size, {
    exchange: (one) =>
      Array.isArray(one)
        ? one.map((polygon) => exchanged(polygon))
        : { ...one, size: [one.size[1], one.size[0]], counts: transposeRle(one.counts, one.size) },
    reflect: (one, at) => mirrorMask(one, at),
  });
