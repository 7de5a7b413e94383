/** One line of what a health check found. */
export interface Fact {
  state: 'good' | 'bad' | 'note';
  label: string;
  /** The reason or the fix; empty when there is nothing more to say. */
  detail: string;
}

/** The first thing that is wrong; null when all is well. */
export const firstFault = (facts: readonly Fact[]): Fact | null =>
  facts.find(({ state }) => state === 'bad') ?? null;
