import { FORCE, later, withRuns, withTrust } from '../command-options.ts';
import type { Command } from 'commander';

export function addTrainCommand(program: Command) {
  const command = withTrust(withRuns(program.command('train')))
    .argument('<config>', '*.run.yaml file')
    .description(
      'Start a training run in its own process and watch it. The run continues when this terminal closes.',
    )
    .option('--name <name>', 'name of the run folder (default: the name of the config)')
    .option('--resume', 'continue the run if it exists, for cluster jobs that are requeued')
    .option('--force', `with --resume, ${FORCE}`)
    .option('--detach', 'return as soon as the run has started')
    .option(
      '--dry-run',
      'check rows, model and rewards, and print the plan and duration, without starting the run',
    )
    .option('--json', 'print name, folder and state as one JSON object (implies --detach)')
    .addHelpText(
      'after',
      `
Examples:
  chirality train svqa.run.yaml
  chirality train svqa.run.yaml --name eta-2 --detach
  chirality attach eta-2`,
    );
  command.action(later(async () => (await import('./train.action.ts')).train));
  return command;
}

/** Process behind `train`, `resume` and `sweep`: trains the run in a folder. The help omits this command. */
export function addWorkCommand(program: Command): void {
  program
    .command('work', { hidden: true })
    .argument('<folder>')
    .action(later(async () => (await import('./train.action.ts')).work));
}
