import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';

/** The version of a file that does not exist. */
export const GONE = 'gone';

/** Tells a version of a file from the others. */
export const versionIn = ({ mtimeMs, size, ino }: Stats): string => `${mtimeMs} ${size} ${ino}`;

/** The version of what lies at a path now. */
export async function versionAt(path: string): Promise<string> {
  return stat(path).then(versionIn, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return GONE;
    throw error;
  });
}
