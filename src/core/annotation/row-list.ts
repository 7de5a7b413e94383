/**
 * Rows of an edited file, as they are written: runs of rows of the file on disk, and new rows as text, line ends
 * included. Writing the pieces one after another gives the edited file, so untouched rows keep their bytes.
 */
export type Piece = { base: number; count: number } | { raw: string };

/**
 * A change that replaces `remove` with `insert`, starting at row `at`. Plain data, so that it can be undone, stored and
 * replayed.
 */
export interface Splice {
  at: number;
  remove: Piece[];
  insert: Piece[];
}

export const rowsOf = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, piece) => sum + ('raw' in piece ? 1 : piece.count), 0);

export const inverse = ({ at, remove, insert }: Splice): Splice => ({ at, remove: insert, insert: remove });

/**
 * The rows of a file with its edits. Holds one piece per edited place, whatever the size of the file: thousands of
 * edits take less memory than one picture.
 */
export class RowList {
  private constructor(private list: Piece[]) {}

  /** Creates the list of an unedited file. */
  static of(rows: number): RowList {
    return new RowList(rows > 0 ? [{ base: 0, count: rows }] : []);
  }

  static from(pieces: readonly Piece[]): RowList {
    return new RowList(merged(pieces));
  }

  get pieces(): readonly Piece[] {
    return this.list;
  }

  get count(): number {
    return rowsOf(this.list);
  }

  /** Returns `count` rows starting at `from`, as pieces. @throws RangeError outside the file. */
  slice(from: number, count: number): Piece[] {
    if (from < 0 || count < 0 || from + count > this.count) {
      throw new RangeError(`Rows ${from} to ${from + count} of ${this.count}.`);
    }
    const cut: Piece[] = [];
    let at = 0;
    for (const piece of this.list) {
      const rows = rowsOf([piece]);
      const first = Math.max(from, at);
      const last = Math.min(from + count, at + rows);
      if (first < last) {
        cut.push('raw' in piece ? piece : { base: piece.base + first - at, count: last - first });
      }
      at += rows;
    }
    return cut;
  }

  /** @throws Error if the rows there are not those to be removed, because the change belongs to another state. */
  apply({ at, remove, insert }: Splice): void {
    const rows = rowsOf(remove);
    if (!equal(merged(this.slice(at, rows)), merged(remove))) {
      throw new Error(`Row ${at + 1} is not what the change expects.`);
    }
    const after = at + rows;
    this.list = merged([...this.slice(0, at), ...insert, ...this.slice(after, this.count - after)]);
  }
}

/** Translates pieces of a file to pieces of the file that was saved from it. */
interface Rebase {
  pieces(pieces: readonly Piece[]): Piece[];
  /** Returns the position of an old row in the new file; undefined if it is not there. */
  row(base: number): number | undefined;
}

/**
 * Keeps undo working after a save by expressing its steps in rows of the file that `saved` was written to. `rawOf`
 * returns the bytes of old rows that the new file lacks.
 */
export function rebaseOnto(saved: readonly Piece[], rawOf: (base: number) => string): Rebase {
  /** Runs of old rows that were saved, in file order, with the row at which each now begins. */
  const runs: { base: number; end: number; row: number }[] = [];
  const news = new Map<Piece, number>();
  let row = 0;
  for (const piece of saved) {
    if ('raw' in piece) news.set(piece, row);
    else runs.push({ base: piece.base, end: piece.base + piece.count, row });
    row += rowsOf([piece]);
  }
  /** Returns the index of the first run that ends after a row. */
  const runAt = (base: number): number => {
    let [low, high] = [0, runs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (runs[middle]!.end <= base) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  /**
   * A row that the new file lacks becomes one piece object, shared by all changes, because the next save finds pieces
   * by identity.
   */
  const lost = new Map<number, Piece>();
  const keep = (base: number): Piece => {
    const piece = lost.get(base) ?? { raw: rawOf(base) };
    lost.set(base, piece);
    return piece;
  };
  const moved = (piece: Piece): Piece[] => {
    if ('raw' in piece) {
      const at = news.get(piece);
      return [at === undefined ? piece : { base: at, count: 1 }];
    }
    const pieces: Piece[] = [];
    const end = piece.base + piece.count;
    for (let base = piece.base, i = runAt(base); base < end;) {
      const run = runs[i];
      if (run && run.base <= base) {
        const to = Math.min(run.end, end);
        pieces.push({ base: run.row + base - run.base, count: to - base });
        base = to;
        i += 1;
      } else pieces.push(keep(base++));
    }
    return pieces;
  };
  return {
    pieces: (pieces) => merged(pieces.flatMap(moved)),
    row: (base) => {
      const run = runs[runAt(base)];
      return run && run.base <= base ? run.row + base - run.base : undefined;
    },
  };
}

/** Joins adjacent runs and drops empty ones. */
function merged(pieces: readonly Piece[]): Piece[] {
  const list: Piece[] = [];
  for (const piece of pieces) {
    const last = list.at(-1);
    if ('raw' in piece) list.push(piece);
    else if (piece.count === 0) continue;
    else if (last && !('raw' in last) && last.base + last.count === piece.base) {
      list[list.length - 1] = { base: last.base, count: last.count + piece.count };
    } else list.push(piece);
  }
  return list;
}

const equal = (a: readonly Piece[], b: readonly Piece[]): boolean =>
  a.length === b.length &&
  a.every((piece, i) => {
    const other = b[i]!;
    return 'raw' in piece
      ? 'raw' in other && piece.raw === other.raw
      : !('raw' in other) && piece.base === other.base && piece.count === other.count;
  });
