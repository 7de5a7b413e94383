import type { Metadata } from 'sharp';
import { DataError } from '../datasets/data-error.ts';

/** Memory in bytes that concurrent tasks share. Each task waits, in order, until its part is free. */
export class Memory {
  private free: number;
  private readonly waiting: { bytes: number; start: () => void }[] = [];

  constructor(readonly total: number) {
    this.free = total;
  }

  /** @throws RangeError if `bytes` exceeds the total memory, because the task would wait forever */
  async hold<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    if (bytes > this.total) throw new RangeError(`Cannot reserve ${bytes} of ${this.total} bytes.`);
    if (this.waiting.length > 0 || bytes > this.free)
      await new Promise<void>((start) => this.waiting.push({ bytes, start }));
    else this.free -= bytes;
    try {
      return await work();
    } finally {
      this.free += bytes;
      this.startNext();
    }
  }

  private startNext(): void {
    for (let next; (next = this.waiting[0]) && next.bytes <= this.free; this.waiting.shift()) {
      this.free -= next.bytes;
      next.start();
    }
  }
}

/** Maximum memory for decoding images in this process, in bytes. The process as a whole stays below 2 GB. */
const PICTURES = new Memory(1.7e9);

/** Result of decoding: a small image, all pixels, or a file. `quarter`: a file after a quarter turn. */
export type Use = 'small' | 'pixels' | 'png' | 'quarter' | 'tiff' | 'webp' | 'jpeg';

/**
 * Bytes per pixel in a decoder's memory, for formats that are not decoded row by row. Measured with sharp 0.35 on
 * images of 67 megapixels, and rounded up.
 */
const KEPT: Record<string, number> = { webp: 8.5, heif: 19, gif: 5 };
/** Bytes per channel and pixel for a progressive JPEG, whose coefficients have two bytes. */
const COEFFICIENT = 2.1;
/** Memory of an encoded file, relative to its pixels. A growing file takes twice its size. */
const WRITTEN = 2.2;
/** Bytes per pixel for CMYK, and for the RGB image that is computed first (`upright` in decode.ts). */
const INKS = 7.1;
/** Bytes per pixel for an image with transparency, and for the RGB image over white (`asSeen` in decode.ts). */
const LAYERS = 7.1;
/** Bytes per pixel for writing JPEG and lossless WebP. Noise takes 4.2 and 44. */
const [WRITTEN_JPEG, WRITTEN_WEBP] = [4.4, 45];
/** Rows that are processed at a time, as a share of the image. */
const UNDER_WAY = 0.25;

/** Returns the maximum number of bytes per pixel of an image. @param turns whether the order of image rows changes */
export function bytesPerPixel(
  { format, space, channels, depth, hasAlpha, isProgressive, orientation = 1 }: Metadata,
  use: Use,
  turns: boolean,
): number {
  const pixel = 1.05 * channels * (BYTES[depth] ?? 8);
  const kept =
    format === 'jpeg'
      ? Number(isProgressive) * COEFFICIENT * channels
      : (KEPT[format] ?? (isProgressive ? pixel : 0));
  // A small image is rotated after downscaling, so the full image is not copied.
  const copied = use !== 'small' && (turns || orientation > 1) ? pixel : 0;
  const made = {
    small: 0,
    pixels: 3.1,
    png: WRITTEN * pixel,
    quarter: WRITTEN * pixel,
    tiff: WRITTEN * pixel,
    jpeg: WRITTEN_JPEG,
    webp: WRITTEN_WEBP,
  }[use];
  const blended = hasAlpha && (use === 'pixels' || use === 'png') ? LAYERS : 0;
  const colours = space === 'cmyk' ? INKS : blended;
  const first = kept + copied + colours + UNDER_WAY * pixel + made;
  // For a quarter turn, the intermediate image is stored as a file, decoded, rotated and encoded again.
  return use === 'quarter' ? Math.max(first, (1 + 1 + WRITTEN) * pixel) : first;
}

const BYTES: Record<string, number> = { uchar: 1, char: 1, ushort: 2, short: 2, uint: 4, int: 4, float: 4 };

/**
 * Waits until memory for an image is free, and runs `work`.
 * @throws DataError for an image that requires more than the total memory
 */
export async function withMemoryFor<T>(
  metadata: Metadata,
  { use, turns = false }: { use: Use; turns?: boolean },
  work: () => Promise<T>,
): Promise<T> {
  const { width, height } = metadata;
  const perPixel = bytesPerPixel(metadata, use, turns);
  const needed = width * height * perPixel;
  if (needed > PICTURES.total) {
    const most = Math.floor(PICTURES.total / perPixel / 1e6);
    const has = `The image has ${Math.round((width * height) / 1e6)} million pixels`;
    throw new DataError(
      'image-pixels',
      `${has}, but at most ${most} million of this format fit into memory.`,
      { fix: 'Downscale the image, or save it as a PNG or JPEG that is not interlaced or progressive.' },
    );
  }
  return PICTURES.hold(needed, work);
}
