import { later } from '../command-options.ts';
import type { Command } from 'commander';

const HELP = `
Tables show shares in percent; --json has them as 0–1. n is the number of rows a value averages. Unparsed rows count as
wrong where n is all rows; sMAPE and the windows average parsed rows only. chance is the score of guessing. Intervals
are 95%, by image: Wilson's for shares, Student's t over images for other figures and for differences.

--by takes a field of the rows (task, set, view, source, meta.question_type …), or "kind" to separate general from
spatial questions. --against compares with another run on the same rows. --ood pairs rows with their changed form
(a polarity flip) in another file. A file with several views has the figures of each view, and with flips the gap, too.
Rows with more views than original, mirror and opposite get the matrix of their views (docs/views.md).

Examples:
  chirality metrics scored.jsonl
  chirality metrics scored.jsonl --by meta.task --json
  chirality metrics grpo.jsonl --against sft.jsonl
  chirality metrics cvbench.jsonl --ood cvbench-flipped.jsonl`;

export function addMetricsCommand(program: Command): void {
  program
    .command('metrics')
    .description('Print the metrics of scored rows, with denominators, unparsed rows and chance.')
    .argument(
      '[scored]',
      'JSON lines from `chirality score`; unscored rows are scored first (default: standard input)',
    )
    .option('--by <field>', 'print one table per value of this field')
    .option('--against <file>', 'print paired differences: this run minus the run in this file')
    .option('--ood <file>', 'print the gap and inversion rate against the same questions in another form')
    .option('--json', 'print everything as JSON')
    .addHelpText('after', HELP)
    .action(later(async () => (await import('./metrics.action.ts')).metrics));
}
