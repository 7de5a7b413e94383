import { later } from '../command-options.ts';
import type { Command } from 'commander';

/** `chirality review merge`: merges files that people annotated separately. */
export function addReviewMergeCommand(review: Command): void {
  review
    .command('merge')
    .description('Merge files that several people annotated separately, row by row.')
    .argument('<files...>', 'the same rows, annotated by different people (*.qa.jsonl)')
    .requiredOption('-o, --output <file>', 'where to write the rows, next to the first file')
    .option('--base <file>', 'the file that everyone started from: accepts changes that only one person made')
    .option('--json', 'print one JSON object per row that waits, the summary last')
    .addHelpText(
      'after',
      `
Examples:
  chirality review merge mira.qa.jsonl jon.qa.jsonl --base data.qa.jsonl -o merged.qa.jsonl
  chirality review merged.qa.jsonl --where 'people = disagree' --list

All decisions are kept. Where reviewers disagree, or fields differ, the row waits: settle it in the annotation editor,
or with chirality review --settle. See docs/review.md.`,
    )
    .action(later(async () => (await import('./review-merge.action.ts')).merge));
}
