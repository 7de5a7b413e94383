/** Where the rows of a file begin, and on which lines from 1, in 12 bytes a row. */
export class Places {
  private starts = new Float64Array(1 << 10);
  private lines = new Uint32Array(1 << 10);
  count = 0;

  add(start: number, line: number): void {
    if (this.count === this.lines.length) {
      const { starts, lines } = this;
      this.starts = new Float64Array(2 * this.count);
      this.starts.set(starts);
      this.lines = new Uint32Array(2 * this.count);
      this.lines.set(lines);
    }
    this.starts[this.count] = start;
    this.lines[this.count++] = line;
  }

  start(row: number): number {
    return this.starts[row]!;
  }

  line(row: number): number {
    return this.lines[row]!;
  }
}
