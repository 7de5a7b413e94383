import { dirname } from 'node:path';
import type { TraceSource } from '../../core/run-data/trace-summary.ts';
import type { ImageRef } from '../../rows/sample/sample.ts';
import { DataError } from '../datasets/data-error.ts';
import { pictureFolder, readInPlace } from '../foreign/known.ts';
import { ImageFiles } from '../datasets/image-files.ts';
import { dataOf, foldersToAllow } from './data-folders.ts';

/**
 * Returns the encoded bytes of an image of a pair. References are relative to the data root, to their data file, or to
 * the run (generated images), in this order. Files outside root and run are not read.
 * @param set evaluation set of the row. Null for traces
 * @param allowed folders that the user opened or allowed. A data root in any other folder is not read
 * @throws an error with a message for users, if the image is missing
 */
export async function pairImage(
  source: TraceSource,
  set: string | null,
  ref: ImageRef,
  allowed: readonly string[],
): Promise<Uint8Array> {
  const embedded = await embeddedPicture(source, ref);
  if (embedded) return embedded;
  let reason: Error | null = null;
  for (const { folder, root } of await pictureFolders(source, set, allowed)) {
    const files = new ImageFiles(folder, root);
    try {
      return await files.bytes(ref);
    } catch (error) {
      const code = error instanceof DataError ? error.problem.code : '';
      if (code !== 'image-missing' && code !== 'image-outside') throw error;
      if (!reason || code === 'image-outside') reason = error as Error; // This reason is more specific than an earlier reason.
    } finally {
      await files.close();
    }
  }
  const [closed] = await foldersToAllow(source, allowed);
  if (closed === undefined) throw reason!;
  throw new DataError(
    'image-folder',
    `Cannot read the images in ${closed} without your permission. To allow this, add the folder to the workspace.`,
  );
}

/** Returns an image inside another file of an external evaluation. Null for any other image. */
async function embeddedPicture({ run, source }: TraceSource, ref: ImageRef): Promise<Uint8Array | null> {
  if (source !== undefined || typeof ref !== 'string' || !ref.startsWith('embedded/')) return null;
  return (await (await readInPlace(run))?.pictures.get(ref)?.()) ?? null;
}

async function pictureFolders(
  source: TraceSource,
  set: string | null,
  allowed: readonly string[],
): Promise<{ folder: string; root: string }[]> {
  const { run } = source;
  const { files, root } = await dataOf(source, set, allowed);
  const home = pictureFolder(run);
  const besideRun = { folder: home, root: home };
  if (root === undefined) return [besideRun];
  const folders = files.map((file) => dirname(file));
  return [...[root, ...folders].map((folder) => ({ folder, root })), besideRun];
}
