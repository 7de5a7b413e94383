import { readRange } from '../files/regular.ts';
import { DataError } from './data-error.ts';

/** Number of bytes that are read at the start and at the end of a file. */
const START = 64;
const END = 1 << 16;

/** Image formats, by their first bytes in hexadecimal digits, with the file extension of images that datasets contain. */
const FORMATS: readonly [name: string, magic: RegExp, ending?: string][] = [
  ['PNG', /^89504e470d0a1a0a/, 'png'],
  ['JPEG', /^ffd8ff/, 'jpg'],
  ['GIF', /^474946383[79]61/, 'gif'],
  ['WebP', /^52494646.{8}57454250/, 'webp'],
  ['BMP', /^424d.{8}0000/, 'bmp'],
  ['TIFF', /^(?:49492a00|4d4d002a)/, 'tif'],
  ['AVIF', /^.{8}667479706176(?:6966|6973)/],
  ['HEIC', /^.{8}66747970(?:686569|686576|6d696631)/],
  ['JPEG 2000', /^0000000c6a50/],
  ['JPEG XL', /^(?:ff0a|0000000c4a584c)/],
  ['OpenEXR', /^762f3101/],
  ['Netpbm', /^503[1-7](?:0a|0d|20|09)/],
  ['SVG', /^3c(?:737667|3f786d6c)/],
];

/** Formats that models receive, each with a check that a file is complete. */
const RECEIVED: Readonly<Record<string, (end: Buffer, start: Buffer, size: number) => boolean>> = {
  PNG: (end) => end.includes('IEND', 0, 'latin1'),
  // A complete file has an end marker after the last scan. A preview in the file's head has its own markers.
  JPEG: (end) => end.lastIndexOf(JPEG_END) > end.lastIndexOf(JPEG_SCAN),
  GIF: (end) => end.subarray(-4).includes(0x3b),
  WebP: (_, start, size) => size >= start.readUInt32LE(4) + 8,
  TIFF: () => true, // The parts of a TIFF file can have any order.
  AVIF: () => true,
  HEIC: () => true,
};
/** Matches the first bytes of MP4 and QuickTime, WebM and Matroska, and AVI files. */
const VIDEO = /^.{8}66747970(?!61766966|61766973|686569|686576|6d696631)|^1a45dfa3|^52494646.{8}41564920/;

const hexOf = (start: Uint8Array): string => Buffer.from(start.subarray(0, START)).toString('hex');

const formatOf = (start: Uint8Array) => {
  const hex = hexOf(start);
  return FORMATS.find(([, magic]) => magic.test(hex));
};

/** Returns the name of an image's format by its first bytes; undefined for other files. */
export const pictureFormat = (start: Uint8Array): string | undefined => formatOf(start)?.[0];

/** Whether a file is an image of a format that models receive, by its first bytes. */
export const isPictureStart = (start: Buffer): boolean => (pictureFormat(start) ?? '') in RECEIVED;

/** Returns the file extension for an image's first bytes, or `bin` for other bytes. Some programs rely on extensions. */
export const endingOf = (bytes: Uint8Array): string => formatOf(bytes)?.[2] ?? 'bin';

/** Whether a file is a video, by its first bytes. */
export const isVideoStart = (start: Buffer): boolean => VIDEO.test(hexOf(start));

const JPEG_SCAN = Buffer.from([0xff, 0xda]);
const JPEG_END = Buffer.from([0xff, 0xd9]);

/**
 * Checks the beginning and end of an image file, because most damaged files are incomplete downloads or copies.
 * Decoding with `data check --images` finds other damage. Reads at most 64 KiB.
 * @returns the first bytes of the file
 * @throws DataError `image-format` for a file of another kind, `image-damaged` for an empty or truncated file
 */
export async function checkPictureFile(path: string, size: number): Promise<Buffer> {
  const fix = 'Download or export the image again.';
  if (size === 0) throw new DataError('image-damaged', 'The image file is empty.', { fix });
  const from = Math.max(0, size - END);
  const end = await readRange(path, from, Math.min(END, size));
  const start = from === 0 ? end.subarray(0, START) : await readRange(path, 0, START);
  const isWhole = RECEIVED[pictureFormat(start) ?? ''];
  if (isVideoStart(start))
    throw new DataError('image-video', 'The file is a video, not an image.', {
      fix: 'Set the file as video, so that its frames become the images of the row.',
    });
  if (!isWhole)
    throw new DataError('image-format', 'The image format is not supported.', {
      fix: 'Convert the image to PNG or JPEG.',
    });
  if (!isWhole(end, start, size)) throw new DataError('image-damaged', 'The image is truncated.', { fix });
  return start;
}
