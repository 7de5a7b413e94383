import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from '../files/atomic.ts';
import { isDiskFull } from '../files/disk-error.ts';
import { isAlive, isPid, type ProcessId } from './process.ts';

export type RunStatus = 'starting' | 'running' | 'stopping' | 'stopped' | 'finished' | 'failed' | 'lost';

/** `state.json`: what a run is doing (docs/records.md). Replaced whole, never edited. */
export interface RunState extends ProcessId {
  status: RunStatus;
  /** What the current step is busy with: `sampling`, `update`, … */
  phase: string;
  /** The last finished optimiser step. */
  step: number;
  steps: number;
  /** ISO time of the last sign of life. */
  heartbeat: string;
  /** The latest news for people; for a failed run, why. */
  message: string;
}

/** Where only the heartbeat tells, as for a run on another host, the run counts as lost when it is older than this. */
const HEARTBEAT_LIMIT_MS = 60_000;

const ACTIVE: readonly RunStatus[] = ['starting', 'running', 'stopping'];
export const isActive = (state: RunState): boolean => ACTIVE.includes(state.status);

export async function writeState(dir: string, state: RunState): Promise<void> {
  const path = join(dir, 'state.json');
  const text = `${JSON.stringify(state, null, 2)}\n`;
  try {
    await writeAtomically(path, (file) => file.writeFile(text), { durable: false });
  } catch (error) {
    if (!isDiskFull(error) || isActive(state)) throw error;
    // How a run ended must be told on a full disk too: the old file's place is still there to be written over.
    const file = await open(path, 'r+');
    try {
      await file.writeFile(text);
      await file.truncate(Buffer.byteLength(text));
    } finally {
      await file.close();
    }
  }
}

/**
 * The state as it really is: a run that claims to be active but whose process is gone is `lost`, with the reason.
 * Null where there is no run or its first state is not written yet.
 * @throws where the file is no JSON or names no process
 */
export async function readState(dir: string, now = Date.now()): Promise<RunState | null> {
  const claimed = await readClaim(dir);
  if (!claimed || !isActive(claimed)) return claimed;
  const heartbeat = Date.parse(claimed.heartbeat);
  const alive = await isAlive(claimed, heartbeat, now);
  const silent = now - heartbeat;
  if (alive === true || (alive === 'unknown' && silent < HEARTBEAT_LIMIT_MS)) return claimed;
  // It may have ended properly between the two looks; what a dead process left behind does not change any more.
  const state = (await readClaim(dir)) ?? claimed;
  if (!isActive(state)) return state;
  const why =
    alive === 'unknown'
      ? `No sign of life from ${state.host} for ${Math.round(silent / 1000)} s.`
      : `The process (${state.pid}) is gone: killed, out of memory, or the machine restarted.`;
  return { ...state, status: 'lost', message: `${why} Last phase: ${state.phase}, step ${state.step}.` };
}

/** What the run says of itself. */
async function readClaim(dir: string): Promise<RunState | null> {
  const path = join(dir, 'state.json');
  try {
    const state = JSON.parse(await readFile(path, 'utf8')) as RunState;
    if (!isPid(state.pid))
      throw new Error(`its "pid" is ${JSON.stringify(state.pid)}, which is no process id.`);
    return state;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new Error(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
