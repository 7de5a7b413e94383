import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { noEntries } from './disk-error.ts';

/** How deep to search, and how many folders at most. */
const MAX_DEPTH = 4;
const MAX_FOLDERS = 3000;
/** How many entries of a folder to look at; a larger folder holds pictures. */
const MAX_ENTRIES = 10_000;

/**
 * Looks at folders and those in them, the nearest first. The search is limited: it misses folders that lie deep or after
 * many others. Links, hidden folders and those of packages are left out.
 * @param look returns the entries to search below
 */
export async function searchFolders(
  folders: readonly string[],
  look: (folder: string, entries: readonly Dirent[]) => Promise<readonly Dirent[]>,
): Promise<void> {
  let level = [...folders];
  let left = MAX_FOLDERS;
  for (let depth = 0; depth <= MAX_DEPTH && left > 0; depth++) {
    const below: string[] = [];
    for (const folder of level.slice(0, left)) {
      for (const entry of await look(folder, await entriesOf(folder)))
        if (entry.isDirectory() && !/^(?:\.|node_modules$)/.test(entry.name))
          below.push(join(folder, entry.name));
    }
    left -= level.length;
    level = below;
  }
}

/** The first entries of a folder; none if it cannot be read. */
async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries: Dirent[] = [];
  try {
    for await (const entry of await opendir(folder, { bufferSize: 256 })) {
      entries.push(entry);
      if (entries.length === MAX_ENTRIES) break;
    }
  } catch (error) {
    noEntries(error);
  }
  return entries.sort((a, b) => a.name.localeCompare(b.name));
}
