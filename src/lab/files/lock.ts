import { renameSync, rmdirSync, rmSync } from 'node:fs';
import { lstat, mkdir, readdir, rename, rm, rmdir, unlink, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseRecord } from '../../core/record.ts';
import { processSchema, type ProcessId } from '../../core/run-data/run-folder.ts';
import { atEnd, newToken, temporaryName, withStaging } from './leftovers.ts';
import { isAlive, thisProcess } from './process.ts';
import { readText } from './regular.ts';

const HOLDER = 'holder.json';
const BEAT_MS = 2000;
/** Where only the heartbeat tells, a holder counts as gone when it has been silent for so long. */
const SILENT_MS = 60_000;
/** A lock that cannot be read, as a power cut leaves it, is held by nobody after so long. */
const BROKEN_MS = 30_000;
/** Whoever can wait asks after so long whether the holder is alive: that may take a process of its own. */
const DOUBT_MS = 100;
/** Whoever finds the lock free and yet cannot take it so often says why. */
const MOST_TRIES = 200;

export interface LockOptions {
  /** Of the holder: whoever comes back with it after a crash has the lock again. It never names another one. */
  token?: string;
  /** How long to wait for one living holder, in ms; 0 refuses at once. */
  patience?: number;
  /** What is thrown where a living process holds the lock. */
  refusal: (holder: ProcessId) => Error;
}

/**
 * What this process alone may do, until it gives it back or dies.
 *
 * A lock is a folder, free where there is none or where it is empty. Whoever wants it prepares `<token>/holder.json`,
 * which says who he is, in a folder beside it, and renames that folder to the lock: the system does so only where the
 * lock is free. The token never comes again. So whoever finds the holder gone moves away `<token>`, that holder's entry
 * and never a later one's, and then all who want the lock try again. Of a holder on this machine its process decides; of
 * one elsewhere, or in another container, its heartbeat.
 *
 * What a holder prepares in its entry, and renames into place from there, appears only as long as it holds the lock:
 * once the entry has been moved away, such a rename fails, however long the process slept.
 */
export class Lock {
  readonly entry: string;
  private readonly over = new AbortController();
  /** Aborts soon after another one has taken the lock over. */
  readonly lost: AbortSignal = this.over.signal;
  private readonly heart: NodeJS.Timeout;
  /** Takes back that the lock goes when the process is told to end. */
  private readonly done: () => void;
  private beating: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private readonly token: string,
  ) {
    this.entry = join(path, token);
    this.done = atEnd(() => {
      const away = join(dirname(path), temporaryName(basename(path), newToken()));
      renameSync(this.entry, away);
      rmSync(away, { recursive: true, force: true });
      rmdirSync(path);
    });
    this.heart = setInterval(() => {
      this.beating = this.beat().catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT') this.over.abort();
      });
    }, BEAT_MS).unref();
  }

  /** @throws the refusal */
  static async take(path: string, { token = newToken(), patience = 0, refusal }: LockOptions): Promise<Lock> {
    const since = new Map<string, number>();
    const self = JSON.stringify(await thisProcess());
    return withStaging(path, async (own) => {
      await mkdir(join(own, token));
      await writeFile(join(own, token, HOLDER), self);
      for (let tries = 0; ;) {
        const found = await look(path);
        if (!found) {
          const refused = await becomesLock(own, path);
          if (!refused || (await readdir(path).catch(() => [''])).includes(token))
            return new Lock(path, token);
          if (++tries > MOST_TRIES)
            throw new Error(`${path} cannot be taken: ${refused.message}. Remove it if nobody works there.`);
          await breather();
          continue;
        }
        const { holder, file } = found;
        if (file === join(path, token, HOLDER)) return new Lock(path, token);
        since.set(file, since.get(file) ?? performance.now());
        const waited = performance.now() - since.get(file)!;
        const gone = holder
          ? waited >= Math.min(DOUBT_MS, patience) && (await isGone(holder, found))
          : Math.max(ageOf(found), waited) >= BROKEN_MS;
        if (gone) await found.remove();
        else if (holder && waited >= patience) throw refusal(holder);
        else await breather();
      }
    });
  }

  /** Whether nobody has taken the lock over. */
  async isHeld(): Promise<boolean> {
    return (await lstat(join(this.entry, HOLDER)).catch(() => null)) !== null;
  }

  /** Gives the lock back, where it is not lost. */
  async release(): Promise<void> {
    clearInterval(this.heart);
    await this.beating;
    // Where a scanner holds it open for a moment, it goes at the latest when the process ends: the work is done all the same.
    for (let left = 5; left >= 0; left--) {
      try {
        await moveAway(this.path, this.token);
        this.done();
        await rmdir(this.path).catch(() => undefined);
        return;
      } catch {
        await sleep(50);
      }
    }
  }

  private async beat(): Promise<void> {
    const now = new Date();
    await utimes(join(this.entry, HOLDER), now, now);
  }
}

/** Not in step with the others. */
const breather = (): Promise<void> => sleep(5 + 10 * Math.random());

/** Renames a folder to a lock. @returns null where that is done, and why not where it is taken. */
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

/** What stands in the way of who wants a lock. */
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
async function look(path: string): Promise<Found | null> {
  const lock = await lstat(path).catch(nullWhereMissing);
  if (!lock) return null;
  if (lock.isFile()) {
    // Of a version before this one, whose runs beat in their state; this one makes none, so that removing it harms nobody.
    const state = await lstat(join(dirname(path), 'state.json')).catch(() => null);
    const remove = () =>
      unlink(path).catch((error: unknown) => {
        if (!['ENOENT', 'EISDIR', 'EPERM'].includes(codeOf(error))) throw error;
      });
    return {
      ...{ file: path, holder: await readHolder(path) },
      ...{ beat: Math.max(lock.mtimeMs, state?.mtimeMs ?? 0), remove },
    };
  }
  if (!lock.isDirectory()) throw new Error(`${path} is neither a file nor a folder: remove it.`);
  const [token] = (await readdir(path).catch(nullWhereMissing)) ?? [];
  if (token === undefined) return null;
  const file = join(path, token, HOLDER);
  const named = await lstat(file).catch(() => null);
  const holder = named?.isFile() ? await readHolder(file) : null;
  const stamp = named ?? (await lstat(join(path, token)).catch(() => null));
  return stamp && { file, holder, beat: stamp.mtimeMs, remove: () => moveAway(path, token) };
}

/** Frees a lock of this one holder. */
const moveAway = (path: string, token: string): Promise<void> =>
  withStaging(path, async (away) => {
    const entry = join(path, token);
    await rename(entry, join(away, token)).catch(async (error: unknown) => {
      // Some container file systems move no folders that came with the image; nor does such a holder live.
      if (codeOf(error) === 'EXDEV') await rm(entry, { recursive: true, force: true });
      else nullWhereMissing(error);
    });
  });

/** Who stands in a file; null where it is broken or gone. */
async function readHolder(file: string): Promise<ProcessId | null> {
  try {
    return parseRecord(processSchema, await readText(file), { file });
  } catch {
    return null;
  }
}

/** Clocks of two machines may differ: what was beaten in the future is not fresh. */
const ageOf = ({ beat }: Found): number => Math.abs(Date.now() - beat);

async function isGone(holder: ProcessId, found: Found): Promise<boolean> {
  const alive = await isAlive(holder);
  if (alive !== 'unknown') return !alive;
  if (ageOf(found) < SILENT_MS) return false;
  // Its clock may be wrong by more than that: then it is seen to beat.
  await sleep(3 * BEAT_MS);
  const now = await lstat(found.file).catch(() => null);
  return now?.mtimeMs === found.beat;
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

function nullWhereMissing(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null;
  throw error;
}
