import { createHash } from 'node:crypto';
import { renameSync, rmdirSync, rmSync } from 'node:fs';
import {
  lstat,
  mkdir,
  readdir,
  // eslint-disable-next-line no-restricted-syntax -- here, a refusal is an answer
  rename as renameOnce,
  rm,
  rmdir,
  utimes,
  writeFile,
  realpath,
} from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseRecord } from '../../base/record.ts';
import { rename } from './in-use.ts';
import { onEarlyEnd, newToken, temporaryName, withStaging } from './leftovers.ts';
import { isAlive, thisProcess } from './process.ts';
import { processSchema, type ProcessId } from './process-id.ts';
import { readText } from './regular.ts';

const HOLDER = 'holder.json';
const BEAT_MS = 2000;
/** If only the heartbeat can tell, a holder counts as gone after this much silence. */
const SILENT_MS = 60_000;
/** A lock that cannot be read, for example after a power cut, expires after this time. */
const BROKEN_MS = 30_000;
/**
 * A caller that can wait checks whether the holder is alive only after this time, because the check may start a
 * process.
 */
const DOUBT_MS = 100;
/** After this many failures to take a lock that looks free, the reason is reported. */
const MOST_TRIES = 200;

interface LockOptions {
  /**
   * Identifies the holder, who gets the lock back with the same token after a crash. Never reused for another holder.
   */
  token?: string;
  /** How long to wait for one living holder, in ms; 0 refuses at once. */
  patience?: number;
  /** Makes the error to throw if a living process holds the lock. */
  refusal: (holder: ProcessId) => Error;
}

/**
 * The exclusive right of this process to do something, until it gives it back or dies.
 *
 * A lock is a folder; it is free if the folder is missing or empty. To take it, a process prepares
 * `<token>/holder.json`, which identifies the process, in a folder next to it, and renames that folder to the lock. The
 * system allows this only while the lock is free. Tokens are never reused. So a process that finds the holder gone
 * moves `<token>` away, which can only be that holder's entry and never a later one's, and then everybody who wants the
 * lock tries again. A holder on this machine is checked by its process; one on another machine or in another container
 * by its heartbeat.
 *
 * Files that a holder prepares in its entry and renames into place from there appear only while it holds the lock: once
 * the entry has been moved away, the rename fails, however long the process slept.
 */
export class Lock {
  readonly entry: string;
  private readonly over = new AbortController();
  /** Aborts soon after another process has taken the lock over. */
  readonly lost: AbortSignal = this.over.signal;
  private readonly heart: NodeJS.Timeout;
  /** Cancels the release of the lock at the end of the process. */
  private readonly done: () => void;
  private beating: Promise<void> = Promise.resolve();

  private constructor(
    private readonly path: string,
    private readonly token: string,
  ) {
    this.entry = join(path, token);
    this.done = onEarlyEnd(() => {
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

  /** Takes the lock, waiting up to `patience` for each living holder. @throws the refusal */
  static async take(path: string, { token = newToken(), patience = 0, refusal }: LockOptions): Promise<Lock> {
    const since = new Map<string, number>();
    const self = JSON.stringify(await thisProcess());
    return withStaging(path, async (staged) => {
      await mkdir(join(staged, token));
      await writeFile(join(staged, token, HOLDER), self);
      for (let tries = 0; ;) {
        const owner = await look(path);
        if (!owner) {
          const refused = await becomesLock(staged, path);
          if (!refused || (await readdir(path).catch(() => [''])).includes(token))
            return new Lock(path, token);
          if (++tries > MOST_TRIES)
            throw new Error(
              `Cannot lock ${path}: ${refused.message}. Delete the lock if no other process uses it.`,
            );
          await randomPause();
          continue;
        }
        const { holder, file } = owner;
        if (file === join(path, token, HOLDER)) return new Lock(path, token);
        since.set(file, since.get(file) ?? performance.now());
        const waited = performance.now() - since.get(file)!;
        const gone = holder
          ? waited >= Math.min(DOUBT_MS, patience) && (await isGone(holder, owner))
          : Math.max(ageOf(owner), waited) >= BROKEN_MS;
        if (gone) await moveAway(path, owner.token);
        else if (holder && waited >= patience) throw refusal(holder);
        else await randomPause();
      }
    });
  }

  /** Whether this process still holds the lock. */
  async isHeld(): Promise<boolean> {
    return (await lstat(join(this.entry, HOLDER)).catch(() => null)) !== null;
  }

  /** Gives the lock back, unless it has been lost. */
  async release(): Promise<void> {
    clearInterval(this.heart);
    await this.beating;
    // A virus scanner may hold it open for a moment. If all tries fail, it goes when the process ends; the work is done
    // all the same.
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

/** A pause of random length, so that waiting processes do not try at the same moments. */
const randomPause = (): Promise<void> => sleep(5 + 10 * Math.random());

/** Renames a folder to a lock. @returns null on success, or the error if the lock is taken. */
async function becomesLock(staged: string, lock: string): Promise<Error | null> {
  // Some systems cannot rename over an empty folder, so that is removed first; a folder with content stays.
  await rmdir(lock).catch(() => undefined);
  try {
    await renameOnce(staged, lock);
    return null;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EPERM', 'EBUSY'].includes(codeOf(error))) return error as Error;
    throw error;
  }
}

/** The holder because of which a lock cannot be taken. */
interface Found {
  /** The file that identifies the holder; its modification time is the last heartbeat. */
  file: string;
  /** Null if the file cannot be read. */
  holder: ProcessId | null;
  /** The last sign of life, in ms since the epoch. */
  beat: number;
  /** Of this holder's entry, never a later one's. */
  token: string;
}

/** Returns the holder of a lock, or null if it is free by now. @throws if something else stands in its place. */
async function look(path: string): Promise<Found | null> {
  const lock = await lstat(path).catch(nullWhereMissing);
  if (!lock) return null;
  if (!lock.isDirectory())
    throw new Error(
      `${path} must be a folder, not a file from a version before 0.1.0. Delete the file if no other process uses it.`,
    );
  const [token] = (await readdir(path).catch(nullWhereMissing)) ?? [];
  if (token === undefined) return null;
  const file = join(path, token, HOLDER);
  const named = await lstat(file).catch(() => null);
  const holder = named?.isFile() ? await readHolder(file) : null;
  const stamp = named ?? (await lstat(join(path, token)).catch(() => null));
  return stamp && { file, holder, beat: stamp.mtimeMs, token };
}

/** Removes the entry of one holder from a lock. */
const moveAway = (path: string, token: string): Promise<void> =>
  withStaging(path, async (away) => {
    const entry = join(path, token);
    await rename(entry, join(away, token)).catch(async (error: unknown) => {
      // Some container file systems cannot move folders that came with the image; a holder from there is not alive.
      if (codeOf(error) === 'EXDEV') await rm(entry, { recursive: true, force: true });
      else nullWhereMissing(error);
    });
  });

/** Reads who holds the lock from a file; null if the file is broken or gone. @throws if we cannot read it */
async function readHolder(file: string): Promise<ProcessId | null> {
  try {
    return parseRecord(processSchema, await readText(file), { file });
  } catch (error) {
    // A living holder must not count as broken because we have too many files open, or are another user. On Windows, a
    // file that is being removed is refused like that.
    if (['EMFILE', 'ENFILE'].includes(codeOf(error))) throw error;
    if (codeOf(error) === 'EACCES' && process.platform !== 'win32') throw error;
    return null;
  }
}

/** The clocks of two machines may differ, so a heartbeat in the future does not count as fresh. */
const ageOf = ({ beat }: Found): number => Math.abs(Date.now() - beat);

async function isGone(holder: ProcessId, found: Found): Promise<boolean> {
  const alive = await isAlive(holder);
  if (alive !== 'unknown') return !alive;
  if (ageOf(found) < SILENT_MS) return false;
  // The clocks may differ by more than that, so watch whether the heartbeat changes.
  await sleep(3 * BEAT_MS);
  const now = await lstat(found.file).catch(() => null);
  return now?.mtimeMs === found.beat;
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

function nullWhereMissing(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null;
  throw error;
}

/** How long to wait for the same holder. The work under a lock, checking a file and renaming it, takes milliseconds. */
const PATIENCE_MS = 10_000;

/** Most bytes of a name in that of its lock: file systems take 255. */
const LONGEST_NAME = 200;

const lockName = (name: string): string =>
  `.${Buffer.byteLength(name) > LONGEST_NAME ? createHash('sha256').update(name).digest('hex') : name}.lock`;

/**
 * Runs `work` while no other Chirality process replaces the file: `.NAME.lock` next to it names the holder. Where the
 * folder does not allow a lock, the file could not be replaced either, so that is the error.
 * @param token `newToken()`, for a caller that must recognise its own lock after a crash.
 * @throws if a living process holds the lock for longer than `PATIENCE_MS`.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>, token?: string): Promise<T> {
  const real = await realpath(path).catch(() => path);
  const lockFolder = join(dirname(real), lockName(basename(real)));
  const lock = await Lock.take(lockFolder, {
    ...(token !== undefined && { token }),
    patience: PATIENCE_MS,
    refusal: ({ pid, host }) =>
      new Error(
        `Process ${pid} on ${host} has held ${lockFolder} for ${PATIENCE_MS / 1000} seconds. End the process, or try again later.`,
      ),
  });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}
