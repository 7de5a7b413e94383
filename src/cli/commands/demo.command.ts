import { later } from '../command-options.ts';
import type { Command } from 'commander';
import { wholeNumber } from '../values.ts';

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description(
      'Train a tiny vision-language model from scratch on synthetic scenes, then by GRPO with and without mirrored views, or reversed clips.',
    )
    .option(
      '-o, --output <folder>',
      'folder for data, configs and runs; a number is appended if it exists',
      'chirality-demo',
    )
    .option('--motion', 'clips and the same clips in reverse, in place of images and mirrors')
    .option('--seed <n>', 'random seed for the whole demo', wholeNumber, 1)
    .option(
      '--all',
      'also train controls that take longer: of mirrors, advantages over the pair, a joint reward, and GRPO on balanced rows',
    )
    .option('--fast', 'run a few steps of each phase to check that it works; the model learns almost nothing')
    .option('--json', 'print the results as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  chirality demo\n  chirality demo --all --seed 3\n  chirality demo --motion',
    )
    .action(later(async () => (await import('./demo.action.ts')).demo));
}
