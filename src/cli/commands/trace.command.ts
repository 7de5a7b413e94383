import { later, withRuns, withSource, withChoices } from '../command-options.ts';
import type { Command } from 'commander';
import { TRACE_FIELDS } from '../../core/run-data/trace-fields.ts';
import { listPairs } from '../../lab/operations/pairs.ts';
import { withInput } from '../operation-command.ts';
import { wholeNumber } from '../values.ts';

const FIELD_NAMES = TRACE_FIELDS.map(({ name }) => name);

export function addTraceCommand(program: Command) {
  const command = withInput(
    withChoices(withSource(withRuns(program.command('trace')))),
    listPairs,
    'print the stored trace as JSON; for a list, one summary per line',
  )
    .argument('<run>', 'run, evaluation in evals/, or folder of an external run')
    .description('Show both groups of completions of a pair, with rewards, coupling and advantages.')
    .option('--step <n>', 'optimiser step (default: the last traced step)', wholeNumber)
    .option(
      '--pair <n>',
      'number of the pair in the step or evaluation, from 0 (default: list the pairs)',
      wholeNumber,
    )
    .option(
      '--what-if <settings>',
      'settings to recompute --step or the whole run with, for example eta=2,scope=pair',
    )
    .option('--figure <file>', '.svg file to write the --pair as a figure to')
    .option(
      '--beside <evaluations...>',
      'runs (their newest evaluation) or evaluation folders with answers to add to the --figure',
    )
    .option(
      '--data-root <folder>',
      'for --figure: folder that image paths are relative to (default: the recorded folder, if it is inside the current folder)',
    )
    .option('--sees <family>', 'for --figure: model family whose view is drawn over the images')
    .option('--short', 'with --pair and --json, shorten long texts to about 8,000 characters in total')
    .addHelpText(
      'after',
      `
--what-if accepts the settings of coupling, advantages and dynamic_sampling by name or path, and weights by the name of
the reward part. It applies the code of the trainer to the stored rewards; the completions stay the same.

--where accepts comparisons with and, or, not and parentheses; a single word is a text search (docs/reference.md). Fields
for --where and --sort: ${FIELD_NAMES.slice(0, 11).join(', ')},
${FIELD_NAMES.slice(11).join(', ')}.

Examples:
  chirality trace demo --where "verdict = only_original" --sort delta --descending --limit 10
  chirality trace demo --step 12 --pair 3
  chirality trace demo --eval step-000050 --pair 3
  chirality trace spatial --eval step-000050 --pair 3 --beside given --figure pair.svg
  chirality trace demo --json | jq .effect
  chirality trace demo --what-if eta=2,scope=pair
  chirality trace demo --step 12 --what-if threshold=0.7,semantic=1`,
    );
  command.action(later(async () => (await import('./trace.action.ts')).trace));
  return command;
}
