import { readdirSync } from 'node:fs';
import { ForeignRun } from './run.ts';

/** Runs that are kept at hand, so that curves, lists and pairs read their files once. */
const MAX_RUNS = 8;
const runs = new Map<string, ForeignRun>();

/** What only our own runs and evaluations have. */
const OWN = ['run.yaml', 'traces', 'eval', 'rows.jsonl'];

/** Whether a folder may hold a run of another program: there is something in it, and nothing that ours have. */
export function mayBeForeign(dir: string): boolean {
  try {
    const names = readdirSync(dir);
    return names.length > 0 && !OWN.some((name) => names.includes(name));
  } catch {
    return false;
  }
}

/** A run of another program, the same one for all who ask. @param right as in `ForeignRun` */
export function foreignRun(dir: string, right: string | null = null): ForeignRun {
  const key = JSON.stringify([dir, right]);
  const run = runs.get(key) ?? new ForeignRun(dir, right);
  runs.delete(key);
  runs.set(key, run);
  if (runs.size > MAX_RUNS) runs.delete(runs.keys().next().value!);
  return run;
}
