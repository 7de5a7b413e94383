import type { Command } from 'commander';
import { workOn } from '../../lab/recipes/train.ts';

/** The process behind `train` and `resume`: works on a run folder. Not for people, so it is not listed. */
export function addWorkCommand(program: Command): void {
  program
    .command('work', { hidden: true })
    .argument('<dir>')
    .action(async (dir: string) => {
      await workOn(dir);
    });
}
