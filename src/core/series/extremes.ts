import type { Column } from './column.ts';

/** Rows in a block, and blocks in a block of the next level. */
const FAN = 16;

/**
 * The rows of the lowest and the highest value of any range of a column. Blocks of 16, 256, 4096 … rows remember
 * theirs, so that a range of n rows costs about 30·log₁₆ n looks instead of n.
 */
export class Extremes {
  /** By level, by block: the rows of its lowest and highest value; −1 where the block is a gap throughout. */
  private readonly levels: { lowest: number[]; highest: number[] }[] = [];

  constructor(private readonly column: Column) {}

  /** Rows in [from, to); −1 where there is no value. Of equal values the first counts. */
  find(from: number, to: number): { lowest: number; highest: number } {
    this.extend();
    const found = { lowest: -1, highest: -1 };
    const end = Math.min(to, this.column.length);
    for (let row = from; row < end;) {
      let level = 0;
      let size = 1;
      // The largest whole block that starts here and ends inside.
      while (level < this.levels.length && row % (size * FAN) === 0 && row + size * FAN <= end) {
        size *= FAN;
        level += 1;
      }
      this.take(found, level, row / size);
      row += size;
    }
    return found;
  }

  private take(found: { lowest: number; highest: number }, level: number, block: number): void {
    const { column } = this;
    const { lowest, highest } =
      level === 0
        ? { lowest: block, highest: block }
        : {
            lowest: this.levels[level - 1]!.lowest[block]!,
            highest: this.levels[level - 1]!.highest[block]!,
          };
    if (lowest < 0 || Number.isNaN(column.at(lowest))) return;
    if (found.lowest < 0 || column.at(lowest) < column.at(found.lowest)) found.lowest = lowest;
    if (found.highest < 0 || column.at(highest) > column.at(found.highest)) found.highest = highest;
  }

  /** Only whole blocks are kept: rows are added at the end and never change. */
  private extend(): void {
    let below = this.column.length;
    for (let level = 0; below >= FAN; level++) {
      const blocks = Math.floor(below / FAN);
      const own = (this.levels[level] ??= { lowest: [], highest: [] });
      for (let block = own.lowest.length; block < blocks; block++) {
        const found = { lowest: -1, highest: -1 };
        for (let part = block * FAN; part < (block + 1) * FAN; part++) this.take(found, level, part);
        own.lowest.push(found.lowest);
        own.highest.push(found.highest);
      }
      below = blocks;
    }
  }
}
