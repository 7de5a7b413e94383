import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { RecentMap } from '../../base/recent-map.ts';

/** Version of a file that does not exist. */
export const GONE = 'gone';

/** Returns a string that distinguishes versions of a file. All paths that are not files have the same version. */
export const versionIn = (stats: Stats): string =>
  stats.isFile() ? `${stats.mtimeMs} ${stats.size} ${stats.ino}` : 'no file';

export async function versionAt(path: string): Promise<string> {
  return stat(path).then(versionIn, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return GONE;
    throw error;
  });
}

/** Cache of values by path. A value is read again when the version of its file has changed, or if reading failed. */
export class UntilChanged<T> {
  private readonly kept: RecentMap<string, { version: string; value: Promise<T> }>;

  /** @param limit maximum number of cached files */
  constructor(limit = Infinity) {
    this.kept = new RecentMap(limit);
  }

  of(place: string, version: string, read: () => Promise<T>): Promise<T> {
    const kept = this.kept.get(place);
    if (kept?.version === version) return kept.value;
    const entry = { version, value: read() };
    this.kept.set(place, entry);
    entry.value.catch(() => {
      if (this.kept.get(place) === entry) this.kept.delete(place);
    });
    return entry.value;
  }
}
