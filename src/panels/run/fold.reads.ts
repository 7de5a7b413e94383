import type { MetricsRow } from '../../core/rewards/metrics-row.ts';

/** Metrics whose values only grow. Folded rows keep the last values of such metrics instead of their extremes. */
const GROWING: ReadonlySet<string> = new Set(['num_tokens', 'epoch']);

/** Number of newest rows that are never folded, so that the metrics of the last steps are exact. */
const NEWEST = 32;

/** Row, with the total time in seconds of the steps that it replaces; undefined for a row that is not folded. */
type FoldedRow = readonly [row: MetricsRow, seconds?: number];

/**
 * Thins out the rows of a file, so that a run of any length fits into memory and no peak is lost. Every `every` steps
 * become two rows, at the first and the middle step. The two rows contain the minimum and the maximum of each metric,
 * in order of occurrence. The rows of several files fold to the same steps.
 */
export class Fold {
  private rows: MetricsRow[] = [];

  /** @param every even number of steps that become two rows */
  constructor(private readonly every: number) {}

  /** Adds rows with ascending steps, and returns the folded rows that are complete. */
  add(rows: readonly MetricsRow[]): FoldedRow[] {
    const all = [...this.rows, ...rows];
    const folded: FoldedRow[] = [];
    let from = 0;
    while (all.length - from > this.every + NEWEST) {
      const part = this.part(all[from]!);
      let to = from + 1;
      while (this.part(all[to]!) === part && to < all.length - NEWEST) to += 1;
      folded.push(...this.fold(all.slice(from, to), part * this.every + 1));
      from = to;
    }
    this.rows = all.slice(from);
    return folded;
  }

  /** Returns the newest rows, which are not folded. */
  end(): MetricsRow[] {
    return this.rows;
  }

  private part = ({ step }: MetricsRow) => Math.max(Math.floor((step - 1) / this.every), 0);

  private fold(rows: readonly MetricsRow[], start: number): FoldedRow[] {
    if (rows.length === 1) return [[rows[0]!]];
    const middle = start + this.every / 2;
    const [first, second]: MetricsRow[] = [{ step: start }, { step: middle }];
    const lastBefore = (end: number, name: string) =>
      rows.findLast((row) => row.step < end && typeof row[name] === 'number')?.[name];
    for (const name of new Set(rows.flatMap(Object.keys))) {
      if (name === 'step') continue;
      if (GROWING.has(name)) {
        const last = lastBefore(Infinity, name) ?? null;
        first![name] = lastBefore(middle, name) ?? last;
        second![name] = last;
        continue;
      }
      let [low, high]: [number, number] = [-1, -1];
      rows.forEach(({ [name]: value }, i) => {
        if (typeof value !== 'number') return;
        if (low < 0 || value < rows[low]![name]!) low = i;
        if (high < 0 || value > rows[high]![name]!) high = i;
      });
      if (low < 0) continue;
      first![name] = rows[Math.min(low, high)]![name]!;
      second![name] = rows[Math.max(low, high)]![name]!;
    }
    const seconds = (half: readonly MetricsRow[]) => half.reduce((sum, row) => sum + (row.step_time ?? 0), 0);
    return [
      [first!, seconds(rows.filter(({ step }) => step < middle))],
      [second!, seconds(rows.filter(({ step }) => step >= middle))],
    ];
  }
}
