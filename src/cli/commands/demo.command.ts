import { later } from '../command-options.ts';
import type { Command } from 'commander';
import { wholeNumber } from '../values.ts';

export function addDemoCommand(program: Command) {
  const command = program
    .command('demo')
    .description(
      'Train a tiny vision-language model on synthetic scenes, then run GRPO with and without mirrored views.',
    )
    .option(
      '-o, --output <folder>',
      'folder for data, configs and runs; a number is added if the folder exists',
      'chirality-demo',
    )
    .option('--motion', 'use clips and reversed clips instead of images and mirrors')
    .option('--seed <n>', 'random seed for the whole demo', wholeNumber, 1)
    .option('--all', 'also train slower controls: pair advantages, a joint reward, and GRPO on balanced rows')
    .option('--fast', 'run a few steps of each phase as a test; the model learns almost nothing')
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  chirality demo\n  chirality demo --all --seed 3\n  chirality demo --motion',
    );
  command.action(later(async () => (await import('./demo.action.ts')).demo));
  return command;
}
