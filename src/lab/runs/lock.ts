import { randomBytes } from 'node:crypto';
import { renameSync, rmdirSync, rmSync } from 'node:fs';
import {
  access,
  constants,
  lstat,
  mkdir,
  readdir,
  rename,
  rm,
  rmdir,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseRecord } from '../../core/record.ts';
import { processSchema, type ProcessId } from '../../core/run-data/run-folder.ts';
import { writeAtomically, type WriteFile } from '../files/atomic.ts';
import { atEnd, removeLeftovers } from '../files/leftovers.ts';
import { readText } from '../files/regular.ts';
import { isAlive, thisProcess } from './process.ts';

/** Somebody else works in this folder. */
export class RunLocked extends Error {
  constructor(
    dir: string,
    readonly holder: ProcessId,
  ) {
    super(`${nameOf(dir)} is already worked on by process ${holder.pid} on ${holder.host}.`);
  }
}

/** This process slept, or was cut off, for so long that another one has taken the folder over. */
export class FolderLost extends Error {
  constructor(dir: string) {
    super(`Another process has taken over ${nameOf(dir)}, since this one showed no sign of life.`);
  }
}

const nameOf = (dir: string): string => basename(resolve(dir));

const HOLDER = 'holder.json';
const BEAT_MS = 2000;
/** Where only the heartbeat tells, a holder counts as gone when it has been silent for so long. */
const SILENT_MS = 60_000;
/** A lock that cannot be read, as a power cut leaves it, is held by nobody after so long. */
const BROKEN_MS = 30_000;
/** Whoever finds the lock free and yet cannot take it so often says why. Others that take it first are told of at once. */
const MOST_TRIES = 200;
/** What may belong to a process that cannot be looked at is a leftover after so long. */
const FORGOTTEN_MS = 24 * 3600_000;

/**
 * A folder in which this process alone works: a run, a sweep, an evaluation.
 *
 * The lock is the folder `lock` in it, free where there is none or where it is empty. Whoever wants it makes
 * `lock.<token>/<token>/holder.json`, which says who he is, and renames `lock.<token>` to `lock`: the system does so
 * only where that is free. The token never comes again. So whoever finds the holder gone moves away `lock/<token>`,
 * that holder's entry and never a later one's, and then all who want the lock try again.
 *
 * A holder prepares in its entry what it writes, and renames it into place from there. When the entry has been moved
 * away, such a rename fails: however long a process slept, what it had in hand appears nowhere. There is no moment
 * between a check and a write. What it wrote before, the next holder finds. Its open files are dealt with by the next
 * holder, which goes on in copies (append.ts).
 */
export class FolderLock {
  private readonly entry: string;
  private readonly heart: NodeJS.Timeout;
  /** Takes back that the lock goes when the process is told to end. */
  private readonly done: () => void;
  private prepared = 0;
  private beating: Promise<void> = Promise.resolve();

  /** For `lockRun`. */
  constructor(
    readonly dir: string,
    private readonly token: string,
  ) {
    this.entry = join(dir, 'lock', token);
    this.done = atEnd(() => {
      const away = join(dir, `lock.${token}.gone`);
      renameSync(this.entry, away);
      rmSync(away, { recursive: true, force: true });
      rmdirSync(join(dir, 'lock'));
    });
    this.heart = setInterval(() => {
      this.beating = this.beat().catch(() => undefined);
    }, BEAT_MS).unref();
  }

  /** As `writeAtomically`. @throws FolderLost */
  readonly write: WriteFile = (path, write, { durable = true } = {}) =>
    this.held(() => writeAtomically(path, write, { durable, staging: this.entry }));

  /** Where a file or folder can be prepared; nothing is there. */
  prepare(): string {
    return join(this.entry, `${this.prepared++}`);
  }

  /** Gives what was prepared its place; what stood there is removed. @throws FolderLost */
  async place(prepared: string, path: string): Promise<void> {
    await this.remove(path);
    await this.held(() => rename(prepared, path));
  }

  /** Removes a file or folder, where there is one. @throws FolderLost */
  remove(path: string): Promise<void> {
    const away = this.prepare();
    return this.held(async () => {
      try {
        await rename(path, away);
      } catch (error) {
        if (codeOf(error) === 'ENOENT' && (await this.isHeld())) return;
        // Some container file systems move no folders that came with the image.
        if (codeOf(error) !== 'EXDEV') throw error;
        await rm(path, { recursive: true, force: true });
      }
      await rm(away, { recursive: true, force: true });
    });
  }

  /** Does something that fails where the folder is lost. @throws FolderLost */
  async held<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (await this.isHeld()) throw error;
      throw new FolderLost(this.dir);
    }
  }

  /** Gives the folder back, where it is not lost. */
  async release(): Promise<void> {
    clearInterval(this.heart);
    await this.beating.catch(() => undefined);
    // Where a scanner holds it open for a moment, it goes at the latest when the process ends: the work is done all the same.
    for (let left = 5; ; left--) {
      try {
        await moveAway(this.dir, this.token);
        break;
      } catch {
        if (left === 0) return;
        await sleep(50);
      }
    }
    this.done();
    await rmdir(join(this.dir, 'lock')).catch(() => undefined);
  }

  private async isHeld(): Promise<boolean> {
    return (await lstat(join(this.entry, HOLDER)).catch(() => null)) !== null;
  }

  private async beat(): Promise<void> {
    const now = new Date();
    await utimes(join(this.entry, HOLDER), now, now);
  }
}

/**
 * Takes a folder for this process, and removes what killed processes left half-written there. Of a holder on this
 * machine its process decides; of one elsewhere, or in another container, its heartbeat.
 * @throws RunLocked
 */
export async function lockRun(dir: string): Promise<FolderLock> {
  await access(dir, constants.W_OK);
  const token = randomBytes(8).toString('hex');
  const own = join(dir, `lock.${token}`);
  const brokenSince = new Map<string, number>();
  try {
    for (let tries = 0; ; tries++) {
      for (let found = await look(dir); found; found = await look(dir)) {
        if (found.holder !== null) {
          if (!(await isGone(found.holder, found))) throw new RunLocked(dir, found.holder);
          await found.remove();
        } else {
          const since = brokenSince.get(found.file) ?? performance.now();
          brokenSince.set(found.file, since);
          if (ageOf(found) < BROKEN_MS && performance.now() < since + BROKEN_MS) await sleep(100);
          else await found.remove();
        }
      }
      if (tries === 0) await makeTry(own, token);
      const refused = await becomesLock(own, join(dir, 'lock'));
      if (refused) {
        if (tries >= MOST_TRIES)
          throw new Error(
            `${join(dir, 'lock')} cannot be taken: ${refused.message}. Remove it if nobody works there.`,
          );
        await sleep(5 + 10 * Math.random());
        continue;
      }
      const lock = new FolderLock(dir, token);
      await removeTries(dir).catch(() => undefined);
      return lock;
    }
  } finally {
    await rm(own, { recursive: true, force: true });
  }
}

/** What is to become the lock, complete. */
async function makeTry(own: string, token: string): Promise<void> {
  await mkdir(own);
  await mkdir(join(own, token));
  await writeFile(join(own, token, HOLDER), JSON.stringify(await thisProcess()));
}

/** Renames a folder to `lock`. @returns null where that is done, and why not where it is taken. */
async function becomesLock(own: string, lock: string): Promise<Error | null> {
  // Some systems rename nothing over an empty folder: that is removed first; one that is not empty stays.
  await rmdir(lock).catch(() => undefined);
  try {
    await rename(own, lock);
    return null;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EPERM'].includes(codeOf(error))) return error as Error;
    throw error;
  }
}

/** What stands in the way of who wants a folder. */
interface Found {
  /** Says who it is, and when its heart beat last. */
  file: string;
  /** Null where that cannot be read. */
  holder: ProcessId | null;
  /** The last sign of life, in ms since the epoch. */
  beat: number;
  /** Removes this and nothing that came later. */
  remove: () => Promise<void>;
}

/** Null where the lock is free by now. @throws where something else stands in its place. */
async function look(dir: string): Promise<Found | null> {
  const path = join(dir, 'lock');
  const lock = await lstat(path).catch(nullWhereMissing);
  if (!lock) return null;
  if (lock.isFile()) {
    // Of versions before this one; this one makes none, so that removing it harms no later holder.
    const state = await lstat(join(dir, 'state.json')).catch(() => null);
    const beat = Math.max(lock.mtimeMs, state?.mtimeMs ?? 0);
    const remove = () =>
      rm(path)
        .catch(nullWhereMissing)
        .then(() => undefined);
    return { file: path, holder: await readHolder(path), beat, remove };
  }
  if (!lock.isDirectory()) throw new Error(`${path} is neither a file nor a folder: remove it.`);
  const [token] = (await readdir(path).catch(nullWhereMissing)) ?? [];
  if (token === undefined) return null;
  const file = join(path, token, HOLDER);
  const named = await lstat(file).catch(() => null);
  const holder = named?.isFile() ? await readHolder(file) : null;
  const stamp = named ?? (await lstat(join(path, token)).catch(() => null));
  return stamp && { file, holder, beat: stamp.mtimeMs, remove: () => moveAway(dir, token) };
}

/** Frees the lock of this one holder. */
async function moveAway(dir: string, token: string): Promise<void> {
  const away = join(dir, `lock.${token}.gone`);
  const entry = join(dir, 'lock', token);
  await rename(entry, away).catch(async (error: unknown) => {
    // Some container file systems move no folders that came with the image; nor does such a holder live.
    if (codeOf(error) === 'EXDEV') await rm(entry, { recursive: true, force: true });
    else nullWhereMissing(error);
  });
  // What cannot be removed now, the next holder finds.
  await rm(away, { recursive: true, force: true }).catch(() => undefined);
}

/** Who stands in a file; null where it is broken or gone. */
async function readHolder(file: string): Promise<ProcessId | null> {
  const text = await readText(file).catch(nullWhereMissing);
  try {
    return text === null ? null : parseRecord(processSchema, text, { file });
  } catch {
    return null;
  }
}

/** Clocks of two machines may differ: what was beaten in the future is not fresh. */
const ageOf = ({ beat }: Pick<Found, 'beat'>): number => Math.abs(Date.now() - beat);

async function isGone(holder: ProcessId, found: Found): Promise<boolean> {
  const alive = await isAlive(holder);
  if (alive !== 'unknown') return !alive;
  if (ageOf(found) < SILENT_MS) return false;
  // Its clock may be wrong by more than that: then it is seen to beat.
  await sleep(3 * BEAT_MS);
  const now = await lstat(found.file).catch(() => null);
  return now?.mtimeMs === found.beat;
}

/** Removes what killed processes left: files they were writing, and their tries to lock. */
async function removeTries(dir: string): Promise<void> {
  await removeLeftovers(dir, true);
  for (const name of await readdir(dir)) {
    // Of this version by token, of earlier ones by process id; nobody else's `lock.json`.
    const [, token, gone] = /^lock\.(?:stale\.)?([0-9a-f]{16}|\d+)(\.gone)?$/.exec(name) ?? [];
    if (token === undefined) continue;
    const path = join(dir, name);
    const found = await lstat(path).catch(() => null);
    if (!found) continue;
    const { mtimeMs } = found;
    const file = found.isDirectory() ? join(path, token, HOLDER) : path;
    const holder = await readHolder(file);
    const dead = holder !== null && (await isAlive(holder)) === false;
    if (gone || dead || Date.now() - mtimeMs > FORGOTTEN_MS) await rm(path, { recursive: true, force: true });
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

function nullWhereMissing(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null;
  throw error;
}
