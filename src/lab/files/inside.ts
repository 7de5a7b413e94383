import { lstat, readlink, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, parse, relative, resolve, sep } from 'node:path';

/** Whether a path is a folder or is inside the folder, decided by comparing strings. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/**
 * Whether a path is on another machine (`\\host`), or has a drive letter on a system without drives. Windows would
 * contact the machine even to check the path.
 */
export const isElsewhere = (path: string): boolean =>
  /^[\\/]{2}/.test(path) || (process.platform !== 'win32' && /^[a-z]:/i.test(path));

/** Maximum number of links to follow in one path, like the limit of operating systems. */
const MOST_LINKS = 40;

/**
 * Returns the real path of a file inside a folder. Links are followed one by one, and only inside the folder, because
 * even checking a link's target can contact another machine.
 * @param root a real path
 * @param path starts with `root`
 * @param named another name of the root, which links can use
 * @returns null if a link leads outside
 * @throws the system's error if the file does not exist
 */
export async function realPathInside(root: string, path: string, named = root): Promise<string | null> {
  let real = root;
  const rest = partsOf(root, path);
  for (let links = 0; rest.length > 0;) {
    const name = rest.shift()!;
    const next = name === '..' ? dirname(real) : join(real, name);
    if (!isInside(root, next)) return null;
    if (name === '..' || !(await lstat(next)).isSymbolicLink()) {
      real = next;
      continue;
    }
    if (++links > MOST_LINKS) throw new Error(`${path} contains too many links.`);
    const target = await readlink(next);
    if (isElsewhere(target)) return null;
    const to = resolve(real, target);
    const from = [root, named].find((folder) => isInside(folder, to));
    if (from === undefined) return null;
    rest.unshift(...partsOf(from, to));
    real = root;
  }
  return real;
}

const partsOf = (folder: string, path: string): string[] => relative(folder, path).split(sep).filter(Boolean);

/** Whether a folder can be a data root: neither a whole disk nor a folder on another machine. */
export const canHoldData = (folder: string): boolean =>
  isAbsolute(folder) && !isElsewhere(folder) && parse(folder).root !== resolve(folder);

/** Whether a path is in one of the folders. Compares strings first, then real paths. */
export async function liesIn(path: string, folders: readonly string[]): Promise<boolean> {
  if (!isAbsolute(path) || isElsewhere(path)) return false;
  for (const folder of folders.map((each) => resolve(each))) {
    if (!isInside(folder, resolve(path))) continue;
    const root = await realpath(folder).catch(() => null);
    if (root === null) continue;
    const moved = join(root, relative(folder, resolve(path)));
    // A missing file counts as inside, because it cannot be read.
    if ((await realPathInside(root, moved, folder).catch(() => moved)) !== null) return true;
  }
  return false;
}
