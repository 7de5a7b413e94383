import { spawn } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunState } from './run-folder.ts';
import { isActive, readState } from './state.ts';
import { makeFolder } from '../files/folders.ts';
import { openToAppend, readRange } from '../files/regular.ts';
import { writeAtomically } from '../files/atomic.ts';
import { isAlive, signalGroup, thisProcess } from '../files/process.ts';

/**
 * Starts the program on a run folder in a separate process group, which outlives this process and writes to the run's
 * log. Returns after the run has written its first state.
 * @param command the executable and its arguments, never a shell string.
 * @throws if the process ends before its first state, with the end of its log.
 */
export async function launchDetached(
  dir: string,
  command: readonly [string, ...string[]],
): Promise<RunState> {
  await makeFolder(join(dir, 'logs'));
  const log = await openToAppend(join(dir, 'logs', 'run.log'));
  // Also detects a full disk before the run starts, because the run could not report a full disk.
  await log.appendFile(`Started ${new Date().toISOString()}\n`);
  const [executable, ...args] = command;
  const child = spawn(executable, args, {
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    windowsHide: true,
  });
  let ended: string | null = null;
  child.once('error', (error) => (ended = error.message));
  child.once(
    'exit',
    (code, signal) => (ended = signal ? `was stopped by ${signal}` : `ended with exit code ${code}`),
  );
  await log.close();
  for (;;) {
    const state = await readState(dir);
    if (state && state.pid === child.pid) {
      child.unref();
      return state;
    }
    if (ended !== null) {
      // The run might finish before its state is first checked.
      const last = await readState(dir);
      if (last && !isActive(last) && last.pid === child.pid) return last;
      throw new Error(`Cannot start the run: its process ${ended}.\n${await endOfLog(dir)}`);
    }
    await sleep(50);
  }
}

/** Number of bytes to read from the end of a log. */
const END_BYTES = 1 << 14;

/** Returns the last lines of the run's log, for error messages. */
export async function endOfLog(dir: string): Promise<string> {
  const log = join(dir, 'logs', 'run.log');
  const end = await stat(log)
    .then(({ size }) => readRange(log, Math.max(0, size - END_BYTES), END_BYTES))
    .catch(() => '');
  return end.toString().trimEnd().split('\n').slice(-12).join('\n');
}

export type StopPhase = 'requested' | 'terminating' | 'killing';

/**
 * Stops a run in phases: requests a save and end after the current step, terminates its process group after `grace`,
 * and kills the group after a further `patience`. If the process cannot be identified, such as on another host, the run
 * only gets the request.
 * @param onPhase called at the start of each phase.
 * @returns the final state, or the last known state if the run is on another host and does not respond in time.
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
    // Sends a signal only if the process is known to belong to the run.
    if (!last || !isActive(last)) return last;
    if ((await isAlive(last)) !== true) return readState(dir);
    onPhase?.(phase);
    signalGroup(last.pid, signal);
    last = await waitForEnd(dir, patience);
  }
  return last;
}

/**
 * Requests that a run save and end after the current step. @param why `warning` if the system announced the end. The
 * run can receive the same warning itself, which does not count as a second request
 */
export async function askToStop(dir: string, why: 'stop' | 'warning' = 'stop'): Promise<void> {
  await makeFolder(join(dir, 'control'));
  const asker = `${JSON.stringify(await thisProcess())}\n`;
  await writeAtomically(join(dir, 'control', why), asker, { follow: false });
}

/** Waits until the run is no longer active, or until a timeout. */
async function waitForEnd(dir: string, milliseconds: number): Promise<RunState | null> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const state = await readState(dir);
    if (!state || !isActive(state) || Date.now() >= deadline) return state;
    await sleep(100);
  }
}
