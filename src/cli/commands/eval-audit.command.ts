import { later } from '../command-options.ts';
import type { Command } from 'commander';
import { atLeastOne, wholeNumber } from '../values.ts';

/** `chirality eval audit`: the user judges answers, and the figures of an evaluation are estimated from that. */
export function addEvalAuditCommand(command: Command): void {
  command
    .command('audit')
    .description('Judge a random sample of an evaluation’s answers with single keys, for unbiased figures.')
    .argument('<evaluations...>', 'an evaluation’s folder or a run; two, to estimate their difference')
    .option(
      '--sample <n>',
      'how many answers to judge; a larger number later continues in the same order',
      atLeastOne,
      40,
    )
    .option('--person <name>', 'your name; every reviewer’s judgements are kept (default: your account name)')
    .option('--seed <n>', 'seed of the order in which answers are drawn (default: 0)', wholeNumber)
    .option('--set <name>', 'judge the rows of this set only')
    .option('--list', 'print the sample, one JSON object per answer, to be judged elsewhere')
    .option(
      '--answers <file>',
      'take judgements from a file (*.jsonl or *.csv): the listed rows with a "verdict"',
    )
    .option('--json', 'print the estimates as JSON')
    .addHelpText(
      'after',
      `
Answers are drawn at random within what the rules call right, wrong, unparsed and not scored; you are not told which.
Keys: r right, w wrong, c cannot tell, a whole completion, p writes the image as the model saw it, u undo, s skip, q
quit. Every judgement is saved at once in the evaluation's audit.jsonl; the same command continues where you stopped.

Examples:
  chirality eval audit evals/qwen-direct-val-1a2b3c4d
  chirality eval audit spatial --sample 100 --person mira
  chirality eval audit evals/a evals/b --sample 80
  chirality eval audit evals/a --list > judge.jsonl
  chirality eval audit evals/a --answers judged.jsonl --person mira --json

See docs/audit.md.`,
    )
    .action(later(async () => (await import('./eval-audit.action.ts')).audit));
}
