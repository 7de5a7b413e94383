import { later, VIEWS, STEP, STRATEGY, withInsight } from '../command-options.ts';
import type { Command } from 'commander';
import { PAIR } from '../../rows/view-list.ts';
import { collect, oneOf, repeated, wholeNumber } from '../values.ts';
import type { Hidden } from '../../lab/insight/look-at-set.ts';

/** What can be hidden from the model. */
const HIDDEN: readonly Hidden[] = ['picture', 'graph', 'question'];

/** Queries whose attention can be printed; the results contain all queries. */
const QUERIES = ['answer', 'last', 'first named', 'second named'];

/** `chirality inspect attention`: where a model looks while it answers the rows of a set, in all their views. */
export function addInspectAttentionCommand(program: Command): void {
  withInsight(program.command('attention'), '<models...>')
    .description(
      'Show where a model looks while it answers a set of rows, in the images and in their mirrors.',
    )
    .option(STEP[0], `${STEP[1]}; repeat it to compare checkpoints (default: last)`, collect, [])
    .option(STRATEGY[0], `${STRATEGY[1]}; repeat it to compare strategies (default: trained)`, collect, [])
    .option(...VIEWS, [...PAIR])
    .option('--layer <n>', 'only this layer, from 0; repeatable', repeated(wholeNumber), [])
    .option(
      '--hide <what>',
      `also measure the answer with this hidden: ${HIDDEN.join(', ')}; repeatable`,
      repeated(oneOf(HIDDEN)),
      [],
    )
    .option(
      '--query <name>',
      `whose attention to print: ${QUERIES.join(', ')}; repeatable (default: answer)`,
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

Every row is answered greedily, as in an evaluation. Figures are means over rows, with 95% intervals by image: the
share of attention on the image; of that, the share on the objects that the question names (with lift: 1 is chance);
on parts of the text; and the log-odds of the right answer by layer. For counting rows: the share on the counted things,
for answers that are right, off by one, and wrong. Several models, checkpoints or strategies are compared with the
first, row by row.
After an interruption, the same command continues where it stopped (docs/insight.md).`,
    )
    .action(later(async () => (await import('./inspect-attention.action.ts')).run));
}
