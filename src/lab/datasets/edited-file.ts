import { stat } from 'node:fs/promises';
import {
  EditSession,
  type EditState,
  type EditStore,
  type FileVersion,
  type ReloadedFile,
  type WrittenFile,
} from '../../core/annotation/edit-session.ts';
import { hunks, merge, type Hunk } from '../../core/annotation/merge.ts';
import { RowList, rowsOf, type Piece, type Splice } from '../../core/annotation/row-list.ts';
import { discardUnfinished, moveIntoPlace, newToken, openAtomic, writeAtomically } from '../files/atomic.ts';
import { RowFile } from './row-file.ts';

/** Somebody else wrote the file: its places are not where they were. `reload` puts the edits onto the new one. */
class ChangedOutside extends Error {
  constructor(path: string) {
    super(`${path} was changed by another program.`);
  }
}

/** How much is read at a time while saving. */
const STRETCH_BYTES = 1 << 22;

/**
 * A `*.qa.jsonl` file that is being edited, as it lies on the disk: its places in memory, and the rows as they stand
 * now. Untouched rows keep their bytes. The edits themselves belong to an `EditSession`, which can tell them again.
 * Calls must not overlap, but for `write` and `copy`.
 */
export class EditedFile implements EditStore {
  /** What was written last, read already. */
  private written: { version: string; file: RowFile } | null = null;

  private constructor(
    private readonly path: string,
    private readonly token: string,
    private file: RowFile,
    private version: string,
    private number: number,
    private list: RowList,
  ) {}

  /**
   * @param token of the temporary file, `newToken()`: whoever opens the file again after a crash in the midst of a save
   * gives the same. @param state where an earlier life stopped; it may belong to another version of the file by now.
   */
  static async open(path: string, token = newToken(), state: EditState | null = null): Promise<EditedFile> {
    const version = await versionOf(path);
    const file = await RowFile.open(path);
    const list = state ? RowList.from(state.pieces) : RowList.of(file.count);
    return new EditedFile(path, token, file, state?.version ?? version, state?.number ?? 0, list);
  }

  /** Opens a file to edit it here and now. */
  static async edit(path: string): Promise<{ file: EditedFile; edits: EditSession }> {
    const file = await EditedFile.open(path);
    return { file, edits: new EditSession(file, file.base) };
  }

  get count(): number {
    return this.list.count;
  }

  get base(): FileVersion {
    return { rows: this.file.count, version: this.version };
  }

  /** Rows as they stand now, without the space around them; fewer at the end. */
  async texts(from: number, count: number): Promise<string[]> {
    await this.check();
    const rows = Math.max(Math.min(from + count, this.count) - from, 0);
    return this.textsOf(this.list.slice(from, rows));
  }

  /** The rows that pieces stand for, without the space around them. */
  async textsOf(pieces: readonly Piece[]): Promise<string[]> {
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

  /** Whether a change with this number was made. */
  has(number: number): boolean {
    return number <= this.number;
  }

  /** @throws where changes before this one are missing, or it does not belong to the rows as they stand. */
  apply(number: number, change: Splice): void {
    if (this.has(number)) return;
    if (number !== this.number + 1) throw new Error(`Change ${number} comes after change ${this.number}.`);
    this.list.apply(change);
    this.number = number;
  }

  async write(pieces: readonly Piece[]): Promise<WrittenFile> {
    await this.check();
    const { path, token } = this;
    const out = await openAtomic(path, { token });
    const { temporary } = out;
    try {
      await this.stream(pieces, (bytes) => out.file.writeFile(bytes));
      await out.file.sync();
      await out.file.close();
      await this.forgetWritten();
      const version = await versionOf(temporary);
      this.written = { version, file: await RowFile.open(temporary) };
      return { temporary, version, rows: rowsOf(pieces) };
    } catch (error) {
      await out.discard();
      throw error;
    }
  }

  async commit({ version, number, pieces }: EditState, { temporary }: WrittenFile): Promise<void> {
    // Else it was done in an earlier life.
    if ((await versionOf(this.path)) !== version) {
      // Once more, since writing takes its time: another window may have saved meanwhile.
      await this.check().catch(async (error: Error) => {
        await discardUnfinished(temporary);
        throw error;
      });
      if ((await versionOf(temporary)) !== version) throw new Error(`${temporary} is another file now.`);
      await moveIntoPlace(temporary, this.path);
    }
    const ready = this.written?.version === version ? this.written.file : null;
    this.written = null;
    await this.goOn(ready ?? (await RowFile.open(this.path)), version, number, pieces);
  }

  copy(path: string, pieces: readonly Piece[]): Promise<void> {
    return writeAtomically(path, async (out) => {
      await this.check();
      await this.stream(pieces, (bytes) => out.writeFile(bytes));
    });
  }

  /** The line of the saved file on which a row stands, from 1; a row that is not saved has that of the one before. */
  line(row: number): number {
    const before = this.list.slice(0, row + 1).findLast((piece) => !('raw' in piece)) as
      Exclude<Piece, { raw: string }> | undefined;
    return before ? this.file.line(before.base + before.count - 1) : 1;
  }

  /** Whether the file on the disk is another one than was read or written here. */
  async changedOutside(): Promise<boolean> {
    return (await versionOf(this.path)) !== this.version;
  }

  async reload(number: number, edits: readonly Hunk[]): Promise<ReloadedFile> {
    const version = await versionOf(this.path);
    const file = await RowFile.open(this.path);
    try {
      const rows = file.count;
      const { pieces, conflicts } = merge(edits, rows, await placesIn(file, edits));
      const wanted = new Set<number>();
      hunks(pieces, rows, (row) => (wanted.add(row), ''));
      const known: [number, string][] = [];
      for (const row of wanted) known.push([row, (await file.rows(row, 1))[0]!]);
      await this.goOn(file, version, number, pieces);
      return { rows, version, pieces, known, conflicts };
    } catch (error) {
      await file.close();
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
    for (const piece of pieces) {
      if ('raw' in piece) await write(piece.raw);
      else for (const stretch of stretches(this.file, piece)) await write(await this.file.bytes(...stretch));
    }
  }

  private async goOn(
    file: RowFile,
    version: string,
    number: number,
    pieces: readonly Piece[],
  ): Promise<void> {
    await this.file.close();
    this.file = file;
    this.version = version;
    this.number = number;
    this.list = RowList.from(pieces);
  }

  private async forgetWritten(): Promise<void> {
    await this.written?.file.close();
    this.written = null;
  }

  private async check(): Promise<void> {
    if (await this.changedOutside()) throw new ChangedOutside(this.path);
  }
}

/** A run of rows in parts that are read at once. */
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

/** Where the rows stand that edits are about. */
async function placesIn(file: RowFile, edits: readonly Hunk[]): Promise<Map<string, number[]>> {
  const places = new Map<string, number[]>();
  for (const { removed, above } of edits) {
    for (const row of [...removed, above ?? '']) places.set(row.trim(), []);
  }
  if (edits.length === 0) return places;
  for (const [from, count] of stretches(file, { base: 0, count: file.count })) {
    const rows = await file.rows(from, count);
    rows.forEach((row, i) => places.get(row.trim())?.push(from + i));
  }
  return places;
}

async function versionOf(path: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(path);
  return `${mtimeMs} ${size} ${ino}`;
}
