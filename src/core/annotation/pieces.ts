import { countsOf } from '../../base/numbers.ts';

/**
 * Consecutive rows of an edited file: a range of rows of the file on disk, or one new row as text with its line end.
 * Writing the pieces in sequence gives the edited file, so unedited rows stay byte-identical. The number of pieces
 * grows with the edits, not with the file: thousands of edits need less memory than one image.
 */
export type Piece = { base: number; count: number } | { raw: string };

/** A change that replaces rows with other rows, starting at row `at`. */
export interface Splice {
  at: number;
  remove: Piece[];
  insert: Piece[];
}

export const rowsOf = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, piece) => sum + ('raw' in piece ? 1 : piece.count), 0);

export const wholeFile = (rows: number): Piece[] => (rows > 0 ? [{ base: 0, count: rows }] : []);

export const inverse = ({ at, remove, insert }: Splice): Splice => ({ at, remove: insert, insert: remove });

/** Returns the pieces of `count` rows starting at `from`. @throws RangeError if rows are outside the file. */
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
    throw new RangeError(
      `Rows ${from + 1} to ${from + count} do not exist, because the file has ${at} rows. Reload the file.`,
    );
  }
  return cut;
}

/** Replaces `count` rows starting at `at`. @throws RangeError if rows are outside the file. */
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

/** Returns the pieces of one state of a file that another state lacks. */
export function lacking(pieces: readonly Piece[], other: readonly Piece[]): Piece[] {
  const texts = countsOf(other.flatMap((piece) => ('raw' in piece ? piece.raw : [])));
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
    // Unedited rows never change their order, so the pieces in both lists are in file order.
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

/**
 * One edited position of a file, described by texts: the removed rows, the inserted rows, and the row above. The texts
 * allow finding the position after another program has changed the file.
 */
export interface Hunk {
  /** Number of the first removed row in the unedited file; for an insertion, the number of the row after it. */
  at: number;
  removed: string[];
  inserted: string[];
  /** Text of the row above the edited position, before the edit; null at the top of the file. */
  above: string | null;
}

/**
 * Returns the edited positions of a file. If the numbers of inserted and removed rows are equal, each row is a separate
 * hunk, so that an external change to one row does not affect the other hunks.
 * @param rows number of rows of the unedited file.
 * @param rawOf returns the text of an edited row, or of the row above an edited row.
 */
export function hunks(pieces: readonly Piece[], rows: number, rawOf: (base: number) => string): Hunk[] {
  const changes: Hunk[] = [];
  let next = 0;
  let inserted: string[] = [];
  const close = (end: number) => {
    const removed = Array.from({ length: end - next }, (_, i) => rawOf(next + i));
    const above = (at: number) => (at > 0 ? rawOf(at - 1) : null);
    if (removed.length === inserted.length && !isMoved(removed, inserted)) {
      const each = removed.map((row, i) => {
        const at = next + i;
        return { at, removed: [row], inserted: [inserted[i]!], above: above(at) };
      });
      changes.push(...each);
    } else {
      changes.push({ at: next, removed, inserted, above: above(next) });
    }
    inserted = [];
  };
  for (const piece of pieces) {
    if ('raw' in piece) inserted.push(piece.raw);
    else {
      close(piece.base);
      next = piece.base + piece.count;
    }
  }
  close(rows);
  return changes;
}

/** Whether the edit inserts one of its removed rows at another position. */
function isMoved(removed: readonly string[], inserted: readonly string[]): boolean {
  const texts = new Set(removed.map((raw) => raw.trim()));
  return inserted.some((raw, i) => raw.trim() !== removed[i]!.trim() && texts.has(raw.trim()));
}

/** Splits a hunk at unchanged rows. A last row that only gained a line end counts as unchanged. */
function* changesIn({ at, removed, inserted, above }: Hunk): Generator<Hunk> {
  const places = new Map(removed.map((raw, i) => [raw.trim(), i]));
  let [from, taken] = [0, 0];
  const upTo = (row: number, i: number): Hunk => ({
    at: at + from,
    removed: removed.slice(from, row),
    inserted: inserted.slice(taken, i),
    above: from > 0 ? removed[from - 1]! : above,
  });
  for (const [i, raw] of inserted.entries()) {
    const row = places.get(raw.trim());
    if (row === undefined || row < from) continue;
    yield upTo(row, i);
    [from, taken] = [row + 1, i + 1];
  }
  yield upTo(removed.length, inserted.length);
}

interface Merged {
  /** Rows of the other version of the file, with the edits applied. */
  pieces: Piece[];
  /** Edits that could not be applied, because their rows were also changed or removed in the other version. */
  conflicts: Hunk[];
}

/**
 * Applies the edits of one version of a file to another version.
 * @param rows number of rows of the other version.
 * @param places for each text of the hunks, the numbers of the rows of the other version with this text, ascending.
 * Texts are trimmed, because line ends can differ.
 */
export function merge(
  edits: readonly Hunk[],
  rows: number,
  places: ReadonlyMap<string, readonly number[]>,
): Merged {
  const pieces: Piece[] = [];
  const conflicts: Hunk[] = [];
  let end = 0;
  let shift = 0;
  const find = (raw: string, near: number): number | undefined =>
    places
      .get(raw.trim())
      ?.filter((row) => row >= end - 1)
      .sort((a, b) => Math.abs(a - near) - Math.abs(b - near))[0];
  const standsAt = (row: number) => (raw: string, i: number) => places.get(raw.trim())?.includes(row + i);

  for (const hunk of edits.flatMap((edit) => [...changesIn(edit)])) {
    const { at, removed, inserted, above } = hunk;
    if (removed.length + inserted.length === 0) continue;
    const expected = at + shift;
    const anchor =
      removed.length > 0 ? find(removed[0]!, expected) : above === null ? 0 : find(above, expected - 1);
    const start =
      anchor === undefined ? undefined : removed.length === 0 && above !== null ? anchor + 1 : anchor;
    if (start === undefined || start < end || !removed.every(standsAt(start))) {
      conflicts.push(hunk);
      continue;
    }
    pieces.push({ base: end, count: start - end }, ...inserted.map((raw) => ({ raw })));
    end = start + removed.length;
    shift = start - at;
  }
  pieces.push({ base: end, count: rows - end });
  return { pieces: pieces.filter((piece) => 'raw' in piece || piece.count > 0), conflicts };
}
