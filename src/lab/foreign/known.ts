import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { databaseOf } from './programs/trackio.ts';
import { ForeignRun } from './run.ts';

/** How many runs to keep open, so that curves, lists and pairs share one reading of the files. */
const MAX_RUNS = 8;
const runs = new Map<string, ForeignRun>();

/** Names that only our own runs and evaluations contain. */
const OWN = ['run.yaml', 'traces', 'eval', 'rows.jsonl'];

/** Whether a folder may hold a run of another program: it is not empty, and contains none of our own files. */
export function mayBeForeign(dir: string): boolean {
  try {
    const names = readdirSync(dir);
    return names.length > 0 && !OWN.some((name) => names.includes(name));
  } catch {
    return databaseOf(dir) !== null;
  }
}

/** Returns the run of another program in a folder, the same object for all callers. @param right as in `ForeignRun` */
export function foreignRun(dir: string, right: string | null = null): ForeignRun {
  const key = JSON.stringify([dir, right]);
  const run = runs.get(key) ?? new ForeignRun(dir, right);
  runs.delete(key);
  runs.set(key, run);
  if (runs.size > MAX_RUNS) runs.delete(runs.keys().next().value!);
  return run;
}

/** The folder that references to a run's pictures are relative to: the run's own, or that of its database. */
export function pictureFolder(run: string): string {
  const database = databaseOf(run);
  return database === null ? run : dirname(database);
}
