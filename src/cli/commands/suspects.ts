import { later, withRuns } from '../options.ts';
import type { Command } from 'commander';
import { atLeastOne, share } from '../values.ts';

/** `chirality suspects`: which labels of a data set are probably wrong. */
export function addSuspectsCommand(program: Command): void {
  withRuns(program.command('suspects'))
    .argument('<evaluations...>', 'folders of evaluations, or runs; each is one model')
    .description('List the rows whose reference is probably wrong, by what models answered in several views.')
    .option('--set <name>', 'rows of this set only')
    .option('--limit <n>', 'maximum number of rows to list', atLeastOne, 20)
    .option('--min <p>', 'list rows whose label is wrong with at least this probability', share, 0.5)
    .option(
      '-o, --output <file>',
      'write all such rows to this file, as --json prints them, for the editor to list',
    )
    .option('--json', 'print one JSON object per row, the fit last')
    .addHelpText(
      'after',
      `
A guess that models share rarely turns with the picture: if their answers contradict the label in the original and, read
back, in the mirror, the label is probably wrong. Nothing is changed: look at the picture before you correct a row.
Evaluate on several views (\`chirality eval … --views\`), and give several models: one says far less.

Examples:
  chirality suspects spatial given
  chirality suspects evals/* --min 0.8 --limit 50
  chirality suspects evals/* --set cups -o cups.suspects.jsonl   # Annotate lists them in cups.qa.jsonl
  chirality suspects evals/a evals/b --json | jq -r 'select(.probability > 0.9) | .id'

See docs/suspects.md.`,
    )
    .action(later(async () => (await import('./suspects.action.ts')).suspects));
}
