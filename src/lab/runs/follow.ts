import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isActive, readState, type RunState } from './state.ts';
import { Tail } from './tail.ts';

/** What is new in a run since the last look. */
export interface RunNews {
  state: RunState | null;
  metrics: Record<string, unknown>[];
  timings: Record<string, unknown>[];
  events: Record<string, unknown>[];
}

/** Between two looks at a run. */
const LOOK_MS = 250;

/**
 * Follows a run from its folder alone, until it is no longer active and everything it wrote was told, or until the
 * signal. The first news holds all that was written before.
 */
export async function* followRun(dir: string, signal: AbortSignal): AsyncGenerator<RunNews> {
  const tails = ['metrics', 'timings', 'events'].map((name) => new Tail(join(dir, `${name}.jsonl`)));
  while (!signal.aborted) {
    // The state first: whatever was written before a run ended is then certainly read after it.
    const state = await readState(dir);
    const [metrics, timings, events] = await Promise.all(tails.map(async (tail) => (await tail.read()).rows));
    yield { state, metrics: metrics!, timings: timings!, events: events! };
    if (state && !isActive(state)) return;
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}
