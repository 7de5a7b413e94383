import { access, constants, lstat, open, realpath, rm, type FileHandle } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ifMissing } from './disk-error.ts';
import { rename } from './in-use.ts';
import { onEarlyEnd, newToken, sweepOnce, temporaryName } from './leftovers.ts';
import { isShellStream, NotAFile, streamFile } from './regular.ts';

/** Temporary files being written, each with the function that cancels its removal at the end of the process. */
const unfinished = new Map<string, () => void>();

/** Whether any file is still being written and would be lost if the process ended now. */
export const isWriting = (): boolean => unfinished.size > 0;

/** A file being written, invisible under its final name until `commit`. */
export interface AtomicFile {
  file: FileHandle;
  /** The file's name until `commit`. */
  temporary: string;
  /** Flushes, then renames, so that a reader sees either the old bytes or all the new ones. */
  commit(): Promise<void>;
  /** Removes what was written; the old file, if any, is untouched. */
  discard(): Promise<void>;
}

/**
 * Opens a temporary file that `commit` puts in place of `path`. An existing file keeps its permissions, a symbolic link
 * keeps its target, and a file without write permission is not replaced. Without `durable` the fsync is left out, which
 * survives a killed process but not a power cut. Names that a shell passes on (`>(…)`, `/dev/stdout`) are written to
 * directly.
 * @param token part of the temporary file's name, from `newToken()`; a file left there by an earlier attempt is
 * overwritten.
 * @param staging folder for the temporary file, on the same disk; by default the folder of the file.
 * @param follow false: a symbolic link is itself replaced. The files of a run are the program's own, so that a link
 * among them can only lead a stranger's run folder out of itself. The default with `staging`.
 * @throws NotAFile for a folder, a pipe or a device, which no file may replace
 */
export async function openAtomic(
  path: string,
  {
    durable = true,
    token = newToken(),
    staging,
    follow = staging === undefined,
  }: { durable?: boolean; token?: string; staging?: string; follow?: boolean } = {},
): Promise<AtomicFile> {
  if (isShellStream(path)) {
    const file = await open(path, 'w');
    const close = () => file.close();
    return { file, temporary: path, commit: close, discard: close };
  }
  const target = follow ? await realpath(path).catch(() => path) : path;
  const stats = await lstat(target).catch(() => null);
  const before = stats?.isSymbolicLink() ? null : stats;
  if (before && !before.isFile()) throw new NotAFile(path, before);
  const mode = before && before.mode & 0o777;
  // Renaming over a file needs write permission only for the folder, so check that of the file.
  if (mode !== null) await access(target, constants.W_OK).catch(ifMissing(undefined));
  const folder = staging ?? dirname(target);
  if (staging === undefined) await sweepOnce(folder);
  const temporary = join(folder, temporaryName(basename(target), token));
  await rm(temporary, { force: true });
  // Before it is there: what is on disk is also removed.
  unfinished.set(
    temporary,
    onEarlyEnd(() => rmSync(temporary, { force: true })),
  );
  const file = await open(temporary, 'wx', mode ?? 0o666).catch((error: Error) => {
    finished(temporary);
    // The user does not know the temporary file: what is missing or closed is the folder.
    throw Object.assign(error, {
      path: folder,
      syscall: 'scandir',
      message: error.message.replace(`open '${temporary}'`, `scandir '${folder}'`),
    });
  });
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
    await putInPlace(temporary, target);
    if (durable) await syncPath(dirname(target));
  };
  return { file, temporary, commit, discard };
}

/**
 * Renames a flushed temporary file to its final name, or that of the file that a link there leads to; removes it if
 * that fails. Both may be open in this process.
 */
export async function moveIntoPlace(temporary: string, path: string): Promise<void> {
  await putInPlace(temporary, await realpath(path).catch(() => path), 0);
}

/** @param reading see `rename`. */
async function putInPlace(temporary: string, target: string, reading?: number): Promise<void> {
  try {
    await rename(temporary, target, reading);
    finished(temporary);
  } catch (error) {
    await discardUnfinished(temporary);
    throw error;
  }
}

/**
 * Flushes a file or folder to disk (fsync). Windows flushes files alone, and only through a handle that may write.
 */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r+').catch(() => open(path, 'r').catch(() => null));
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
  options: { durable?: boolean; staging?: string; follow?: boolean } = {},
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

/** The signature of `writeAtomically`, which writes a file that appears all at once. */
export type WriteFile = (
  path: string,
  write: (file: FileHandle) => Promise<void>,
  options?: { durable?: boolean },
) => Promise<void>;

/** SHA-256 as 64 hexadecimal digits. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** That of a file of any size. @throws NotAFile */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of await streamFile(path, 1 << 20)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
