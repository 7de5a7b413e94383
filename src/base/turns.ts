/** Runs pieces of work one after the other, in the order in which they were handed in. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** A piece of work that fails does not keep the next one from running. */
  run<T>(work: () => T | Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }
}
