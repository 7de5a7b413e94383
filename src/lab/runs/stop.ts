import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeAtomically } from '../files/atomic.ts';
import { makeFolder } from '../files/make-folder.ts';
import { signalGroup, thisProcess } from './process.ts';
import { isActive, readState, type RunState } from './state.ts';

export type StopPhase = 'requested' | 'terminating' | 'killing';

/**
 * Stops a run in phases: asks it to save and end after the current step; after `grace` terminates its process group;
 * after `patience` more kills it. A run on another host can only be asked.
 * @param onPhase told at the start of each phase.
 * @returns the final state, or the last one seen when the run is elsewhere and did not answer in time.
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
  await makeFolder(join(dir, 'control'));
  await writeAtomically(join(dir, 'control', 'stop'), (file) =>
    file.writeFile(`${JSON.stringify(thisProcess())}\n`),
  );
  onPhase?.('requested');
  const asked = await waitForEnd(dir, grace);
  if (!asked || !isActive(asked) || asked.host !== thisProcess().host) return asked;
  onPhase?.('terminating');
  signalGroup(state.pid, 'SIGTERM');
  const terminated = await waitForEnd(dir, patience);
  if (!terminated || !isActive(terminated)) return terminated;
  onPhase?.('killing');
  signalGroup(state.pid, 'SIGKILL');
  return waitForEnd(dir, patience);
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
