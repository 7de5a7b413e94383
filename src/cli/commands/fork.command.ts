import { later, withRuns, withTrust } from '../command-options.ts';
import type { Command } from 'commander';
import { collect, wholeNumber } from '../values.ts';

export function addForkCommand(program: Command): void {
  withTrust(withRuns(program.command('fork')))
    .argument('<run>', 'run name or folder')
    .description(
      'Start a run that continues from another run’s checkpoint, with other settings, and watch it. The newest checkpoint at or before the step is taken: weights, optimiser, random state and position in the data. Metrics and evaluations up to it are copied.',
    )
    .requiredOption('--step <n>', 'branch off at this step, or at the last checkpoint before it', wholeNumber)
    .option(
      '--set <path=value>',
      'change a setting, as in run.yaml: --set coupling.eta=2; can be repeated',
      collect,
      [],
    )
    .option(
      '--name <name>',
      'name of the new run, next to its parent (default: <run>-fork, with a number if taken)',
    )
    .option('--detach', 'return as soon as the run has started')
    .option('--json', 'print name, folder, checkpoint and state as one JSON object (implies --detach)')
    .addHelpText(
      'after',
      `
Examples:
  chirality fork spatial --step 40 --set coupling.eta=2 --name eta-2
  chirality fork spatial --step 40 --set steps=200 --set optimizer.learning_rate=1e-5`,
    )
    .action(later(async () => (await import('./fork.action.ts')).fork));
}
