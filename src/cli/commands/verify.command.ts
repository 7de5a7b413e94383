import type { Command } from 'commander';
import { later, withRuns } from '../command-options.ts';
import { wholeNumber } from '../values.ts';

export function addVerifyCommand(program: Command): void {
  withRuns(program.command('verify'))
    .argument('<run>', 'run name or folder')
    .description(
      'Compute rewards, coupling, advantages, weights, loss, KL and clip ratios of the traced steps again from a run’s folder, and print how far each deviates from what is recorded. The exit code is 1 if a value deviates by more than 1e-5. Without --step, writes verified.json into the folder if none does, by which reports call the run verified.',
    )
    .option('--step <n>', 'verify only this step', wholeNumber)
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      `
Deviations are relative to what is recorded; penalties, rewards and advantages below 1 are compared as they are, weights
and losses relative to the terms that they are sums of. Log-probabilities, and rewards other than format, are taken as
recorded (docs/training.md).

Examples:
  chirality verify spatial
  chirality verify spatial --step 12
  chirality verify spatial --json | jq .deviations`,
    )
    .action(later(async () => (await import('./verify.action.ts')).verify));
}
