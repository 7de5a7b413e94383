import type { Extremes } from './extremes.ts';

/** The first row in [from, to) for which `holds`, where it holds for all rows after it; `to` where there is none. */
function firstRow(from: number, to: number, holds: (row: number) => boolean): number {
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (holds(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}

/** The rows [first, end) whose x lies in [from, to]; x ascends. */
export function rowsWithin(x: ArrayLike<number>, [from, to]: readonly [number, number]): [number, number] {
  const first = firstRow(0, x.length, (row) => x[row]! >= from);
  return [first, firstRow(first, x.length, (row) => x[row]! > to)];
}

/**
 * The rows that a chart of x in [from, to] needs: all of them while they are few, else those of the lowest and the
 * highest value of every curve in every pixel column, so that no peak is lost. The rows beside the range come along:
 * lines run to the edges.
 * @param x ascending
 * @param columns of pixels
 */
export function visibleRows(
  x: ArrayLike<number>,
  range: readonly [from: number, to: number],
  columns: number,
  curves: readonly Extremes[],
): number[] {
  const [first, end] = rowsWithin(x, range);
  const before = Math.max(first - 1, 0);
  const after = Math.min(end + 1, x.length);
  if (end - first <= 2 * columns) return Array.from({ length: after - before }, (_, i) => before + i);

  const rows = new Set([before, first]);
  const low = x[first]!;
  const width = (x[end - 1]! - low) / columns;
  for (let column = 0, row = first; row < end; column++) {
    const edge = low + (column + 1) * width;
    const next = column + 1 < columns ? firstRow(row, end, (at) => x[at]! >= edge) : end;
    if (next === row) continue;
    // A column that is a gap throughout shows one row of it.
    const found = curves.flatMap((curve) => {
      const { lowest, highest } = curve.find(row, next);
      return lowest < 0 ? [row] : [lowest, highest];
    });
    for (const at of found.sort((a, b) => a - b)) rows.add(at);
    row = next;
  }
  rows.add(end - 1).add(after - 1);
  return [...rows];
}
