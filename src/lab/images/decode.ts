import type { Metadata, Sharp } from 'sharp';
import type { DepthRange } from '../../base/depth-range.ts';
import type { Problem } from '../../base/problem.ts';
import type { Size } from '../../rows/sample/boxes.ts';
import { explain, loadSharp, openPicture, withPicture } from './sharp.ts';
import { decodePng, scaledPng } from './png.ts';
import { declaredSize, type Sample } from '../../rows/sample/sample.ts';
import { runsOf } from '../../rows/sample/rle.ts';
import { DataError } from '../datasets/data-error.ts';
import type { ImageFiles } from '../datasets/image-files.ts';

const ANIMATED: Problem = {
  severity: 'warning',
  code: 'image-animated',
  message: 'The image is animated. Chirality uses its first frame.',
  fix: 'Set the file as video, so that its frames become the images of the row.',
};

/**
 * Decodes an image as a model sees it: rotated by EXIF, transparency over white, 16 bits reduced to the upper 8, grey
 * and CMYK as RGB, the first frame of an animation. With `size`, stretches it to that size, bicubic as in Pillow (at
 * most 3 of 255 apart; decoders that shrink on their own would differ by up to 16).
 * @throws DataError if the file is not an image, damaged, larger than 268 megapixels, or too large for memory
 * (`memory.ts`)
 */
export async function decodeImage(bytes: Uint8Array, size?: Size): Promise<Pixels> {
  const need = ({ hasAlpha }: Metadata) => ({
    use: size && !hasAlpha ? ('small' as const) : ('pixels' as const),
  });
  const { data, info } = await withPicture(bytes, need, async (...opened) => {
    const picture = (await asSeen(...opened)).raw();
    if (size) picture.resize(size.w, size.h, { fit: 'fill', kernel: 'cubic', fastShrinkOnLoad: false });
    return picture.toBuffer({ resolveWithObject: true });
  });
  return { width: info.width, height: info.height, data };
}

/** Returns an opened image as a model sees it (`decodeImage`). */
async function asSeen(picture: Sharp, metadata: Metadata): Promise<Sharp> {
  const turned = (await upright(picture, metadata)).toColourspace('srgb');
  if (!metadata.hasAlpha || metadata.space === 'cmyk') return turned;
  const { data, info } = await turned.raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const rgb = new Uint8Array(3 * width * height);
  // Rounded as in Pillow. sharp rounds down.
  for (let from = 0, to = 0; to < rgb.length; from += 4)
    for (let i = 0; i < 3; i++)
      rgb[to++] = Math.round(255 - ((255 - data[from + i]!) * data[from + 3]!) / 255);
  return (await loadSharp())(rgb, { raw: { width, height, channels: 3 } });
}

/**
 * Rotates an opened image by its EXIF orientation. CMYK becomes RGB as in Pillow and models' processors; sharp's
 * default profile would give other colours.
 */
export async function upright(picture: Sharp, { space }: Metadata): Promise<Sharp> {
  const turned = picture.clone().autoOrient();
  if (space !== 'cmyk') return turned;
  const inks = turned.pipelineColourspace('cmyk').toColourspace('cmyk').raw();
  const { data, info } = await inks.toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const rgb = Buffer.alloc(3 * width * height);
  for (let from = 0, to = 0; to < rgb.length; from += channels) {
    const light = 255 - data[from + 3]!;
    for (let i = 0; i < 3; i++) {
      const product = data[from + i]! * light + 128;
      rgb[to++] = light - (((product >> 8) + product) >> 8);
    }
  }
  return (await loadSharp())(rgb, { raw: { width, height, channels: 3 } });
}

/**
 * Whether every program decodes the file as models see it: RGB with 8 bits, no rotation, opaque, a single frame.
 * Palettes and grey do not count, because some processors reject them.
 */
const isPlain = ({ format, space, channels, depth, isPalette, pages = 1, orientation = 1 }: Metadata) =>
  ['jpeg', 'png', 'webp'].includes(format) &&
  [space, channels, depth, isPalette, pages, orientation].join() === 'srgb,3,uchar,false,1,1';

/**
 * Encodes an image as models see it (`decodeImage`), for programs with other decoders. If all decoders agree on the
 * file, its bytes are unchanged. Otherwise, the result is PNG.
 * @param depth depth range of 16-bit grey
 * @throws DataError like `decodeImage`
 */
export async function plainPicture(bytes: Uint8Array, depth: DepthRange = 'upper'): Promise<Uint8Array> {
  const opened = await openPicture(bytes);
  if (isPlain(await explain(() => opened.metadata()))) return bytes;
  return withPicture(bytes, { use: 'png' }, async (picture, metadata) => {
    const isScaled = depth !== 'upper' && metadata.space === 'grey16';
    const seen = isScaled ? await inRange(picture, metadata, depth) : await asSeen(picture, metadata);
    return seen.png().toBuffer();
  });
}

/** Scales 16-bit grey to 8-bit RGB, so that a range of values becomes black to white. */
async function inRange(picture: Sharp, metadata: Metadata, depth: readonly [number, number]): Promise<Sharp> {
  const deep = (await upright(picture, metadata)).toColourspace('grey16').png();
  const scaled = await scaledPng(await deep.toBuffer(), depth);
  return (await openPicture(scaled!)).toColourspace('srgb');
}

/** Returns the displayed width and height, after EXIF rotation. Reads only the header. */
export async function imageSize(bytes: Uint8Array): Promise<Size> {
  const picture = await openPicture(bytes);
  const { autoOrient } = await explain(() => picture.metadata());
  return { w: autoOrient.width, h: autoOrient.height };
}

/**
 * Checks an image by decoding it, because a header does not reveal truncation. Returns the displayed size and problems.
 * @throws DataError like `decodeImage`
 */
export async function validateImage(bytes: Uint8Array): Promise<{ size: Size; problems: Problem[] }> {
  return (await examined(bytes, { use: 'small' }, decodedSmall)).found;
}

/** Decodes an image with `decode`, and returns the results of `validateImage`. */
async function examined<T>(
  bytes: Uint8Array,
  need: Parameters<typeof withPicture>[1],
  decode: (picture: Sharp, metadata: Metadata) => Promise<T>,
): Promise<{ found: { size: Size; problems: Problem[] }; metadata: Metadata; decoded: T }> {
  return withPicture(bytes, need, async (picture, metadata) => {
    const decoded = await decode(picture, metadata);
    const { autoOrient, pages = 1 } = metadata;
    const size = { w: autoOrient.width, h: autoOrient.height };
    return { found: { size, problems: pages > 1 ? [ANIMATED] : [] }, metadata, decoded };
  });
}

/** At this size, the decoder reduces a JPEG to an eighth, twice as fast. `nearest` would skip the last rows. */
const decodedSmall = (picture: Sharp): Promise<Buffer> =>
  picture.clone().resize(8, 8, { fit: 'fill', kernel: 'linear' }).raw().toBuffer();

/** EXIF orientations for which the stored pixels are the mirror image of the displayed image. */
const MIRRORED = [2, 4, 5, 7];
const WRITE_PLAIN = 'Write plain copies with chirality convert … --extract-images FOLDER --as-seen.';
const CHOOSE_DEPTH: Record<string, string> = {
  png: 'To store the values of black and white for the dataset, run chirality data check … --depth 0..5000. To keep the upper 8 bits, use --depth upper.',
  tiff: `${WRITE_PLAIN} For a depth map, add the range of its values, for example --depth 0..5000.`,
};

/**
 * Checks an image like `validateImage`, and reports properties that other programs might process differently.
 * @throws DataError like `decodeImage`
 */
export async function checkImage(bytes: Uint8Array): Promise<{ size: Size; problems: Problem[] }> {
  const {
    found,
    metadata,
    decoded: seesThrough,
  } = await examined(
    bytes,
    ({ hasAlpha }) => ({ use: hasAlpha ? 'pixels' : 'small' }),
    async (picture, metadata) => {
      if (metadata.hasAlpha) return isSeeThrough(picture, metadata);
      await decodedSmall(picture);
      return false;
    },
  );
  const { size, problems } = found;
  const { orientation = 1, space, format } = metadata;
  const stored = (code: string, message: string, fix = WRITE_PLAIN) =>
    problems.push({ severity: 'warning', code, message, fix });
  if (MIRRORED.includes(orientation))
    stored(
      'image-mirrored',
      `The image is stored mirrored (EXIF orientation ${orientation}). In programs that ignore EXIF, left and right are exchanged. A question about sides therefore has two correct answers.`,
    );
  else if (orientation > 1)
    stored(
      'image-turned',
      `The image is stored turned (EXIF orientation ${orientation}). Programs that ignore EXIF show the image ${orientation === 3 ? 'upside down' : 'on its side'}.`,
    );
  if (space === 'grey16')
    stored(
      'image-16-bit',
      'The image has 16 bits. Chirality uses the upper 8 bits. Most loaders show every value above 255 as white.',
      CHOOSE_DEPTH[format] ?? CHOOSE_DEPTH.tiff,
    );
  if (seesThrough)
    stored(
      'image-transparent',
      'The image has transparent pixels. Chirality shows these pixels as white. Some loaders show hidden colours.',
    );
  return { size, problems };
}

/** Whether any pixel is not opaque. Decodes the whole image. */
async function isSeeThrough(picture: Sharp, { channels }: Metadata): Promise<boolean> {
  const last = (channels - 1) as 1 | 3;
  const alpha = await picture.clone().extractChannel(last).toColourspace('b-w').raw().toBuffer();
  return alpha.some((value) => value < 255);
}

/**
 * Encoders of `encodeImage`. For JPEG, the default (optimised Huffman tables) takes 40% more time for 2% fewer bytes. A
 * PNG that is only decoded again is not compressed, because compression would take most of the time.
 */
const ENCODINGS = {
  png: (picture) => picture.png(),
  'plain-png': (picture) => picture.png({ compressionLevel: 0 }),
  jpeg: (picture) => picture.jpeg({ quality: 90, optimiseCoding: false }),
} satisfies Record<string, (picture: Sharp) => Sharp>;

/**
 * Encodes pixels as a PNG (lossless) or JPEG (quality 90) file. Both views of a pair need the same encoding.
 * @param isMirrored whether to swap left and right first, in a thread of the image library
 */
export async function encodeImage(
  { width, height, data }: Pixels,
  format: keyof typeof ENCODINGS,
  isMirrored = false,
): Promise<Uint8Array> {
  const picture = (await loadSharp())(data, { raw: { width, height, channels: 3 } });
  return ENCODINGS[format](isMirrored ? picture.flop() : picture).toBuffer();
}

/**
 * Downscales an image for remote display so that no side exceeds `longest` pixels. Encodes the result without metadata.
 * @returns the image with its size, and the original size. @param options.mirror whether to swap left and right
 */
export const smallPicture = (
  bytes: Uint8Array,
  { longest, mirror }: { longest: number; mirror: boolean },
): Promise<{ bytes: Uint8Array; mime: string; size: Size; from: Size }> =>
  withPicture(bytes, { use: 'small' }, async (picture, { autoOrient }) => {
    const small = picture.autoOrient().resize(longest, longest, { fit: 'inside', withoutEnlargement: true });
    const turned = mirror ? small.flop() : small;
    const { data, info } = await turned
      .flatten({ background: 'white' })
      .jpeg({ quality: 80 })
      .toBuffer({ resolveWithObject: true });
    const from = { w: autoOrient.width, h: autoOrient.height };
    return { bytes: data, mime: 'image/jpeg', size: { w: info.width, h: info.height }, from };
  });

/**
 * Returns the size of an image that is scaled to fit in a square. The padding along the shorter side is an even number
 * of pixels, so that the image can be centred.
 */
function sizeWithin(side: number, { w, h }: Size): Size {
  const shorter = (x: number) =>
    Math.max(
      side - 2 * Math.floor((side - 1) / 2),
      side - 2 * Math.round((side - (side * x) / Math.max(w, h)) / 2),
    );
  return w >= h ? { w: side, h: shorter(h) } : { w: shorter(w), h: side };
}

/**
 * Decodes an image for the embedded engine. Chirality's own images of the right size need no image library, so the demo
 * runs without one.
 */
export async function decodeForModel(
  file: Uint8Array,
  { side, within }: { side: number; within: boolean },
): Promise<Pixels> {
  const plain = decodePng(file);
  if (plain && plain.w === side && plain.h === side) return { width: side, height: side, data: plain.rgb };
  return decodeImage(file, within ? sizeWithin(side, await imageSize(file)) : { w: side, h: side });
}

/** A decoded image: rows from top to bottom, three bytes (red, green, blue) per pixel. */
export interface Pixels {
  width: number;
  height: number;
  /** Pixel values in `width · height · 3` bytes. */
  data: Uint8Array;
}

/** Brightness from which a mask's pixel counts as white: half, because JPEG blurs the edges of masks. */
const THRESHOLD = 128;

/**
 * Converts the mask image (`mask_image`) of a row to `masks`, as runs in the mask image's pixels. Also stores the
 * image's size, which points from 0 to 1 require.
 * @throws DataError if the mask is unreadable or black
 */
export async function readMaskImage(sample: Sample, files: ImageFiles): Promise<Sample> {
  const { mask_image: mask, ...rest } = sample;
  if (mask === undefined) return sample;
  const { width, height, data } = await decodeImage(await files.bytes(mask));
  const pixels = new Uint8Array(width * height);
  for (let x = 0; x < width; x++)
    for (let y = 0; y < height; y++) pixels[x * height + y] = Number(data[3 * (y * width + x)]! >= THRESHOLD);
  if (!pixels.includes(1)) throw new DataError('mask', 'The mask is black, so no point can be correct.');
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
