import { later } from '../command-options.ts';
import type { Command } from 'commander';

/** `chirality review merge`: merges files that people annotated separately. */
export function addReviewMergeCommand(review: Command): void {
  review
    .command('merge')
    .description('Merge files that several reviewers annotated separately, row by row.')
    .argument('<files...>', '*.qa.jsonl files of the same rows, annotated by different reviewers')
    .requiredOption('-o, --output <file>', 'output file, in the folder of the first file')
    .option('--base <file>', 'common original of the files; accepts changes that only one reviewer made')
    .option('--json', 'print one JSON object per row to settle, the summary last')
    .addHelpText(
      'after',
      `
Examples:
  chirality review merge mira.qa.jsonl jon.qa.jsonl --base data.qa.jsonl -o merged.qa.jsonl
  chirality review merged.qa.jsonl --where 'people = disagree' --list

The merged file keeps all decisions. If reviewers disagree or fields differ, settle the row in the annotation editor or
with chirality review --settle. See docs/annotate.md.`,
    )
    .action(later(async () => (await import('./review-merge.action.ts')).merge));
}
