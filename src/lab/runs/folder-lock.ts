import { existsSync } from 'node:fs';
import { access, constants, lstat, open, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { jsonText } from '../../base/json.ts';
import { writeAtomically, type WriteFile } from '../files/atomic.ts';
import { ifMissing } from '../files/disk-error.ts';
import { rename } from '../files/in-use.ts';
import { newToken, removeLeftovers, temporaryName } from '../files/leftovers.ts';
import { Lock } from '../files/file-lock.ts';
import type { ProcessId } from '../files/process-id.ts';

export class FolderLocked extends Error {
  constructor(
    dir: string,
    readonly holder: ProcessId,
  ) {
    super(`${nameOf(dir)} is already in use by process ${holder.pid} on ${holder.host}.`);
  }
}

/** Error for a process that was suspended so long that another process has taken over its folder. */
export class FolderLost extends Error {
  constructor(dir: string) {
    super(`Another process has taken over ${nameOf(dir)}, because this process sent no heartbeat.`);
  }
}

const nameOf = (dir: string): string => basename(resolve(dir));

/** Folders of a run that a user can move to another disk with a link or a mount. */
const PARTS = ['checkpoints', 'traces', 'eval', 'acuity'];

/**
 * A folder in which only this process works: a run, a sweep, an evaluation.
 *
 * New files are prepared inside the lock and renamed from the lock. The rename fails once another process has taken
 * over the lock, so no gap exists between check and write. Files written before the takeover belong to the next holder.
 * Files that stay open cause no damage, because the next holder continues in copies (line-writer.ts).
 */
export class FolderLock {
  private prepared = 0;
  /** Aborts with `FolderLost` soon after another process has taken over the folder. */
  readonly lost: AbortSignal;

  /**
   * Use `lockFolder` instead.
   * @param elsewhere locks of parts on other disks, by folder, because files cannot be renamed between disks
   */
  constructor(
    readonly dir: string,
    private readonly lock: Lock,
    private readonly elsewhere: ReadonlyMap<string, Lock>,
  ) {
    const lost = new AbortController();
    this.lost = lost.signal;
    lock.lost.addEventListener('abort', () => lost.abort(new FolderLost(dir)));
  }

  /** Writes a file like `writeAtomically`. @throws FolderLost */
  readonly write: WriteFile = (path, content, { durable = true } = {}) =>
    this.whileHeld(() => writeAtomically(path, content, { durable, staging: this.entryFor(path) }));

  /** Writes a value to a JSON file of the folder. @throws FolderLost */
  readonly writeJson = (name: string, value: object): Promise<void> =>
    this.write(join(this.dir, name), jsonText(value));

  /** Returns a free path inside the lock for preparing the file or folder `path`. */
  prepare(path: string): string {
    return join(this.entryFor(path), `${this.prepared++}`);
  }

  /** Moves a prepared file or folder to its path, and replaces an existing file or folder. @throws FolderLost */
  async place(prepared: string, path: string): Promise<void> {
    await this.remove(path);
    await this.whileHeld(() => rename(prepared, path));
  }

  /** Renames a file or folder within the folder. @throws FolderLost */
  async rename(from: string, to: string): Promise<void> {
    const prepared = this.prepare(from);
    await this.whileHeld(() => rename(from, prepared));
    await this.place(prepared, to);
  }

  /** Removes a file or folder, if it exists. @throws FolderLost */
  remove(path: string): Promise<void> {
    const away = this.prepare(path);
    return this.whileHeld(async () => {
      try {
        await rename(path, away);
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT' && (await this.isHeld())) return;
        // Some container file systems cannot move folders of the container image.
        if (code !== 'EXDEV') throw error;
        await rm(path, { recursive: true, force: true });
      }
      await rm(away, { recursive: true, force: true, maxRetries: 5 });
    });
  }

  /** Runs `work`. @throws FolderLost if `work` fails because another process took over the folder */
  async whileHeld<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (await this.isHeld()) throw error;
      throw new FolderLost(this.dir);
    }
  }

  /** Releases the folder, unless another process has taken over the folder. */
  async release(): Promise<void> {
    for (const lock of this.elsewhere.values()) await lock.release();
    await this.lock.release();
  }

  private async isHeld(): Promise<boolean> {
    for (const lock of [this.lock, ...this.elsewhere.values()]) if (!(await lock.isHeld())) return false;
    return true;
  }

  private entryFor(path: string): string {
    return (this.elsewhere.get(dirname(path)) ?? this.lock).entry;
  }
}

/** Locks a folder for this process, and removes unfinished files of killed processes. @throws FolderLocked */
export async function lockFolder(dir: string): Promise<FolderLock> {
  await access(dir, constants.W_OK);
  const refusal = (holder: ProcessId) => new FolderLocked(dir, holder);
  const lock = await Lock.take(join(dir, 'lock'), { refusal });
  const elsewhere = new Map<string, Lock>();
  const folder = new FolderLock(dir, lock, elsewhere);
  try {
    for (const part of PARTS.map((name) => join(dir, name))) {
      await requireNoOther(part);
      if (await isElsewhere(part, lock.entry))
        elsewhere.set(part, await Lock.take(join(part, '.lock'), { refusal }));
    }
    await removeLeftovers(dir);
    return folder;
  } catch (error) {
    await folder.release();
    throw error;
  }
}

/** Checks a part of a run, which can be a link. @throws an error with the link, if its target is in another run */
async function requireNoOther(part: string): Promise<void> {
  if (!(await lstat(part).catch(ifMissing(null)))?.isSymbolicLink()) return;
  const target = await realpath(part).catch(ifMissing(null));
  if (target !== null && existsSync(join(dirname(target), 'run.yaml')))
    throw new Error(
      `${part} is a link to ${target}, which belongs to another run. Replace the link with a folder.`,
    );
}

/**
 * Whether files cannot be renamed into a folder because the folder is on another disk. Tests this with a rename,
 * because a mount within one disk has the same effect.
 */
async function isElsewhere(folder: string, from: string): Promise<boolean> {
  if (!(await stat(folder).catch(() => null))?.isDirectory()) return false;
  const [probe, target] = [join(from, 'probe'), join(folder, temporaryName('probe', newToken()))];
  await (await open(probe, 'w')).close();
  try {
    await rename(probe, target);
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EXDEV') return true;
    throw error;
  } finally {
    await rm(probe, { force: true });
    await rm(target, { force: true });
  }
}
