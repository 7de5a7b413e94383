import { promisify } from 'node:util';
import { deflate, deflateSync, inflateSync } from 'node:zlib';
import { crc32 } from '../files/crc.ts';

const compress = promisify(deflate);
/** Minimum size in bytes for which compression in another thread is faster. */
const SMALL = 2 ** 15;
const SIGNATURE = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);

function chunk(type: string, data: Uint8Array): Buffer {
  const out = Buffer.alloc(data.length + 12);
  out.writeUInt32BE(data.length, 0);
  out.write(type, 4, 'latin1');
  out.set(data, 8);
  out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8);
  return out;
}

/**
 * Encodes an 8-bit RGB image (width × height × 3, row by row from the top left) as a PNG file. Generated images
 * therefore need no image library. Every row uses the Paeth filter, which suits shaded surfaces.
 */
export async function encodePng({ w, h, rgb }: { w: number; h: number; rgb: Uint8Array }): Promise<Buffer> {
  const stride = w * 3;
  const rows = Buffer.alloc((stride + 1) * h);
  for (let y = 0, to = 0; y < h; y++) {
    rows[to++] = 4;
    const row = rgb.subarray(y * stride, (y + 1) * stride);
    // Pixels outside the image count as 0.
    const above = y > 0 ? rgb.subarray((y - 1) * stride, y * stride) : new Uint8Array(stride);
    for (let i = 0; i < 3; i++) rows[to++] = row[i]! - above[i]!;
    for (let i = 3; i < stride; i++) rows[to++] = row[i]! - paeth(row[i - 3]!, above[i]!, above[i - 3]!);
  }
  return assembled({ w, h }, RGB, rows);
}

/** Kinds of pixels: bit depth and colour type of the PNG standard. */
const RGB = [8, 2] as const;
const GREY = [8, 0] as const;

async function assembled(
  { w, h }: { w: number; h: number },
  kind: readonly [number, number],
  rows: Buffer,
  more: readonly Buffer[] = [],
): Promise<Buffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(w, 0);
  header.writeUInt32BE(h, 4);
  header.set([...kind, 0, 0, 0], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', header),
    ...more,
    chunk('IDAT', rows.length < SMALL ? deflateSync(rows) : await compress(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Returns the predictor of the PNG standard: left, up or corner, whichever is nearest to left + up − corner. */
function paeth(left: number, up: number, corner: number): number {
  const p = left + up - corner;
  const a = Math.abs(p - left);
  const b = Math.abs(p - up);
  const c = Math.abs(p - corner);
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

/** PNG chunks that affect neither colours nor orientation. */
const HARMLESS = ['pHYs', 'tEXt', 'tIME'];

/**
 * Decodes the simplest kind of PNG, which `encodePng` writes: 8-bit RGB, not interlaced, no colour changes. For small
 * images, this function is ten times as fast as an image library.
 * @returns null for every other file, also for damaged files, for which the image library has better messages
 */
export function decodePng(file: Uint8Array): { w: number; h: number; rgb: Uint8Array } | null {
  const read = pixelsOf(file, RGB, 3, 1 << 24);
  const isSimple = read && [...read.chunks.keys()].every((type) => HARMLESS.includes(type));
  return isSimple ? { w: read.w, h: read.h, rgb: read.pixels } : null;
}

/** Whether a file begins as a PNG image with 16-bit grey pixels, with or without transparency. */
export const isDeepPng = (start: Uint8Array): boolean =>
  SIGNATURE.equals(start.subarray(0, 8)) && start[24] === 16 && (start[25] === 0 || start[25] === 4);

/**
 * Scales a 16-bit grey PNG to 8-bit grey, so that a range of values becomes black to white. Transparency is over white.
 * The EXIF orientation stays. The result is never RGB, so `plainPicture` always converts it.
 * @returns null for a damaged or interlaced file
 */
export async function scaledPng(
  file: Uint8Array,
  [from, to]: readonly [from: number, to: number],
): Promise<Buffer | null> {
  const colour = file[25]!;
  const step = colour === 4 ? 4 : 2;
  const read = pixelsOf(file, [16, colour], step);
  if (!read) return null;
  const { w, h, chunks } = read;
  const pixels = Buffer.from(read.pixels.buffer);
  const key = chunks.get('tRNS')?.readUInt16BE(0);
  const rows = Buffer.alloc((w + 1) * h);
  const grey = new Uint8ClampedArray(w);
  for (let y = 0, at = 0; y < h; y++) {
    for (let x = 0; x < w; x++, at += step) {
      const value = pixels.readUInt16BE(at);
      const alpha = step === 4 ? pixels.readUInt16BE(at + 2) / 65_535 : Number(value !== key);
      const light = Math.min(Math.max((255 * (value - from)) / (to - from), 0), 255);
      grey[x] = alpha * light + (1 - alpha) * 255;
    }
    rows.set(grey, y * (w + 1) + 1);
  }
  const exif = chunks.get('eXIf');
  return assembled({ w, h }, GREY, rows, exif ? [chunk('eXIf', exif)] : []);
}

/**
 * Returns the pixels of a PNG of one kind that is not interlaced, and its chunks other than pixels.
 * @param step bytes per pixel @param most maximum number of pixels @returns null for every other file
 */
function pixelsOf(
  file: Uint8Array,
  kind: readonly [number, number],
  step: number,
  most = 1 << 28,
): { w: number; h: number; pixels: Uint8Array<ArrayBuffer>; chunks: Map<string, Buffer> } | null {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.length < 57 || !bytes.subarray(0, 8).equals(SIGNATURE)) return null;
  const [w, h] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
  if (!bytes.subarray(24, 29).equals(Buffer.from([...kind, 0, 0, 0])) || w * h > most) return null;
  const data: Buffer[] = [];
  const chunks = new Map<string, Buffer>();
  for (let at = 33; ;) {
    if (at + 12 > bytes.length) return null;
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const end = at + 12 + length;
    if (end > bytes.length || crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4))
      return null;
    if (type === 'IEND') break;
    if (type === 'IDAT') data.push(bytes.subarray(at + 8, end - 4));
    else chunks.set(type, bytes.subarray(at + 8, end - 4));
    at = end;
  }
  const stride = w * step;
  let rows: Buffer;
  try {
    rows = inflateSync(Buffer.concat(data), { maxOutputLength: (stride + 1) * h });
  } catch {
    return null;
  }
  const pixels = rows.length === (stride + 1) * h ? unfilter(rows, { stride, h, step }) : null;
  return pixels && { w, h, pixels, chunks };
}

/** Reverses the five row filters of the PNG standard. Null if the number of a filter is unknown. */
function unfilter(
  rows: Buffer,
  { stride, h, step }: { stride: number; h: number; step: number },
): Uint8Array<ArrayBuffer> | null {
  const pixels = new Uint8Array(stride * h);
  for (let y = 0, from = 0; y < h; y++) {
    const filter = rows[from++]!;
    const undo = FILTERS[filter];
    if (!undo) return null;
    // Pixels outside the image count as 0.
    const above = y > 0 ? pixels.subarray((y - 1) * stride, y * stride) : new Uint8Array(stride);
    undo(rows.subarray(from, from + stride), above, pixels.subarray(y * stride, (y + 1) * stride), step);
    from += stride;
  }
  return pixels;
}

/** Functions, by filter number, that reverse a row's filter, given filtered bytes, the row above, and the output. */
const FILTERS: readonly ((row: Uint8Array, above: Uint8Array, out: Uint8Array, step: number) => void)[] = [
  (row, _, out) => out.set(row),
  (row, _, out, step) => {
    for (let i = 0; i < row.length; i++) out[i] = row[i]! + (i >= step ? out[i - step]! : 0);
  },
  (row, above, out) => {
    for (let i = 0; i < row.length; i++) out[i] = row[i]! + above[i]!;
  },
  (row, above, out, step) => {
    for (let i = 0; i < row.length; i++)
      out[i] = row[i]! + (((i >= step ? out[i - step]! : 0) + above[i]!) >> 1);
  },
  (row, above, out, step) => {
    for (let i = 0; i < step; i++) out[i] = row[i]! + above[i]!;
    for (let i = step; i < row.length; i++)
      out[i] = row[i]! + paeth(out[i - step]!, above[i]!, above[i - step]!);
  },
];
