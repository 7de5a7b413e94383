import { lstat, readlink, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, join, parse, relative, resolve, sep } from 'node:path';

/** Whether a path lies in a folder or is the folder, by comparing the two strings. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/**
 * Whether a path leads to another machine (`\\host`), or to a drive letter on a system without drives. Windows would
 * contact the machine even to look.
 */
export const isElsewhere = (path: string): boolean =>
  /^[\\/]{2}/.test(path) || (process.platform !== 'win32' && /^[a-z]:/i.test(path));

/** Maximum number of links to follow; operating systems have such a limit too. */
const MOST_LINKS = 40;

/**
 * The real path of something inside a folder. Links are followed one at a time, and only while they stay inside: even
 * looking at the target of a link can contact another machine.
 * @param root a real path
 * @param path starts with `root`
 * @param named another name of the root, which links may use
 * @returns null if a link leads outside
 * @throws the system's error if there is no such file
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

/** Whether a folder may be a data root at all: a whole disk or a folder on another machine may not. */
export const canHoldData = (folder: string): boolean =>
  isAbsolute(folder) && !isElsewhere(folder) && parse(folder).root !== resolve(folder);

/** Whether a path lies in one of the folders: first the strings are compared, then the real paths. */
export async function liesIn(path: string, folders: readonly string[]): Promise<boolean> {
  if (!isAbsolute(path) || isElsewhere(path)) return false;
  for (const folder of folders.map((each) => resolve(each))) {
    if (!isInside(folder, resolve(path))) continue;
    const root = await realpath(folder).catch(() => null);
    if (root === null) continue;
    const moved = join(root, relative(folder, resolve(path)));
    // A path that does not exist cannot be read either.
    if ((await realPathInside(root, moved, folder).catch(() => moved)) !== null) return true;
  }
  return false;
}
