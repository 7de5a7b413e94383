import { later, withRuns, withTrust } from '../command-options.ts';
import type { Command } from 'commander';
import { collect, wholeNumber } from '../values.ts';

export function addForkCommand(program: Command) {
  const command = withTrust(withRuns(program.command('fork')))
    .argument('<run>', 'run name or folder')
    .description('Start a run from a checkpoint of another run with changed settings, and watch it.')
    .requiredOption(
      '--step <n>',
      'step to start from; the newest checkpoint at or before it is used',
      wholeNumber,
    )
    .option(
      '--set <path=value>',
      'setting of run.yaml to change, for example coupling.eta=2; repeatable',
      collect,
      [],
    )
    .option('--name <name>', 'name of the new run (default: <run>-fork, with a number if it exists)')
    .option('--detach', 'return as soon as the run has started')
    .option('--json', 'print name, folder, checkpoint and state as one JSON object (implies --detach)')
    .addHelpText(
      'after',
      `
The new run starts with the weights, optimiser, random state and data position of the checkpoint. Its metrics and
evaluations up to that step are copied.

Examples:
  chirality fork spatial --step 40 --set coupling.eta=2 --name eta-2
  chirality fork spatial --step 40 --set steps=200 --set optimizer.learning_rate=1e-5`,
    );
  command.action(later(async () => (await import('./fork.action.ts')).fork));
  return command;
}
