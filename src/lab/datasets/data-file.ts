import { openAtomic, type AtomicFile } from '../files/atomic.ts';
import { withFileLock } from '../files/file-lock.ts';
import { isShellStream } from '../files/regular.ts';
import { versionAt } from '../files/version.ts';
import { lstat, mkdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { ifMissing } from '../files/disk-error.ts';
import { makeFolder } from '../files/folders.ts';
import { DataError } from './data-error.ts';
import { LABEL_FORMATS } from './label-formats/label-format.ts';

/**
 * Opens a data file to rewrite it completely. Other programs can save the file at the same time: `commit` locks the
 * file, and does not overwrite a file that has changed since it was opened. A caller that also reads the file must open
 * it before reading.
 * @throws from `commit`, if the file has changed
 */
export async function openDataFile(path: string): Promise<AtomicFile> {
  if (isShellStream(path)) return openAtomic(path);
  const before = await versionAt(path);
  const out = await openAtomic(path);
  const commit = async () => {
    try {
      await out.file.sync(); // Flushes the file before locking it, because flushing is slow.
      await withFileLock(path, async () => {
        if ((await versionAt(path)) !== before)
          throw new Error(
            `Another program changed ${path}, so it was not overwritten. Run the command again.`,
          );
        await out.commit();
      });
    } catch (error) {
      await out.discard();
      throw error;
    }
  };
  return { ...out, commit };
}

/**
 * Creates the folders for a file below an output folder. The output folder itself can be a link, but nothing is written
 * through links inside it, because other people can create links. Callers must write the file with `follow: false`,
 * because a link can appear after this call.
 * @param folder the output folder, which is also created
 * @param path path of the file, which starts with `folder`
 * @throws DataError with the path of the link
 */
export async function makeWayBelow(folder: string, path: string): Promise<void> {
  await makeFolder(folder);
  let outer = folder;
  for (const part of relative(folder, path).split(sep).slice(0, -1)) {
    outer = join(outer, part);
    const there = await lstat(outer).catch(ifMissing(null));
    if (there === null) await mkdir(outer).catch(unlessThere);
    else requireNoLink(outer, there);
  }
  requireNoLink(path, await lstat(path).catch(ifMissing(null)));
}

const unlessThere = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EEXIST') throw error;
};

function requireNoLink(path: string, there: { isSymbolicLink(): boolean } | null): void {
  if (there?.isSymbolicLink())
    throw new DataError('link', 'Cannot write through a link.', {
      file: path,
      fix: `Delete the link, or pass a folder other than ${dirname(path)}.`,
    });
}

const OUTPUT_FORMATS = ['qa', 'llava', 'parquet'] as const;

export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

/** Formats that can be written, in addition to the formats of trainers. */
export const WRITTEN_FORMATS: readonly string[] = [...OUTPUT_FORMATS, ...LABEL_FORMATS];

/** Returns the requested format. Default: `parquet` or `llava` by file extension (`.parquet`, `.json`), else `qa`. */
export function formatOf(path: string, asked?: string): OutputFormat {
  const format = OUTPUT_FORMATS.find((name) => name === asked);
  if (format) return format;
  if (path.endsWith('.parquet')) return 'parquet';
  return path.endsWith('.json') ? 'llava' : 'qa';
}

export const FROZEN_SUFFIX = '.frozen.json';
