import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';

/** The version of a file that does not exist. */
export const GONE = 'gone';

/** Tells a version of a file from the others. A folder, which may lie in its place, has one version. */
export const versionIn = (stats: Stats): string =>
  stats.isFile() ? `${stats.mtimeMs} ${stats.size} ${stats.ino}` : 'no file';

/** The version of what lies at a path now. */
export async function versionAt(path: string): Promise<string> {
  return stat(path).then(versionIn, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return GONE;
    throw error;
  });
}
