import type { Command } from 'commander';
import { later, withRuns } from '../command-options.ts';
import { wholeNumber } from '../values.ts';

export function addVerifyCommand(program: Command): void {
  withRuns(program.command('verify'))
    .argument('<run>', 'run name or folder')
    .description('Recompute the traced steps of a run and compare them with the recorded values.')
    .option('--step <n>', 'step to verify (default: all traced steps)', wholeNumber)
    .option('--json', 'print the result as one JSON object')
    .addHelpText(
      'after',
      `
The command recomputes rewards, coupling, advantages, weights, loss, KL and clip ratios. The exit code is 1 if a value
deviates by more than 1e-5. Otherwise, without --step, it writes verified.json to the run folder, which reports show.

Deviations are relative to the recorded value, and absolute for view penalties, rewards and advantages below 1. Weights
and losses are compared relative to their summands. Log-probabilities and rewards other than format are not recomputed
(docs/training.md).

Examples:
  chirality verify spatial
  chirality verify spatial --step 12
  chirality verify spatial --json | jq .deviations`,
    )
    .action(later(async () => (await import('./verify.action.ts')).verify));
}
