import { later, withModel, withRuns, withResults, withSet } from '../command-options.ts';
import type { Command } from 'commander';
import { collect, repeated, wholeNumber } from '../values.ts';

/** `chirality inspect row`: where a model looks while it answers a row, in both views. */
export function addInspectRowCommand(program: Command): void {
  const model = withRuns(program.command('row')).argument(
    '<model>',
    'a run, a checkpoint folder or a model folder',
  );
  const command = withSet(model, 'all of them')
    .option('--row <id>', 'the id of a row (default: the first one)')
    .description(
      'Show where a model looks while it answers a row, in the image and in its mirror, and what its layers have read.',
    )
    .option(
      '--query <word>',
      'a word of the question or of what the model writes, whose attention is shown; word#2 is its second occurrence; repeatable',
      collect,
      [],
    )
    .option('--layer <n>', 'only this layer, from 0; repeatable', repeated(wholeNumber), [])
    .option('--heads', 'show every head (default: the mean of a layer’s heads)')
    .option('--relative', 'masses of maps divided by those of a general prompt about the same image')
    .option('--general <prompt>', 'the general prompt of --relative: a file, or a built-in one', 'general')
    .option('--strategy <name>', 'how to ask: a strategy name or file (default: as the run was trained)');
  withModel(withResults(command))
    .addHelpText(
      'after',
      `
Examples:
  chirality inspect row spatial
  chirality inspect row spatial --step best --row worlds-2-17 --query left --heads
  chirality inspect row spatial --set other.qa.jsonl --row worlds-2-17 --json > look.json

The question is answered greedily, as in an evaluation. Attention is a share of everything a token looks at. A map shows
which parts of the image are read, not why: the lines about hidden parts show what the answer loses without them.
Results for a run are stored in its folder, and read from there the next time.`,
    )
    .action(later(async () => (await import('./inspect-row.action.ts')).run));
}
