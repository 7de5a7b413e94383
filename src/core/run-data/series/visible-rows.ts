import type { Extremes } from './column.ts';

/** Returns the first row in [from, to) whose x is at least `value`; `to` if there is none. x must be ascending. */
function rowAt(x: ArrayLike<number>, value: number, from = 0, to = x.length): number {
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (x[middle]! < value) from = middle + 1;
    else to = middle;
  }
  return from;
}

/** Returns the rows [first, end) whose x lies in [from, to]; x must be ascending. */
export function rowsWithin(x: ArrayLike<number>, [from, to]: readonly [number, number]): [number, number] {
  const first = rowAt(x, from);
  let end = rowAt(x, to, first);
  // If the number of tokens does not change, several rows may lie on the border.
  while (end < x.length && x[end] === to) end += 1;
  return [first, end];
}

/**
 * Returns the rows that a chart of x in [from, to] needs: all rows if they are few, else those with the lowest and
 * highest value of every curve in every pixel column, so that no peak is lost. Includes the rows next to the range,
 * because lines continue to the edges.
 * @param x ascending
 * @param columns number of pixel columns
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

  const rows: number[] = [];
  const add = (row: number) => {
    if (rows.length === 0 || row > rows.at(-1)!) rows.push(row);
  };
  add(before);
  add(first);
  const low = x[first]!;
  const width = (x[end - 1]! - low) / columns;
  const perColumn = Math.ceil((end - first) / columns);
  for (let column = 0, row = first; row < end; column++) {
    const edge = low + (column + 1) * width;
    // Steps are roughly evenly spaced, so search near the expected edge first.
    const near = Math.min(row + 2 * perColumn, end - 1);
    const next = column + 1 < columns ? rowAt(x, edge, row, x[near]! >= edge ? near : end) : end;
    if (next === row) continue;
    const found: number[] = [];
    for (const curve of curves) {
      const { lowest, highest } = curve.find(row, next);
      // If all values of a column are gaps, one of its rows is included.
      if (lowest < 0) found.push(row);
      else if (lowest < highest) found.push(lowest, highest);
      else found.push(highest, lowest);
    }
    if (curves.length > 1) found.sort((a, b) => a - b);
    found.forEach(add);
    row = next;
  }
  add(end - 1);
  add(after - 1);
  return rows;
}
