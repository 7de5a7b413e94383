const CHUNK = 1024;

/** One figure of a run, by row: an array that grows at its end. A row without a value is NaN here, a gap in a chart. */
export class Column {
  private values = new Float64Array(CHUNK);
  private used = 0;

  get length(): number {
    return this.used;
  }

  /** NaN before the start and beyond the end, too. */
  at(row: number): number {
    return row >= 0 && row < this.used ? this.values[row]! : NaN;
  }

  /** The values so far, without a copy: valid until the next `put`. */
  get view(): Float64Array {
    return this.values.subarray(0, this.used);
  }

  /** Sets the value of a row at or beyond the end; rows in between take `fill`. What has a value keeps it. */
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

/** Rows in a block, and blocks in a block of the next level. */
const FAN = 16;

/** The rows of the lowest and of the highest value of a range; −1 where there is no value. */
interface ExtremeRows {
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

/**
 * TensorBoard's smoothing of a column that grows: an exponential moving average that starts at zero, divided by the
 * weight that it has seen: sₙ = w·sₙ₋₁ + (1 − w)·vₙ, shown as oₙ = sₙ / (1 − wⁿ). Written as steps of o, so that equal
 * values stay exactly equal: oₙ = oₙ₋₁ + (vₙ − oₙ₋₁)·(1 − w) / (1 − wⁿ). Gaps stay gaps and change nothing.
 */
export class Smoothing {
  private readonly smooth = new Column();
  private average = 0;
  /** wⁿ */
  private unseen = 1;

  /** @param weight of the past, in [0, 1) */
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
