import { later } from '../command-options.ts';
import type { Command } from 'commander';
import { FROZEN_SUFFIX } from '../../lab/datasets/data-file.ts';

/** `chirality data freeze`: gives a data set a version and checksums. */
export function addFreezeCommand(data: Command): void {
  data
    .command('freeze')
    .description('Give a data set a version, with checksums of its rows and pictures.')
    .argument('<files...>', 'files of the data set (*.qa.jsonl)')
    .requiredOption('--release <version>', 'version of the data set, for example 1.0')
    .option(
      '-o, --output <file>',
      `where to write the manifest (default: beside the first file, ending in ${FROZEN_SUFFIX})`,
    )
    .option('--json', 'also print the manifest to standard output')
    .addHelpText(
      'after',
      `
Examples:
  chirality data freeze flipped.qa.jsonl --release 1.0
  chirality data check flipped${FROZEN_SUFFIX}

A frozen version never changes: freezing different content under the same version fails.`,
    )
    .action(later(async () => (await import('./data-freeze.action.ts')).run));
}
