/** Runs tasks one after the other, in the order of the calls. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Runs a task. A failed task does not prevent the next task. */
  run<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }
}
