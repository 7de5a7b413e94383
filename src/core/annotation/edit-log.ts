import { hunks, type Hunk } from './merge.ts';
import { inverse, rebaseOnto, RowList, rowsOf, type Piece, type Splice } from './row-list.ts';

/**
 * The edits of a file in order, including undone ones: everything that undo, backup and save need. The file itself is
 * not held here. Unedited rows are known only by their number. The texts of the rows that an edit replaces, and of the
 * row above, are fetched before the edit (`missing`, `learn`), so that the edit can be placed again if another program
 * changes the file.
 */
export class EditLog {
  private done: Splice[] = [];
  private undone: Splice[] = [];
  /**
   * The field that the last step typed into; further typing there joins that step. Null if the next edit starts a new
   * one.
   */
  private typing: string | null = null;

  private constructor(
    private readonly rows: number,
    private readonly list: RowList,
    /** Rows of the file with the white space around them, including line ends. */
    private readonly known: Map<number, string>,
  ) {}

  /**
   * @param rows number of rows of the file.
   * @param pieces edits made to it earlier, which cannot be undone.
   * @param known the rows that these edits replace, and the rows above them.
   */
  static of(
    rows: number,
    pieces: readonly Piece[] = [{ base: 0, count: rows }],
    known: Iterable<readonly [row: number, raw: string]> = [],
  ): EditLog {
    return new EditLog(rows, RowList.from(pieces), new Map(known));
  }

  get count(): number {
    return this.list.count;
  }

  /** The edited file's rows. */
  get pieces(): readonly Piece[] {
    return this.list.pieces;
  }

  get isEdited(): boolean {
    const [piece] = this.pieces;
    return (
      this.pieces.length > 1 || rowsOf(this.pieces) !== this.rows || (piece !== undefined && 'raw' in piece)
    );
  }

  /** The rows of the file whose texts must be given to `learn` before `edit` is called. */
  missing(at: number, remove: number): number[] {
    // Adding a row at the end may add a line end to the last one, which then counts as edited and needs the row above
    // it. The first row of the file shows which line ends it uses.
    const from = Math.max(at - 2, 0);
    const touched = this.list.slice(from, at + remove - from);
    const rows = touched.flatMap((piece) =>
      'raw' in piece ? [] : Array.from({ length: piece.count }, (_, i) => piece.base + i),
    );
    if (this.rows > 0) rows.push(0);
    return [...new Set(rows)].filter((row) => !this.known.has(row));
  }

  learn(rows: readonly number[], texts: readonly string[]): void {
    for (const [i, row] of rows.entries()) this.known.set(row, texts[i]!);
  }

  /**
   * Replaces `remove` rows starting at `at` with `texts`.
   * @param typing the field being typed into: the next edit with the same name joins this step.
   * @returns the change of the rows, and whether it joined the previous step.
   * @throws if a text is not exactly one line.
   */
  edit(
    at: number,
    remove: number,
    texts: readonly string[],
    typing: string | null = null,
  ): { change: Splice; amended: boolean } {
    if (texts.some((text) => /[\r\n]/.test(text) || text.trim() === '')) {
      throw new Error('A row is one line of JSON.');
    }
    // A last row without a line end needs one if a row comes after it. This becomes part of the change, so that undo
    // removes it again.
    const [above] = at > 0 && at === this.count ? this.raws(this.list.slice(at - 1, 1)) : [];
    if (above !== undefined && texts.length > 0 && !above.endsWith('\n')) {
      return this.edit(at - 1, 1, [above.trim(), ...texts]);
    }
    const removed = this.list.slice(at, remove);
    const old = this.raws(removed);
    const lineEnd = this.known.get(0)?.endsWith('\r\n') ? '\r\n' : '\n';
    const insert = texts.map((text, i) => {
      const row = old[i] === undefined ? text + lineEnd : old[i].replace(old[i].trim(), () => text);
      return { raw: i < texts.length - 1 && !row.endsWith('\n') ? row + lineEnd : row };
    });
    const change = { at, remove: removed, insert };
    this.list.apply(change);
    const last = typing !== null && typing === this.typing ? this.done.pop() : undefined;
    this.done.push(last ? { ...last, insert } : change);
    this.undone = [];
    this.typing = typing;
    return { change, amended: last !== undefined };
  }

  /** Undoes the last step. @returns the change of the rows; null if there is nothing to undo. */
  undo(): Splice | null {
    const step = this.done.pop();
    return this.move(step, this.undone, step && inverse(step));
  }

  /** @returns the change of the rows; null if there is nothing to redo. */
  redo(): Splice | null {
    const step = this.undone.pop();
    return this.move(step, this.done, step);
  }

  /** Makes later typing start a new step. @returns the rows to write. */
  startSave(): readonly Piece[] {
    this.typing = null;
    return this.pieces;
  }

  /**
   * Returns the log for the file that `saved` was written to. All steps can still be undone, including those made
   * since.
   */
  afterSave(saved: readonly Piece[]): EditLog {
    const rows = rowsOf(saved);
    const move = rebaseOnto(saved, (row) => this.known.get(row)!);
    const known = new Map<number, string>();
    for (const [row, raw] of this.known) {
      const now = move.row(row);
      if (now !== undefined) known.set(now, raw);
    }
    let row = 0;
    for (const piece of saved) {
      if ('raw' in piece) known.set(row, piece.raw);
      row += rowsOf([piece]);
    }
    const next = EditLog.of(rows, move.pieces(this.pieces), known);
    const steps = (all: readonly Splice[]) =>
      all.map(({ at, remove, insert }) => ({
        at,
        remove: move.pieces(remove),
        insert: move.pieces(insert),
      }));
    next.done = steps(this.done);
    next.undone = steps(this.undone);
    next.typing = this.typing;
    return next;
  }

  /** The edits since the last save, each with the rows that it replaces. */
  hunks(): Hunk[] {
    return hunks(this.pieces, this.rows, (row) => this.known.get(row)!);
  }

  private move(step: Splice | undefined, to: Splice[], change: Splice | undefined): Splice | null {
    this.typing = null;
    if (!step || !change) return null;
    this.list.apply(change);
    to.push(step);
    return change;
  }

  private raws(pieces: readonly Piece[]): string[] {
    return pieces.flatMap((piece) =>
      'raw' in piece
        ? [piece.raw]
        : Array.from({ length: piece.count }, (_, i) => this.known.get(piece.base + i)!),
    );
  }
}
