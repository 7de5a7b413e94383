import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRun, readRunConfig } from '../../../../src/lab/runs/make-run.ts';
import { startWork } from './cli.ts';

/**
 * Works on a copy of a run's config. At each of these numbers of calls that change a file, counted from its start, the
 * process group dies by SIGKILL, and is started again; then it may finish.
 * @returns the run folder, and at each kill how many steps the metrics have
 */
export async function workThroughKills(
  reference: string,
  runs: string,
  name: string,
  calls: readonly number[],
): Promise<{ dir: string; reached: number[] }> {
  const dir = await createRun(runs, name, await readRunConfig(reference));
  const reached: number[] = [];
  for (const call of calls) {
    const end: unknown[] = await once(startWork(dir, call), 'exit');
    if (end[1] !== 'SIGKILL') throw new Error(`It ended with ${String(end[0])} before call ${call}.`);
    const metrics = await readFile(join(dir, 'metrics.jsonl'), 'utf8').catch(() => '');
    reached.push(metrics.split('\n').length - 1);
  }
  const end: unknown[] = await once(startWork(dir), 'exit');
  if (end[0] !== 0) throw new Error(await readFile(join(dir, 'state.json'), 'utf8'));
  return { dir, reached };
}
