import { realpath, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { declaredSize, type ImageRef, type Sample } from '../../rows/sample/sample.ts';
import { sha256 } from '../files/atomic.ts';
import { makeFolder } from '../files/folders.ts';
import { makeWayBelow } from './data-file.ts';
import { endingOf } from './picture-file.ts';
import { ImageFiles, withImages } from './image-files.ts';
import { isInside } from '../files/inside.ts';
import { EditedFile } from './edited-file.ts';

/** Image files of the new row, and the data root of the target file. */
interface AppendOptions {
  images: ImageFiles;
  /** Data root: folder that contains all images of the target file. */
  root: string;
}

/**
 * Appends a row to a `*.qa.jsonl` file, and creates a missing file. The row is added completely or not at all. Images
 * outside the data root are copied to `images/` next to the file.
 * @returns the row's line number, from 1
 */
export async function appendSample(
  path: string,
  sample: Sample,
  { images, root }: AppendOptions,
): Promise<number> {
  const target = resolve(path);
  await makeFolder(dirname(target));
  const [folder, inside] = await Promise.all([realpath(dirname(target)), realpath(root)]);
  const moved: ImageRef[] = [];
  for (const image of sample.images) moved.push(await placed(image, images, folder, inside));
  return EditedFile.append(target, [JSON.stringify(withImages(sample, moved))]);
}

async function placed(image: ImageRef, images: ImageFiles, folder: string, root: string): Promise<ImageRef> {
  const ref = typeof image === 'string' ? { path: image } : image;
  const source = ref.path ?? ref.parquet;
  if (source === undefined) return image;
  const real = await images.resolve(source);
  if (isInside(root, real)) {
    const path = relative(folder, real).split(sep).join('/');
    if (typeof image === 'string') return path;
    return ref.path === undefined ? { ...ref, parquet: path } : { ...ref, path };
  }
  const bytes = await images.bytes(image);
  const name = `images/${sha256(bytes).slice(0, 16)}.${endingOf(bytes)}`;
  await makeWayBelow(folder, join(folder, name));
  // The file name is a hash of the content, so an existing file of this name contains the same image.
  await writeFile(join(folder, name), bytes, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  const size = declaredSize(image);
  return size ? { path: name, ...size } : name;
}
