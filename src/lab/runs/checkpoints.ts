import { jsonText } from '../../base/json.ts';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';
import { parseRecord, RecordError } from '../../base/record.ts';
import { loopStateSchema, type LoopState, stepName, stepsIn } from './run-folder.ts';
import { ifMissing, noEntries } from '../files/disk-error.ts';
import { fileSha256, syncPath } from '../files/atomic.ts';
import { makeFolder } from '../files/folders.ts';
import { readText } from '../files/regular.ts';
import type { FolderLock } from './folder-lock.ts';

const checkpointsOf = (run: string): string => join(run, 'checkpoints');

const LOOP = 'loop.json';
/** File with the SHA-256 of every file of a checkpoint by name. Written last. */
const CHECKSUMS = 'checksums.json';
const checksumsSchema = z.record(z.string(), z.string());

/**
 * Writes a checkpoint completely or not at all: all files are prepared, flushed to disk, and moved with one rename.
 * @throws FolderLost
 */
export async function commitCheckpoint(
  lock: FolderLock,
  loop: LoopState,
  saveEngine: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = checkpointsOf(lock.dir);
  await makeFolder(folder);
  const path = join(folder, stepName(loop.step));
  const prepared = lock.prepare(path);
  try {
    await lock.whileHeld(async () => {
      await mkdir(prepared);
      await saveEngine(prepared);
      await writeSynced(join(prepared, LOOP), `${JSON.stringify(loop)}\n`);
      const sums = await checksumsOf(prepared);
      await writeSynced(join(prepared, CHECKSUMS), jsonText(sums));
      await syncPath(prepared);
    });
    await lock.place(prepared, path);
  } catch (error) {
    // On a full disk, frees space for the run's final messages.
    await rm(prepared, { recursive: true, force: true });
    throw error;
  }
  await syncPath(folder);
}

/** Returns the steps of the complete checkpoints in ascending order. */
export async function listCheckpoints(run: string): Promise<number[]> {
  const names = await readdir(checkpointsOf(run)).catch(noEntries);
  return stepsIn(names).map(({ step }) => step);
}

export const checkpointFolder = (run: string, step: number): string =>
  join(checkpointsOf(run), stepName(step));

/** Reads the state of the loop at a checkpoint. @throws RecordError */
export async function readLoopState(run: string, step: number): Promise<LoopState> {
  const file = join(checkpointFolder(run, step), LOOP);
  return parseRecord(loopStateSchema, await readText(file), { file, madeBy: 'chirality train' });
}

/** Error for a checkpoint file that differs from the file as saved. */
export class BrokenCheckpoint extends Error {}

/**
 * Compares the files of a checkpoint with their checksums. A model folder without checksums passes, unless it contains
 * pipes or devices.
 * @throws BrokenCheckpoint with the name of the file
 */
export async function verifyCheckpoint(folder: string): Promise<void> {
  const broken = (what: string) =>
    new BrokenCheckpoint(`The checkpoint ${folder} is damaged: ${what}. Use another checkpoint.`);
  // Rejects named pipes, for which an engine would wait forever.
  for (const name of await readdir(folder, { recursive: true }).catch(ifMissing([]))) {
    const stats = await stat(join(folder, name)).catch(ifMissing(null));
    if (stats && !stats.isFile() && !stats.isDirectory()) throw broken(`${name} is not a file`);
  }
  const file = join(folder, CHECKSUMS);
  const text = await readText(file).catch(ifMissing(null));
  if (text === null) {
    if (!(await stat(join(folder, LOOP)).catch(ifMissing(null)))) return;
    throw broken(`${CHECKSUMS} does not exist (checkpoints from versions before 0.1.0 lack it)`);
  }
  let saved: Record<string, string>;
  try {
    saved = parseRecord(checksumsSchema, text, { file });
  } catch {
    throw broken(`${CHECKSUMS} is unreadable`);
  }
  const checksums = await checksumsOf(folder);
  for (const [name, sum] of Object.entries(saved)) {
    if (checksums[name] === undefined) throw broken(`${name} does not exist`);
    if (checksums[name] !== sum) throw broken(`${name} does not match its checksum`);
  }
}

/**
 * Loads the newest intact checkpoint. Null if the run has no checkpoint. Newer, broken checkpoints are renamed to
 * `step-….broken` and removed with the next checkpoint.
 * @param onBroken called with the reason for each checkpoint that is not used.
 * @throws BrokenCheckpoint if the run has checkpoints but none is intact.
 */
export async function newestIntactCheckpoint(
  lock: FolderLock,
  onBroken: (why: string) => void,
): Promise<LoopState | null> {
  const broken: { folder: string; error: Error }[] = [];
  for (const step of (await listCheckpoints(lock.dir)).reverse()) {
    const folder = checkpointFolder(lock.dir, step);
    try {
      await verifyCheckpoint(folder);
      const state = await readLoopState(lock.dir, step);
      for (const { folder, error } of broken) {
        onBroken(error.message);
        await lock.rename(folder, `${folder}.broken`);
      }
      return state;
    } catch (error) {
      if (!isBroken(error)) throw error;
      broken.push({ folder, error });
    }
  }
  if (broken.length === 0) return null;
  const names = broken.map(({ folder }) => basename(folder)).join(', ');
  throw new BrokenCheckpoint(
    `All checkpoints of ${lock.dir} are damaged (${names}). Restore a checkpoint from a copy, or start a new run.`,
  );
}

/** Whether an error comes from the checkpoint's content, not from the disk. */
const isBroken = (error: unknown): error is Error =>
  error instanceof BrokenCheckpoint ||
  error instanceof RecordError ||
  (error as NodeJS.ErrnoException).code === 'ENOENT';

/** Removes all checkpoints except the newest `keepLast` and the best checkpoint. Also removes leftovers of a crash. */
export async function pruneCheckpoints(
  lock: FolderLock,
  keepLast: number,
  best: number | null,
): Promise<void> {
  const steps = await listCheckpoints(lock.dir);
  const kept = new Set([...steps.slice(-keepLast), best]);
  const folder = checkpointsOf(lock.dir);
  // If listing fails now, the next checkpoint removes the old checkpoints.
  for (const name of await readdir(folder).catch(() => [])) {
    // Skips the user's own folders, which have other names.
    const [, step, leftover] = /^step-(\d+)(\.tmp|\.broken)?$/.exec(name) ?? [];
    if (step !== undefined && (leftover || !kept.has(Number(step)))) await lock.remove(join(folder, name));
  }
}

/** Returns checksums by file name, sorted, except for the checksum file itself. */
async function checksumsOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter((name) => name !== CHECKSUMS)
    .sort();
  const sums: Record<string, string> = {};
  for (const name of names) sums[name] = await fileSha256(join(folder, name));
  return sums;
}

async function writeSynced(path: string, text: string): Promise<void> {
  await writeFile(path, text);
  await syncPath(path);
}
