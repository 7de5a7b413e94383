import { later, withRewriter } from '../command-options.ts';
import type { Command } from 'commander';
import { POLARITY } from '../../rows/view-list.ts';

/**
 * `chirality view polarity`: adds the polarity flip of every row, by rules, or by a language model for rows that the rules
 * defer.
 */
export function addPolarityCommand(program: Command): void {
  const command = program
    .command('polarity')
    .description(
      'Add the opposite question and answer (variants.polarity) to every row, by rules and optionally a language model.',
    )
    .argument('[file]', 'rows to flip (*.qa.jsonl) (default: standard input)')
    .option('-o, --output <file>', 'output file (default: standard output)')
    .option('--ties-excluded', 'assume that the things a question compares are never equal')
    .option('--explain', 'explain on standard error what happened to each row and why')
    .option('--json', 'print the summary as JSON');
  withRewriter(command, POLARITY)
    .addHelpText(
      'after',
      `
Examples:
  chirality view polarity cvbench.qa.jsonl -o flipped.qa.jsonl
  chirality view polarity sat.qa.jsonl --ties-excluded --explain > /dev/null
  head -100 data.qa.jsonl | chirality view polarity --json > /dev/null

The image stays; "closer to" becomes "farther from" and the answer changes with it. Rows whose opposite cannot be
derived become needs_info, needs_llm or not_applicable and are never evaluated on (docs/polarity.md). With --llm, a
language model rewrites needs_llm rows; rewrites that no scene graph proves wait for chirality review --view polarity
(docs/review.md). Rows that have been reviewed stay unchanged.
The summary goes to standard error.`,
    )
    .action(later(async () => (await import('./view-polarity.action.ts')).polarity));
}
