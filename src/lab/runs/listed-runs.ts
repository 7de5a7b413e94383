import { join, resolve } from 'node:path';
import { type ImportRecord, importSchema, originName } from '../../core/run-data/origin.ts';
import { isRecord } from '../../base/json.ts';
import { parseRecord } from '../../base/record.ts';
import { explainError, ifMissing, noEntries } from '../files/disk-error.ts';
import { inOrder } from '../files/in-order.ts';
import { readText } from '../files/regular.ts';
import { readdir } from 'node:fs/promises';
import type { RunState } from './run-folder.ts';
import { readState } from './state.ts';

/** Reads the origin of an imported run. Null for an own run. @throws RecordError for an invalid origin */
export async function readImport(dir: string): Promise<ImportRecord | null> {
  const file = join(dir, 'manifest.json');
  const text = await readText(file).catch(ifMissing(null));
  return text !== null && hasOrigin(text) ? parseRecord(importSchema, text, { file }) : null;
}

/** Whether a manifest has an origin, as only manifests of imported runs have. */
function hasOrigin(text: string): boolean {
  try {
    const manifest = JSON.parse(text) as unknown;
    return isRecord(manifest) && 'origin' in manifest;
  } catch {
    return false;
  }
}

/** Returns the reason why an imported run cannot be "stopped", "resumed" and so on (word in `what`). */
export const readOnlyReason = (name: string, { origin }: ImportRecord, what: string): string =>
  `${name} was imported from ${originName(origin)}. It can be read but not ${what}.`;

/** Number of runs to read concurrently, because each access over a network takes time. */
const AT_ONCE = 16;

export interface ListedRun {
  name: string;
  dir: string;
  /** State of the run. Null before the run has written its first state. */
  state: RunState | null;
  /** Origin and last step of an imported run. Absent for an own run. */
  imported?: ImportRecord;
  /** Reason why the run's state is unreadable. */
  error?: string;
}

/** Returns the runs in a folder, except incomplete copies, the most recently active run first. Empty without folder. */
export async function listRuns(runs: string): Promise<ListedRun[]> {
  const entries = await readdir(runs, { withFileTypes: true }).catch(noEntries);
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'));
  const listed: ListedRun[] = [];
  for await (const run of inOrder(folders, AT_ONCE, ({ name }) => lookAtRun(resolve(runs, name), name)))
    if (run) listed.push(run);
  const time = (run: ListedRun) => run.state?.heartbeat ?? run.imported?.imported ?? '';
  return listed.sort((a, b) => time(b).localeCompare(time(a)) || a.name.localeCompare(b.name));
}

export async function lookAtRun(dir: string, name: string): Promise<ListedRun | null> {
  try {
    if (!(await readdir(dir)).includes('run.yaml')) return null;
    const state = await readState(dir);
    const imported = state ? null : await readImport(dir);
    return { name, dir, state, ...(imported && { imported }) };
  } catch (error) {
    return { name, dir, state: null, error: explainError(error as Error) };
  }
}

export async function findRun(runs: string, nameOrPath: string): Promise<string | null> {
  for (const dir of [resolve(nameOrPath), join(resolve(runs), nameOrPath)]) {
    const names: string[] = await readdir(dir).catch(noEntries);
    if (names.includes('run.yaml')) return dir;
  }
  return null;
}
