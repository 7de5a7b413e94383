import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where the platform keeps what can be made again; `XDG_CACHE_HOME` decides everywhere. The folder may not exist yet. */
export function cacheDir(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (XDG_CACHE_HOME) return join(XDG_CACHE_HOME, 'chirality');
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'chirality');
  if (process.platform === 'win32')
    return join(LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), 'chirality', 'cache');
  return join(homedir(), '.cache', 'chirality');
}
