/** Work in preparation of runs. The user can end it with Stop Run before its first run and between two runs. */
export interface Start {
  name: string;
  /** Current activity, for the list in Stop Run. */
  phase: string;
  /** Ends the work. @returns the folders of started runs that still have to be stopped; null if the work reports its end */
  stop(): Promise<readonly string[] | null>;
}

/** Work in this window that prepares or starts runs. */
export class Starts {
  private readonly all = new Set<Start>();
  /** Warnings that the user accepted at a start, by config path. Later starts do not show accepted warnings again. */
  readonly accepted = new Map<string, string>();
  private readonly newest = new Map<string, AbortController>();

  get active(): readonly Start[] {
    return [...this.all];
  }

  /** Adds work to the list of Stop Run until the returned function is called. */
  add(start: Start): () => void {
    this.all.add(start);
    return () => this.all.delete(start);
  }

  /** Ends an earlier check of this config, as after a double click. @returns a signal for the new check */
  replace(config: string): AbortSignal {
    this.newest.get(config)?.abort();
    const controller = new AbortController();
    this.newest.set(config, controller);
    return controller.signal;
  }

  /**
   * Keeps work in the list of Stop Run until the work ends.
   * @param work ends early on an aborted signal, if possible; returns the run's folder as a string if it starts a run
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
