import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isActive, readState } from './state.ts';
import { readMetricsRow, type MetricsRow } from '../../core/grpo/metrics.ts';
import { readEvent, type RunEventRow, type RunState } from '../../core/run-data/run-folder.ts';
import { Tail } from './tail.ts';

/** What is new in a run since the last look. */
export interface RunNews {
  state: RunState | null;
  metrics: MetricsRow[];
  timings: MetricsRow[];
  events: RunEventRow[];
}

/** Between two looks at a run. */
const LOOK_MS = 250;

/**
 * Follows a run from its folder alone, until it is no longer active and everything it wrote was told, or until the
 * signal. The first news holds all that was written before.
 */
export async function* followRun(dir: string, signal: AbortSignal): AsyncGenerator<RunNews> {
  const metrics = new Tail(join(dir, 'metrics.jsonl'), readMetricsRow);
  const timings = new Tail(join(dir, 'timings.jsonl'), readMetricsRow);
  const events = new Tail(join(dir, 'events.jsonl'), readEvent);
  while (!signal.aborted) {
    // The state first: whatever was written before a run ended is then certainly read after it.
    const state = await readState(dir);
    const read = await Promise.all([metrics.read(), timings.read(), events.read()]);
    yield { state, metrics: read[0].rows, timings: read[1].rows, events: read[2].rows };
    if (state && !isActive(state)) return;
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}
