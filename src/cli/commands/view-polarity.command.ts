import { later, withRewriter } from '../command-options.ts';
import type { Command } from 'commander';
import { POLARITY } from '../../rows/view-list.ts';

/**
 * `chirality view polarity`: adds the opposite question to every row, by rules, or by a language model for deferred
 * rows.
 */
export function addPolarityCommand(program: Command) {
  const plain = program
    .command('polarity')
    .description(
      'Add the opposite question and answer (variants.polarity) to every row, with rules and optionally a language model.',
    )
    .argument('[file]', '*.qa.jsonl file (default: standard input)')
    .option('-o, --output <file>', 'output file (default: standard output)')
    .option('--ties-excluded', 'assume that compared values are never equal')
    .option('--explain', 'print the change of each row and its reason to standard error')
    .option('--json', 'print the summary as JSON');
  const command = withRewriter(plain, POLARITY).addHelpText(
    'after',
    `
Examples:
  chirality view polarity cvbench.qa.jsonl -o flipped.qa.jsonl
  chirality view polarity sat.qa.jsonl --ties-excluded --explain > /dev/null
  head -100 data.qa.jsonl | chirality view polarity --json > /dev/null

The image stays the same; "closer to" becomes "farther from", and the answer changes accordingly. Rows without a derived
opposite become needs_info, needs_llm or not_applicable and are never evaluated (docs/rewriting-rules.md). With --llm, a
language model rewrites needs_llm rows. Rewrites without proof by a scene graph wait for chirality review --view polarity
(docs/annotate.md). Reviewed rows stay unchanged. The summary is written to standard error.`,
  );
  command.action(later(async () => (await import('./view-polarity.action.ts')).polarity));
  return command;
}
