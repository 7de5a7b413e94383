import { open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRecord } from '../../core/record.ts';
import { loopStateSchema, type LoopState } from '../../core/run-data/run-folder.ts';
import { makeFolder } from '../files/folders.ts';
import { readText } from '../files/regular.ts';

export const stepName = (step: number): string => `step-${String(step).padStart(6, '0')}`;

const checkpointsOf = (run: string): string => join(run, 'checkpoints');

/**
 * Writes a checkpoint so that it is there completely or not at all: everything goes into a folder beside it, is
 * forced to disk, and is renamed last.
 */
export async function commitCheckpoint(
  run: string,
  loop: LoopState,
  saveEngine: (folder: string) => Promise<void>,
): Promise<string> {
  const final = join(checkpointsOf(run), stepName(loop.step));
  const temporary = `${final}.tmp`;
  await rm(temporary, { recursive: true, force: true });
  await makeFolder(temporary);
  try {
    await saveEngine(temporary);
    await writeFile(join(temporary, 'loop.json'), `${JSON.stringify(loop)}\n`);
    await syncPath(join(temporary, 'loop.json'));
    await syncPath(temporary);
  } catch (error) {
    // On a full disk this is the room that the last words of the run need.
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  await rm(final, { recursive: true, force: true });
  await rename(temporary, final);
  await syncPath(checkpointsOf(run));
  return final;
}

/** Steps of the finished checkpoints, ascending. */
export async function listCheckpoints(run: string): Promise<number[]> {
  const names = await readdir(checkpointsOf(run)).catch(() => []);
  return names
    .flatMap((name) => /^step-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

export const checkpointFolder = (run: string, step: number): string =>
  join(checkpointsOf(run), stepName(step));

/** @throws RecordError */
export async function readLoopState(run: string, step: number): Promise<LoopState> {
  const file = join(checkpointFolder(run, step), 'loop.json');
  return parseRecord(loopStateSchema, await readText(file), { file });
}

/** Removes all but the newest `keepLast` checkpoints and the one to be kept as best; leftovers of a crash too. */
export async function pruneCheckpoints(run: string, keepLast: number, best: number | null): Promise<void> {
  const steps = await listCheckpoints(run);
  const kept = new Set([...steps.slice(-keepLast), best]);
  for (const name of await readdir(checkpointsOf(run)).catch(() => [])) {
    const step = Number(/^step-(\d+)$/.exec(name)?.[1] ?? NaN);
    if (!kept.has(step)) await rm(join(checkpointsOf(run), name), { recursive: true, force: true });
  }
}

/** fsync of a file or folder; Windows cannot open folders, and does not need to. */
async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
