import { dirname, join } from 'node:path';
import { homedir } from 'node:os';
import { mkdir, stat, opendir } from 'node:fs/promises';
import type { Dirent } from 'node:fs';
import { noEntries } from './disk-error.ts';

/**
 * The platform's folder for caches, which can be rebuilt; `XDG_CACHE_HOME` overrides it on every platform. The folder
 * may not exist yet.
 */
export function cacheDir(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, 'chirality');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'chirality');
  if (process.platform === 'win32')
    return join(LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'chirality', 'cache');
  return join(homedir(), '.cache', 'chirality');
}

/**
 * Makes a folder and its missing parents; an existing folder is fine. Node's own recursive `mkdir` never ends on a file
 * system that refuses new folders (`/proc`), because it mistakes the refusal for a missing parent.
 * @throws the system's error, with the path it concerns.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (await isFolder(path)) return;
    const above = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === path) throw error;
    if (!(await isFolder(above))) await makeFolder(above);
    // Another process may have made the parents or the folder itself in the meantime.
    await mkdir(path).catch(async (again: unknown) => {
      if (!(await isFolder(path))) throw again;
    });
  }
}

export const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/**
 * Whether a text can name a run's folder: no hidden one, no path, nothing that a command takes for an option, and
 * nothing that cannot be copied to Windows, such as `con` or `a?`.
 */
export const isFolderName = (name: string): boolean =>
  /^[^\s./\\:-][^/\\:<>"|?*\p{Cc}]*$/u.test(name) &&
  !/[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(name);

/** Compares names for sorting, numbers in them by value: `step-999` before `step-1000`. */
export const { compare: byNumber } = new Intl.Collator('en', { numeric: true });

/** How deep to search, and how many folders at most. */
const MAX_DEPTH = 4;
const MAX_FOLDERS = 3000;
/** How many entries of a folder to look at; a larger folder holds images. */
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
