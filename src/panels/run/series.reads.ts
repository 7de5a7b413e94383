import { mean, firstIn } from '../../base/numbers.ts';
import { RECENT } from '../../core/run-data/meter.ts';
import type { SeriesSummary } from './run.contract.ts';

const CHUNK = 1024;

/** Values of one metric by row, in an array that grows at its end. NaN marks a row without a value: a chart gap. */
export class Column {
  private values = new Float64Array(CHUNK);
  private used = 0;

  get length(): number {
    return this.used;
  }

  /** Returns the value of a row; NaN before the start and beyond the end. */
  at(row: number): number {
    return row >= 0 && row < this.used ? this.values[row]! : NaN;
  }

  /** Values so far, without a copy. The returned view is valid until the next `put`. */
  get view(): Float64Array {
    return this.values.subarray(0, this.used);
  }

  /** Sets the value of a row at or beyond the end. Skipped rows get `fill`. Existing rows do not change. */
  put(row: number, value: number, fill = NaN): void {
    if (row < this.used) return;
    if (row >= this.values.length) {
      const larger = new Float64Array(Math.max(row + 1, 2 * this.values.length));
      larger.set(this.view);
      this.values = larger;
    }
    this.values.fill(fill, this.used, row);
    this.values[row] = value;
    this.used = row + 1;
  }
}

/** Number of rows per block of the lowest level, and of blocks per block of the next level. */
const FAN = 16;

/** Rows with the minimum and the maximum of a range; −1 if the range contains no value. */
interface ExtremeRows {
  lowest: number;
  highest: number;
}

/**
 * Finds the rows with the minimum and the maximum of any range of a column. Blocks of 16, 256, 4096 … rows store their
 * extremes, so that a range of n rows takes about 30·log₁₆ n comparisons instead of n.
 */
export class Extremes {
  /**
   * Rows of the extremes, by level and block. Contains only complete blocks, because rows are added at the end and
   * never change.
   */
  private readonly levels: { lowest: number[]; highest: number[] }[] = [];

  constructor(private readonly column: Column) {}

  /** Finds the extremes of the rows [from, to). Among equal extreme values, the first row counts. */
  find(from: number, to: number): ExtremeRows {
    const values = this.column.view;
    this.extend(values);
    return this.within(values, from, Math.min(to, values.length), this.levels.length);
  }

  /**
   * Finds the extremes with the blocks of the lowest `height` levels. Allocates no memory, because this function takes
   * most of the time.
   */
  private within(values: Float64Array, from: number, to: number, height: number): ExtremeRows {
    let [lowest, highest] = [-1, -1];
    let [low, high] = [Infinity, -Infinity];
    for (let row = from; row < to;) {
      let level = 0;
      let size = 1;
      // Find the largest complete block that starts at `row` and ends within the range.
      while (level < height && row % (size * FAN) === 0 && row + size * FAN <= to) {
        size *= FAN;
        level += 1;
      }
      const block = level > 0 ? this.levels[level - 1]! : null;
      const lowestHere = block ? block.lowest[row / size]! : row;
      const highestHere = block ? block.highest[row / size]! : row;
      // Comparisons with NaN are false. This skips gaps and the missing row −1.
      if (values[lowestHere]! < low) low = values[(lowest = lowestHere)]!;
      if (values[highestHere]! > high) high = values[(highest = highestHere)]!;
      row += size;
    }
    return { lowest, highest };
  }

  private extend(values: Float64Array): void {
    for (let level = 0, size = FAN; values.length >= size; level++, size *= FAN) {
      const extremes = (this.levels[level] ??= { lowest: [], highest: [] });
      for (let block = extremes.lowest.length; (block + 1) * size <= values.length; block++) {
        const { lowest, highest } = this.within(values, block * size, (block + 1) * size, level);
        extremes.lowest.push(lowest);
        extremes.highest.push(highest);
      }
    }
  }
}

/**
 * TensorBoard's smoothing for a growing column: an exponential moving average that starts at zero, divided by the sum
 * of its weights. The average sₙ = w·sₙ₋₁ + (1 − w)·vₙ is shown as oₙ = sₙ / (1 − wⁿ). The code computes oₙ = oₙ₋₁ +
 * (vₙ − oₙ₋₁)·(1 − w) / (1 − wⁿ), so that equal values stay exactly equal. Skips gaps.
 */
export class Smoothing {
  private readonly smooth = new Column();
  private average = 0;
  private unseen = 1;

  /** @param weight weight of the past values, in [0, 1) */
  constructor(
    private readonly column: Column,
    readonly weight: number,
  ) {}

  at(row: number): number {
    this.extend();
    return this.smooth.at(row);
  }

  private extend(): void {
    const { column, smooth, weight } = this;
    for (let row = smooth.length; row < column.length; row++) {
      const value = column.at(row);
      if (!Number.isNaN(value)) {
        this.unseen *= weight;
        this.average += ((value - this.average) * (1 - weight)) / (1 - this.unseen);
      }
      smooth.put(row, Number.isNaN(value) ? NaN : this.average);
    }
  }
}

/** Summarises the rows [from, to) of a metric; null if these rows contain no value. */
export function summarise(
  column: Column,
  extremes: Extremes,
  from: number,
  to: number,
): SeriesSummary | null {
  const { lowest, highest } = extremes.find(from, to);
  if (lowest < 0) return null;
  const newest: number[] = [];
  for (let row = Math.min(to, column.length) - 1; row >= from && newest.length < RECENT; row--)
    if (!Number.isNaN(column.at(row))) newest.push(row);
  return {
    last: column.at(newest[0]!),
    lastRow: newest[0]!,
    recent: mean(newest.map((row) => column.at(row)))!,
    lowest: column.at(lowest),
    lowestRow: lowest,
    highest: column.at(highest),
    highestRow: highest,
  };
}

/** Returns the first row in [from, to) with an x of at least `value`; without one, `to`. x must be ascending. */
const rowAt = (x: ArrayLike<number>, value: number, from = 0, to = x.length): number =>
  firstIn(from, to, (row) => !(x[row]! < value));

/** Returns the rows [first, end) whose x is in [from, to]. x must be ascending. */
export function rowsWithin(x: ArrayLike<number>, [from, to]: readonly [number, number]): [number, number] {
  const first = rowAt(x, from);
  let end = rowAt(x, to, first);
  // If the number of tokens does not change, several rows can be on the border.
  while (end < x.length && x[end] === to) end += 1;
  return [first, end];
}

/**
 * Returns the rows that a chart of x in [from, to] needs: all rows if they are few. Otherwise, returns the rows with
 * the minimum and maximum of every curve in every pixel column, so that no peak is lost. Includes the rows next to the
 * range, because lines continue to the edges.
 * @param x ascending values
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
    // Steps are roughly evenly spaced, so first search near the expected edge of the pixel column.
    const near = Math.min(row + 2 * perColumn, end - 1);
    const next = column + 1 < columns ? rowAt(x, edge, row, x[near]! >= edge ? near : end) : end;
    if (next === row) continue;
    const visible: number[] = [];
    for (const curve of curves) {
      const { lowest, highest } = curve.find(row, next);
      // If all values in a pixel column are gaps, include one row of the column.
      if (lowest < 0) visible.push(row);
      else if (lowest < highest) visible.push(lowest, highest);
      else visible.push(highest, lowest);
    }
    if (curves.length > 1) visible.sort((a, b) => a - b);
    visible.forEach(add);
    row = next;
  }
  add(end - 1);
  add(after - 1);
  return rows;
}
