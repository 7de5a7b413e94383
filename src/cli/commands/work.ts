import type { Command } from 'commander';
import { workOnSweep } from '../../lab/recipes/sweep.ts';
import { workOn } from '../../lab/train.ts';
import { readPlan } from '../../lab/runs/sweep-folder.ts';
import { launch } from '../runs.ts';

/** The process behind `train`, `resume` and `sweep`: works on a folder. Not for people, so it is not listed. */
export function addWorkCommand(program: Command): void {
  program
    .command('work', { hidden: true })
    .argument('<dir>')
    .action(async (dir: string) => {
      if (await readPlan(dir)) await workOnSweep(dir, launch);
      else await workOn(dir);
    });
}
