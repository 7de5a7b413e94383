import { open, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { parseRecord } from '../../core/record.ts';
import { processSchema } from '../../core/run-data/run-folder.ts';
import { isAlive, thisProcess } from '../runs/process.ts';
import { sha256 } from './atomic.ts';
import { newToken } from './leftovers.ts';
import { readText } from './regular.ts';

/** How long one waits for the same holder. What a lock guards, a look at a file and a renaming, takes milliseconds. */
const WAIT_MS = 10_000;
/** Sooner, nobody asks whether the holder is alive: that may take a process of its own. */
const DOUBT_MS = 100;

const holderSchema = processSchema.extend({ token: z.string() });

/**
 * Works while no other program of ours replaces a file: a file `.NAME.lock` beside it says who does. A lock whose process
 * is gone is taken over at once; one of which that cannot be learnt (on another host, or cut short by a full disk), after
 * `WAIT_MS`. A folder in which no lock can be made takes no new file in the old one's place, either: that is the error.
 * @param token of one who finds a lock of its own again after a crash, `newToken()`.
 * @throws where a living process holds it for longer than `WAIT_MS`.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>, token = newToken()): Promise<T> {
  const real = await realpath(path).catch(() => path);
  const lock = join(dirname(real), `.${basename(real)}.lock`);
  const own = JSON.stringify({ ...(await thisProcess()), token });
  await take(lock, own);
  try {
    return await work();
  } finally {
    if ((await read(lock)) === own) await rm(lock, { force: true });
  }
}

async function take(lock: string, own: string): Promise<void> {
  let seen: string | null = null;
  for (let since = Date.now(); ;) {
    if (await create(lock, own)) return;
    const text = await read(lock);
    if (text === own) return;
    if (text === null) continue;
    if (text !== seen) since = Date.now();
    seen = text;
    const waited = Date.now() - since;
    if (waited >= DOUBT_MS) {
      const holder = holderIn(text);
      const alive = holder ? await isAlive(holder) : 'unknown';
      if (alive === false || (alive === 'unknown' && waited >= WAIT_MS)) {
        if (await succeed(lock, text, own)) return;
        continue;
      }
      if (waited >= WAIT_MS) {
        throw new Error(
          `Process ${holder!.pid} has been writing beside ${lock} for ${WAIT_MS / 1000} seconds. Try again when it is done, or end it.`,
        );
      }
    }
    await sleep(5 + (waited % 7)); // not in step with the others
  }
}

/** @returns whether the lock is made, and still was its maker's when that was written into it. */
async function create(lock: string, own: string): Promise<boolean> {
  const file = await open(lock, 'wx').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST') return null;
    throw error;
  });
  if (!file) return false;
  try {
    await file.writeFile(own);
  } catch (error) {
    await rm(lock, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  return (await read(lock)) === own;
}

/**
 * Takes the place of a holder who is gone. Only one may: the one who holds the lock that is named by that holder. Its
 * renaming ends both, and whoever comes later finds another holder.
 */
async function succeed(lock: string, gone: string, own: string): Promise<boolean> {
  const claim = `${lock}.${sha256(gone).slice(0, 12)}`;
  await take(claim, own);
  if ((await read(lock)) === gone) {
    await rename(claim, lock);
    return true;
  }
  await rm(claim, { force: true });
  return false;
}

/** Null where there is none (any more). */
async function read(lock: string): Promise<string | null> {
  return readText(lock).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}

/** Who a lock names; null for one that is cut short. */
function holderIn(text: string): z.infer<typeof holderSchema> | null {
  try {
    return parseRecord(holderSchema, text, { file: 'lock' });
  } catch {
    return null;
  }
}
