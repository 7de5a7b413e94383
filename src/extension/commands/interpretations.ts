import type * as vscode from 'vscode';
import * as z from 'zod/mini';
import { type Interpretation, NO_INTERPRETATION } from '../../core/run-data/interpretation.ts';
import type { Service } from '../../panels/service.host.ts';

const KEPT = 'chirality.interpretations';
const text = z.nullable(z.string());
const keptSchema = z.record(
  z.string(),
  z.object({
    right: text,
    data: text,
    mirrorOf: z._default(z.nullable(z.object({ original: z.string(), mirror: z.string() })), null),
    root: z._default(text, null),
  }),
);

/**
 * User's mappings of external runs, by folder. They are stored in the workspace state, because Chirality never writes
 * into the folders of external runs, and sent to every new worker thread of the service.
 */
export class Interpretations {
  constructor(
    private readonly state: vscode.Memento,
    private readonly service: Pick<Service, 'call' | 'callOnce' | 'onStart'>,
  ) {
    service.onStart(() => {
      for (const [dir, interpretation] of Object.entries(this.kept))
        void service.callOnce('interpretRun', { dir, ...interpretation }).catch(() => undefined); // The next worker thread tries again.
    });
  }

  of(dir: string): Interpretation {
    return this.kept[dir] ?? NO_INTERPRETATION;
  }

  /** Stores a change of a run's mapping; a null value removes a part of the mapping. */
  async keep(dir: string, change: Partial<Interpretation>): Promise<void> {
    const { [dir]: before = NO_INTERPRETATION, ...others } = this.kept;
    const interpretation = { ...before, ...change };
    const isNothing = Object.values(interpretation).every((each) => each === null);
    await this.state.update(KEPT, isNothing ? others : { ...others, [dir]: interpretation });
    await this.service.call('interpretRun', { dir, ...interpretation });
  }

  private get kept(): Record<string, Interpretation> {
    return keptSchema.safeParse(this.state.get(KEPT)).data ?? {};
  }
}
