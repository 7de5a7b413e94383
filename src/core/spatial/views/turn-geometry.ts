import type { BoxFormat, Size } from '../boxes.ts';
import { mirrorBox, mirrorMask, mirrorPoint, withPartners } from '../mirror/geometry.ts';
import { transposeRle } from '../mirror/rle.ts';
import type { Mask } from '../sample.ts';
import { sizeIn, stepsOf, type Symmetry } from './symmetry.ts';

/**
 * Boxes, points and masks under the symmetries of the rectangle, each as exchanges of x and y and reflections of x: so
 * the exact decimals and the sorted corners of the mirror hold for all of them.
 */

/** What exchanging x and y, and reflecting x, do to something in a picture of a size. */
interface Steps<T> {
  exchange: (value: T) => T;
  reflect: (value: T, size: Size | undefined) => T;
}

/** `size` is that of the picture before. */
export function turned<T>(value: T, symmetry: Symmetry, size: Size | undefined, steps: Steps<T>): T {
  const { exchanges, turnsX, turnsY } = stepsOf(symmetry);
  const other = size && { ...size, w: size.h, h: size.w };
  const after = size && sizeIn(symmetry, size);
  let out = exchanges ? steps.exchange(value) : value;
  if (turnsX) out = steps.reflect(out, after);
  if (turnsY) out = steps.exchange(steps.reflect(steps.exchange(out), after === size ? other : size));
  return out;
}

/** A box or point of four or two numbers, or a list of x, y pairs, with x and y exchanged. */
export const exchanged = <T>(entry: readonly T[]): T[] =>
  entry.map((_, i) => entry[i % 2 === 0 ? i + 1 : i - 1]!);

/**
 * One entry of `boxes` in the turned picture (as `mirrorBox`).
 * @throws RangeError when the numbers do not fit the format, the size is needed and missing, or a single x or y would
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

/** One point [x, y, …] in the turned picture. */
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

/** A mask in the turned picture. @throws RangeError as `mirrorMask` does */
export const turnMask = (mask: Mask, symmetry: Symmetry, size?: Size): Mask =>
  turned(mask, symmetry, size, {
    exchange: (one) =>
      Array.isArray(one)
        ? one.map((polygon) => exchanged(polygon))
        : { ...one, size: [one.size[1], one.size[0]], counts: transposeRle(one.counts, one.size) },
    reflect: (one, at) => mirrorMask(one, at),
  });
