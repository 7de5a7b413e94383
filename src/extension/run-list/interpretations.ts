import type { Memento } from 'vscode';
import * as z from 'zod/mini';
import { NO_INTERPRETATION, type Interpretation } from '../../core/run-data/interpretation.ts';
import type { Service } from '../service-client.ts';

const KEY = 'chirality.interpretations';
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
 * What a person says about runs, by folder. It is kept with the workspace, because nothing is ever
 * written into their folders, and told to every service that starts.
 */
export class Interpretations {
  constructor(
    private readonly state: Memento,
    private readonly service: Pick<Service, 'call' | 'callOnce' | 'onStart'>,
  ) {
    service.onStart(() => {
      for (const [dir, interpretation] of Object.entries(this.kept))
        void service.callOnce('interpretRun', { dir, ...interpretation }).catch(() => undefined); // told again to the next one
    });
  }

  of(dir: string): Interpretation {
    return this.kept[dir] ?? NO_INTERPRETATION;
  }

  /** Keeps a change; null takes it back. */
  async keep(dir: string, change: Partial<Interpretation>): Promise<void> {
    const { [dir]: before = NO_INTERPRETATION, ...others } = this.kept;
    const interpretation = { ...before, ...change };
    const isNothing = Object.values(interpretation).every((each) => each === null);
    await this.state.update(KEY, isNothing ? others : { ...others, [dir]: interpretation });
    await this.service.call('interpretRun', { dir, ...interpretation });
  }

  private get kept(): Record<string, Interpretation> {
    return keptSchema.safeParse(this.state.get(KEY)).data ?? {};
  }
}
