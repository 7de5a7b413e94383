import { later, withRuns, withSource, withChoices } from '../command-options.ts';
import type { Command } from 'commander';
import { TRACE_FIELDS } from '../../core/run-data/trace-fields.ts';
import { wholeNumber } from '../values.ts';

const FIELD_NAMES = TRACE_FIELDS.map(({ name }) => name);

export function addTraceCommand(program: Command): void {
  withChoices(withSource(withRuns(program.command('trace'))))
    .argument(
      '<run>',
      'run name or folder; also an evaluation in evals/, or a folder that another trainer wrote',
    )
    .description(
      'Show what happened to a pair: both groups of completions, rewards, coupling and advantages.',
    )
    .option('--step <n>', 'optimiser step (default: the last traced one)', wholeNumber)
    .option(
      '--pair <n>',
      'number of the pair in the step or the evaluation, from 0; without it, the pairs are listed',
      wholeNumber,
    )
    .option(
      '--what-if <settings>',
      'recompute with other settings, for example eta=2,scope=pair, for --step or the whole run',
    )
    .option('--where <filter>', 'list the pairs that match a filter, for example "reward < 0.3 and not kept"')
    .option('--text <text>', 'list the pairs with this text in a question, answer or completion')
    .option('--sort <field>', 'list the pairs sorted by this field, smallest first')
    .option('--descending', 'sort largest first')
    .option('--limit <n>', 'maximum number of pairs to list; 0 for all', wholeNumber)
    .option('--eval <id>', 'show the rows of an evaluation instead of the traces')
    .option('--figure <file>', 'with --pair, write the pair as a figure for a paper: .svg, .pdf or .tex')
    .option(
      '--beside <evaluations...>',
      'with --figure, also show the answers of these runs (their newest evaluation) or evaluation folders',
    )
    .option(
      '--data-root <folder>',
      'with --figure, the folder that images are relative to (default: the recorded one, if it is inside this folder)',
    )
    .option(
      '--short',
      'with --pair and --json, print at most about 8,000 characters: long texts are cut in the middle',
    )
    .option('--json', 'print the stored trace as JSON; for a list, one summary per line')
    .addHelpText(
      'after',
      `
--what-if takes any setting of coupling, advantages and dynamic_sampling by name or path, and weights by the name of the
reward part. It applies the trainer's own code to the stored rewards; the completions stay the same.

--where takes comparisons joined by and, or, not and parentheses; a bare word is a text search (docs/query.md). Fields
for --where and --sort: ${FIELD_NAMES.slice(0, 11).join(', ')},
${FIELD_NAMES.slice(11).join(', ')}.

Examples:
  chirality trace demo --where "verdict = only_original" --sort delta --descending --limit 10
  chirality trace demo --step 12 --pair 3
  chirality trace demo --eval step-000050 --pair 3
  chirality trace spatial --eval step-000050 --pair 3 --beside given --figure pair.pdf
  chirality trace demo --json | jq .effect
  chirality trace demo --what-if eta=2,scope=pair
  chirality trace demo --step 12 --what-if threshold=0.7,semantic=1`,
    )
    .action(later(async () => (await import('./trace.action.ts')).trace));
}
