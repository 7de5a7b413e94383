import { access, constants, lstat, open, realpath, rm, type FileHandle } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ifMissing } from './disk-error.ts';
import { rename } from './in-use.ts';
import { onEarlyEnd, newToken, sweepOnce, temporaryName } from './leftovers.ts';
import { isShellStream, NotAFile, streamFile } from './regular.ts';

/** Unfinished temporary files, with functions that cancel their removal at the end of the process. */
const unfinished = new Map<string, () => void>();

/** Whether a file is currently being written and would be lost if the process ended. */
export const isWriting = (): boolean => unfinished.size > 0;

/** A file being written, which `commit` renames to its final name. */
export interface AtomicFile {
  file: FileHandle;
  /** Name that the temporary file has until `commit`. */
  temporary: string;
  /** Flushes the file, then renames it, so that readers get either all old bytes or all new bytes. */
  commit(): Promise<void>;
  /** Deletes the temporary file. An old file with the final name is unchanged. */
  discard(): Promise<void>;
}

/**
 * Opens a temporary file that `commit` renames to `path`. An existing file keeps its permissions, and a symbolic link
 * its target. A file without write permission is not replaced. Without `durable`, the file is not flushed, so it
 * survives a killed process but not a power cut. Names of shell streams (`>(…)`, `/dev/stdout`) are opened directly.
 * @param token part of the temporary file's name, from `newToken()`. A file of an earlier attempt is overwritten.
 * @param staging folder for the temporary file, on the same disk. Default: the folder of the file.
 * @param follow false: a symbolic link is itself replaced, because in a run folder by other people, a link could lead
 * out of the folder. Default with `staging`.
 * @throws NotAFile for a folder, a pipe or a device
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
  // Checks write permission of the file itself, because renaming over a file only requires permission for the folder.
  if (mode !== null) await access(target, constants.W_OK).catch(ifMissing(undefined));
  const folder = staging ?? dirname(target);
  if (staging === undefined) await sweepOnce(folder);
  const temporary = join(folder, temporaryName(basename(target), token));
  await rm(temporary, { force: true });
  // Registers the file before creating it, so that it is always removed.
  unfinished.set(
    temporary,
    onEarlyEnd(() => rmSync(temporary, { force: true })),
  );
  const file = await open(temporary, 'wx', mode ?? 0o666).catch((error: Error) => {
    finished(temporary);
    // Users do not know the temporary file, so the message refers to the folder.
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
 * Renames a flushed temporary file to its final name (or to the target of a link with the final name). Deletes the
 * temporary file on failure. Both files can be open in this process.
 */
export async function moveIntoPlace(temporary: string, path: string): Promise<void> {
  await putInPlace(temporary, await realpath(path).catch(() => path), 0);
}

/** @param reading time to wait for readers, as in `rename` */
async function putInPlace(temporary: string, target: string, reading?: number): Promise<void> {
  try {
    await rename(temporary, target, reading);
    finished(temporary);
  } catch (error) {
    await discardUnfinished(temporary);
    throw error;
  }
}

/** Flushes a file or folder to disk (fsync). Windows flushes only files, and only through a writable handle. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r+').catch(() => open(path, 'r').catch(() => null));
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** Deletes a temporary file. */
export async function discardUnfinished(temporary: string): Promise<void> {
  await rm(temporary, { force: true });
  finished(temporary);
}

function finished(temporary: string): void {
  unfinished.get(temporary)?.();
  unfinished.delete(temporary);
}

/** Content of a file, or a function that writes the content. */
type Content = string | Uint8Array | ((file: FileHandle) => Promise<void>);

/**
 * Writes a file so that readers get either all old bytes or all new bytes. On failure, such as a full disk, the old
 * file is unchanged and the temporary file is deleted.
 */
export async function writeAtomically(
  path: string,
  content: Content,
  options: { durable?: boolean; staging?: string; follow?: boolean } = {},
): Promise<void> {
  const { file, commit, discard } = await openAtomic(path, options);
  try {
    await (typeof content === 'function' ? content(file) : file.writeFile(content));
  } catch (error) {
    await discard();
    throw error;
  }
  await commit();
}

/** Type of `writeAtomically`, which writes a file so that its bytes appear all at once. */
export type WriteFile = (path: string, content: Content, options?: { durable?: boolean }) => Promise<void>;

/** Returns the SHA-256 of bytes or a text as 64 hexadecimal digits. */
export function sha256(bytes: Uint8Array | string): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Returns the SHA-256 of a file of any size. @throws NotAFile */
export async function fileSha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of await streamFile(path, 1 << 20)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
