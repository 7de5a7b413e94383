import { access, constants, open, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { atEnd, newToken, sweepOnce, temporaryName } from './leftovers.ts';
import { isPassedOn, NotAFile } from './regular.ts';

/** The temporary files that are being written, with what takes back that they go when the process ends. */
const unfinished = new Map<string, () => void>();

/** Whether files are under construction, which an end of the process now would lose. */
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
 * @param token of the temporary file's name, `newToken()`; what an earlier attempt left there is overwritten.
 * @param staging where the temporary file lies, on the same disk; beside the file by default.
 * @throws NotAFile for a folder, a pipe or a device, which no file may replace
 */
export async function openAtomic(
  path: string,
  {
    durable = true,
    token = newToken(),
    staging,
  }: { durable?: boolean; token?: string; staging?: string } = {},
): Promise<AtomicFile> {
  if (isPassedOn(path)) {
    const file = await open(path, 'w');
    const close = () => file.close();
    return { file, temporary: path, commit: close, discard: close };
  }
  const target = await realpath(path).catch(() => path);
  const before = await stat(target).catch(() => null);
  if (before && !before.isFile()) throw new NotAFile(path, before);
  const mode = before && before.mode & 0o777;
  // Putting another file into its place asks only the folder.
  if (mode !== null) await access(target, constants.W_OK);
  const folder = staging ?? dirname(target);
  if (staging === undefined) await sweepOnce(folder);
  const temporary = join(folder, temporaryName(basename(target), token));
  await rm(temporary, { force: true });
  const file = await open(temporary, 'wx', mode ?? 0o666).catch((error: Error) => {
    // Nobody knows the temporary file: it is the folder that is missing or closed.
    throw Object.assign(error, {
      path: folder,
      syscall: 'scandir',
      message: error.message.replace(`open '${temporary}'`, `scandir '${folder}'`),
    });
  });
  unfinished.set(
    temporary,
    atEnd(() => rmSync(temporary, { force: true })),
  );
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
    if (durable) await syncPath(dirname(target));
  };
  return { file, temporary, commit, discard };
}

/** Gives a temporary file, flushed and closed, the name that it was written for; where that fails, it is removed. */
export async function moveIntoPlace(temporary: string, path: string): Promise<void> {
  try {
    await rename(temporary, await realpath(path).catch(() => path));
    finished(temporary);
  } catch (error) {
    await discardUnfinished(temporary);
    throw error;
  }
}

/** fsync of a file or folder; Windows cannot open folders, and does not need to. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** Removes a temporary file. */
export async function discardUnfinished(temporary: string): Promise<void> {
  await rm(temporary, { force: true });
  finished(temporary);
}

function finished(temporary: string): void {
  unfinished.get(temporary)?.();
  unfinished.delete(temporary);
}

/**
 * Writes a file so that a reader sees either the old bytes or all the new ones. On failure (a full disk, a lost
 * folder) the old file is untouched and the temporary one removed.
 */
export async function writeAtomically(
  path: string,
  write: (file: FileHandle) => Promise<void>,
  options: { durable?: boolean; staging?: string } = {},
): Promise<void> {
  const { file, commit, discard } = await openAtomic(path, options);
  try {
    await write(file);
  } catch (error) {
    await discard();
    throw error;
  }
  await commit();
}

/** Puts a file into place at once, as `writeAtomically` does. */
export type WriteFile = (
  path: string,
  write: (file: FileHandle) => Promise<void>,
  options?: { durable?: boolean },
) => Promise<void>;

/** SHA-256 as 64 hexadecimal digits. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}
