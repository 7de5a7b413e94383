import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import type { SweepPlan } from '../core/config/sweep-plan.ts';
import { isActive, readState } from '../lab/runs/state.ts';
import { readPlan, sweepRun } from '../lab/sweeps/sweep-folder.ts';
import { pathHere } from './print.ts';

/**
 * Returns the unfinished runs of the sweep that contains a run, with the command that continues the sweep. Null without
 * a sweep, while the sweep is active, and if all its runs are finished.
 */
export async function restOfSweep(run: string): Promise<string | null> {
  const runs = dirname(resolve(run));
  const sweep = dirname(runs);
  const plan = basename(runs) === 'runs' ? await readPlan(sweep).catch(() => null) : null;
  const state = plan && (await readState(sweep));
  if (!plan || (state && isActive(state))) return null;
  const left: string[] = [];
  for (const { name } of plan.runs)
    if ((await readState(sweepRun(sweep, name)))?.status !== 'finished') left.push(name);
  return left.length === 0
    ? null
    : `Unfinished runs of the sweep: ${left.join(', ')}. To continue the sweep, use \`chirality ${continuing(sweep, plan)}\`.`;
}

/** Returns the name of the folder that a sweep file has by default. */
export const sweepName = (file: string, small: boolean): string =>
  basename(file).replace(/(\.sweep)?\.ya?ml$/, '') + (small ? '-small' : '');

function continuing(sweep: string, { file, small }: SweepPlan): string {
  const [sweeps, name] = [dirname(sweep), basename(sweep)];
  return [
    'sweep',
    existsSync(file) ? pathHere(file) : `--recipe ${sweepName(file, false)}`,
    ...(small ? ['--small'] : []),
    ...(name === sweepName(file, small) ? [] : ['--name', name]),
    ...(sweeps === resolve('sweeps') ? [] : ['--sweeps', pathHere(sweeps)]),
  ].join(' ');
}
