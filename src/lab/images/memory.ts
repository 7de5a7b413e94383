import type { Metadata } from 'sharp';
import { DataError } from '../datasets/data-error.ts';

/** A number of bytes that several pieces of work share: each waits, in order, until its part is free. */
export class Memory {
  private free: number;
  private readonly waiting: { bytes: number; start: () => void }[] = [];

  constructor(readonly total: number) {
    this.free = total;
  }

  /** @throws RangeError for more than there is in all, for which it would wait for ever */
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

/**
 * What all images of this process may take at once while they are decoded, in bytes. With what the program itself
 * takes, it stays below 2 GB.
 */
const PICTURES = new Memory(1.7e9);

/** What is made of an image: pixels of a size that is small, all pixels, or a file, perhaps after a quarter turn. */
export type Use = 'small' | 'pixels' | 'png' | 'quarter' | 'tiff' | 'webp' | 'jpeg';

/**
 * What a decoder keeps of an image for each of its pixels, in bytes, where it does not go on row by row. Measured with
 * sharp 0.35 on images of 67 megapixels, rounded up.
 */
const KEPT: Record<string, number> = { webp: 8.5, heif: 19, gif: 5 };
/** Of a JPEG that becomes sharper as it loads: coefficients of two bytes for each channel. */
const COEFFICIENT = 2.1;
/** A file that is written grows in memory: twice what pixels take that cannot be compressed. */
const WRITTEN = 2.2;
/** Four inks and the three colours that are made of them before anything else (`upright` in decode.ts). */
const INKS = 7.1;
/** What JPEG and lossless WebP take to write, in bytes for each pixel: 4.2 and 44 for noise. */
const [WRITTEN_JPEG, WRITTEN_WEBP] = [4.4, 45];
/** Rows that are under way, as a share of the image. */
const UNDER_WAY = 0.25;

/** The bytes that an image may take, for each of its pixels. @param turns whether its rows change their order */
export function bytesPerPixel(
  { format, space, channels, depth, isProgressive, orientation = 1 }: Metadata,
  use: Use,
  turns: boolean,
): number {
  const pixel = 1.05 * channels * (BYTES[depth] ?? 8);
  const kept =
    format === 'jpeg'
      ? Number(isProgressive) * COEFFICIENT * channels
      : (KEPT[format] ?? (isProgressive ? pixel : 0));
  // A small image is turned after it has become small.
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
  const colours = space === 'cmyk' ? INKS : 0;
  const first = kept + copied + colours + UNDER_WAY * pixel + made;
  // The image in between lies there as a file, is read and turned, and written again.
  return use === 'quarter' ? Math.max(first, (1 + 1 + WRITTEN) * pixel) : first;
}

const BYTES: Record<string, number> = { uchar: 1, char: 1, ushort: 2, short: 2, uint: 4, int: 4, float: 4 };

/**
 * Waits until there is memory for an image, and works on it.
 * @throws DataError for an image that needs more than there is in all
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
      {
        fix: 'Downscale the image, or save it as a PNG or JPEG that is not interlaced or progressive.',
      },
    );
  }
  return PICTURES.hold(needed, work);
}
