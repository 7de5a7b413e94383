import * as vscode from 'vscode';
import type { Measuring } from '../../panels/acuity/acuity.contract.ts';

/** Active measurements of acuity. The Acuity panel shows active measurements and can stop them. */
export class Measurements {
  private readonly running = new Map<Measuring, AbortController>();
  private readonly changes = new vscode.EventEmitter<void>();
  readonly onChange = this.changes.event;
  private next = 0;

  get all(): readonly Measuring[] {
    return [...this.running.keys()];
  }

  /** @param work gets a stop signal and a listener for output lines; after a stop, rejects with the signal's reason */
  async run<T>(
    model: string,
    work: (shown: { signal: AbortSignal; onLine: (line: string) => void }) => Promise<T>,
  ): Promise<T> {
    const measurement = { id: this.next++, model, line: '' };
    const stop = new AbortController();
    this.running.set(measurement, stop);
    this.changes.fire();
    const onLine = (line: string) => {
      measurement.line = line;
      this.changes.fire();
    };
    try {
      return await work({ signal: stop.signal, onLine });
    } finally {
      this.running.delete(measurement);
      this.changes.fire();
    }
  }

  end(id: number): void {
    for (const [measurement, stop] of this.running) if (measurement.id === id) stop.abort();
  }
}
