import { dirname, isAbsolute, join, parse, resolve } from 'node:path';
import { z } from 'zod';
import { parseRecord } from '../../core/record.ts';
import { manifestSchema } from '../../core/run-data/run-folder.ts';
import type { TraceSource } from '../../core/run-data/summary.ts';
import type { ImageRef } from '../../core/spatial/sample.ts';
import { DataError } from '../datasets/data-error.ts';
import { ImageFiles, isElsewhere } from '../datasets/image-files.ts';
import { evaluationFolder } from './evaluations.ts';
import { readText } from '../files/regular.ts';

/** A folder that references may be relative to, and the one that they may not leave. */
interface PictureFolder {
  folder: string;
  root: string;
}

/**
 * The encoded bytes of a picture of a pair. References are relative to the data root, to the data file that they come
 * from (older runs), or to the run (generated pictures), in this order; nothing outside of root and run is read.
 * @param set of an evaluation's row; null for traces
 * @throws in words where there is no such picture
 */
export async function pairImage(source: TraceSource, set: string | null, ref: ImageRef): Promise<Uint8Array> {
  let reason: Error | null = null;
  for (const { folder, root } of await pictureFolders(source, set)) {
    const files = new ImageFiles(folder, root);
    try {
      return await files.bytes(ref);
    } catch (error) {
      const code = error instanceof DataError ? error.problem.code : '';
      if (code !== 'image-missing' && code !== 'image-outside') throw error;
      if (!reason || code === 'image-outside') reason = error as Error; // says more
    } finally {
      await files.close();
    }
  }
  throw reason!;
}

async function pictureFolders(source: TraceSource, set: string | null): Promise<PictureFolder[]> {
  const { run } = source;
  const { files, root } = await dataOf(source, set).catch(() => ({ files: [], root: undefined }));
  const own = { folder: run, root: run };
  if (root === undefined) return [own];
  const folders = files.map((file) => dirname(file));
  return [...[root, ...folders].map((folder) => ({ folder, root })), own];
}

/** What an evaluation's `manifest.json` says of its data. */
const evaluationDataSchema = z.object({
  sets: z.record(z.string(), z.string()),
  root: z.string().optional(),
});

/** A manifest may come from anybody: a whole disk, or a folder of another machine, is no data root. */
const isDataRoot = (root: string): boolean =>
  isAbsolute(root) && !isElsewhere(root) && parse(root).root !== resolve(root);

/** The data files that rows come from and their root, as the manifest names them and as far as they may be followed. */
export async function dataOf(
  source: TraceSource,
  set: string | null,
): Promise<{ files: string[]; root: string | undefined }> {
  const { files, root } = await namedData(source, set);
  return {
    files: files.filter((file) => !isElsewhere(file)),
    root: root !== undefined && isDataRoot(root) ? root : undefined,
  };
}

async function namedData(
  { run, source }: TraceSource,
  set: string | null,
): Promise<{ files: string[]; root: string | undefined }> {
  if (source === undefined) {
    // No more of it than this: older runs lack some of the rest.
    const file = join(run, 'manifest.json');
    const { data, data_root } = parseRecord(
      manifestSchema.pick({ data: true, data_root: true }),
      await readText(file),
      { file },
    );
    return { files: data.map(({ path }) => path), root: data_root };
  }
  const file = join(evaluationFolder(run, source), 'manifest.json');
  const { sets, root } = parseRecord(evaluationDataSchema, await readText(file), { file });
  return { files: set !== null && Object.hasOwn(sets, set) ? [sets[set]!] : [], root };
}
