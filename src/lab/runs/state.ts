import { jsonText } from '../../base/json.ts';
import { constants, open } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRecord } from '../../base/record.ts';
import { stateSchema, type RunState } from './run-folder.ts';
import { isActiveStatus } from '../../core/run-data/run-status.ts';
import { writeAtomically, type WriteFile } from '../files/atomic.ts';
import { ifMissing, isDiskFull } from '../files/disk-error.ts';
import { isAlive } from '../files/process.ts';
import { readText } from '../files/regular.ts';

/** Age (ms) of the heartbeat above which a run on another host counts as lost. */
const HEARTBEAT_LIMIT_MS = 60_000;

export const isActive = ({ status }: RunState): boolean => isActiveStatus(status);

/** @param write function that writes the file. A lock's own `write` succeeds only for the lock's holder. */
export async function writeState(
  dir: string,
  state: RunState,
  write: WriteFile = writeAtomically,
): Promise<void> {
  const path = join(dir, 'state.json');
  const text = jsonText(state);
  try {
    await write(path, text, { durable: false });
  } catch (error) {
    if (!isDiskFull(error) || isActive(state)) throw error;
    // Overwrites the old file, which already has space: the end of the run must be recorded even on a full disk.
    const file = await open(path, constants.O_RDWR | ((constants.O_NOFOLLOW as number | undefined) ?? 0));
    try {
      await file.writeFile(text);
      await file.truncate(Buffer.byteLength(text));
    } finally {
      await file.close();
    }
  }
}

/**
 * Reads the actual state: an active run whose process has ended is `lost`, with the reason. Null without a run, or
 * without a first state.
 * @throws RecordError
 */
export async function readState(dir: string, now = Date.now()): Promise<RunState | null> {
  const claimed = await readClaim(dir);
  if (!claimed || !isActive(claimed)) return claimed;
  const heartbeat = Date.parse(claimed.heartbeat);
  const alive = await isAlive(claimed, heartbeat, now);
  const silent = now - heartbeat;
  if (alive === true || (alive === 'unknown' && silent < HEARTBEAT_LIMIT_MS)) return claimed;
  // The run might have ended properly since the first reading. The state of an ended process no longer changes.
  const state = (await readClaim(dir)) ?? claimed;
  if (!isActive(state)) return state;
  const why =
    alive === 'unknown'
      ? `No heartbeat from ${state.host} for ${Math.round(silent / 1000)} s.`
      : `The process (${state.pid}) no longer runs. The process was killed or ran out of memory, or the machine restarted.`;
  return { ...state, status: 'lost', message: `${why} Last phase: ${state.phase}, step ${state.step}.` };
}

async function readClaim(dir: string): Promise<RunState | null> {
  const file = join(dir, 'state.json');
  const text = await readText(file).catch(ifMissing(null));
  return text === null ? null : parseRecord(stateSchema, text, { file });
}
