import { later } from '../command-options.ts';
import type { Command } from 'commander';

const HELP = `
Tables show shares in percent; --json prints shares from 0 to 1. n is the number of rows in an average. Unparsed rows
count as wrong, except for sMAPE and the windows, which average parsed rows only. Intervals are 95% and clustered by
image: Wilson for shares, Student's t for other metrics and for differences.

--by accepts a field of the rows (task, set, view, source, meta.question_type …), or "kind" for general and spatial
questions. --against compares with another run on the same rows. --ood pairs rows with their changed form, for example
opposite questions, in another file. Files with several views have metrics per view. Rows with more views than original,
mirror and opposite have a view matrix (docs/views.md).

Examples:
  chirality metrics scored.jsonl
  chirality metrics scored.jsonl --by meta.task --json
  chirality metrics grpo.jsonl --against sft.jsonl
  chirality metrics cvbench.jsonl --ood cvbench-flipped.jsonl`;

export function addMetricsCommand(program: Command) {
  const command = program
    .command('metrics')
    .description('Print the metrics of scored rows, with denominators, unparsed rows and chance.')
    .argument(
      '[scored]',
      'JSON Lines from `chirality score`, or an evaluation folder; unscored rows are scored first (default: standard input)',
    )
    .option('--by <field>', 'field to group by, with one table per value')
    .option(
      '--against <file>',
      'file of another run; print paired differences (this run minus the other run)',
    )
    .option('--ood <file>', 'file with changed questions; print the gap and inversion rate')
    .option('--json', 'print all metrics as JSON')
    .addHelpText('after', HELP);
  command.action(later(async () => (await import('./metrics.action.ts')).metrics));
  return command;
}
