import { later, withRuns } from '../command-options.ts';
import type { Command } from 'commander';
import { atLeastOne, share } from '../values.ts';

/** `chirality suspects`: likely label errors of a dataset. */
export function addSuspectsCommand(program: Command) {
  const command = withRuns(program.command('suspects'))
    .argument('<evaluations...>', 'evaluation folders or runs, one per model')
    .description('Rank likely label errors: rows whose label models contradict in several views.')
    .option('--set <name>', 'evaluation set to rank')
    .option('--limit <n>', 'maximum number of rows to list', atLeastOne, 20)
    .option('--min <share>', 'minimum share of a row’s answers that contradict its label', share, 0.75)
    .option('-o, --output <file>', 'file for all likely label errors, as printed by --json, for the editor')
    .option('--json', 'print one JSON object per row, the summary last')
    .addHelpText(
      'after',
      `
A response bias rarely follows the image. If answers contradict the label in the original and, mapped back, in the
mirror, the label might be wrong. The command changes no rows: look at the image before you correct one. For strong
evidence, evaluate several models on several views (\`chirality eval … --views\`).

Examples:
  chirality suspects spatial given
  chirality suspects evals/* --min 0.9 --limit 50
  chirality suspects evals/* --set cups -o cups.suspects.jsonl   # Annotate lists them in cups.qa.jsonl
  chirality suspects evals/a evals/b --json | jq -r 'select(.rank <= 40) | .id'

See docs/label-quality.md.`,
    );
  command.action(later(async () => (await import('./suspects.action.ts')).suspects));
  return command;
}
