import { printable } from '../core/printable.ts';

/** How often each name came up. */
export class Tally {
  private readonly counts = new Map<string, number>();

  add(name: string): void {
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  /** The most frequent first. */
  summary(): Record<string, number> {
    return Object.fromEntries([...this.counts].sort(([, a], [, b]) => b - a));
  }
}

/** A tally's summary as text, a line for each name. */
export const tallyLines = (counts: Record<string, number>): string[] =>
  Object.entries(counts).map(([name, n]) => `  ${String(n).padStart(8)}  ${printable(name, 200)}`);
