import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from './folders.ts';
import { rename } from './in-use.ts';
import { exists, placeOfIds } from './process.ts';

/** Cleanup functions to call if the process ends early. */
const endings = new Set<() => void>();
/** Called when unfinished work begins, and when all work is finished. */
let change: (isUnfinished: boolean) => void = () => undefined;

/** Registers a cleanup function for an early end of the process. @returns a function that cancels the registration */
export function onEarlyEnd(work: () => void): () => void {
  endings.add(work);
  if (endings.size === 1) change(true);
  return () => {
    if (endings.delete(work) && endings.size === 0) change(false);
  };
}

/** Sets the function that is called when unfinished work begins, and when all work is finished. */
export function watchUnfinished(tell: (isUnfinished: boolean) => void): void {
  change = tell;
}

/** Removes unfinished files synchronously, for a process that is about to exit. */
export function removeUnfinished(): void {
  for (const work of endings) {
    try {
      work();
    } catch {
      // The next process that writes to the folder removes the file.
    }
  }
}

/** Returns eight hexadecimal digits for the scope (host, boot, container) of this process's id. */
const place = (): string =>
  createHash('sha256')
    .update(`${hostname()} ${placeOfIds() ?? ''}`)
    .digest('hex')
    .slice(0, 8);

/**
 * Returns the unique part of a temporary file's name, by which other processes detect whether the writer has ended. A
 * writer that must find its file after a crash stores this token.
 */
export const newToken = (): string => `${process.pid}-${place()}-${randomBytes(6).toString('hex')}`;

/** Maximum length of a name in a temporary name, in bytes. File systems allow 255, and the token needs up to 40. */
const KEPT_BYTES = 200;

/** Returns the name of a temporary file or folder. The name begins with the (shortened) original name. */
export function temporaryName(name: string, token: string): string {
  let kept = name;
  while (Buffer.byteLength(kept) > KEPT_BYTES) kept = [...kept].slice(0, -1).join('');
  return `.${kept}.${token}.tmp`;
}

/** Matches process id and scope in a temporary name (`newToken`). */
const TEMPORARY = /^\..+\.(\d+)-([0-9a-f]{8})-[0-9a-f]{12}\.tmp$/;

/** Age (ms) after which a file counts as a leftover if the writer cannot be checked, for example on another machine. */
const FORGOTTEN_MS = 24 * 3600_000;

/** Removes, from a folder, the temporary files and folders whose writer has ended. */
export async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const [matched, pid, where] = TEMPORARY.exec(name) ?? [];
    if (matched === undefined) continue;
    const path = join(folder, name);
    const isLeft = where === place() ? !exists(Number(pid)) : await isForgotten(path);
    if (isLeft) await rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

const isForgotten = (path: string): Promise<boolean> =>
  stat(path).then(
    ({ mtimeMs }) => Date.now() - mtimeMs > FORGOTTEN_MS,
    () => false,
  );

/** Folders that this process has already searched for leftovers. */
const swept = new Set<string>();

/** Removes leftovers in a folder before this process first writes to the folder. */
export async function sweepOnce(folder: string): Promise<void> {
  if (swept.has(folder)) return;
  swept.add(folder);
  await removeLeftovers(folder);
}

/**
 * Calls `work` with an empty folder next to `path` for preparing files. Files that `work` has not moved out are
 * removed, also when a signal ends the process. If the process is killed, the next process that writes to the parent
 * folder removes them.
 */
export async function withStaging<T>(path: string, work: (staging: string) => Promise<T>): Promise<T> {
  const folder = dirname(path);
  await sweepOnce(folder);
  const staging = join(folder, temporaryName(basename(path), newToken()));
  const done = onEarlyEnd(() => removeNow(staging));
  try {
    mkdirSync(staging);
    return await work(staging);
  } finally {
    // If removal fails, the next process that writes to the parent folder removes the folder.
    await rm(staging, { recursive: true, force: true }).catch(() => undefined);
    done();
  }
}

/** Creates a temporary folder. `remove` deletes the folder, and so does an early end of the process. */
export function temporaryFolder(name: string): { folder: string; remove: () => Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), `chirality-${name}-`));
  const done = onEarlyEnd(() => removeNow(folder));
  const remove = async () => {
    await rm(folder, { recursive: true, force: true });
    done();
  };
  return { folder, remove };
}

/** Number of attempts to remove a folder to which running writes add files, and pause between attempts in ms. */
const AGAIN = { times: 50, ms: 10 };

/** Removes a folder of a process that is about to exit. No new writes start, but earlier writes might still run. */
function removeNow(folder: string): void {
  for (let again = 0; ; again++) {
    try {
      rmSync(folder, { recursive: true, force: true });
      return;
    } catch (error) {
      if (again === AGAIN.times) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, AGAIN.ms);
    }
  }
}

/**
 * Creates a folder (and its parents) that appears when `fill` has written all content. Replaces an empty folder.
 * @throws if a non-empty folder exists at the end
 */
export async function writeFolder(path: string, fill: (staging: string) => Promise<void>): Promise<void> {
  await makeFolder(dirname(path));
  await withStaging(path, async (staging) => {
    await fill(staging);
    // Windows cannot move a folder over another folder, even an empty one.
    await rmdir(path).catch(() => undefined);
    await rename(staging, path);
  });
}
