import { stat } from 'node:fs/promises';
import { hunks, merge, type Hunk } from '../../core/annotation/merge.ts';
import { inverse, onto, RowList, type Piece, type Splice } from '../../core/annotation/row-list.ts';
import { writeAtomically } from '../files/atomic.ts';
import { RowFile } from './row-file.ts';

/** Edits that were not saved, kept for the case of a crash. They find their place again in a file that changed. */
export interface Backup {
  version: 1;
  edits: Hunk[];
}

/** Somebody else wrote the file: its places are not where they were. `reload` puts the edits onto the new one. */
class ChangedOutside extends Error {
  constructor(path: string) {
    super(`${path} was changed by another program.`);
  }
}

/** How much is read at a time while saving. */
const STRETCH_BYTES = 1 << 22;

/**
 * A `*.qa.jsonl` file that is being edited: its places in memory, its bytes on the disk, the edits beside them.
 * Untouched rows keep their bytes, and nothing is written but by `save`. Calls must not overlap.
 */
export class EditedFile {
  private list: RowList;
  private done: Splice[] = [];
  private undone: Splice[] = [];
  /** Rows of the file that were edited, and those above them: what a merge needs once the file is another one. */
  private readonly known = new Map<number, string>();

  private constructor(
    private file: RowFile,
    private version: string,
  ) {
    this.list = RowList.of(file.count);
  }

  static async open(path: string): Promise<EditedFile> {
    const version = await versionOf(path);
    return new EditedFile(await RowFile.open(path), version);
  }

  get count(): number {
    return this.list.count;
  }

  /** Rows as they stand now, without the space around them; fewer at the end. */
  async texts(from: number, count: number): Promise<string[]> {
    await this.check();
    const rows = Math.max(Math.min(from + count, this.count) - from, 0);
    return (await this.read(this.list.slice(from, rows))).map((row) => row.trim());
  }

  /**
   * From row `at` on, `remove` rows become rows with these texts.
   * @throws for a text that is not one line.
   */
  async edit(at: number, remove: number, texts: readonly string[]): Promise<void> {
    if (texts.some((text) => /[\r\n]/.test(text) || text.trim() === '')) {
      throw new Error('A row is one line of JSON.');
    }
    await this.check();
    // A last line without an end needs one when a row comes after it. It becomes part of the change, for undo's sake.
    const [above] = at > 0 && at === this.count ? await this.read(this.list.slice(at - 1, 1)) : [];
    if (above !== undefined && texts.length > 0 && !above.endsWith('\n')) {
      return this.edit(at - 1, 1, [above.trim(), ...texts]);
    }
    const old = await this.read(this.list.slice(at, remove));
    const [first] = this.file.count > 0 ? await this.read([{ base: 0, count: 1 }]) : [];
    const lineEnd = first?.endsWith('\r\n') ? '\r\n' : '\n';
    const insert = texts.map((text, i) => {
      const row = old[i] === undefined ? text + lineEnd : old[i].replace(old[i].trim(), () => text);
      return { raw: i < texts.length - 1 && !row.endsWith('\n') ? row + lineEnd : row };
    });
    const change = { at, remove: this.list.slice(at, remove), insert };
    await this.apply(change);
    this.done.push(change);
    this.undone = [];
  }

  /** As `edit` of one row, but in the place of the last edit, which was of the same row: typing is one step to undo. */
  async amend(at: number, text: string): Promise<void> {
    await this.undo();
    await this.edit(at, 1, [text]);
  }

  /** Takes the last edit back. @returns the row where it was; null when there is none. */
  undo(): Promise<number | null> {
    return this.move(this.done, this.undone, inverse);
  }

  /** @returns the row where it was; null when nothing was taken back. */
  redo(): Promise<number | null> {
    return this.move(this.undone, this.done, (change) => change);
  }

  /** Writes the edited file, whole or not at all, and goes on with it; edits can still be undone. */
  async save(): Promise<void> {
    const { path } = this.file;
    const { pieces } = this.list;
    // Once more when all is written, which takes its time: another window may have saved meanwhile.
    await this.write(path, () => this.check());
    const move = onto(pieces, (row) => this.known.get(row)!);
    const [done, undone] = [this.done, this.undone].map((changes) =>
      changes.map(({ at, remove, insert }) => ({ at, remove: move(remove), insert: move(insert) })),
    );
    await this.readAnew(path);
    this.done = done!;
    this.undone = undone!;
  }

  /** Writes the file as it is now, whole or not at all. @param last is asked when all is on the disk. */
  async write(path: string, last?: () => Promise<void>): Promise<void> {
    await this.check();
    await writeAtomically(path, async (out) => {
      await out.writeFile(await this.file.header());
      for (const piece of this.list.pieces) {
        if ('raw' in piece) {
          await out.writeFile(piece.raw);
          continue;
        }
        const end = piece.base + piece.count;
        for (let row = piece.base; row < end;) {
          const rows = this.file.stretch(row, end, STRETCH_BYTES);
          await out.writeFile(await this.file.bytes(row, rows));
          row += rows;
        }
      }
      await out.sync();
      await last?.();
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
    return (await versionOf(this.file.path)) !== this.version;
  }

  /** The edits since the last save. */
  backup(): Backup {
    return { version: 1, edits: this.edits() };
  }

  /**
   * Reads the file anew and puts edits onto it; what was done before cannot be undone any more.
   * @param backup null takes all edits back.
   * @returns the edits without a place, because those rows changed there too. They are left out.
   */
  async reload(backup: Backup | null = this.backup()): Promise<Hunk[]> {
    const edits = backup?.edits ?? [];
    await this.readAnew(this.file.path);
    const places = new Map<string, number[]>();
    for (const { removed, above } of edits) {
      for (const row of [...removed, above ?? '']) places.set(row.trim(), []);
    }
    for (let from = 0; edits.length > 0 && from < this.file.count;) {
      const count = this.file.stretch(from, this.file.count, STRETCH_BYTES);
      const rows = await this.file.rows(from, count);
      rows.forEach((row, i) => places.get(row.trim())?.push(from + i));
      from += count;
    }
    const { pieces, conflicts } = merge(edits, this.file.count, places);
    this.list = RowList.from(pieces);
    await this.learn();
    return conflicts;
  }

  close(): Promise<void> {
    return this.file.close();
  }

  private async move(from: Splice[], to: Splice[], how: (change: Splice) => Splice): Promise<number | null> {
    const change = from.at(-1);
    if (!change) return null;
    await this.check();
    await this.apply(how(change));
    to.push(from.pop()!);
    return change.at;
  }

  private async apply(change: Splice): Promise<void> {
    this.list.apply(change);
    await this.learn();
  }

  private edits(): Hunk[] {
    return hunks(this.list.pieces, this.file.count, (row) => this.known.get(row)!);
  }

  /** Reads what `edits` will need. */
  private async learn(): Promise<void> {
    const missing = new Set<number>();
    hunks(this.list.pieces, this.file.count, (row) => this.known.get(row) ?? (missing.add(row), ''));
    for (const row of missing) this.known.set(row, (await this.file.rows(row, 1))[0]!);
  }

  private async read(pieces: readonly Piece[]): Promise<string[]> {
    const rows: string[] = [];
    for (const piece of pieces) {
      if ('raw' in piece) rows.push(piece.raw);
      else {
        const end = piece.base + piece.count;
        for (let row = piece.base; row < end;) {
          const count = this.file.stretch(row, end, STRETCH_BYTES);
          rows.push(...(await this.file.rows(row, count)));
          row += count;
        }
      }
    }
    return rows;
  }

  private async readAnew(path: string): Promise<void> {
    const version = await versionOf(path);
    const file = await RowFile.open(path);
    await this.file.close();
    this.file = file;
    this.version = version;
    this.list = RowList.of(file.count);
    this.done = [];
    this.undone = [];
    this.known.clear();
  }

  private async check(): Promise<void> {
    if (await this.changedOutside()) throw new ChangedOutside(this.file.path);
  }
}

async function versionOf(path: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(path);
  return `${mtimeMs} ${size} ${ino}`;
}
