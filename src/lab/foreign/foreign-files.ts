import type { Stats } from 'node:fs';
import { opendir, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { explainError, ifMissing, noEntries, unlessUnreadable } from '../files/disk-error.ts';
import { byNumber } from '../files/folders.ts';
import { readBytes } from '../files/regular.ts';
import { versionIn } from '../files/version.ts';
import { parsePythonJson } from './containers/python-json.ts';

export interface FolderFile {
  /** Path relative to the run's folder, with forward slashes. */
  path: string;
  full: string;
  bytes: number;
  modified: number;
  version: string;
}

/** Maximum depth of folders (prime-rl's folders of rollouts are deeper), and maximum number of entries. */
const MAX_DEPTH = 3;
const ROLLOUTS = /^rollouts\/(?:step_\d+(?:\/(?:train|eval)(?:\/(?:all|effective))?)?)?$/;
const MAX_FILES = 20_000;
/** Maximum size of a file that is read as a whole, in bytes. */
const MAX_BYTES = 256 * 2 ** 20;

/**
 * Returns the files in a folder and two levels of subfolders, and rollouts in deeper folders. Links are not followed,
 * because they can lead out of the folder.
 * @param problems receives the reasons why folders are unreadable
 * @throws if too many files are open, because the result would be empty
 */
export async function filesIn(dir: string, problems: string[] = []): Promise<FolderFile[]> {
  const files: FolderFile[] = [];
  let level = [''];
  for (let depth = 0; level.length > 0; depth++) {
    const below: string[] = [];
    for (const folder of level) {
      const entries = await opendir(join(dir, folder), { bufferSize: 256 })
        .catch(ifMissing(null))
        .catch((error: Error) => {
          noEntries(error);
          problems.push(explainError(error));
        });
      if (!entries) continue;
      for await (const entry of entries) {
        const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
        if (entry.isDirectory() && (depth < MAX_DEPTH - 1 || ROLLOUTS.test(path))) below.push(path);
        if (!entry.isFile()) continue;
        const full = join(dir, path);
        const stats = await stat(full).catch(ifMissing(null));
        if (!stats) continue;
        files.push(describe(path, full, stats));
        if (files.length === MAX_FILES) return files;
      }
    }
    level = below.sort();
  }
  return files.sort((a, b) => byNumber(a.path, b.path));
}

const describe = (path: string, full: string, stats: Stats): FolderFile => ({
  path,
  full,
  bytes: stats.size,
  modified: stats.mtimeMs,
  version: versionIn(stats),
});

/**
 * Returns a file at any depth in a folder, unlike `filesIn`. Null if the file does not exist, if links lead out of the
 * folder, or if the path is invalid. @throws if the file exists but is unreadable
 */
export async function fileBelow(folder: string, path: string): Promise<FolderFile | null> {
  try {
    const [root, full] = await Promise.all([realpath(folder), realpath(join(folder, path))]);
    const stats = await stat(full);
    return full.startsWith(root + sep) && stats.isFile() ? describe(path, full, stats) : null;
  } catch (error) {
    if (['ELOOP', 'ENAMETOOLONG', 'EINVAL'].includes((error as NodeJS.ErrnoException).code!)) return null;
    return unlessUnreadable(null)(error);
  }
}

/** Reads the bytes of a file. @throws if the file is too large */
export async function bytesOf({ full, path, bytes }: FolderFile): Promise<Buffer> {
  if (bytes > MAX_BYTES) throw new Error(`${path} is larger than 256 MiB and was excluded.`);
  return readBytes(full);
}

export const textOf = async (file: FolderFile): Promise<string> => (await bytesOf(file)).toString('utf8');

/** Parses a JSON file as Python writes JSON. @throws if the file is invalid or too large */
export const jsonOf = async (file: FolderFile): Promise<unknown> => parsePythonJson(await textOf(file));
