import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { signalGroup } from '../../../../src/lab/files/process.ts';
import { createRun, readRunConfig } from '../../../../src/lab/runs/run.ts';
import { startWork } from './cli.ts';

/**
 * Works on a copy of a run's config and kills the process group with SIGKILL after each of these waits, in
 * milliseconds after its first sign of life, or after its opening is over, then lets it finish. @returns the run folder.
 */
export async function workThroughKills(
  reference: string,
  runs: string,
  name: string,
  waits: readonly number[],
  from: 'starting' | 'running' = 'starting',
) {
  const dir = await createRun(runs, name, await readRunConfig(reference));
  for (const wait of waits) {
    const child = startWork(dir);
    const ended = once(child, 'exit');
    await Promise.race([firstSign(dir, child.pid!, from), ended]);
    await Promise.race([sleep(wait), ended]);
    signalGroup(child.pid!, 'SIGKILL');
    await ended;
  }
  const last = startWork(dir);
  const [code] = (await once(last, 'exit')) as [number];
  if (code !== 0) throw new Error(await readFile(join(dir, 'state.json'), 'utf8'));
  return dir;
}

/**
 * Until a process, or with null any, has written its state, and where asked for, takes steps. @returns the state
 */
export async function firstSign(
  dir: string,
  pid: number | null,
  from: 'starting' | 'running',
): Promise<{ pid: number }> {
  for (;;) {
    const text = await readFile(join(dir, 'state.json'), 'utf8').catch(() => '{}');
    const state = JSON.parse(text) as { pid?: number; status?: string };
    const isSign = state.pid !== undefined && (pid === null || state.pid === pid);
    if (isSign && (from === 'starting' || state.status !== 'starting')) return { pid: state.pid! };
    await sleep(10);
  }
}
