import { basename, dirname, join, posix, resolve } from 'node:path';
import { homedir } from 'node:os';
import { mkdir, stat, opendir } from 'node:fs/promises';
import { readdirSync, type Dirent } from 'node:fs';
import { nearest } from '../../base/problem.ts';
import { noEntries } from './disk-error.ts';

/** Returns the platform's cache folder, which might not exist yet. `XDG_CACHE_HOME` overrides it on all platforms. */
export function cacheDir(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, 'chirality');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'chirality');
  if (process.platform === 'win32')
    return join(LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'chirality', 'cache');
  return join(homedir(), '.cache', 'chirality');
}

/**
 * Creates a folder and its missing parents. Node's recursive `mkdir` never ends on a file system that allows no new
 * folders (`/proc`), because it mistakes the error for a missing parent.
 * @throws the system's error, with the path of the folder
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (await isFolder(path)) return;
    const above = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === path) throw error;
    if (!(await isFolder(above))) await makeFolder(above);
    // Another process might have created the parents or the folder after the first attempt.
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
 * Whether a text is a valid name for a run's folder: not hidden, no path, no command-line option, and valid on Windows,
 * unlike `con` or `a?`.
 */
export const isFolderName = (name: string): boolean =>
  /^[^\s./\\:-][^/\\:<>"|?*\p{Cc}]*$/u.test(name) &&
  !/[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i.test(name);

/** Compares names, with numbers by value: `step-999` before `step-1000`. */
export const { compare: byNumber } = new Intl.Collator('en', { numeric: true });

/** Maximum depth of a search, and maximum number of visited folders. */
const MAX_DEPTH = 4;
const MAX_FOLDERS = 3000;
/** Maximum number of entries of a folder in a search. Larger folders contain images. */
const MAX_ENTRIES = 10_000;

/**
 * Visits folders and their subfolders, the nearest first. The search misses folders that are too deep or come after too
 * many other folders. Links, hidden folders and folders of packages are skipped.
 * @param look returns the entries of a folder in which the search continues
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

/** Returns the first entries of a folder, or an empty list if the folder is unreadable. */
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

/**
 * Returns the path next to a missing one whose name differs by two letters at most, written as the missing path is.
 * @param folder folder that relative paths start from
 */
export function nearPath(folder: string, missing: string): string | undefined {
  try {
    const near = nearest(basename(missing), readdirSync(resolve(folder, dirname(missing))));
    return near && posix.join(dirname(missing), near);
  } catch {
    return undefined; // no such folder, or one that may not be read
  }
}
