import { later } from '../command-options.ts';
import type { Command } from 'commander';
import { addAuditCommand } from './data-audit.command.ts';
import { addFramesCommand } from './data-frames.command.ts';
import { addFreezeCommand } from './data-freeze.command.ts';
import { joined } from '../values.ts';
import { SHOWN } from '../print.ts';

export function addDataCommand(program: Command): void {
  const data = program
    .command('data')
    .description('Check, count, audit and freeze datasets, and extract frames of videos.');
  const reading = (command: Command) =>
    command
      .option('--from <format>', 'format of the files, as in chirality convert', 'auto')
      .option('--map <rules>', 'column mapping field=column,…, as in chirality convert', joined)
      .option('--encoding <name>', 'encoding of a CSV or TSV file (default: detected)')
      .option('--json', 'print one JSON object per line, the summary last');

  reading(data.command('check'))
    .description('List bad rows by file and line, and find rows and images that files share.')
    .argument('[files...]', 'datasets in any format that convert reads (default: standard input)')
    .option('-o, --output <file>', 'output file for the valid rows; requires a single input')
    .option('--images', 'decode every image')
    .option(
      '--sees <family>',
      'family of models; warn if they do not see what a row asks about (docs/what-models-see.md)',
    )
    .option('--image-folder <folder>', 'folder that image paths are relative to (default: the file’s folder)')
    .option('--data-root <folder>', 'read images and frozen files only from this folder')
    .addHelpText(
      'after',
      `
Rows with an error cannot be used; rows with a warning can. The exit code is 1 if there are errors. Warnings include
reference answers that do not fit the question ("Yes" to "how many") or the options; with --images, images that other
programs show otherwise: stored turned or mirrored, with 16 bits or transparent. To find leakage, check the files of all
splits together. The command prints the first ${SHOWN} warnings of each kind per file.

Examples:
  chirality data check train.qa.jsonl
  chirality data check train.qa.jsonl val.qa.jsonl test.qa.jsonl --images
  chirality data check train.qa.jsonl --sees llava-1.5
  chirality data check raw.qa.jsonl -o good.qa.jsonl
  chirality data check flipped.frozen.json
  chirality data check SAT_val.parquet --json | jq -c 'select(.severity == "error")'`,
    )
    .action(later(async () => (await import('./data.action.ts')).check));

  addFreezeCommand(data);
  addFramesCommand(data);
  addAuditCommand(data);

  reading(data.command('stats'))
    .description('Count tasks, question types, answers, images, repeated rows and known traps.')
    .argument('[files...]', 'datasets in any format that convert reads (default: standard input)')
    .addHelpText(
      'after',
      `
Examples:
  chirality data stats train.qa.jsonl
  chirality data stats train.qa.jsonl test.qa.jsonl --json`,
    )
    .action(later(async () => (await import('./data.action.ts')).stats));
}
