import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunState } from '../../core/run-data/run-folder.ts';
import { writeAtomically } from '../files/atomic.ts';
import { makeFolder } from '../files/folders.ts';
import { isAlive, signalGroup, thisProcess } from '../files/process.ts';
import { isActive, readState } from './state.ts';

export type StopPhase = 'requested' | 'terminating' | 'killing';

/**
 * Stops a run in phases: asks it to save and end after the current step; after `grace` terminates its process group;
 * after `patience` more kills it. If the process cannot be identified for certain, for example on another host, the run
 * is only asked.
 * @param onPhase called at the start of each phase.
 * @returns the final state, or the last one seen if the run is elsewhere and did not answer in time.
 */
export async function stopRun(
  dir: string,
  {
    grace = 120_000,
    patience = 10_000,
    onPhase,
  }: { grace?: number; patience?: number; onPhase?: (phase: StopPhase) => void } = {},
): Promise<RunState | null> {
  const state = await readState(dir);
  if (!state || !isActive(state)) return state;
  await askToStop(dir);
  onPhase?.('requested');
  let last = await waitForEnd(dir, grace);
  for (const [phase, signal] of [
    ['terminating', 'SIGTERM'],
    ['killing', 'SIGKILL'],
  ] as const) {
    // Send a signal only to a process that certainly is the run.
    if (!last || !isActive(last)) return last;
    if ((await isAlive(last)) !== true) return readState(dir);
    onPhase?.(phase);
    signalGroup(last.pid, signal);
    last = await waitForEnd(dir, patience);
  }
  return last;
}

/**
 * Asks a run to save and end after the current step.
 * @param why `warning` if the system announced the end: the run may hear the same, which is no second request
 */
export async function askToStop(dir: string, why: 'stop' | 'warning' = 'stop'): Promise<void> {
  await makeFolder(join(dir, 'control'));
  const asker = `${JSON.stringify(await thisProcess())}\n`;
  await writeAtomically(join(dir, 'control', why), (file) => file.writeFile(asker), { follow: false });
}

/** Waits until the run is no longer active, or the time is up. */
async function waitForEnd(dir: string, milliseconds: number): Promise<RunState | null> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const state = await readState(dir);
    if (!state || !isActive(state) || Date.now() >= deadline) return state;
    await sleep(100);
  }
}
