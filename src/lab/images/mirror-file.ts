import { extname } from 'node:path';
import type { Sharp } from 'sharp';
import { DataError } from '../datasets/data-error.ts';
import { writeAtomically } from '../files/atomic.ts';
import { explain, openPicture } from './sharp.ts';
import { readBytes } from '../files/regular.ts';
import { composed, stepsOf, type Symmetry } from '../../core/symmetry.ts';
import { MIRROR, ORIGINAL } from '../../core/view-list.ts';

/** How to write a file of each ending; formats marked `exact` keep every pixel. */
const FORMATS: Record<string, { exact: boolean; write: (picture: Sharp) => Sharp }> = {
  '.png': { exact: true, write: (picture) => picture.png() },
  '.webp': { exact: true, write: (picture) => picture.webp({ lossless: true }) },
  '.tif': { exact: true, write: (picture) => picture.tiff({ compression: 'deflate' }) },
  '.jpg': { exact: false, write: (picture) => picture.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }) },
};
const ALIASES: Record<string, string> = { '.tiff': '.tif', '.jpeg': '.jpg' };

/**
 * Writes the mirror image of a picture file, or another symmetry of it. The EXIF orientation is applied first, because
 * mirroring the stored pixels and keeping the orientation could show the picture upside down; bit depth, transparency
 * and colour profile stay. PNG, WebP and TIFF are exact; JPEG has no lossless form and is written at quality 95.
 * A link at `target` is replaced, not followed. Returns whether the
 * file is exact.
 * @throws DataError if the source is not a picture, or `target` has another ending.
 */
export async function mirrorImageFile(
  source: string | Uint8Array,
  target: string,
  symmetry: Symmetry = MIRROR,
): Promise<{ exact: boolean }> {
  const ending = extname(target).toLowerCase();
  const format = FORMATS[ALIASES[ending] ?? ending];
  if (!format) {
    throw new DataError('image-format', `Pictures are not written as "${ending}".`, {
      fix: 'Use .png, .webp, .tif or .jpg.',
    });
  }
  const bytes = typeof source === 'string' ? await readBytes(source) : source;
  const picture = await turned(bytes, symmetry);
  const out = await explain(() => format.write(picture).toBuffer());
  await writeAtomically(target, (file) => file.writeFile(out), { follow: false });
  return { exact: format.exact };
}

/**
 * The mirror image of an encoded picture, exact to the pixel, as PNG, whatever the format of the original: a JPEG that
 * is encoded a second time would show a model which view it sees.
 * @throws DataError if the bytes are not a picture
 */
export const mirroredPng = (bytes: Uint8Array): Promise<Uint8Array> => turnedPng(bytes, MIRROR);

/** Another symmetry of an encoded picture, as `mirroredPng`. @throws DataError if the bytes are not a picture */
export async function turnedPng(bytes: Uint8Array, symmetry: Symmetry): Promise<Uint8Array> {
  const picture = await turned(bytes, symmetry);
  return explain(() => picture.png().toBuffer());
}

/**
 * An encoded picture as programs show it that ignore the EXIF orientation: the same bytes if it has none, else PNG.
 * @throws DataError if the bytes are not a picture
 */
export async function uprightPicture(bytes: Uint8Array): Promise<Uint8Array> {
  const opened = await openPicture(bytes);
  const { orientation = 1 } = await explain(() => opened.metadata());
  if (orientation === 1) return bytes;
  const picture = await turned(bytes, ORIGINAL);
  return explain(() => picture.png().toBuffer());
}

/** The picture under a symmetry, after its EXIF orientation; bit depth, transparency and colour profile stay. */
async function turned(bytes: Uint8Array, symmetry: Symmetry): Promise<Sharp> {
  const opened = await openPicture(bytes);
  const { space, hasProfile } = await explain(() => opened.metadata());
  const { turnsX, turnsY } = stepsOf(upright(symmetry));
  let picture = opened.clone().autoOrient();
  if (turnsX) picture = picture.flop();
  if (turnsY) picture = picture.flip();
  // Unless named, 16-bit colour spaces (depth maps) would silently be reduced to 8 bits.
  if (space === 'grey16' || space === 'rgb16') picture = picture.toColourspace(space);
  if (hasProfile) picture = picture.keepIccProfile();
  return stepsOf(symmetry).exchanges ? quarterTurned(picture, space, hasProfile === true) : picture;
}

/** The part of a symmetry before the quarter turn that some symmetries end with. */
const upright = (symmetry: Symmetry): Symmetry =>
  stepsOf(symmetry).exchanges ? composed(symmetry, 'rotate:270') : symmetry;

/** A quarter turn clockwise, in a separate pipeline, because within one the library chooses the order of its steps. */
async function quarterTurned(picture: Sharp, space: string | undefined, profile: boolean): Promise<Sharp> {
  const opened = await openPicture(await explain(() => picture.png().toBuffer()));
  const turned = opened.rotate(90);
  const kept = space === 'grey16' || space === 'rgb16' ? turned.toColourspace(space) : turned;
  return profile ? kept.keepIccProfile() : kept;
}
