import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  EditSession,
  type EditStore,
  type FileVersion,
  type ReloadedFile,
  type WrittenFile,
} from '../../core/annotation/edit-session.ts';
import { hunks, merge, type Hunk, rowsOf, type Piece } from '../../core/annotation/pieces.ts';
import { discardUnfinished, moveIntoPlace, openAtomic } from '../files/atomic.ts';
import { newToken } from '../files/leftovers.ts';
import { withFileLock } from '../files/file-lock.ts';
import { makeFolder } from '../files/folders.ts';
import { GONE, versionAt } from '../files/version.ts';
import { ifMissing } from '../files/disk-error.ts';
import { DataError } from './data-error.ts';
import { openDataFile } from './data-file.ts';
import { RowFile } from './row-file.ts';

/**
 * Another program wrote the file, so the known offsets of the file's rows are invalid. `reload` applies the edits to
 * the new file.
 */
export class ChangedOutside extends Error {
  constructor(path: string) {
    super(`Another program changed ${path}.`);
  }
}

/** Number of bytes per read while the file is saved. */
const STRETCH_BYTES = 1 << 22;

interface OpenOptions {
  token?: string;
  version?: string;
  orNew?: boolean;
}

/**
 * A `*.qa.jsonl` file that is being edited. Memory contains only the offsets of rows. An `EditSession` owns the edits
 * and passes the rows to write as pieces. Unchanged rows keep their bytes. Calls must not overlap, except `write` and
 * `copy`.
 */
export class EditedFile implements EditStore {
  /** Most recently written file, with the offsets of its rows. */
  private written: { version: string; file: RowFile } | null = null;

  private constructor(
    private readonly path: string,
    private readonly token: string,
    private file: RowFile,
    private current: string,
  ) {}

  /**
   * @param token token of the temporary file, from `newToken()`. To recover from a crash during a save, pass the same
   * token again.
   * @param version version to which the pieces refer, even if the file was replaced since. Default: the file on disk.
   * @param orNew whether to open a missing file as empty. The first save creates the file.
   */
  static async open(
    path: string,
    { token = newToken(), version, orNew = false }: OpenOptions = {},
  ): Promise<EditedFile> {
    const onDisk = await versionAt(path);
    const file = orNew && onDisk === GONE ? RowFile.empty(path) : await RowFile.open(path);
    return new EditedFile(path, token, file, version ?? onDisk);
  }

  /** Opens a file together with an edit session in this process. */
  static async edit(
    path: string,
    options: Pick<OpenOptions, 'orNew'> = {},
  ): Promise<{ file: EditedFile; edits: EditSession }> {
    const file = await EditedFile.open(path, options);
    return { file, edits: new EditSession(file, file.base) };
  }

  /**
   * Appends rows to a file, and creates a missing file. Adds either all rows or none. If another program writes the
   * file at the same time, the call retries.
   * @returns the last row's line number, from 1
   */
  static async append(path: string, rows: readonly string[]): Promise<number> {
    for (;;) {
      const { file, edits } = await EditedFile.edit(path, { orNew: true });
      try {
        await edits.edit(edits.count, 0, rows);
        if (await edits.save()) return file.line(edits.count - 1);
      } catch (error) {
        if (!(error instanceof ChangedOutside)) throw error;
      } finally {
        await file.close();
      }
    }
  }

  /** Version of the file that this object last read or wrote. */
  get base(): FileVersion {
    return { rows: this.file.count, version: this.current };
  }

  /** Returns the rows that pieces refer to, without white space around each row. */
  async texts(pieces: readonly Piece[]): Promise<string[]> {
    await this.check();
    const rows: string[] = [];
    for (const piece of pieces) {
      if ('raw' in piece) rows.push(piece.raw);
      else
        for (const stretch of stretches(this.file, piece)) rows.push(...(await this.file.rows(...stretch)));
    }
    return rows.map((row) => row.trim());
  }

  async rawRows(rows: readonly number[]): Promise<string[]> {
    await this.check();
    const raws: string[] = [];
    for (const row of rows) raws.push((await this.file.rows(row, 1))[0]!);
    return raws;
  }

  /** Writes the rows of pieces to the file. @throws DataError for a file with several hard links */
  async write(pieces: readonly Piece[]): Promise<WrittenFile | null> {
    if (await this.changedOutside()) return null;
    const { path, token } = this;
    await requireOneName(path);
    await makeFolder(dirname(path)); // The folder of the file can also be missing.
    await this.forgetWritten(); // The temporary file is created again, which fails on Windows if the file is open.
    const out = await openAtomic(path, { token });
    const { temporary } = out;
    try {
      await this.stream(pieces, (bytes) => out.file.writeFile(bytes));
      await out.file.sync();
      await out.file.close();
      const version = await versionAt(temporary);
      this.written = { version, file: await RowFile.open(temporary) };
      return { temporary, version, rows: rowsOf(pieces) };
    } catch (error) {
      await out.discard();
      if (await this.changedOutside()) return null; // The bytes that were read did not belong to the known version.
      throw error;
    }
  }

  async commit({ version, temporary }: WrittenFile): Promise<boolean> {
    // If the file has the same version, a previous process has already replaced it.
    if ((await versionAt(this.path)) !== version) {
      // Another window might have saved the file since this write began. The lock makes other windows wait.
      const placed = await withFileLock(
        this.path,
        async () => {
          if (await this.changedOutside()) return false;
          if ((await versionAt(temporary)) !== version)
            throw new Error(`Another program replaced ${temporary}.`);
          await moveIntoPlace(temporary, this.path);
          return true;
        },
        this.token,
      ).catch(async (error: Error) => {
        await discardUnfinished(temporary);
        throw error;
      });
      if (!placed) {
        await discardUnfinished(temporary);
        return false;
      }
    }
    const ready = this.written?.version === version ? this.written.file : null;
    this.written = null;
    await this.continueWith(ready ?? (await RowFile.open(this.path)), version);
    return true;
  }

  async copy(path: string, pieces: readonly Piece[]): Promise<void> {
    const out = await openDataFile(path);
    try {
      await this.check();
      await this.stream(pieces, (bytes) => out.file.writeFile(bytes));
    } catch (error) {
      await out.discard();
      throw error;
    }
    await out.commit();
  }

  /** Returns the line number of a row, from 1. */
  line(row: number): number {
    return this.file.line(row);
  }

  /**
   * Whether the file on disk differs from the version that this object last read or wrote. A deleted file does not
   * count as different while its open handle is readable, because the file can be saved again.
   */
  async changedOutside(): Promise<boolean> {
    const now = await versionAt(this.path);
    return now !== this.current && !(now === GONE && (await this.file.version()) === this.current);
  }

  async reload(edits: readonly Hunk[]): Promise<ReloadedFile> {
    const { file, version } = await this.newest();
    try {
      const rows = file.count;
      const { pieces, conflicts } = merge(edits, rows, await placesIn(file, edits));
      const wanted = new Set<number>();
      hunks(pieces, rows, (row) => (wanted.add(row), ''));
      const replaced: [number, string][] = [];
      for (const row of wanted) replaced.push([row, (await file.rows(row, 1))[0]!]);
      await this.continueWith(file, version);
      return { rows, version, pieces, replaced, conflicts };
    } catch (error) {
      await file.close(this.file);
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.forgetWritten();
    await this.file.close();
  }

  private async stream(
    pieces: readonly Piece[],
    write: (bytes: Buffer | string) => Promise<void>,
  ): Promise<void> {
    await write(await this.file.header());
    /** Whether the last row ends with a line break. If not, the next row needs a line break before it. */
    let ended = true;
    const rows = async (bytes: Buffer | string) => {
      if (!ended) await write(await this.lineEnd());
      await write(bytes);
      ended = /\n\s*$/.test(typeof bytes === 'string' ? bytes : bytes.subarray(-256).toString());
    };
    for (const piece of pieces) {
      if ('raw' in piece) await rows(piece.raw);
      else for (const stretch of stretches(this.file, piece)) await rows(await this.file.bytes(...stretch));
    }
  }

  /** Returns the line ending of the first row, which all new rows get. */
  private async lineEnd(): Promise<string> {
    const [first] = await this.file.rows(0, Math.min(this.file.count, 1));
    return first?.endsWith('\r\n') ? '\r\n' : '\n';
  }

  /** Opens the file on disk. Reads a deleted file through its open handle, including rows that others appended. */
  private async newest(): Promise<{ file: RowFile; version: string }> {
    const version = await versionAt(this.path);
    if (version !== GONE) return { file: await RowFile.open(this.path), version };
    const left = await this.file.version();
    return { file: left === this.current ? this.file : await this.file.again(), version: left };
  }

  private async continueWith(file: RowFile, version: string): Promise<void> {
    await this.file.close(file);
    this.file = file;
    this.current = version;
  }

  private async forgetWritten(): Promise<void> {
    await this.written?.file.close();
    this.written = null;
  }

  private async check(): Promise<void> {
    if (await this.changedOutside()) throw new ChangedOutside(this.path);
  }
}

/** Splits a range of rows into parts of at most `STRETCH_BYTES`. */
function* stretches(
  file: RowFile,
  { base, count }: { base: number; count: number },
): Generator<[from: number, count: number]> {
  const end = base + count;
  for (let row = base; row < end;) {
    const rows = file.stretch(row, end, STRETCH_BYTES);
    yield [row, rows];
    row += rows;
  }
}

/** Finds, in a file, the rows that edits removed and the rows above edits. */
async function placesIn(file: RowFile, edits: readonly Hunk[]): Promise<Map<string, number[]>> {
  const places = new Map<string, number[]>();
  for (const { removed, above } of edits)
    for (const row of [...removed, above ?? '']) places.set(row.trim(), []);
  if (edits.length === 0) return places;
  for (const [from, count] of stretches(file, { base: 0, count: file.count })) {
    const rows = await file.rows(from, count);
    rows.forEach((row, i) => places.get(row.trim())?.push(from + i));
  }
  return places;
}

/** Rejects hard links: saving replaces the file, but other links would still point to the old file. */
async function requireOneName(path: string): Promise<void> {
  const names = (await stat(path).catch(ifMissing(null)))?.nlink ?? 1;
  if (names > 1)
    throw new DataError(
      'hard-link',
      `Cannot save a file with ${names} hard links, because only this link would change.`,
      { file: path, fix: 'Replace the link with a copy of the file, then save again.' },
    );
}
