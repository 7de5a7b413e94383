import { later } from '../command-options.ts';
import type { Command } from 'commander';
import { FROZEN_SUFFIX } from '../../lab/datasets/data-file.ts';

/** `chirality data freeze`: gives a dataset a version and checksums. */
export function addFreezeCommand(data: Command): void {
  data
    .command('freeze')
    .description('Freeze a version of a dataset: write a manifest with checksums of its rows and images.')
    .argument('<files...>', 'files of the dataset (*.qa.jsonl)')
    .requiredOption('--release <version>', 'version of the dataset, for example 1.0')
    .option(
      '-o, --output <file>',
      `manifest file (default: next to the first file, ending in ${FROZEN_SUFFIX})`,
    )
    .option('--json', 'also print the manifest to standard output')
    .addHelpText(
      'after',
      `
Examples:
  chirality data freeze flipped.qa.jsonl --release 1.0
  chirality data check flipped${FROZEN_SUFFIX}

Freezing different content under the same version fails.`,
    )
    .action(later(async () => (await import('./data-freeze.action.ts')).run));
}
