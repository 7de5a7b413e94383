import { join, relative, sep } from 'node:path';
import type { ImageRef, Sample } from '../../rows/sample/sample.ts';
import { DataError } from './data-error.ts';
import { withImages, type ImageFiles } from './image-files.ts';
import { endingOf } from './picture-file.ts';
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

/** Beginning of a base64 image in a row, as `imageList` (mappings/mapping.ts) writes such images. */
const ENCODED = /^data:image\/(?:jpeg|png|gif|webp|bmp|tiff);base64,/;

/** Decodes the base64 image of an image reference. Returns null for any other reference. */
export function pictureInside(image: ImageRef): Uint8Array | null {
  const encoded = typeof image === 'string' ? ENCODED.exec(image) : null;
  return encoded && Buffer.from((image as string).slice(encoded[0].length), 'base64');
}

/** Whether a row contains base64 images, which other programs could not read. */
export const holdsPicture = ({ images }: Sample): boolean =>
  images.some((image) => typeof image === 'string' && image.startsWith('data:'));

/**
 * Writes the parquet cells and base64 images of rows to files, byte for byte, and makes the rows refer to the files. An
 * image that several rows share is written once. `plain` converts an image file to a plain image; files that `plain`
 * changes are copied.
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

  /** Replaces a file that `plain` changes by a plain copy. Other image references, also to video frames, stay. */
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

  /** @param key key that identifies the image @param origin source of the image, for the file name */
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
    await writeAtomically(path, bytes, { follow: false, durable: false });
    const name = relative(this.relativeTo, path).split(sep).join('/');
    this.names.set(key, name);
    return name;
  }

  /** Returns the bytes of the image to write. An undecodable image stays unchanged, because `data check` reports it. */
  private async made(bytes: Uint8Array): Promise<Uint8Array> {
    try {
      return (await this.plain?.(bytes)) ?? bytes;
    } catch (error) {
      if (error instanceof DataError) return bytes;
      throw error;
    }
  }

  /**
   * Returns an unused path for an image, valid for any origin. The path differs, ignoring case, from other images of
   * this set and from existing files with different contents.
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
