/** Progress of long work on standard error: one line rewritten in place on a terminal, a plain line now and then otherwise. */
export class Progress {
  private last = 0;
  private readonly started = Date.now();

  constructor(
    private readonly label: string,
    private readonly total?: number,
    private readonly stream: NodeJS.WriteStream = process.stderr,
  ) {}

  update(done: number): void {
    const now = Date.now();
    if (now - this.last < (this.stream.isTTY ? 100 : 10_000)) return;
    this.last = now;
    if (!this.stream.isTTY && now - this.started < 10_000) return;
    this.write(done);
  }

  /** Removes the live line. */
  end(): void {
    if (this.stream.isTTY && this.last > 0) this.stream.write('\r\x1b[K');
  }

  private write(done: number): void {
    const seconds = (Date.now() - this.started) / 1000;
    const rate = done / Math.max(seconds, 1e-3);
    const share = this.total ? ` of ${this.total} (${Math.floor((100 * done) / this.total)} %)` : '';
    const left = this.total && rate > 0 ? `, ${Math.ceil((this.total - done) / rate)} s left` : '';
    const text = `${this.label}: ${done}${share}${left}`;
    this.stream.write(this.stream.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
  }
}
