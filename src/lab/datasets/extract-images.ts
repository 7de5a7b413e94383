import { join, relative, sep } from 'node:path';
import type { ImageRef, Sample } from '../../rows/sample/sample.ts';
import { DataError } from './data-error.ts';
import { withImages, type ImageFiles } from './image-files.ts';
import { endingOf } from './parquet/image-columns.ts';
import { sha256, writeAtomically } from '../files/atomic.ts';
import { ifMissing } from '../files/disk-error.ts';
import { readBytes } from '../files/regular.ts';
import { imageKey } from './splits.ts';
import { makeWayBelow } from './data-file.ts';

interface Cell {
  parquet: string;
  column: string;
  row: number;
  index?: number;
}

/** An image that a row contains as base64 text, in the form of `imageList` (mappings/mapping.ts). */
const ENCODED = /^data:image\/(?:jpeg|png|gif|webp|bmp|tiff);base64,/;

/** The bytes of an image that a reference contains as base64 text; null for any other reference. */
export function pictureInside(image: ImageRef): Uint8Array | null {
  const encoded = typeof image === 'string' ? ENCODED.exec(image) : null;
  return encoded && Buffer.from((image as string).slice(encoded[0].length), 'base64');
}

/** Whether a row contains an image itself, which other programs would not find. */
export const holdsPicture = ({ images }: Sample): boolean =>
  images.some((image) => typeof image === 'string' && image.startsWith('data:'));

/**
 * Writes the parquet cells that a sample refers to, and the images that it holds as text, as files, byte for byte,
 * and makes the sample refer to the files. An image is written once: rows about one image share the file.
 * With `plain`, which makes plain images of others, files are copied, too, if it changes them.
 */
export class ImageExtractor {
  private readonly names = new Map<string, string>();
  private readonly taken = new Set<string>();

  constructor(
    private readonly images: ImageFiles,
    private readonly folder: string,
    private readonly relativeTo: string,
    private readonly plain: ((bytes: Uint8Array) => Promise<Uint8Array>) | null = null,
  ) {}

  async extract(sample: Sample): Promise<Sample> {
    const images: ImageRef[] = [];
    for (const [i, image] of sample.images.entries()) {
      const encoded = typeof image === 'string' ? ENCODED.exec(image) : null;
      if (encoded) {
        const text = (image as string).slice(encoded[0].length);
        const key = sha256(text);
        images.push(await this.write(key, `${sample.id}-${i}`, () => Buffer.from(text, 'base64')));
      } else if (typeof image === 'string' || image.parquet === undefined)
        images.push(await this.copied(image));
      else {
        const { parquet, column, row, index = 0 } = image as Cell;
        const origin = `${parquet.replace(/\.parquet$/, '')}-${column}-${row}-${index}`;
        images.push(await this.write(imageKey(image)!, origin, () => this.images.bytes(image)));
      }
    }
    return withImages(sample, images);
  }

  /** A file that is not plain refers to its plain copy; any other reference is kept, also one to a frame of a video. */
  private async copied(image: ImageRef): Promise<ImageRef> {
    const path = typeof image === 'string' ? image : image.path;
    if (!this.plain || path === undefined) return image;
    const key = imageKey(image)!;
    let copy = this.names.get(key);
    if (copy === undefined) {
      const bytes = await this.images.bytes(image);
      const plain = await this.made(bytes);
      if (plain === bytes) this.names.set(key, path);
      copy = plain === bytes ? path : await this.write(key, path.replace(/\.\w+$/, ''), () => plain);
    }
    return typeof image === 'string' ? copy : { ...image, path: copy };
  }

  /**
   * @param key the same for the same image.
   * @param origin where the image comes from, for the file's name
   */
  private async write(
    key: string,
    origin: string,
    read: () => Uint8Array | Promise<Uint8Array>,
  ): Promise<string> {
    const taken = this.names.get(key);
    if (taken) return taken;
    const bytes = await this.made(await read());
    const path = await this.freePath(origin, bytes);
    await makeWayBelow(this.folder, path);
    await writeAtomically(path, (file) => file.writeFile(bytes), { follow: false, durable: false });
    const name = relative(this.relativeTo, path).split(sep).join('/');
    this.names.set(key, name);
    return name;
  }

  /** The image as it is written; one that cannot be decoded stays, because `data check` reports it. */
  private async made(bytes: Uint8Array): Promise<Uint8Array> {
    try {
      return (await this.plain?.(bytes)) ?? bytes;
    } catch (error) {
      if (error instanceof DataError) return bytes;
      throw error;
    }
  }

  /**
   * A path for an image, whatever characters its origin has: not that of another image of this set, in whatever
   * case, nor of a file with other contents, which may be another set's.
   */
  private async freePath(origin: string, bytes: Uint8Array): Promise<string> {
    const ending = endingOf(bytes);
    const base = origin.replace(/[^\w-]+/g, '-').replace(/^-+/, '');
    for (let n = 1; ; n++) {
      const name = `${base}${n === 1 ? '' : `-${n}`}.${ending}`;
      if (this.taken.has(name.toLowerCase())) continue;
      const path = join(this.folder, name);
      const there = await readBytes(path).catch(ifMissing(null));
      if (there && !there.equals(bytes)) continue;
      this.taken.add(name.toLowerCase());
      return path;
    }
  }
}
