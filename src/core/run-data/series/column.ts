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
