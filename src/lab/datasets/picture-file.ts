import { readRange } from '../files/regular.ts';
import { DataError } from './data-error.ts';

/** Number of bytes that are read at the start and at the end of a file. */
const START = 64;
const END = 1 << 16;

/** Image formats, by their first bytes in hexadecimal digits, each with a check that a file is complete. */
const FORMATS: readonly [magic: RegExp, isWhole: (end: Buffer, start: Buffer, size: number) => boolean][] = [
  [/^89504e470d0a1a0a/, (end) => end.includes('IEND', 0, 'latin1')],
  // A complete file has an end marker after the last scan. A preview in the file's head has its own markers.
  [/^ffd8ff/, (end) => end.lastIndexOf(JPEG_END) > end.lastIndexOf(JPEG_SCAN)],
  [/^474946383[79]61/, (end) => end.subarray(-4).includes(0x3b)],
  [/^52494646.{8}57454250/, (_, start, size) => size >= start.readUInt32LE(4) + 8],
  [/^.{8}66747970/, () => true], // AVIF and HEIF
  [/^(?:49492a00|4d4d002a)/, () => true], // TIFF, whose parts can have any order
];
/** Matches the first bytes of MP4 and QuickTime, WebM and Matroska, and AVI files. */
const VIDEO = /^.{8}66747970(?!61766966|61766973|686569|686576|6d696631)|^1a45dfa3|^52494646.{8}41564920/;

/** Whether a file is an image of a format that models receive, by its first bytes. */
export const isPictureStart = (start: Buffer): boolean => formatOf(hexOf(start)) !== undefined;

/** Whether a file is a video, by its first bytes. */
export const isVideoStart = (start: Buffer): boolean => VIDEO.test(hexOf(start));

const hexOf = (start: Buffer): string => start.toString('hex', 0, START);
const formatOf = (magic: string) => FORMATS.find(([begins]) => begins.test(magic));

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
  const format = formatOf(hexOf(start));
  if (isVideoStart(start))
    throw new DataError('image-video', 'The file is a video, not an image.', {
      fix: 'Set the file as video, so that its frames become the images of the row.',
    });
  if (!format)
    throw new DataError('image-format', 'The image format is not supported.', {
      fix: 'Convert the image to PNG or JPEG.',
    });
  if (!format[1](end, start, size)) throw new DataError('image-damaged', 'The image is truncated.', { fix });
  return start;
}
