import {
  hunks,
  type Hunk,
  inverse,
  replace,
  rowsOf,
  slice,
  wholeFile,
  type Piece,
  type Splice,
} from './pieces.ts';
import { Turns } from '../../base/turns.ts';

export interface FileVersion {
  rows: number;
  /** Identifier of the file version, different for any two versions. */
  version: string;
}

export interface WrittenFile extends FileVersion {
  temporary: string;
}

/** Result of reading a changed file again and applying the edits to it. */
export interface ReloadedFile extends FileVersion {
  pieces: Piece[];
  /** Text of the rows that the edits replace, and of the rows above them, by row number. */
  replaced: [row: number, raw: string][];
  /** Edits that could not be applied because the file changed in the same rows. */
  conflicts: Hunk[];
}

/**
 * File of an edit session, independent of the session's edits. Pieces and row numbers refer to the session's version of
 * the file. Every call is idempotent.
 */
export interface EditStore {
  /** Returns the texts of rows of the file, with surrounding white space. */
  rawRows(rows: readonly number[]): Promise<string[]>;
  /** Writes the edited rows to a temporary file in the same folder; null if another program has changed the file. */
  write(pieces: readonly Piece[]): Promise<WrittenFile | null>;
  /**
   * Replaces the file with the written temporary file. If another program has changed the file, returns false and
   * deletes the temporary file.
   */
  commit(written: WrittenFile, pieces: readonly Piece[]): Promise<boolean>;
  copy(path: string, pieces: readonly Piece[]): Promise<void>;
  changedOutside(): Promise<boolean>;
  reload(edits: readonly Hunk[]): Promise<ReloadedFile>;
}

/** Unsaved edits, stored in case of a crash. They can be applied again to a changed file. */
export interface Backup {
  version: 1;
  edits: Hunk[];
}

/**
 * An edited file: its rows, and all edits in order, including undone edits. Only the session owns this state. The file
 * is not in memory: unedited rows are stored as row numbers. Calls run in order, but edits can continue during a save.
 */
export class EditSession {
  private list: readonly Piece[];
  private rows: number;
  private current: string;
  private done: Splice[] = [];
  private undone: Splice[] = [];
  /** Step after which the rows equal the file; null: the state before the first step; undefined: no such step. */
  private savedStep: Splice | null | undefined;
  /**
   * Field that the last step's typing changed; further typing in it extends that step. Null: the next edit is a new
   * step.
   */
  private typing: string | null = null;
  /** Changes since the start of the current save, which the saved file lacks; null if no save is in progress. */
  private since: Splice[] | null = null;
  /**
   * Rows of the file that edits replace, and the rows above them, with surrounding white space. With this text, edits
   * can be applied again after another program changes the file.
   */
  private replaced = new Map<number, string>();
  /** Two queues: edits and reads run in sequence in one queue; saves and reloads, which take longer, in the other. */
  private readonly edits = new Turns();
  private readonly files = new Turns();

  constructor(
    private readonly store: EditStore,
    { rows, version }: FileVersion,
  ) {
    this.list = wholeFile(rows);
    this.rows = rows;
    this.current = version;
    this.savedStep = null;
  }

  get count(): number {
    return rowsOf(this.list);
  }

  /** Version of the file that the rows refer to. */
  get version(): string {
    return this.current;
  }

  /** Whether there are edits since the file was last read or saved. */
  get isUnsaved(): boolean {
    const [piece] = this.list;
    return this.list.length > 1 || this.count !== this.rows || (piece !== undefined && 'raw' in piece);
  }

  /** Reads rows in their current state, in sequence with edits, so that all rows belong to one file version. */
  read<T>(work: (pieces: readonly Piece[]) => T | Promise<T>): Promise<T> {
    return this.edits.run(() => work(this.list));
  }

  /** Reads the rows with current edits. Allows edits during the read; restarts if a save replaces the file. */
  async search<T>(work: (pieces: readonly Piece[]) => Promise<T>): Promise<T> {
    for (;;) {
      const { pieces, version } = await this.edits.run(() => ({ pieces: this.list, version: this.current }));
      try {
        return await work(pieces);
      } catch (error) {
        if (version === (await this.edits.run(() => this.current))) throw error;
      }
    }
  }

  /**
   * Replaces `remove` rows starting at `at` with `texts`.
   * @param texts new rows, or a function that creates them from the rows at the time of this edit.
   * @param typing field that the user is typing into: the next edit with the same field extends this step.
   * @returns whether this edit extended the previous step.
   * @throws Error if a text is not exactly one line.
   */
  edit(
    at: number,
    remove: number,
    texts: readonly string[] | ((rows: string[]) => Promise<readonly string[]>),
    typing: string | null = null,
  ): Promise<boolean> {
    return this.edits.run(async () => {
      await this.learn(at, remove);
      const old = this.raws(slice(this.list, at, remove)).map((raw) => raw.trim());
      return this.put(at, remove, typeof texts === 'function' ? await texts(old) : texts, typing);
    });
  }

  /** Returns the text of a row in its current state. @throws Error if the row does not exist. */
  text(row: number): Promise<string> {
    return this.edits.run(async () => {
      if (row >= this.count) throw new Error(`Row ${row + 1} does not exist.`);
      await this.learn(row, 1);
      return this.raws(slice(this.list, row, 1))[0]!.trim();
    });
  }

  /** Undoes the last step. @returns the row number of the undone step; null if there is nothing to undo. */
  undo(): Promise<number | null> {
    return this.edits.run(() => this.move(this.done, this.undone, inverse));
  }

  /** Redoes the last undone step. @returns the row number of the step; null if there is nothing to redo. */
  redo(): Promise<number | null> {
    return this.edits.run(() => this.move(this.undone, this.done, (step) => step));
  }

  /**
   * Saves all current edits, or none of them; saved edits can still be undone.
   * @returns false if another program has changed the file: nothing was written, so call `merge` first.
   */
  save(): Promise<boolean> {
    return this.files.run(async () => {
      const saved = await this.edits.run(() => {
        this.typing = null;
        this.since = [];
        return { pieces: this.list, step: this.done.at(-1) ?? null };
      });
      try {
        const written = await this.store.write(saved.pieces);
        if (!written) return false;
        return await this.edits.run(async () => {
          const isPlaced = await this.store.commit(written, saved.pieces);
          if (isPlaced) this.startFrom(written, saved.pieces, saved.step);
          return isPlaced;
        });
      } finally {
        this.since = null;
      }
    });
  }

  /** Writes a copy of the file with all current edits; the file itself is unchanged. */
  copy(path: string): Promise<void> {
    return this.files.run(async () => this.store.copy(path, await this.read((pieces) => pieces)));
  }

  /** Returns the edits since the last save. */
  backup(): Backup {
    return { version: 1, edits: hunks(this.list, this.rows, (row) => this.replaced.get(row)!) };
  }

  /**
   * Reads the file again and applies edits to it; earlier steps can no longer be undone.
   * @param edits default: the edits since the last save.
   * @returns the edits that could not be applied because the file changed in the same rows.
   */
  reload(edits?: readonly Hunk[]): Promise<Hunk[]> {
    return this.files.run(() => this.readAgain(edits));
  }

  /** Calls `reload` if another program has changed the file; otherwise returns null. */
  merge(): Promise<Hunk[] | null> {
    return this.files.run(async () => ((await this.store.changedOutside()) ? this.readAgain() : null));
  }

  private readAgain(edits?: readonly Hunk[]): Promise<Hunk[]> {
    return this.edits.run(async () => {
      const { rows, version, pieces, replaced, conflicts } = await this.store.reload(
        edits ?? this.backup().edits,
      );
      [this.rows, this.current, this.list] = [rows, version, replace([], 0, 0, pieces)];
      this.replaced = new Map(replaced);
      [this.done, this.undone, this.typing] = [[], [], null];
      this.savedStep = this.isUnsaved ? undefined : null;
      return conflicts;
    });
  }

  /** Fetches the texts of the rows that an edit will replace, and of the rows near them. */
  private async learn(at: number, remove: number): Promise<void> {
    // A row added at the end can add a line end to the last row, which then counts as edited and needs the row above
    // it. The first row of the file determines the kind of line ends.
    const from = Math.max(at - 2, 0);
    const near = slice(this.list, from, at + remove - from).flatMap((piece) =>
      'raw' in piece ? [] : Array.from({ length: piece.count }, (_, i) => piece.base + i),
    );
    const rows = [...new Set([...near, ...(this.rows > 0 ? [0] : [])])].filter(
      (row) => !this.replaced.has(row),
    );
    if (rows.length === 0) return;
    const texts = await this.store.rawRows(rows);
    for (const [i, row] of rows.entries()) this.replaced.set(row, texts[i]!);
  }

  private put(at: number, remove: number, texts: readonly string[], typing: string | null): boolean {
    if (texts.some((text) => /[\r\n]/.test(text) || text.trim() === ''))
      throw new Error('A row must be one line of JSON.');
    // A last row without a line end needs one before another row. This line end is part of the change, so that undo
    // removes it.
    const [above] = at > 0 && at === this.count ? this.raws(slice(this.list, at - 1, 1)) : [];
    if (above !== undefined && texts.length > 0 && !above.endsWith('\n'))
      return this.put(at - 1, 1, [above.trim(), ...texts], null);
    const removed = slice(this.list, at, remove);
    const old = this.raws(removed);
    const lineEnd = this.replaced.get(0)?.endsWith('\r\n') ? '\r\n' : '\n';
    const insert = texts.map((text, i) => {
      const row = old[i] === undefined ? text + lineEnd : old[i].replace(old[i].trim(), () => text);
      return { raw: i < texts.length - 1 && !row.endsWith('\n') ? row + lineEnd : row };
    });
    const change = { at, remove: removed, insert };
    const last = typing !== null && typing === this.typing ? this.done.pop() : undefined;
    this.done.push(last ? { ...last, insert } : change);
    this.undone = [];
    this.typing = typing;
    this.apply(change);
    return last !== undefined;
  }

  private move(from: Splice[], to: Splice[], changeOf: (step: Splice) => Splice): number | null {
    this.typing = null;
    const step = from.pop();
    if (!step) return null;
    to.push(step);
    this.apply(changeOf(step));
    return step.at;
  }

  private apply(change: Splice): void {
    this.since?.push(change);
    this.list = this.isAtSavedStep()
      ? wholeFile(this.rows)
      : replace(this.list, change.at, rowsOf(change.remove), change.insert);
  }

  private isAtSavedStep(): boolean {
    return this.savedStep !== undefined && (this.done.at(-1) ?? null) === this.savedStep;
  }

  /** Continues from the file after a save, which wrote `saved` as of the step `step`. All steps can still be undone. */
  private startFrom({ rows, version }: FileVersion, saved: readonly Piece[], step: Splice | null): void {
    // The save changed the row numbers, so rows removed by earlier steps are stored as text.
    const asTexts = (pieces: readonly Piece[]): Piece[] => this.raws(pieces).map((raw) => ({ raw }));
    const since = this.since!.map(({ at, remove, insert }) => ({
      at,
      count: rowsOf(remove),
      insert: asTexts(insert),
    }));
    for (const each of [...this.done, ...this.undone]) each.remove = asTexts(each.remove);
    this.replaced = renumbered(this.replaced, saved);
    [this.rows, this.current, this.savedStep] = [rows, version, step];
    this.list = wholeFile(rows);
    if (this.isAtSavedStep()) return;
    for (const { at, count, insert } of since) this.list = replace(this.list, at, count, insert);
  }

  private raws(pieces: readonly Piece[]): string[] {
    return pieces.flatMap((piece) =>
      'raw' in piece
        ? [piece.raw]
        : Array.from({ length: piece.count }, (_, i) => this.replaced.get(piece.base + i)!),
    );
  }
}

/** Maps texts by row number to the row numbers of the saved file. */
function renumbered(texts: ReadonlyMap<number, string>, saved: readonly Piece[]): Map<number, string> {
  const old = [...texts.keys()].sort((a, b) => a - b);
  const now = new Map<number, string>();
  let row = 0;
  let next = 0;
  for (const piece of saved) {
    if ('raw' in piece) now.set(row++, piece.raw);
    else {
      const end = piece.base + piece.count;
      for (; next < old.length && old[next]! < end; next++) {
        const base = old[next]!;
        if (base >= piece.base) now.set(row + base - piece.base, texts.get(base)!);
      }
      row += piece.count;
    }
  }
  return now;
}
