import type { PixelView } from '../../core/view-list.ts';
import { turnPixels } from '../../core/symmetry.ts';
import { patchFloats, type ModelShape } from './shape.ts';

/**
 * Decodes an image file and scales it to exactly this size: red, green and blue of each pixel, 8 bits each, row by
 * row. Passed in when the engine is opened, so that engines import no image library.
 */
export type DecodeImage = (file: Uint8Array, size: { width: number; height: number }) => Promise<Uint8Array>;

/** Contrast of the model's input, because differences from the mean image rarely exceed a third of the range. */
const CONTRAST = 3;

/**
 * The patches of an image, row by row: [image tokens, patch floats], minus the mean image of the training data (both
 * [side, side, 3], 0–255). For a turned view, the image is turned before it is cut.
 */
export function cutPatches(
  rgb: Uint8Array,
  mean: Float32Array,
  shape: ModelShape,
  view: PixelView,
): Float32Array {
  const { imageSize: side, patchSize: patch } = shape;
  const out = new Float32Array(side * side * 3);
  const floats = patchFloats(shape);
  const { data } = turnPixels({ width: side, height: side, data: rgb }, view);
  const across = side / patch;
  const run = patch * 3;
  for (let y = 0; y < side; y++) {
    for (let column = 0; column < across; column++) {
      const to = (Math.floor(y / patch) * across + column) * floats + (y % patch) * run;
      const at = y * side * 3 + column * run;
      for (let i = 0; i < run; i++) out[to + i] = ((data[at + i]! - mean[at + i]!) / 255) * CONTRAST;
    }
  }
  return out;
}
