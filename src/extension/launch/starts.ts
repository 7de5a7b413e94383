/** Work that leads to runs: Stop Run can end it before there is a run, and between two of them. */
export interface Start {
  name: string;
  /** What it does, for the list of Stop Run. */
  phase: string;
  /** Ends it. @returns the folders of runs that it has started and that still have to be stopped */
  stop(): Promise<readonly string[]>;
}

/** The work of this window that leads to runs. */
export class Starts {
  private readonly all = new Set<Start>();
  /** Warnings in spite of which the person has started a config, by its path: they are not shown again. */
  readonly accepted = new Map<string, string>();

  get active(): readonly Start[] {
    return [...this.all];
  }

  /** Lists work until the returned function is called. */
  add(start: Start): () => void {
    this.all.add(start);
    return () => this.all.delete(start);
  }

  /**
   * Lists work until it ends.
   * @param work ends early when the signal aborts, if it can; if it starts a run, returns its folder, which is a text
   */
  async during<T>(name: string, phase: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController();
    const ended = work(controller.signal);
    const remove = this.add({
      name,
      phase,
      stop: async () => {
        controller.abort();
        const made = await ended.catch(() => undefined);
        return typeof made === 'string' ? [made] : [];
      },
    });
    try {
      return await ended;
    } finally {
      remove();
    }
  }
}
