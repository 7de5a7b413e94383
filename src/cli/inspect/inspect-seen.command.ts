import type { Command } from 'commander';
import { later } from '../command-options.ts';

/** `chirality inspect seen`: writes the image that reaches a model after its processor. */
export function addInspectSeenCommand(program: Command) {
  const command = program
    .command('seen')
    .argument('[file]', 'image, or dataset with images')
    .option('--row <id>', 'id of the row, for a dataset (default: the first row with an image)')
    .option('--model <model>', 'run, model folder, or model in the cache of transformers, to measure')
    .option('--sees <family>', 'model family from the built-in table; requires no Python')
    .option('--known', 'print the table of families as Markdown instead')
    .option('--runs <folder>', 'folder that contains the runs', 'runs')
    .option('--data-root <folder>', 'read images only from this folder')
    .option('--figure <file>', 'also write the image with crop, padding, tiles and patches, as .svg')
    .option('--json', 'print the result as JSON')
    .description('Show how a model receives an image: size, crop, padding, tiles and tokens.')
    .addHelpText(
      'after',
      `
With --model, the command measures the processor of the model with images whose pixels encode their position. It
loads no weights, downloads nothing, and runs no code from the model. With --sees, it reads the built-in table of
families (docs/what-models-see.md).

A processor is mirror-symmetric if its outputs for an image and the mirror image are mirrored. Otherwise, part of the
difference between a row and its mirror is due to the processor.

Examples:
  chirality inspect seen photo.jpg --sees llava-1.5 --figure seen.svg
  chirality inspect seen train.qa.jsonl --row kitchen-3 --model models/Qwen2.5-VL-3B --json`,
    );
  command.action(later(async () => (await import('./inspect-seen.action.ts')).seen));
  return command;
}
