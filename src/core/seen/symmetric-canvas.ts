import type { Size } from '../../rows/sample/boxes.ts';
import { seenBy, type SeenFamily, type SeenMap } from './seen-map.ts';

/** Maximum number of additional columns and of additional rows that the search tries. */
const MORE = 96;

/** Additional columns and rows that the search tries, starting with the fewest pixels. */
const NEAR = Array.from({ length: MORE ** 2 }, (_, i) => [i % MORE, Math.floor(i / MORE)] as const).sort(
  ([a, b], [c, d]) => a + b - c - d,
);

/**
 * Returns the smallest canvas, with the image at its centre, for which the input from the mirrored canvas is the
 * mirrored input. Null without such a canvas, or for a rejected size.
 * @returns the canvas, and the size of the image on it: stretched by a pixel if the difference is odd
 */
export function symmetricCanvas(family: SeenFamily, size: Size): { canvas: Size; size: Size } | null {
  const canvas = canvasFor(family, size);
  return (
    canvas && {
      canvas,
      size: { w: size.w + ((canvas.w - size.w) % 2), h: size.h + ((canvas.h - size.h) % 2) },
    }
  );
}

function canvasFor(family: SeenFamily, size: Size): Size | null {
  const map = seenBy(family, size);
  if (!map || isSymmetric(map, size)) return map && size;
  const [left, top, right, below] = map.fill;
  const longer = Math.max(size.w, size.h);
  // Tries the processor's own padding on all sides, then a square, then the next larger canvases.
  const least: Size[] = [
    {
      w: size.w + Math.floor((Math.abs(right - left) * size.w) / map.size.w),
      h: size.h + Math.floor((Math.abs(below - top) * size.h) / map.size.h),
    },
    { w: longer, h: longer },
  ];
  for (const { w, h } of least)
    for (const [wider, higher] of NEAR) {
      const canvas = { w: w + wider, h: h + higher };
      const seen = seenBy(family, canvas);
      if (seen && isSymmetric(seen, canvas)) return canvas;
    }
  return null;
}

/** Whether crop and padding are equal on opposite sides of the image. */
const isSymmetric = ({ fill, crop }: SeenMap, { w, h }: Size): boolean =>
  fill[0] === fill[2] &&
  fill[1] === fill[3] &&
  Math.abs(crop[0] + crop[2] - w) < 1e-6 &&
  Math.abs(crop[1] + crop[3] - h) < 1e-6;
