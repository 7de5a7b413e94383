import { realpath } from 'node:fs/promises';
import { dirname, extname, join, relative, resolve, sep } from 'node:path';
import { isFrame } from '../rows/sample/clip.ts';
import type { ImageRef, Sample } from '../rows/sample/sample.ts';
import { MIRROR, type PixelView, type ViewId } from '../rows/view-list.ts';
import type { ImageFiles } from '../lab/datasets/image-files.ts';
import { newPixelsOf, withNewPixels, mirrorImageFile } from '../lab/images/view-picture.ts';
import { DataError } from '../lab/datasets/data-error.ts';
import { makeWayBelow } from '../lab/datasets/data-file.ts';
import { drawScene } from '../core/worlds/views/rewrite-scene.ts';
import { writeAtomically } from '../lab/files/atomic.ts';
import { ifMissing } from '../lab/files/disk-error.ts';
import { readBytes } from '../lab/files/regular.ts';
import { encodePng } from '../lab/images/png.ts';
import { JobError, UsageError } from './errors.ts';
import { isNamed } from './input.ts';

/** Extensions of formats that the output preserves; images in other formats become PNG. */
const KEPT = /^\.(?:png|webp|tiff?|jpe?g)$/i;

/**
 * Writes mirror images, or images under another symmetry, each image once. An image file keeps its path relative to the
 * rows; an image in a parquet cell gets a name from its position.
 */
export class ViewImages {
  /** Real paths or cells of the written images, by their image name below the folder. */
  private readonly done = new Map<string, string>();
  private base: string | null = null;
  /** Number of files whose format has no lossless mirror. */
  inexact = 0;

  constructor(
    private readonly images: ImageFiles,
    /** Folder of the rows. Image names are relative to this folder. */
    private readonly from: string,
    private readonly folder: string,
    private readonly symmetry: PixelView = MIRROR,
    private readonly view: ViewId = symmetry,
  ) {}

  get written(): number {
    return this.done.size;
  }

  /** Writes an image once. @throws DataError if the image is missing, unreadable, or outside the data root */
  async write(image: ImageRef, row: Pick<Sample, 'meta' | 'images'> = { images: [] }): Promise<void> {
    const place = await this.placeOf(image);
    if (place === null) return;
    const { name, source } = place;
    const before = this.done.get(name);
    if (before === source) return;
    if (before !== undefined)
      throw new DataError(
        'same-name',
        `Images ${source} and ${before} have the same output name ${name}. Rename one of them.`,
      );
    const target = join(this.folder, KEPT.test(extname(name)) ? name : `${name}.png`);
    const made = newPixelsOf(this.view, row);
    const file = await this.images.bytes(image);
    const bytes = made ? await withNewPixels(file, made) : file;
    await makeWayBelow(this.folder, target);
    if ((await realpath(target).catch(() => null)) === source)
      throw new UsageError(`--write-images ${this.folder} would replace the image ${source}.`, {
        fix: 'Choose another folder.',
      });
    const { exact } = await mirrorImageFile(bytes, target, this.symmetry);
    if (!exact) this.inexact += 1;
    this.done.set(name, source);
  }

  /**
   * Returns the name of an image below the folder, and the source of the image; null for rows that contain only an
   * image size. The name is the path from the rows to the image, independent of the current folder. `..` becomes
   * `parent`, so that no name leads out of the folder.
   */
  private async placeOf(image: ImageRef): Promise<{ name: string; source: string } | null> {
    const ref = typeof image === 'string' ? { path: image } : image;
    const file = ref.path ?? ref.parquet ?? ref.video;
    if (file === undefined) return null;
    const real = await this.images.resolve(file);
    this.base ??= await realpath(this.from);
    const steps = relative(this.base, real).split(sep);
    const path = steps.map((step) => (step === '..' ? 'parent' : step)).join(sep);
    if (ref.path !== undefined) return { name: path, source: real };
    if (isFrame(ref)) {
      const { frame, frames, start_s: from = 0, end_s: to = 'end' } = ref;
      const part = `-${frames}-${from}-${to}-${frame}`;
      return { name: `${path}${part}`, source: `${real}${part}` };
    }
    const { column = 'image', row = 0, index = 0 } = ref;
    const cell = `-${column.replace(/\W+/g, '-')}-${row}-${index}`;
    return { name: `${path}${cell}`, source: `${real}${cell}` };
  }
}

/** Writes the images of a scene view, one per row, named after the row and the view. */
export class SceneImages {
  private readonly files = new Set<string>();
  private readonly from: string;

  /** @param output file of the rows that refer to the images; undefined for standard output */
  constructor(
    private readonly folder: string,
    output: string | undefined,
    private readonly scene: ViewId,
  ) {
    this.from = isNamed(output) ? dirname(resolve(output)) : process.cwd();
  }

  get written(): number {
    return this.files.size;
  }

  /** @returns the reference to the image, relative to the folder of the rows; null if the row lacks this scene view */
  async write(sample: Sample): Promise<ImageRef | null> {
    const picture = drawScene(sample, this.scene);
    if (!picture) return null;
    const path = join(this.folder, `${plain(sample.id)}.${plain(this.scene)}.png`);
    const bytes = await encodePng(picture);
    await makeWayBelow(this.folder, path);
    const there = await readBytes(path).catch(ifMissing(null));
    if (there && !bytes.equals(there))
      throw new JobError('Another image with this name already exists.', {
        file: path,
        fix: 'Pass another folder with --write-images, or delete the images in it.',
      });
    if (!there) await writeAtomically(path, bytes, { follow: false });
    this.files.add(path);
    const { w, h } = picture;
    return { path: relative(this.from, resolve(path)).split(sep).join('/'), w, h };
  }
}

/** Returns a version of the text that is safe as part of a file name. */
const plain = (text: string): string => text.replace(/[^\w.-]+/g, '-').slice(0, 80);
