/**
 * Rows of an edited file, as they are written: runs of rows of the file on disk, and new rows as text, line ends
 * included. Writing the pieces one after another gives the edited file, so untouched rows keep their bytes. There is
 * one piece per edited place, whatever the size of the file: thousands of edits take less memory than one picture.
 */
export type Piece = { base: number; count: number } | { raw: string };

/** A change that replaces `remove` with `insert`, starting at row `at`. */
export interface Splice {
  at: number;
  remove: Piece[];
  insert: Piece[];
}

export const rowsOf = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, piece) => sum + ('raw' in piece ? 1 : piece.count), 0);

/** The rows of an unedited file. */
export const wholeFile = (rows: number): Piece[] => (rows > 0 ? [{ base: 0, count: rows }] : []);

export const inverse = ({ at, remove, insert }: Splice): Splice => ({ at, remove: insert, insert: remove });

/** Returns `count` rows starting at `from`. @throws RangeError outside the file. */
export function slice(pieces: readonly Piece[], from: number, count: number): Piece[] {
  const cut: Piece[] = [];
  let at = 0;
  for (const piece of pieces) {
    const rows = rowsOf([piece]);
    const first = Math.max(from, at);
    const last = Math.min(from + count, at + rows);
    if (first < last) {
      cut.push('raw' in piece ? piece : { base: piece.base + first - at, count: last - first });
    }
    at += rows;
  }
  if (from < 0 || count < 0 || from + count > at) {
    throw new RangeError(`Rows ${from} to ${from + count} of ${at}.`);
  }
  return cut;
}

/** Replaces `count` rows starting at `at`. @throws RangeError outside the file. */
export function replace(
  pieces: readonly Piece[],
  at: number,
  count: number,
  insert: readonly Piece[],
): Piece[] {
  const after = at + count;
  const below = slice(pieces, after, rowsOf(pieces) - after);
  const list: Piece[] = [];
  for (const piece of [...slice(pieces, 0, at), ...insert, ...below]) {
    const last = list.at(-1);
    if ('raw' in piece || !last || 'raw' in last || last.base + last.count !== piece.base) list.push(piece);
    else list[list.length - 1] = { base: last.base, count: last.count + piece.count };
  }
  return list;
}

/** Returns the rows of one state of a file that another state of it lacks. */
export function lacking(pieces: readonly Piece[], other: readonly Piece[]): Piece[] {
  const texts = new Map<string, number>();
  for (const piece of other) if ('raw' in piece) texts.set(piece.raw, (texts.get(piece.raw) ?? 0) + 1);
  const runs = other.filter((piece) => 'base' in piece);
  const missing: Piece[] = [];
  let next = 0;
  for (const piece of pieces) {
    if ('raw' in piece) {
      const left = texts.get(piece.raw) ?? 0;
      if (left > 0) texts.set(piece.raw, left - 1);
      else missing.push(piece);
      continue;
    }
    // Rows of the file never change their order, so both lists have their runs in the order of the file.
    const end = piece.base + piece.count;
    for (let base = piece.base; base < end;) {
      while (next < runs.length && runs[next]!.base + runs[next]!.count <= base) next += 1;
      const run = runs[next];
      const from = Math.min(run?.base ?? end, end);
      if (base < from) missing.push({ base, count: from - base });
      base = run ? Math.min(run.base + run.count, end) : end;
    }
  }
  return missing;
}
