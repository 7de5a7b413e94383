/** Seconds spent in each phase of a step. */
export class PhaseClock {
  private readonly started = performance.now();
  private readonly seconds: Record<string, number> = {};

  async time<T>(phase: string, work: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await work();
    } finally {
      this.seconds[phase] = (this.seconds[phase] ?? 0) + (performance.now() - start) / 1000;
    }
  }

  /** `step_time` and `timing_s/<phase>`. */
  row(): Record<string, number> {
    const phases = Object.entries(this.seconds).map(
      ([phase, seconds]) => [`timing_s/${phase}`, seconds] as const,
    );
    return { step_time: (performance.now() - this.started) / 1000, ...Object.fromEntries(phases) };
  }
}
