import { setTimeout as sleep } from 'node:timers/promises';
import type { RunState } from '../../core/run-data/run-folder.ts';
import type { SweepPlan } from '../../core/reports/sweep/plan.ts';
import { isActive } from '../../lab/runs/state.ts';
import { duration } from '../live.ts';
import { secondsLeft } from './estimate.ts';
import { standingOf, type RunStanding } from './status.ts';

const LOOK_MS = 500;
/** Looks between two estimates of the time left, for which files are read. */
const ESTIMATE_EVERY = 10;

/**
 * Shows a sweep until it ends: a plain line where a run begins or ends, and on a terminal one live line with what runs
 * and the time left.
 * @returns the final state; null when the signal ended the watching.
 */
export async function watchSweep(
  dir: string,
  plan: SweepPlan,
  signal: AbortSignal,
): Promise<RunState | null> {
  const out = process.stderr;
  const known = new Map<string, string>();
  const clear = () => out.isTTY && out.write('\r\x1b[K');
  let seconds: number | null = null;
  for (let look = 0; !signal.aborted; look++) {
    const { state, runs } = await standingOf(dir, plan);
    const news = runs.flatMap((run) => {
      const line = lineOf(run);
      const isNew = line !== null && known.get(run.name) !== line;
      if (isNew) known.set(run.name, line);
      return isNew ? [line] : [];
    });
    clear();
    for (const line of news) out.write(`${line}\n`);
    if (state && !isActive(state)) return state;
    if (out.isTTY && state) {
      if (look % ESTIMATE_EVERY === 0) seconds = await secondsLeft(dir, runs, plan.devices.length);
      out.write(liveLine(state, runs, seconds).slice(0, out.columns - 1));
    }
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
  clear();
  return null;
}

/** What there is to say of a run, once. */
function lineOf({ name, state }: RunStanding): string | null {
  if (!state || state.status === 'starting') return null;
  if (state.status === 'running' || state.status === 'stopping') return `${name}: ${state.status}`;
  return `${name}: ${state.status} at step ${state.step} of ${state.steps}. ${state.message}`;
}

function liveLine({ step, steps }: RunState, runs: readonly RunStanding[], seconds: number | null): string {
  const active = runs.filter(({ state }) => state && isActive(state));
  return [
    `${step} of ${steps} runs`,
    ...active.map(({ name, state }) => `${name} ${state!.step}/${state!.steps} ${state!.phase}`),
    ...(seconds === null ? [] : [`about ${duration(seconds)} left`]),
  ].join('  ');
}
