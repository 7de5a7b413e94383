import { link, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseRecord } from '../../core/record.ts';
import { processSchema, type ProcessId } from '../../core/run-data/run-folder.ts';
import { removeUnfinished } from '../files/atomic.ts';
import { isAlive, thisProcess } from './process.ts';
import { readState } from './state.ts';
import { readText } from '../files/regular.ts';

/** Somebody else works in this folder. */
export class RunLocked extends Error {
  constructor(
    dir: string,
    readonly holder: ProcessId,
  ) {
    super(`${basename(resolve(dir))} is already worked on by process ${holder.pid} on ${holder.host}.`);
  }
}

/**
 * Takes a run's folder, or that of an evaluation, for this process. A lock whose process is gone, or that is broken, is
 * taken over; on another host the run's heartbeat decides. What a killed process left half-written there is removed.
 * @returns gives the folder back
 * @throws RunLocked
 */
export async function lockRun(dir: string): Promise<() => Promise<void>> {
  const path = join(dir, 'lock');
  const own = join(dir, `lock.${process.pid}`);
  await writeFile(own, JSON.stringify(await thisProcess()));
  try {
    for (;;) {
      try {
        // A hard link either appears whole or fails because there is one: no moment with an empty lock.
        await link(own, path);
        await removeLeftovers(dir).catch(() => undefined);
        return () => rm(path, { force: true });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const text = await readLock(path);
      if (text === null) continue;
      const holder = holderIn(text);
      if (holder && (await holds(dir, holder))) throw new RunLocked(dir, holder);
      const stale = join(dir, `lock.stale.${process.pid}`);
      await rename(path, stale).catch(() => undefined);
      // Another one may have been quicker: then what was moved is its new lock, and goes back.
      const moved = await readLock(stale);
      if (moved !== null && moved !== text) await link(stale, path).catch(() => undefined);
      await rm(stale, { force: true });
    }
  } finally {
    await rm(own, { force: true });
  }
}

/** Removes what killed processes left: files they were writing, and their tries to lock. */
async function removeLeftovers(dir: string): Promise<void> {
  await removeUnfinished(dir);
  for (const name of await readdir(dir)) {
    if (!/^lock\.(stale\.)?\d+$/.test(name)) continue;
    const holder = holderIn((await readLock(join(dir, name))) ?? '');
    if (holder && (await isAlive(holder)) === false) await rm(join(dir, name), { force: true });
  }
}

/** Null where there is none (any more). */
async function readLock(path: string): Promise<string | null> {
  return readText(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}

/** Who a lock names; null for one that is broken, as a power cut leaves it: nobody holds that. */
function holderIn(text: string): ProcessId | null {
  try {
    return parseRecord(processSchema, text, { file: 'lock' });
  } catch {
    return null;
  }
}

async function holds(dir: string, holder: ProcessId): Promise<boolean> {
  const alive = await isAlive(holder);
  if (alive !== 'unknown') return alive;
  return (await readState(dir))?.status !== 'lost';
}
