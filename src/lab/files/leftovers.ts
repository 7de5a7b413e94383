import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from './folders.ts';
import { rename } from './in-use.ts';
import { exists, placeOfIds } from './process.ts';

/** Work to do before the process ends, so that it leaves nothing behind. */
const endings = new Set<() => void>();
/** Called when something begins to be unfinished, and when nothing is any more. */
let change: (isUnfinished: boolean) => void = () => undefined;

/** Registers work to do if the process ends early. @returns a function that cancels it */
export function onEarlyEnd(work: () => void): () => void {
  endings.add(work);
  if (endings.size === 1) change(true);
  return () => {
    if (endings.delete(work) && endings.size === 0) change(false);
  };
}

/** Calls `tell` from now on when unfinished work begins, and when there is none any more. */
export function watchUnfinished(tell: (isUnfinished: boolean) => void): void {
  change = tell;
}

/** Removes unfinished files. For a process that is about to exit, so it cannot wait for anything. */
export function removeUnfinished(): void {
  for (const work of endings) {
    try {
      work();
    } catch {
      // The next process that writes there removes it.
    }
  }
}

/** Eight letters for the place where this process's id is valid (host, start of the machine, container). */
const place = (): string =>
  createHash('sha256')
    .update(`${hostname()} ${placeOfIds() ?? ''}`)
    .digest('hex')
    .slice(0, 8);

/**
 * Makes the unique part of a temporary file's name. Other processes can tell from it whether the writer is gone; a
 * writer that must find its file again after a crash stores it.
 */
export const newToken = (): string => `${process.pid}-${place()}-${randomBytes(6).toString('hex')}`;

/** Bytes of a name that a temporary one repeats: file systems take 255, of which the token needs up to 40. */
const KEPT_BYTES = 200;

/** Returns the name of a temporary file or folder. Of a long name, it has the beginning alone. */
export function temporaryName(name: string, token: string): string {
  let kept = name;
  while (Buffer.byteLength(kept) > KEPT_BYTES) kept = [...kept].slice(0, -1).join('');
  return `.${kept}.${token}.tmp`;
}

/** Process id and place (`newToken`). */
const TEMPORARY = /^\..+\.(\d+)-([0-9a-f]{8})-[0-9a-f]{12}\.tmp$/;

/** If the writer cannot be checked, for example on another machine, a file of this age is a leftover. */
const FORGOTTEN_MS = 24 * 3600_000;

/** Removes the temporary files and folders in a folder whose writer is gone. */
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

/** Removes leftovers the first time that this process writes into a folder. */
export async function sweepOnce(folder: string): Promise<void> {
  if (swept.has(folder)) return;
  swept.add(folder);
  await removeLeftovers(folder);
}

/**
 * Gives `work` an empty folder next to `path` in which to prepare what will go there. Whatever `work` has not moved out
 * by its end is removed, also when a signal ends the process; if it is killed, by the next one that writes there.
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
    // If it cannot be removed now, the next process that writes there does it.
    await rm(staging, { recursive: true, force: true }).catch(() => undefined);
    done();
  }
}

/** Makes a folder among the system's temporary ones. It is gone once it is removed, and when the process ends early. */
export function temporaryFolder(name: string): { folder: string; remove: () => Promise<void> } {
  const folder = mkdtempSync(join(tmpdir(), `chirality-${name}-`));
  const done = onEarlyEnd(() => removeNow(folder));
  const remove = async () => {
    await rm(folder, { recursive: true, force: true });
    done();
  };
  return { folder, remove };
}

/** How often a folder is removed again, and after how many ms, while writes on their way still put files into it. */
const AGAIN = { times: 50, ms: 10 };

/** Removes a folder of a process that is about to exit: no write begins any more, but some may still be on their way. */
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
 * Makes a folder that appears when `fill` has written all of it. Its parents are made, and an empty folder in its place
 * is replaced. @throws if one that is not empty is there by then
 */
export async function writeFolder(path: string, fill: (staging: string) => Promise<void>): Promise<void> {
  await makeFolder(dirname(path));
  await withStaging(path, async (staging) => {
    await fill(staging);
    // Windows cannot move anything onto a folder, not even onto an empty one.
    await rmdir(path).catch(() => undefined);
    await rename(staging, path);
  });
}
