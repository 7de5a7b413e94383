import { dirname, join, relative, resolve, sep } from 'node:path';
import type { ImageRef, Sample } from '../core/sample/sample.ts';
import type { ViewId } from '../core/view-list.ts';
import { drawScene } from '../core/worlds/views/rewrite.ts';
import { writeAtomically } from '../lab/files/atomic.ts';
import { makeWayBelow } from '../lab/datasets/below.ts';
import { ifMissing } from '../lab/files/disk-error.ts';
import { readBytes } from '../lab/files/regular.ts';
import { encodePng } from '../lab/images/png.ts';
import { JobError } from './errors.ts';
import { isNamed } from './input.ts';

/** Writes the pictures of a scene view, one per row, named after the row and the view. */
export class SceneImages {
  private readonly files = new Set<string>();
  private readonly from: string;

  /** @param output the file of rows that refers to the pictures; none for standard output. */
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

  /** @returns the reference to the picture, relative to the folder of the rows; null if the row has no such scene. */
  async write(sample: Sample): Promise<ImageRef | null> {
    const picture = drawScene(sample, this.scene);
    if (!picture) return null;
    const path = join(this.folder, `${plain(sample.id)}.${plain(this.scene)}.png`);
    const bytes = await encodePng(picture);
    await makeWayBelow(this.folder, path);
    const there = await readBytes(path).catch(ifMissing(null));
    if (there && !bytes.equals(there))
      throw new JobError('Another picture has this name.', {
        file: path,
        fix: 'Name another folder with --write-images, or remove the pictures there.',
      });
    if (!there) await writeAtomically(path, (file) => file.writeFile(bytes), { follow: false });
    this.files.add(path);
    const { w, h } = picture;
    return { path: relative(this.from, resolve(path)).split(sep).join('/'), w, h };
  }
}

/** A text as part of a file name. */
const plain = (text: string): string => text.replace(/[^\w.-]+/g, '-').slice(0, 80);
