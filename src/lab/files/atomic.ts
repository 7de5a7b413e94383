import {
  access,
  constants,
  open,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  type FileHandle,
} from 'node:fs/promises';
import { createHash, randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { isPassedOn, NotAFile } from './regular.ts';

/** The temporary files that are being written. */
const unfinished = new Set<string>();

/** Whether files are under construction: whoever ends the process now leaves their temporary files behind. */
export const isWriting = (): boolean => unfinished.size > 0;

/** A file under construction: nobody sees it under its name before `commit`. */
export interface AtomicFile {
  file: FileHandle;
  /** Its name until `commit`. */
  temporary: string;
  /** Flush, then rename: a reader sees either the old bytes or all the new ones. */
  commit(): Promise<void>;
  /** Removes what was written; the old file, if any, is untouched. */
  discard(): Promise<void>;
}

/**
 * A file that is there keeps its permissions, and a link keeps leading to it; one that may not be written stays. Without
 * `durable` the fsync is left out: enough against a killed process, not against a power cut. What a shell passes on
 * (`>(…)`, `/dev/stdout`) is written to as it comes.
 * @param token 12 hexadecimal digits of the temporary file's name; what an earlier attempt left there is overwritten.
 * @throws NotAFile for a pipe or a device, which no file may replace
 */
export async function openAtomic(
  path: string,
  { durable = true, token = newToken() } = {},
): Promise<AtomicFile> {
  if (isPassedOn(path)) {
    const file = await open(path, 'w');
    const close = () => file.close();
    return { file, temporary: path, commit: close, discard: close };
  }
  const target = await realpath(path).catch(() => path);
  const before = await stat(target).catch(() => null);
  // A folder keeps the system's own words, at the end.
  if (before && !before.isFile() && !before.isDirectory()) throw new NotAFile(path, before);
  const mode = before && before.mode & 0o777;
  // Putting another file into its place asks only the folder.
  if (mode !== null) await access(target, constants.W_OK);
  const folder = dirname(target);
  const temporary = join(folder, `.${basename(target)}.${token}.tmp`);
  await rm(temporary, { force: true });
  const file = await open(temporary, 'wx', mode ?? 0o666).catch((error: Error) => {
    // Nobody knows the temporary file: it is the folder that is missing or closed.
    throw Object.assign(error, {
      path: folder,
      syscall: 'scandir',
      message: error.message.replace(`open '${temporary}'`, `scandir '${folder}'`),
    });
  });
  unfinished.add(temporary);
  if (mode !== null) await file.chmod(mode);
  const discard = async () => {
    await file.close().catch(() => undefined);
    await discardUnfinished(temporary);
  };
  const commit = async () => {
    try {
      if (durable) await file.sync();
      await file.close();
    } catch (error) {
      await discard();
      throw error;
    }
    await moveIntoPlace(temporary, target);
  };
  return { file, temporary, commit, discard };
}

/** Names a temporary file; whoever wants to find it again, after a crash, keeps the token. */
export const newToken = (): string => randomBytes(6).toString('hex');

/** Gives a temporary file, flushed and closed, the name that it was written for; where that fails, it is removed. */
export async function moveIntoPlace(temporary: string, path: string): Promise<void> {
  try {
    await rename(temporary, await realpath(path).catch(() => path));
    unfinished.delete(temporary);
  } catch (error) {
    await discardUnfinished(temporary);
    throw error;
  }
}

/** Removes a temporary file. */
export async function discardUnfinished(temporary: string): Promise<void> {
  await rm(temporary, { force: true });
  unfinished.delete(temporary);
}

/**
 * Writes a file so that a reader sees either the old bytes or all the new ones. On failure (a full disk, a lost
 * folder) the old file is untouched and the temporary one removed.
 */
export async function writeAtomically(
  path: string,
  write: (file: FileHandle) => Promise<void>,
  { durable = true } = {},
): Promise<void> {
  const { file, commit, discard } = await openAtomic(path, { durable });
  try {
    await write(file);
  } catch (error) {
    await discard();
    throw error;
  }
  await commit();
}

/** Removes the temporary files that a killed process left in a folder: for the one who alone writes there. */
export async function removeUnfinished(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => []))
    if (/^\..+\.[0-9a-f]{12}\.tmp$/.test(name)) await rm(join(folder, name), { force: true });
}

/** SHA-256 as 64 hexadecimal digits. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
