import type { Metadata, Sharp, SharpOptions } from 'sharp';
import { DataError } from '../datasets/data-error.ts';
import { withMemoryFor, type Use } from './memory.ts';

type SharpModule = typeof import('sharp').default;

let loaded: Promise<SharpModule> | undefined;

/**
 * Loads the image library on first use. Only this folder imports the library, because its native module crashes the
 * editor's extension host.
 * @throws DataError with a fix if the library does not load
 */
export function loadSharp(): Promise<SharpModule> {
  if (process.versions.electron) {
    const problem = new DataError('no-sharp', 'The executable of VS Code cannot decode this image format.', {
      fix: 'Install Node 20.9 or later (nodejs.org), or set chirality.nodePath to its executable.',
    });
    return Promise.reject(problem);
  }
  loaded ??= import('sharp').then(
    ({ default: sharp }) => {
      // One thread per image, and one image per core, is fastest. The cache is off, because each image is read once.
      sharp.concurrency(1);
      sharp.cache(false);
      // Drawings and documents can read other files. `openPicture` throws the error for SVG.
      sharp.block({ operation: ['VipsForeignLoadSvg', 'VipsForeignLoadPdf', 'VipsForeignLoadMagick'] });
      return sharp;
    },
    (error: unknown) => {
      loaded = undefined;
      const reason = (error as Error).message.split('\n')[0]!;
      throw new DataError('no-sharp', `Cannot load the image library sharp: ${reason}`, {
        fix: 'Run npm install --include=optional sharp@0.35.5 in the installation folder of Chirality.',
      });
    },
  );
  return loaded;
}

/**
 * Ignores embedded colour profiles, like Pillow and therefore the models' processors. A truncated file causes an error.
 * Images larger than 268 megapixels are rejected.
 */
const INPUT = {
  ignoreIcc: true,
  failOn: 'truncated',
  limitInputPixels: 0x3fff ** 2,
} satisfies SharpOptions;

/** Whether a byte can begin a text of markup: a mark, white space, or a byte of UTF-8 other than a letter. */
const mayBeText = (byte = 0): boolean => byte < 0x40 || (byte > 0xc1 && byte < 0xf5);
const SVG = /^(?:\s|<\?xml[^>]*\?>|<!--[^]*?-->|<!doctype[^>]*>)*<(?:\w+:)?svg[\s>]/i;

/** Opens an image for decoding. @throws DataError for an SVG file. */
export async function openPicture(bytes: Uint8Array): Promise<Sharp> {
  const sharp = await loadSharp();
  // Decoding the bytes of another format as text takes as long as reading the header.
  if (mayBeText(bytes[0]) && SVG.test(new TextDecoder().decode(bytes.subarray(0, 4096))))
    throw new DataError('image-svg', 'Cannot read SVG files, because they can reference other files.', {
      fix: 'Convert the file to PNG with a program that you trust.',
    });
  return explain(() => Promise.resolve(sharp(bytes, INPUT)));
}

/**
 * Runs `work` on an image when memory for the result is free. @param turns whether the order of image rows changes
 * @throws DataError, also if an image requires more than the total memory for images
 */
export async function withPicture<T>(
  bytes: Uint8Array,
  need: { use: Use; turns?: boolean } | ((metadata: Metadata) => { use: Use }),
  work: (picture: Sharp, metadata: Metadata) => Promise<T>,
): Promise<T> {
  const picture = await openPicture(bytes);
  const metadata = await explain(() => picture.metadata());
  const needed = typeof need === 'function' ? need(metadata) : need;
  return withMemoryFor(metadata, needed, () => explain(() => work(picture, metadata)));
}

/** Converts sharp's errors into messages with a fix. */
export async function explain<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DataError) throw error;
    const message = (error as Error).message;
    if (message.includes('exceeds pixel limit')) {
      const fix = 'Downscale the image.';
      throw new DataError('image-pixels', 'The image has more than 268 million pixels.', { fix });
    }
    if (/unsupported image format|is empty/.test(message)) {
      const fix = 'Convert the image to PNG or JPEG.';
      throw new DataError('image-format', 'The image format is not supported.', { fix });
    }
    if (/premature end|read error|truncated|corrupt|bad data|unable to/i.test(message)) {
      const fix = 'Download or export the image again.';
      throw new DataError('image-damaged', `The image is damaged or truncated (${message.split('\n')[0]}).`, {
        fix,
      });
    }
    throw new DataError('image', `Cannot decode the image: ${message.split('\n')[0]}`);
  }
}

/** Loader of SVG files, which `loadSharp` blocks. */
const SVG_LOADER = { operation: ['VipsForeignLoadSvg'] };
/** Pixels per inch for rendering SVG. An SVG has 72 units per inch, so the image is twice as large. */
const DENSITY = 144;

/**
 * Converts an SVG that this program drew to PNG. Must not be used for other drawings, which can refer to files. The
 * loader is unblocked for this call only, and `openPicture` always rejects SVG.
 * @throws DataError if the image library does not load
 */
export async function drawingToPng(svg: string): Promise<Uint8Array> {
  const sharp = await loadSharp();
  sharp.unblock(SVG_LOADER);
  try {
    return await explain(() => sharp(Buffer.from(svg), { density: DENSITY }).png().toBuffer());
  } finally {
    sharp.block(SVG_LOADER);
  }
}
