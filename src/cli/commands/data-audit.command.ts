import { later } from '../command-options.ts';
import type { Command } from 'commander';
import { joined } from '../values.ts';

export function addAuditCommand(data: Command): void {
  data
    .command('audit')
    .description('Measure how often answers can be guessed without the image, for originals and mirrors.')
    .argument('<file>', 'dataset in any format that convert reads')
    .option('--train <file>', 'file to learn the common answers from (default: the other rows)')
    .option('--from <format>', 'format of the files, as in chirality convert', 'auto')
    .option('--map <rules>', 'column mapping field=column,…, as in chirality convert', joined)
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
The audit answers each question without its image, with the most common answer to questions that begin the same way.
A score far above chance means that the wording reveals the answer. A lower score on mirrors than on originals means
that the data favours one side. Mirrors come from the file, otherwise from the rules. Rows without a mirror count only
as originals.

Examples:
  chirality data audit train.qa.jsonl
  chirality data audit test.qa.jsonl --train train.qa.jsonl --json`,
    )
    .action(later(async () => (await import('./data-audit.action.ts')).audit));
}
