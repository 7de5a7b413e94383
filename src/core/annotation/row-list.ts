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

/**
 * Pieces of the file as it was, in terms of the file that `saved` was written to: after a save, undo steps go on
 * working. `rawOf` tells the bytes of old rows that the new file does not hold.
 */
export function onto(
  saved: readonly Piece[],
  rawOf: (base: number) => string,
): (pieces: readonly Piece[]) => Piece[] {
  const runs: { base: number; count: number; row: number }[] = [];
  const news = new Map<Piece, number>();
  let row = 0;
  for (const piece of saved) {
    if ('raw' in piece) news.set(piece, row);
    else runs.push({ ...piece, row });
    row += rowsOf([piece]);
  }
  /** A lost row is one and the same piece in all changes, so that the next save knows it in each of them. */
  const lost = new Map<number, Piece>();
  const keep = (base: number): Piece => {
    const piece = lost.get(base) ?? { raw: rawOf(base) };
    lost.set(base, piece);
    return piece;
  };
  const place = (base: number): number | undefined => {
    const run = runs.find((r) => r.base <= base && base < r.base + r.count);
    return run && run.row + base - run.base;
  };
  return (pieces) =>
    merged(
      pieces.flatMap((piece): Piece[] => {
        if ('raw' in piece) {
          const at = news.get(piece);
          return [at === undefined ? piece : { base: at, count: 1 }];
        }
        const rows: Piece[] = [];
        for (let base = piece.base; base < piece.base + piece.count; base++) {
          const at = place(base);
          rows.push(at === undefined ? keep(base) : { base: at, count: 1 });
        }
        return rows;
      }),
    );
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
