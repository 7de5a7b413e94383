import { readdirSync } from 'node:fs';
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
    return false;
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
