import type { Memento } from 'vscode';
import * as z from 'zod/mini';
import type { SaidOfRun } from '../../core/run-data/foreign/pairs.ts';
import type { Service } from '../service-client.ts';

const KEY = 'chirality.saidOfRuns';
const text = z.nullable(z.string());
const keptSchema = z.record(z.string(), z.object({ right: text, data: text }));
const NOTHING: SaidOfRun = { right: null, data: null };

/**
 * What a person says about runs of other programs, by folder. It is kept with the workspace, because nothing is ever
 * written into their folders, and told to every service that starts.
 */
export class SaidOfRuns {
  constructor(
    private readonly state: Memento,
    private readonly service: Pick<Service, 'call' | 'callOnce' | 'onStart'>,
  ) {
    service.onStart(() => {
      for (const [dir, said] of Object.entries(this.kept))
        void service.callOnce('sayOfRun', { dir, ...said }).catch(() => undefined); // told again to the next one
    });
  }

  of(dir: string): SaidOfRun {
    return this.kept[dir] ?? NOTHING;
  }

  /** Keeps what is said; null takes it back. */
  async say(dir: string, change: Partial<SaidOfRun>): Promise<void> {
    const { [dir]: before = NOTHING, ...others } = this.kept;
    const said = { ...before, ...change };
    const isNothing = said.right === null && said.data === null;
    await this.state.update(KEY, isNothing ? others : { ...others, [dir]: said });
    await this.service.call('sayOfRun', { dir, ...said });
  }

  private get kept(): Record<string, SaidOfRun> {
    return keptSchema.safeParse(this.state.get(KEY)).data ?? {};
  }
}
