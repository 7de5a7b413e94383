import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UNREAD, type RunSummary } from '../core/protocol/runs.ts';
import { ifMissing } from '../lab/files/disk-error.ts';
import { searchFolders } from '../lab/files/search-folders.ts';
import { findForeign } from '../lab/foreign/find.ts';

/** The name of a folder that holds runs. */
const RUNS = 'runs';

/** The folders named `runs` in or below `folders`, nearest first. */
export async function findRunRoots({ folders }: { folders: string[] }): Promise<string[]> {
  const isRoot = (folder: string) => basename(folder) === RUNS;
  const roots = folders.filter(isRoot);
  await searchFolders(
    folders.filter((folder) => !isRoot(folder)),
    async (folder, entries) => {
      const root = join(folder, RUNS);
      // `runs` is often a link to a larger disk; other links are not followed.
      if (entries.some(({ name }) => name === RUNS) && (await isFolder(root))) roots.push(root);
      return entries.filter(({ name }) => name !== RUNS);
    },
  );
  return roots;
}

/** The runs of other programs in or below `folders`, for lists. Recognised by file names alone; no file is read. */
export async function findForeignRuns({ folders }: { folders: string[] }): Promise<RunSummary[]> {
  const runs = await findForeign(folders);
  return runs.map(({ dir, name, holds, written }) => ({
    ...UNREAD,
    name,
    dir,
    root: dirname(dir),
    origin: { holds, written, isCopy: false },
  }));
}

/** Whether there is a folder at a path, links followed. */
const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(ifMissing(null)))?.isDirectory() ?? false;
