import { later, MODEL_HELP, VIEWS, STEP, STRATEGY, withInsight } from '../command-options.ts';
import type { Command } from 'commander';
import { PAIR } from '../../rows/view-list.ts';
import { collect, oneOf, repeated, wholeNumber } from '../values.ts';
import type { Hidden } from '../../lab/insight/look-at-set.ts';

/** Parts of the input that the analysis can hide from the model. */
const HIDDEN: readonly Hidden[] = ['picture', 'graph', 'question'];

/** Queries whose attention the command can print; the results contain all queries. */
const QUERIES = ['answer', 'last', 'first named', 'second named'];

/** `chirality inspect attention`: where a model attends while it answers the rows of an evaluation set, by view. */
export function addInspectAttentionCommand(program: Command) {
  const command = withInsight(program.command('attention'))
    .argument('<models...>', MODEL_HELP)
    .description('Measure the attention of models while they answer a set of rows, in images and mirrors.')
    .option(STEP[0], `${STEP[1]}; repeat it to compare checkpoints (default: last)`, collect, [])
    .option(STRATEGY[0], `${STRATEGY[1]}; repeat it to compare strategies (default: trained)`, collect, [])
    .option(...VIEWS, [...PAIR])
    .option(
      '--layer <n>',
      'layer to measure, from 0; repeatable (default: all layers)',
      repeated(wholeNumber),
      [],
    )
    .option(
      '--hide <what>',
      `part of the input to hide in an extra measurement: ${HIDDEN.join(', ')}; repeatable`,
      repeated(oneOf(HIDDEN)),
      [],
    )
    .option(
      '--query <name>',
      `query to print the attention of: ${QUERIES.join(', ')}; repeatable (default: answer)`,
      repeated(oneOf(QUERIES)),
      [],
    )
    .addHelpText(
      'after',
      `
Examples:
  chirality inspect attention spatial --hide picture
  chirality inspect attention spatial --limit 100 --layer 2 --layer 3 --json > insight.json
  chirality inspect attention spatial --step 40 --step last
  chirality inspect attention before after --set val.qa.jsonl
  chirality inspect attention spatial --format latex > insight.tex
  chirality inspect attention qwen --set val.qa.jsonl --strategy direct --strategy scene-graph --hide picture --hide graph

Answers use greedy decoding, as in an evaluation. Values are means over rows, with 95% intervals by image:
  attention on the image, and the share of it on the named objects (a lift of 1 is chance)
  attention on parts of the text
  log-odds of the correct answer by layer
  for counting rows, attention on the counted objects for answers that are right, off by one, and wrong

The command compares several models, checkpoints or strategies with the first one, row by row.
After an interruption, the same command continues where it stopped (docs/interpretability.md).`,
    );
  command.action(later(async () => (await import('./inspect-attention.action.ts')).run));
  return command;
}
