import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ForeignRun } from './run.ts';

/** Runs that are kept at hand, so that curves, lists and pairs read their files once. */
const MAX_RUNS = 8;
const runs = new Map<string, ForeignRun>();

/** What only our own runs and evaluations have. */
const OWN = ['run.yaml', 'traces', 'eval', 'rows.jsonl'];

/** Whether a folder may hold a run of another program: it has nothing that ours have. */
export const mayBeForeign = (dir: string): boolean => !OWN.some((name) => existsSync(join(dir, name)));

/** A run of another program, the same one for all who ask. @param right as in `ForeignRun` */
export function foreignRun(dir: string, right: string | null = null): ForeignRun {
  const key = JSON.stringify([dir, right]);
  const run = runs.get(key) ?? new ForeignRun(dir, right);
  runs.delete(key);
  runs.set(key, run);
  if (runs.size > MAX_RUNS) runs.delete(runs.keys().next().value!);
  return run;
}
