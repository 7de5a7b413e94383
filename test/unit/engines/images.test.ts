import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutPatches, type DecodedImage } from '../../../src/engines/embedded/image-reader.ts';
import type { ModelShape } from '../../../src/engines/embedded/shape.ts';
import { property } from '../../support/property.ts';

const SIZE = 4;
const shape = { imageSize: SIZE, patchSize: 2 } as ModelShape;
const pixels = fc.uint8Array({ minLength: SIZE * SIZE * 3, maxLength: SIZE * SIZE * 3 });

function mirrored(rgb: Uint8Array): Uint8Array {
  return rgb.map((_, i) => {
    const [row, x, colour] = [Math.floor(i / (SIZE * 3)), Math.floor(i / 3) % SIZE, i % 3];
    return rgb[(row * SIZE + SIZE - 1 - x) * 3 + colour]!;
  });
}

const squareOf = (data: Uint8Array) => ({ width: SIZE, height: SIZE, data });

property(
  'the mirror view of an image equals the original view of the mirrored image',
  [pixels, pixels],
  (rgb, mean) => {
    const view = cutPatches(squareOf(rgb), Float32Array.from(mean), shape, 'mirror');
    expect(view).toEqual(cutPatches(squareOf(mirrored(rgb)), Float32Array.from(mean), shape, 'original'));
  },
);

describe('cutPatches with other proportions', () => {
  const wide = fc.uint8Array({ minLength: SIZE * 2 * 3, maxLength: SIZE * 2 * 3 });
  const mean = new Float32Array(SIZE * SIZE * 3);
  const fills = { ...shape, fill: 'right' } as ModelShape;
  const turned = ({ width, height, data }: DecodedImage) => ({
    width,
    height,
    data: data.map((_, i) => {
      const [row, x, colour] = [Math.floor(i / (width * 3)), Math.floor(i / 3) % width, i % 3];
      return data[(row * width + width - 1 - x) * 3 + colour]!;
    }),
  });
  /** Model pixels of a row of the square. */
  const row = (patches: Float32Array, y: number) =>
    Array.from({ length: SIZE }, (_, x) => {
      const patch = Math.floor(y / 2) * 2 + Math.floor(x / 2);
      return Math.round((patches[patch * 12 + (y % 2) * 6 + (x % 2) * 3]! * 255) / 3);
    });

  property('cutPatches: pads on the right in every view, or equally if symmetric', [wide], (data) => {
    const high = { width: 2, height: SIZE, data };
    const cut = (image: DecodedImage, view: 'original' | 'mirror', symmetric: boolean) =>
      cutPatches(image, mean, fills, view, symmetric);
    for (const symmetric of [false, true])
      expect(cut(high, 'mirror', symmetric)).toEqual(cut(turned(high), 'original', symmetric));
    const reds = (x: number, y: number) => data[(y * 2 + x) * 3]!;
    for (let y = 0; y < SIZE; y++) {
      expect(row(cut(high, 'original', false), y)).toEqual([reds(0, y), reds(1, y), 127, 127]);
      expect(row(cut(high, 'mirror', false), y)).toEqual([reds(1, y), reds(0, y), 127, 127]);
      expect(row(cut(high, 'mirror', true), y)).toEqual([127, reds(1, y), reds(0, y), 127]);
    }
  });
});

it('cutPatches orders patches and the pixels in each patch row by row', () => {
  const rgb = Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, i) => Math.floor(i / 3));
  const patches = cutPatches(squareOf(rgb), new Float32Array(rgb.length), shape, 'original');
  const reds = Array.from(patches, (x) => Math.round((x * 255) / 3)).filter((_, i) => i % 3 === 0);
  expect(reds).toEqual([0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15]);
});
