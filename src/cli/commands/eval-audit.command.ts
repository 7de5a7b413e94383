import { later } from '../command-options.ts';
import type { Command } from 'commander';
import { atLeastOne, wholeNumber } from '../values.ts';

/** `chirality eval audit`: estimates the metrics of an evaluation from human ratings. */
export function addEvalAuditCommand(command: Command): void {
  command
    .command('audit')
    .description('Rate a random sample of the answers of an evaluation, for unbiased metrics.')
    .argument('<evaluations...>', 'one evaluation folder or run, or two to estimate their difference')
    .option(
      '--sample <n>',
      'number of answers to rate; a larger number continues in the same order',
      atLeastOne,
      40,
    )
    .option('--person <name>', 'your name, stored with your ratings (default: your account name)')
    .option('--seed <n>', 'random seed of the sample (default: 0)', wholeNumber)
    .option('--set <name>', 'evaluation set to rate')
    .option('--list', 'print the sample for rating elsewhere, one JSON object per answer')
    .option(
      '--answers <file>',
      '*.jsonl or *.csv file of ratings to import: the listed rows with a "verdict"',
    )
    .option('--json', 'print the estimates as JSON')
    .addHelpText(
      'after',
      `
The sample is drawn at random from each verdict of the rules (right, wrong, unparsed, not scored), which you do not see.
Keys: r right, w wrong, c cannot tell, a show the whole completion, p write the image as the model saw it, u undo,
s skip, q quit. The command saves each rating in audit.jsonl at once, and continues where you stopped.

Examples:
  chirality eval audit evals/qwen-direct-val-1a2b3c4d
  chirality eval audit spatial --sample 100 --person mira
  chirality eval audit evals/a evals/b --sample 80
  chirality eval audit evals/a --list > judge.jsonl
  chirality eval audit evals/a --answers judged.jsonl --person mira --json

See docs/label-quality.md.`,
    )
    .action(later(async () => (await import('./eval-audit.action.ts')).audit));
}
