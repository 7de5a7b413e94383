import type { Column } from './column.ts';

/** Rows in a block, and blocks in a block of the next level. */
const FAN = 16;

/** The rows of the lowest and of the highest value of a range; −1 where there is no value. */
export interface ExtremeRows {
  lowest: number;
  highest: number;
}

/**
 * The rows of the lowest and the highest value of any range of a column. Blocks of 16, 256, 4096 … rows remember
 * theirs, so that a range of n rows costs about 30·log₁₆ n looks instead of n.
 */
export class Extremes {
  /** By level, by block: the rows of its extremes. Only whole blocks: rows are added at the end and never change. */
  private readonly levels: { lowest: number[]; highest: number[] }[] = [];

  constructor(private readonly column: Column) {}

  /** Of the rows [from, to). Of equal values the first counts. */
  find(from: number, to: number): ExtremeRows {
    const values = this.column.view;
    this.extend(values);
    return this.within(values, from, Math.min(to, values.length), this.levels.length);
  }

  /** Of a range, by the blocks of the lowest `height` levels. This is what takes time: nothing is made on the way. */
  private within(values: Float64Array, from: number, to: number, height: number): ExtremeRows {
    let [lowest, highest] = [-1, -1];
    let [low, high] = [Infinity, -Infinity];
    for (let row = from; row < to;) {
      let level = 0;
      let size = 1;
      // The largest whole block that starts here and ends inside.
      while (level < height && row % (size * FAN) === 0 && row + size * FAN <= to) {
        size *= FAN;
        level += 1;
      }
      const block = level > 0 ? this.levels[level - 1]! : null;
      const lowestHere = block ? block.lowest[row / size]! : row;
      const highestHere = block ? block.highest[row / size]! : row;
      // A gap is neither: comparisons with NaN, and with what lies at −1, do not hold.
      if (values[lowestHere]! < low) low = values[(lowest = lowestHere)]!;
      if (values[highestHere]! > high) high = values[(highest = highestHere)]!;
      row += size;
    }
    return { lowest, highest };
  }

  private extend(values: Float64Array): void {
    for (let level = 0, size = FAN; values.length >= size; level++, size *= FAN) {
      const own = (this.levels[level] ??= { lowest: [], highest: [] });
      for (let block = own.lowest.length; (block + 1) * size <= values.length; block++) {
        const { lowest, highest } = this.within(values, block * size, (block + 1) * size, level);
        own.lowest.push(lowest);
        own.highest.push(highest);
      }
    }
  }
}
