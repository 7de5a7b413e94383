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
/** Time without heartbeat (ms) after which a holder counts as ended, if the heartbeat is the only evidence. */
const SILENT_MS = 60_000;
/** Time (ms) after which an unreadable lock expires, for example after a power cut. */
const BROKEN_MS = 30_000;
/** Time (ms) after which a waiting caller checks whether the holder still runs. This check can start a process. */
const DOUBT_MS = 100;
/** Number of failed attempts to take a free lock, after which the reason becomes an error. */
const MOST_TRIES = 200;

interface LockOptions {
  /** Token of the holder, for retaking the lock after a crash. No other holder uses the token. */
  token?: string;
  /** Maximum time to wait for one running holder, in ms. 0: no wait. */
  patience?: number;
  /** Returns the error to throw if a running process holds the lock. */
  refusal: (holder: ProcessId) => Error;
}

/**
 * Exclusive lock of this process, until release or the end of the process.
 *
 * A lock is a folder, and is free if the folder is missing or empty. To take the lock, a process prepares
 * `<token>/holder.json`, which identifies the process, in a neighbouring folder, and renames that folder to the lock.
 * The system allows the rename only while the lock is free. Tokens are never reused. If the holder has ended, another
 * process moves the holder's `<token>` away, which cannot be a later holder's entry. Then all waiting processes try
 * again. A holder on this machine is checked by its process, and a holder on another machine or in another container by
 * its heartbeat.
 *
 * Files that a holder prepares in its entry and renames from this entry appear only while it holds the lock. After the
 * entry was moved away, the rename fails, however long the process slept.
 */
export class Lock {
  readonly entry: string;
  private readonly over = new AbortController();
  /** Aborts soon after another process has taken over the lock. */
  readonly lost: AbortSignal = this.over.signal;
  private readonly heart: NodeJS.Timeout;
  /** Cancels the automatic release of the lock at the end of the process. */
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

  /** Takes the lock. Waits up to `patience` for each running holder. @throws the error of `refusal` */
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

  /** Releases the lock, unless another process has taken it over. */
  async release(): Promise<void> {
    clearInterval(this.heart);
    await this.beating;
    // A virus scanner can hold the entry open briefly. If all attempts fail, the lock expires with the process.
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

/** Waits for a random time, so that waiting processes do not retry simultaneously. */
const randomPause = (): Promise<void> => sleep(5 + 10 * Math.random());

/** Renames a folder to a lock. @returns null on success, or the system's error if the lock is taken */
async function becomesLock(staged: string, lock: string): Promise<Error | null> {
  // Removes an empty lock first, because some systems cannot rename over an empty folder. A folder with content stays.
  await rmdir(lock).catch(() => undefined);
  try {
    await renameOnce(staged, lock);
    return null;
  } catch (error) {
    if (['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EPERM', 'EBUSY'].includes(codeOf(error))) return error as Error;
    throw error;
  }
}

/** Holder that prevents another process from taking the lock. */
interface Found {
  /** Path of the file that identifies the holder. The file's modification time is the last heartbeat. */
  file: string;
  /** Process that holds the lock. Null if the file is unreadable. */
  holder: ProcessId | null;
  /** Time of the last heartbeat, in ms since the epoch. */
  beat: number;
  /** Token that names the holder's entry in the lock. */
  token: string;
}

/** Returns the holder of a lock, or null if the lock is free. @throws if the path is not a folder */
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

/** Removes a holder's entry from a lock. */
const moveAway = (path: string, token: string): Promise<void> =>
  withStaging(path, async (away) => {
    const entry = join(path, token);
    await rename(entry, join(away, token)).catch(async (error: unknown) => {
      // Some container file systems cannot move folders of the container image. A holder in the image has ended.
      if (codeOf(error) === 'EXDEV') await rm(entry, { recursive: true, force: true });
      else nullWhereMissing(error);
    });
  });

/** Reads the holder from a file. Null if the file is missing or invalid. @throws if the file is unreadable */
async function readHolder(file: string): Promise<ProcessId | null> {
  try {
    return parseRecord(processSchema, await readText(file), { file });
  } catch (error) {
    // A living holder must not count as broken because of too many open files or another user. On Windows, a file that
    // is being removed causes EACCES.
    if (['EMFILE', 'ENFILE'].includes(codeOf(error))) throw error;
    if (codeOf(error) === 'EACCES' && process.platform !== 'win32') throw error;
    return null;
  }
}

/** Clocks of two machines can differ, so a future heartbeat does not count as recent. */
const ageOf = ({ beat }: Found): number => Math.abs(Date.now() - beat);

async function isGone(holder: ProcessId, found: Found): Promise<boolean> {
  const alive = await isAlive(holder);
  if (alive !== 'unknown') return !alive;
  if (ageOf(found) < SILENT_MS) return false;
  // Waits for a new heartbeat, because clocks can differ by more than `SILENT_MS`.
  await sleep(3 * BEAT_MS);
  const now = await lstat(found.file).catch(() => null);
  return now?.mtimeMs === found.beat;
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

function nullWhereMissing(error: unknown): null {
  if (codeOf(error) === 'ENOENT') return null;
  throw error;
}

/** Maximum time (ms) to wait for one holder. Checking and renaming a file under a lock takes milliseconds. */
const PATIENCE_MS = 10_000;

/** Maximum length of a file name inside the name of its lock, in bytes. File systems allow 255. */
const LONGEST_NAME = 200;

const lockName = (name: string): string =>
  `.${Buffer.byteLength(name) > LONGEST_NAME ? createHash('sha256').update(name).digest('hex') : name}.lock`;

/**
 * Runs `work` while no other Chirality process replaces the file. The lock `.NAME.lock` next to the file identifies the
 * holder. If the folder does not allow a lock, throws the error, because the file could not be replaced either.
 * @param token `newToken()`, for a caller that must recognise its own lock after a crash.
 * @throws if a running process holds the lock for longer than `PATIENCE_MS`.
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
