import { writeSync } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isRecord } from '../../base/json.ts';
import { syncPath } from '../files/atomic.ts';
import { rename } from '../files/in-use.ts';
import { lines } from '../files/lines.ts';
import { streamFile } from '../files/regular.ts';
import type { FolderLock } from './folder-lock.ts';
import { ifMissing } from '../files/disk-error.ts';

type Row = Record<string, unknown>;

/** Number of bytes that are collected before writing. */
const PIECE_BYTES = 1 << 18;

/**
 * Appends JSON lines to a file of a locked folder. A crash leaves at most a partial last line, which readers ignore.
 * The writer works on a copy that replaces the file. If a former holder of the lock still runs, its writes to its open
 * file do not appear in the folder.
 */
export class LineWriter {
  private constructor(
    private readonly file: FileHandle,
    /** Size of the file without a partial last line, in bytes. */
    private size: number,
  ) {}

  /**
   * Opens a file, which can be missing, with the lines for which `keep` returns true. Lines from a crash are dropped: a
   * partial line, or a line that is not an object.
   * @throws FolderLost
   */
  static async open(
    lock: FolderLock,
    path: string,
    keep: (row: Row) => boolean = () => true,
  ): Promise<LineWriter> {
    const copy = lock.prepare(path);
    const before = await stat(path).catch(ifMissing(null));
    const file = await lock.whileHeld(() => open(copy, 'ax'));
    try {
      if (before) await file.chmod(before.mode & 0o777);
      let pending = '';
      for await (const { text, row } of readLines(path)) {
        if (!keep(row)) continue;
        pending += `${text}\n`;
        if (pending.length < PIECE_BYTES) continue;
        await file.appendFile(pending);
        pending = '';
      }
      await file.appendFile(pending);
      await file.sync();
      await lock.whileHeld(() => rename(copy, path));
      await syncPath(dirname(path));
      return new LineWriter(file, (await file.stat()).size);
    } catch (error) {
      await file.close();
      await lock.remove(copy).catch(() => undefined);
      throw error;
    }
  }

  /** Appends an object as one line. If a write fails, such as on a full disk, removes the partial line. */
  async append(row: object): Promise<void> {
    const line = Buffer.from(`${JSON.stringify(row)}\n`);
    try {
      // An asynchronous write of a short line takes ten times the processor time.
      for (let at = 0; at < line.length;) at += writeSync(this.file.fd, line, at);
      this.size += line.length;
    } catch (error) {
      await this.file.truncate(this.size).catch(() => undefined);
      throw error;
    }
  }

  /** Waits until all appended lines are on disk. */
  async sync(): Promise<void> {
    await this.file.sync();
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/** A complete line with an object. `at` is its offset, and `bytes` its length without line break. */
interface RowLine {
  text: string;
  row: Row;
  at: number;
  bytes: number;
}

/** Yields the complete lines of a file that contain an object. Yields nothing for a missing file. */
export async function* readLines(path: string): AsyncGenerator<RowLine> {
  let read = 0;
  const counted = async function* () {
    for await (const chunk of await streamFile(path, PIECE_BYTES)) {
      read += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
  };
  try {
    for await (const { text, at, bytes } of lines(counted())) {
      // Only the last line can lack its line break.
      const row = at + bytes < read ? parseRow(text) : null;
      if (row) yield { text: text!, row, at, bytes };
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

function parseRow(line: string | null): Row | null {
  try {
    const row: unknown = JSON.parse(line ?? '');
    return isRecord(row) ? row : null;
  } catch {
    return null;
  }
}
