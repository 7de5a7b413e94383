import { dirname, join } from 'node:path';
import { homedir } from 'node:os';
import { mkdir, stat } from 'node:fs/promises';

/** Where the platform keeps what can be made again; `XDG_CACHE_HOME` decides everywhere. The folder may not exist yet. */
export function cacheDir(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, 'chirality');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'chirality');
  if (process.platform === 'win32')
    return join(LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'chirality', 'cache');
  return join(homedir(), '.cache', 'chirality');
}

/**
 * Makes a folder and those above it; one that is there is fine. Node's own recursive `mkdir` never ends where a file
 * system takes no folders (`/proc`), for it takes the refusal for a missing parent.
 * @throws what the system says, with the path at which it said so.
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (await isFolder(path)) return;
    const above = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || above === path) throw error;
    if (!(await isFolder(above))) await makeFolder(above);
    // Once more, also where others have made what lies above, or the folder itself, meanwhile.
    await mkdir(path).catch(async (again: unknown) => {
      if (!(await isFolder(path))) throw again;
    });
  }
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
