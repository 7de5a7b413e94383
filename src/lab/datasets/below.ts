import { lstat, mkdir } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { ifMissing } from '../files/disk-error.ts';
import { makeFolder } from '../files/folders.ts';
import { DataError } from './data-error.ts';

/**
 * Makes the folders of a file that a command writes below an output folder. The output folder itself may be a link that
 * a person made; whatever lies in it may come from anybody, so nothing is written through a link there.
 * What is written then is written with `follow: false`, because a link may be made in between.
 * @param folder the output folder, which is made too
 * @param path starts with `folder`
 * @throws DataError naming the link
 */
export async function makeWayBelow(folder: string, path: string): Promise<void> {
  await makeFolder(folder);
  let at = folder;
  for (const part of relative(folder, path).split(sep).slice(0, -1)) {
    at = join(at, part);
    const there = await lstat(at).catch(ifMissing(null));
    if (there === null) await mkdir(at).catch(unlessThere);
    else requireNoLink(at, there);
  }
  requireNoLink(path, await lstat(path).catch(ifMissing(null)));
}

const unlessThere = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EEXIST') throw error;
};

function requireNoLink(path: string, there: { isSymbolicLink(): boolean } | null): void {
  if (there?.isSymbolicLink())
    throw new DataError('link', 'This is a link: nothing is written through it.', {
      file: path,
      fix: `Remove it, or name another folder than ${dirname(path)}.`,
    });
}
