import { extname } from 'node:path';
import type { Sharp } from 'sharp';
import { DataError } from '../datasets/data-error.ts';
import { writeAtomically } from '../files/atomic.ts';
import type { Use } from './memory.ts';
import { openPicture, withPicture } from './sharp.ts';
import { readBytes } from '../files/regular.ts';
import { stepsOf } from '../../rows/symmetry.ts';
import { MIRROR, type PixelView, type ViewId, viewOf } from '../../rows/view-list.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { focalOf } from '../../rows/views/resample/warp.ts';
import { resamplePixels } from '../../rows/views/resample/pixels.ts';
import { decodeImage, encodeImage, imageSize, upright } from './decode.ts';
import { encodePng } from './png.ts';

/** Encoders by file extension. Encoders with `exact` are lossless. */
const FORMATS: Record<string, Format> = {
  '.png': { use: 'png', exact: true, write: (picture) => picture.png() },
  '.webp': { use: 'webp', exact: true, write: (picture) => picture.webp({ lossless: true }) },
  '.tif': { use: 'tiff', exact: true, write: (picture) => picture.tiff({ compression: 'deflate' }) },
  // Optimised tables would require the whole image in memory, 12 bytes per pixel, and save only 2%.
  '.jpg': {
    use: 'jpeg',
    exact: false,
    write: (picture) => picture.jpeg({ quality: 95, chromaSubsampling: '4:4:4', optimiseCoding: false }),
  },
};

interface Format {
  use: Use;
  exact: boolean;
  write: (picture: Sharp) => Sharp;
}

const ALIASES: Record<string, string> = { '.tiff': '.tif', '.jpeg': '.jpg' };

/**
 * Writes an image file under a symmetry, by default the mirror. The EXIF orientation is applied first, because
 * mirroring stored pixels could turn the image upside down. Bit depth, transparency and colour profile stay. PNG, WebP
 * and TIFF are lossless. JPEG has no lossless form and is written at quality 95. A link at `target` is replaced, not
 * followed. Returns whether the new file is exact.
 * @throws DataError if the source is not an image, or `target` has another extension
 */
export async function mirrorImageFile(
  source: string | Uint8Array,
  target: string,
  symmetry: PixelView = MIRROR,
): Promise<{ exact: boolean }> {
  const ending = extname(target).toLowerCase();
  const format = FORMATS[ALIASES[ending] ?? ending];
  if (!format) {
    throw new DataError('image-format', `Cannot write images as "${ending}".`, {
      fix: 'Use .png, .webp, .tif or .jpg.',
    });
  }
  const bytes = typeof source === 'string' ? await readBytes(source) : source;
  const out = await turned(bytes, symmetry, format);
  await writeAtomically(target, out, { follow: false });
  return { exact: format.exact };
}

/**
 * Returns the lossless mirror image of an encoded image. Always PNG: encoding JPEG again would reveal the view to a
 * model.
 * @throws DataError if the bytes are not an image
 */
export const mirroredPng = (bytes: Uint8Array): Promise<Uint8Array> => turnedPng(bytes, MIRROR);

/** Returns an image under another symmetry, like `mirroredPng`. @throws DataError if the bytes are not an image */
export const turnedPng = (bytes: Uint8Array, symmetry: PixelView): Promise<Uint8Array> =>
  turned(bytes, symmetry, FORMATS['.png']!);

/** Encodes an image under a symmetry, after EXIF rotation. Bit depth, transparency and colour profile stay. */
function turned(bytes: Uint8Array, symmetry: PixelView, { use, write }: Format): Promise<Uint8Array> {
  const steps = stepsOf(symmetry);
  const { exchanges } = steps;
  // A quarter turn exchanges x and y, and then reflects x. Reflections before the turn have the other axis.
  const [turnsX, turnsY] = exchanges ? [steps.turnsY, !steps.turnsX] : [steps.turnsX, steps.turnsY];
  const need = { use: exchanges && use !== 'webp' ? ('quarter' as const) : use, turns: turnsY };
  return withPicture(bytes, need, async (opened, metadata) => {
    const { space, hasProfile } = metadata;
    let picture = await upright(opened, metadata);
    if (turnsX) picture = picture.flop();
    if (turnsY) picture = picture.flip();
    // By default, 16-bit colour spaces (depth maps) would silently be reduced to 8 bits.
    if (space === 'grey16' || space === 'rgb16') picture = picture.toColourspace(space);
    if (hasProfile) picture = picture.keepIccProfile();
    return write(exchanges ? await quarterTurned(picture, space, hasProfile === true) : picture).toBuffer();
  });
}

/** Rotates clockwise by a quarter turn, in a separate pipeline, because sharp chooses the order within a pipeline. */
async function quarterTurned(picture: Sharp, space: string | undefined, profile: boolean): Promise<Sharp> {
  const opened = await openPicture(await picture.png().toBuffer());
  const turned = opened.rotate(90);
  const kept = space === 'grey16' || space === 'rgb16' ? turned.toColourspace(space) : turned;
  return profile ? kept.keepIccProfile() : kept;
}

export interface NewPixels {
  steps: ReturnType<typeof viewOf>['resamples'];
  /** Focal length in pixels, for pan operations. */
  focal: number | undefined;
}

/** Returns the operations of a view that compute new pixels. Null for a symmetry or the original. */
export function newPixelsOf(view: ViewId, sample: Pick<Sample, 'meta' | 'images'>): NewPixels | null {
  const steps = viewOf(view).resamples;
  return steps.length > 0 ? { steps, focal: focalOf(sample) } : null;
}

/**
 * Returns the operations for a depth map: operations that move pixels, but not colour changes, because depth is not a
 * colour.
 */
export function ofDepthMap(made: NewPixels | null): NewPixels | null {
  const steps = made?.steps.filter(({ op }) => op !== 'grey' && op !== 'light') ?? [];
  return steps.length > 0 ? { ...made!, steps } : null;
}

/**
 * Computes the image of a view with new pixels, before its symmetry, as lossless PNG.
 * @throws DataError if the bytes are not an image; RangeError for a pan without a focal length
 */
export async function withNewPixels(bytes: Uint8Array, { steps, focal }: NewPixels): Promise<Uint8Array> {
  let picture = await decodeImage(bytes);
  for (const step of steps) picture = { ...picture, ...resamplePixels(picture, step, focal) };
  return encodeImage(picture, 'plain-png');
}

/** Returns a grey PNG image with the size of another image. */
export async function greyLike(bytes: Uint8Array): Promise<Uint8Array> {
  const { w, h } = await imageSize(bytes);
  return encodePng({ w, h, rgb: new Uint8Array(w * h * 3).fill(128) });
}
