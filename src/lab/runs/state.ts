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

/** If only the heartbeat can tell, as for a run on another host, the run counts as lost when it is older than this. */
const HEARTBEAT_LIMIT_MS = 60_000;

export const isActive = ({ status }: RunState): boolean => isActiveStatus(status);

/** @param write puts the file into place; a lock's own `write` does so only for its holder. */
export async function writeState(
  dir: string,
  state: RunState,
  write: WriteFile = writeAtomically,
): Promise<void> {
  const path = join(dir, 'state.json');
  const text = jsonText(state);
  try {
    await write(path, (file) => file.writeFile(text), { durable: false });
  } catch (error) {
    if (!isDiskFull(error) || isActive(state)) throw error;
    // How a run ended must be recorded on a full disk too, so write over the old file, whose space is still there.
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
 * The actual state: a run that claims to be active but whose process is gone is `lost`, with the reason. Null if there
 * is not a run or its first state is not written yet.
 * @throws RecordError
 */
export async function readState(dir: string, now = Date.now()): Promise<RunState | null> {
  const claimed = await readClaim(dir);
  if (!claimed || !isActive(claimed)) return claimed;
  const heartbeat = Date.parse(claimed.heartbeat);
  const alive = await isAlive(claimed, heartbeat, now);
  const silent = now - heartbeat;
  if (alive === true || (alive === 'unknown' && silent < HEARTBEAT_LIMIT_MS)) return claimed;
  // It may have ended properly since the first reading; what a dead process left behind does not change any more.
  const state = (await readClaim(dir)) ?? claimed;
  if (!isActive(state)) return state;
  const why =
    alive === 'unknown'
      ? `No heartbeat from ${state.host} for ${Math.round(silent / 1000)} s.`
      : `The process (${state.pid}) no longer runs. It was killed, ran out of memory, or the machine restarted.`;
  return { ...state, status: 'lost', message: `${why} Last phase: ${state.phase}, step ${state.step}.` };
}

/** The state that the run itself wrote. */
async function readClaim(dir: string): Promise<RunState | null> {
  const file = join(dir, 'state.json');
  const text = await readText(file).catch(ifMissing(null));
  return text === null ? null : parseRecord(stateSchema, text, { file });
}
