import { dirname, extname, join, relative } from 'node:path';
import type { ImageRef, Sample } from '../core/sample/sample.ts';
import { MIRROR, type ViewId } from '../core/views/list.ts';
import type { ImageFiles } from '../lab/datasets/image-files.ts';
import type { Symmetry } from '../core/views/symmetry.ts';
import { newPixelsOf, withNewPixels } from '../lab/images/new-pixels.ts';
import { mirrorImageFile } from '../lab/images/mirror-file.ts';
import { makeFolder } from '../lab/files/folders.ts';

/** Endings of formats that are kept; other pictures are written as PNG. */
const KEPT = /^\.(?:png|webp|tiff?|jpe?g)$/i;

/**
 * Writes the mirror images of the pictures that rows refer to, or another symmetry of them, each once: a file at its
 * path below the data root, a parquet cell under a name made of its place.
 */
export class MirrorImages {
  private readonly done = new Set<string>();
  /** Files whose format has no lossless mirror. */
  inexact = 0;

  constructor(
    private readonly images: ImageFiles,
    private readonly root: string,
    private readonly folder: string,
    private readonly symmetry: Symmetry = MIRROR,
    private readonly view: ViewId = symmetry,
  ) {}

  get written(): number {
    return this.done.size;
  }

  /** @throws DataError if an image is missing, unreadable, or outside the data root. */
  async write(image: ImageRef, row: Pick<Sample, 'meta' | 'images'> = { images: [] }): Promise<void> {
    const name = await this.nameOf(image);
    if (name === null || this.done.has(name)) return;
    const target = join(this.folder, KEPT.test(extname(name)) ? name : `${name}.png`);
    const made = newPixelsOf(this.view, row);
    const file = await this.images.bytes(image);
    const bytes = made ? await withNewPixels(file, made) : file;
    await makeFolder(dirname(target));
    const { exact } = await mirrorImageFile(bytes, target, this.symmetry);
    if (!exact) this.inexact += 1;
    this.done.add(name);
  }

  async close(): Promise<void> {
    await this.images.close();
  }

  /** The path below the folder; null for rows that state only a size. */
  private async nameOf(image: ImageRef): Promise<string | null> {
    const ref = typeof image === 'string' ? { path: image } : image;
    const file = ref.path ?? ref.parquet;
    if (file === undefined) return null;
    // The real path lies inside the data root, or resolve() has thrown, so no name leads out of the folder.
    const name = relative(this.root, await this.images.resolve(file));
    if (ref.path !== undefined) return name;
    const { column = 'image', row = 0, index = 0 } = ref;
    return `${name}-${column.replace(/\W+/g, '-')}-${row}-${index}`;
  }
}
