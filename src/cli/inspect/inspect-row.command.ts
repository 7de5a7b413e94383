import { later, MODEL_HELP, withModel, withRuns, withResults, withSet } from '../command-options.ts';
import type { Command } from 'commander';
import { collect, repeated, wholeNumber } from '../values.ts';

/** `chirality inspect row`: shows where a model attends while it answers a row, in both views. */
export function addInspectRowCommand(program: Command) {
  const model = withRuns(program.command('row')).argument('<model>', MODEL_HELP);
  const plain = withSet(model, 'all sets')
    .option('--row <id>', 'id of the row (default: the first row)')
    .description(
      'Show the attention and logit lens of a model while it answers a row, in the image and its mirror.',
    )
    .option(
      '--query <word>',
      'word in the question or completion to show the attention of; word#2 is the second occurrence; repeatable',
      collect,
      [],
    )
    .option(
      '--layer <n>',
      'layer to show, from 0; repeatable (default: all layers)',
      repeated(wholeNumber),
      [],
    )
    .option('--heads', 'show every head (default: the mean of a layer’s heads)')
    .option('--relative', 'divide the attention by the attention of a general prompt about the same image')
    .option('--general <prompt>', 'general prompt for --relative: a file or a built-in name', 'general')
    .option('--strategy <name>', 'prompting strategy: a name or a file (default: the one used in training)');
  const command = withModel(withResults(plain)).addHelpText(
    'after',
    `
Examples:
  chirality inspect row spatial
  chirality inspect row spatial --step best --row worlds-2-17 --query left --heads
  chirality inspect row spatial --set other.qa.jsonl --row worlds-2-17 --json > look.json

The answer uses greedy decoding, as in an evaluation. Attention is a share of the total attention of a token. Maps show
the image parts that the model reads, not the reason. The lines about hidden parts show the effect of hiding them. Results
for a run are stored in its folder and reused.`,
  );
  command.action(later(async () => (await import('./inspect-row.action.ts')).run));
  return command;
}
