import { later, withRuns } from '../command-options.ts';
import type { Command } from 'commander';
import { atLeastOne, share } from '../values.ts';

/** `chirality suspects`: which labels of a dataset to doubt. */
export function addSuspectsCommand(program: Command): void {
  withRuns(program.command('suspects'))
    .argument('<evaluations...>', 'folders of evaluations, or runs; each is one model')
    .description('Rank the rows whose label models contradict in several views.')
    .option('--set <name>', 'rows of this set only')
    .option('--limit <n>', 'maximum number of rows to list', atLeastOne, 20)
    .option('--min <share>', 'minimum share of a row’s answers that contradict its label', share, 0.75)
    .option(
      '-o, --output <file>',
      'write all such rows to this file, as --json prints them, for the editor to list',
    )
    .option('--json', 'print one JSON object per row, the summary last')
    .addHelpText(
      'after',
      `
A guess that models share rarely turns with the image: if their answers contradict the label in the original and, read
back, in the mirror, the label may be wrong, or all models err alike. Nothing is changed: look at the image before you
correct a row. Evaluate on several views (\`chirality eval … --views\`), and pass several models: one says far less.

Examples:
  chirality suspects spatial given
  chirality suspects evals/* --min 0.9 --limit 50
  chirality suspects evals/* --set cups -o cups.suspects.jsonl   # Annotate lists them in cups.qa.jsonl
  chirality suspects evals/a evals/b --json | jq -r 'select(.rank <= 40) | .id'

See docs/suspects.md.`,
    )
    .action(later(async () => (await import('./suspects.action.ts')).suspects));
}
