import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';

/** The version of a file that does not exist. */
export const GONE = 'gone';

/** A text that distinguishes versions of a file. Anything else in its place, such as a folder, has one version. */
export const versionIn = (stats: Stats): string =>
  stats.isFile() ? `${stats.mtimeMs} ${stats.size} ${stats.ino}` : 'no file';

/** The version of the file that lies at a path now. */
export async function versionAt(path: string): Promise<string> {
  return stat(path).then(versionIn, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return GONE;
    throw error;
  });
}
