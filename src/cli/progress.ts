import { duration, fixed, thousands } from '../base/format.ts';
import { liveLine, note } from './print.ts';

/** Whether the parent process shows the progress, and therefore needs lines more often than a log. */
const WATCHED = process.env.CHIRALITY_PROGRESS === 'lines';

/**
 * Shows the progress of long work on standard error: a line rewritten in place in a terminal, otherwise a plain line at
 * intervals.
 */
export class Progress {
  private last = 0;
  private readonly started = Date.now();
  /** First update with completed items. The rate excludes the time before this update (opening, compiling). */
  private first: { done: number; at: number; spent: number } | null = null;
  /** Timer that prints an update which came too soon after the last line, unless a newer update replaces it. */
  private late: NodeJS.Timeout | undefined;

  /** @param label name of an item: `row` prints "row 3 of 9" @param total `percent` if updates are percentages */
  constructor(
    private readonly label: string,
    private total?: number | 'percent',
    /** Returns the cost so far; undefined if unknown. */
    private readonly spent: () => number | undefined = () => undefined,
  ) {}

  /** @param total number of items, if it was an estimate before */
  update(done: number, total = this.total): void {
    this.total = total;
    const now = Date.now();
    if (done > 0) this.first ??= { done, at: now, spent: this.spent() ?? 0 };
    const pause = liveLine.isShown ? 100 : WATCHED ? 500 : 10_000;
    clearTimeout(this.late);
    if (now - this.last < pause) {
      if (WATCHED) this.late = setTimeout(() => this.update(done), this.last + pause - now).unref();
      return;
    }
    this.last = now;
    if (!liveLine.isShown && !WATCHED && now - this.started < pause) return;
    this.write(done);
  }

  /** Removes the live line. */
  end(): void {
    clearTimeout(this.late);
    if (this.last > 0) liveLine.clear();
  }

  private write(done: number): void {
    const total = this.total === 'percent' ? 100 : this.total;
    const share = total ? ` of ${thousands(total)} (${Math.floor((100 * done) / total)}%)` : '';
    const left = total ? this.timeLeft(done, total) : '';
    const text = `${this.label} ${this.total === 'percent' ? `${done}%` : `${thousands(done)}${share}`}${left}`;
    if (liveLine.isShown) liveLine.show(text);
    else note(text);
  }

  /** Returns the remaining time and total cost; empty in the first second, when the rate is unreliable. */
  private timeLeft(done: number, total: number): string {
    const seconds = this.first ? (Date.now() - this.first.at) / 1000 : 0;
    if (!this.first || seconds < 1 || done <= this.first.done) return '';
    const left = Math.ceil((seconds * (total - done)) / (done - this.first.done));
    const spent = this.spent();
    if (spent === undefined) return `, ${duration(left)} left`;
    const cost = (spent - this.first.spent) / (done - this.first.done);
    return `, ${duration(left)} left, cost ${fixed(spent, 2)}, ${fixed(spent + cost * (total - done), 2)} in total`;
  }
}
