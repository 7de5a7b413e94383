import { declaredSize, type Sample } from '../../core/spatial/sample.ts';
import { runsOf } from '../../core/spatial/rle.ts';
import { decodeImage } from './decode.ts';
import { DataError } from '../datasets/data-error.ts';
import type { ImageFiles } from '../datasets/image-files.ts';

/** Half of full brightness, because masks are black and white, but JPEG blurs their edges. */
const THRESHOLD = 128;

/**
 * Reads the mask that a mapping names as a picture (`mask_image`) into `masks`, as runs in the picture's own pixels, and
 * notes the picture's size, which points from 0 to 1 need.
 * @throws DataError if the mask cannot be read or is black
 */
export async function readMaskImage(sample: Sample, files: ImageFiles): Promise<Sample> {
  const { mask_image: mask, ...rest } = sample;
  if (mask === undefined) return sample;
  const { width, height, data } = await decodeImage(await files.bytes(mask as Sample['images'][number]));
  const pixels = new Uint8Array(width * height);
  for (let x = 0; x < width; x++)
    for (let y = 0; y < height; y++) pixels[x * height + y] = Number(data[3 * (y * width + x)]! >= THRESHOLD);
  if (!pixels.includes(1)) throw new DataError('mask', 'The mask is black: no point would be right.');
  const [image, ...others] = sample.images;
  const sized =
    image === undefined || declaredSize(image)
      ? image
      : { ...(typeof image === 'string' ? { path: image } : image), w: width, h: height };
  return {
    ...rest,
    images: sized === undefined ? [] : [sized, ...others],
    masks: [{ size: [height, width], counts: runsOf(pixels) }],
  };
}
