/**
 * Rows of an edited file, as written: runs of rows that still stand in the file on disk, and new rows with their
 * bytes as text, line ends included. Writing the pieces one after the other gives the edited file, so rows that
 * nobody touched keep their bytes.
 */
export type Piece = { base: number; count: number } | { raw: string };

/** A change: from row `at` on, `remove` becomes `insert`. Plain data, so that it can be undone, stored and replayed. */
export interface Splice {
  at: number;
  remove: Piece[];
  insert: Piece[];
}

export const rowsOf = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, piece) => sum + ('raw' in piece ? 1 : piece.count), 0);

export const inverse = ({ at, remove, insert }: Splice): Splice => ({ at, remove: insert, insert: remove });

/**
 * The rows of a file with the edits made to it. Holds one piece per edited place, whatever the size of the file: a
 * person's thousands of edits cost less than a look at one picture.
 */
export class RowList {
  private constructor(private list: Piece[]) {}

  /** An unedited file of so many rows. */
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

  /** Rows `from` up to `from + count`, as pieces. @throws RangeError outside the file. */
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

  /** @throws Error when what is to be removed is not what stands there: the change belongs to another state. */
  apply({ at, remove, insert }: Splice): void {
    const rows = rowsOf(remove);
    if (!equal(merged(this.slice(at, rows)), merged(remove))) {
      throw new Error(`Row ${at + 1} is not what the change expects.`);
    }
    const after = at + rows;
    this.list = merged([...this.slice(0, at), ...insert, ...this.slice(after, this.count - after)]);
  }
}

/** How pieces of a file read in terms of the file that was saved from it. */
export interface Rebase {
  pieces(pieces: readonly Piece[]): Piece[];
  /** Where a row of the old file stands in the new one; undefined where that does not hold it. */
  row(base: number): number | undefined;
}

/**
 * After a save, undo steps go on working: their pieces in terms of the file that `saved` was written to. `rawOf` tells
 * the bytes of old rows that the new file does not hold.
 */
export function rebaseOnto(saved: readonly Piece[], rawOf: (base: number) => string): Rebase {
  /** Runs that were saved, in the order of the file, with the row that each begins at now. */
  const runs: { base: number; end: number; row: number }[] = [];
  const news = new Map<Piece, number>();
  let row = 0;
  for (const piece of saved) {
    if ('raw' in piece) news.set(piece, row);
    else runs.push({ base: piece.base, end: piece.base + piece.count, row });
    row += rowsOf([piece]);
  }
  /** The first run that ends behind a row. */
  const runAt = (base: number): number => {
    let [low, high] = [0, runs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (runs[middle]!.end <= base) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  /** A lost row is one and the same piece in all changes, so that the next save knows it in each of them. */
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

/** Neighbouring runs as one, without empty ones. */
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
