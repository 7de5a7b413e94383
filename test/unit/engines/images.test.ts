import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutPatches } from '../../../src/engines/embedded/image-reader.ts';
import type { ModelShape } from '../../../src/engines/embedded/shape.ts';

const SIZE = 4;
const shape = { imageSize: SIZE, patchSize: 2 } as ModelShape;
const pixels = fc.uint8Array({ minLength: SIZE * SIZE * 3, maxLength: SIZE * SIZE * 3 });

function mirrored(rgb: Uint8Array): Uint8Array {
  return rgb.map((_, i) => {
    const [row, x, colour] = [Math.floor(i / (SIZE * 3)), Math.floor(i / 3) % SIZE, i % 3];
    return rgb[(row * SIZE + SIZE - 1 - x) * 3 + colour]!;
  });
}

it('the mirrored view of an image is the view of the mirrored image, whatever the mean', () => {
  fc.assert(
    fc.property(pixels, pixels, (rgb, mean) => {
      const view = cutPatches(rgb, Float32Array.from(mean), shape, 'mirror');
      expect(view).toEqual(cutPatches(mirrored(rgb), Float32Array.from(mean), shape, 'original'));
    }),
  );
});

it('patches go row by row, and so do the pixels in each', () => {
  const rgb = Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, i) => Math.floor(i / 3));
  const patches = cutPatches(rgb, new Float32Array(rgb.length), shape, 'original');
  const reds = Array.from(patches, (x) => Math.round((x * 255) / 3)).filter((_, i) => i % 3 === 0);
  expect(reds).toEqual([0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15]);
});
