import type { Dirent } from 'node:fs';
import { opendir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { RunSummary } from '../core/protocol/runs.ts';
import { ifMissing, noEntries } from '../lab/files/disk-error.ts';
import { findForeign } from '../lab/foreign/find.ts';

/** The name of a folder that holds runs. */
const RUNS = 'runs';
/** How deep to search below the workspace folder, and how many folders at most. */
const MAX_DEPTH = 4;
const MAX_FOLDERS = 3000;
/** How many entries of a folder to look at; a larger folder holds pictures. */
const MAX_ENTRIES = 10_000;

/**
 * The folders named `runs` in or below `folders`, nearest first. The search is limited: it misses folders that lie deep
 * or after many others.
 */
export async function findRunRoots({ folders }: { folders: string[] }): Promise<string[]> {
  const roots = folders.filter((folder) => basename(folder) === RUNS);
  let level = folders.filter((folder) => basename(folder) !== RUNS);
  let left = MAX_FOLDERS;
  for (let depth = 0; depth <= MAX_DEPTH && level.length > 0; depth++) {
    const below: string[] = [];
    for (const folder of level.slice(0, left)) {
      for (const entry of await entriesOf(folder)) {
        const path = join(folder, entry.name);
        if (entry.name === RUNS) {
          // `runs` is often a link to a larger disk; other links are not followed.
          if (await isFolder(path)) roots.push(path);
        } else if (entry.isDirectory() && !/^(?:\.|node_modules$)/.test(entry.name)) {
          below.push(path);
        }
      }
    }
    left -= level.length;
    if (left <= 0) break;
    level = below;
  }
  return roots;
}

/** The runs of other programs in or below `folders`, for lists. Recognised by file names alone; no file is read. */
export async function findForeignRuns({ folders }: { folders: string[] }): Promise<RunSummary[]> {
  const found = await findForeign(folders);
  return found.map(({ dir, name, holds, written }) => ({
    name,
    dir,
    root: dirname(dir),
    state: null,
    error: null,
    reward: null,
    meter: null,
    interval: null,
    model: null,
    started: null,
    recipe: null,
    data: [],
    note: '',
    origin: { holds, written, isCopy: false },
  }));
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

/** Whether there is a folder at a path, links followed. */
const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(ifMissing(null)))?.isDirectory() ?? false;
