import { later } from '../command-options.ts';
import { wholeNumber } from '../values.ts';
import { Option, type Command, type CommandUnknownOpts } from 'commander';
import { REVIEW_FIELDS } from '../../core/annotation/review-table.ts';
import { MIRROR, VARIANT_NAMES } from '../../rows/view-list.ts';

/** `chirality review`: records a user's decisions about rewrites. */
export function addReviewCommand(program: Command) {
  const command = program
    .command('review')
    .description('List rewritten rows that await review, and accept, edit or discard rows by id.')
    .argument('<file>', '*.qa.jsonl file of rows with variants, where decisions are saved')
    .addOption(new Option('--view <name>', 'view to review').choices(VARIANT_NAMES).default(MIRROR))
    .option('--where <filter>', 'filter of the listed rows (default: rows that await review)')
    .option('--accept <id...>', 'accept these rows')
    .option(
      '--although <check...>',
      'failed checks that --accept overrides, for example side_changed; stored in the row',
    )
    .option('--discard <id...>', 'discard these rows')
    .option('--reopen <id...>', 'return these rows to the queue')
    .option(
      '--edit <id=json...>',
      'replacement texts of a row: {"question", "answer", "reasoning", "choices"}',
    )
    .option('--settle <id=name...>', 'reviewer with the decision to use, for a row with disagreement')
    .option('--note <text>', 'reason to store with the decision')
    .option('--by <name>', 'your name, stored with the decision (default: your account name)')
    .option('--limit <n>', 'maximum number of rows to list', wholeNumber)
    .option('--json', 'print one JSON object per row, the summary last')
    .addHelpText(
      'after',
      `
Examples:
  chirality review mirrored.qa.jsonl
  chirality review mirrored.qa.jsonl --where 'state = pending and check contains yes_no_kept'
  chirality review mirrored.qa.jsonl --where 'route = llm and status = flipped'
  chirality review mirrored.qa.jsonl --accept vsr-12 vsr-40 --discard vsr-13 --by mira
  chirality review mirrored.qa.jsonl --edit 'vsr-14={"answer": "Yes"}' --note 'the cup is on the right'

Filters (docs/reference.md) use ${REVIEW_FIELDS.map(({ name }) => name).join(', ')}, or plain text.
The command changes only the decisions in the file. To see the images, review the rows in VS Code (docs/annotate.md).`,
    );
  command.action(later(async () => (await import('./review.action.ts')).review));
  addReviewMergeCommand(command);
  return command;
}

/** `chirality review merge`: merges files that people annotated separately. */
export function addReviewMergeCommand(review: CommandUnknownOpts) {
  const command = review
    .command('merge')
    .description('Merge files that several reviewers annotated separately, row by row.')
    .argument('<files...>', '*.qa.jsonl files of the same rows, annotated by different reviewers')
    .requiredOption('-o, --output <file>', 'output file, in the folder of the first file')
    .option('--base <file>', 'common original of the files; accepts changes that only one reviewer made')
    .option('--json', 'print one JSON object per row to resolve, the summary last')
    .addHelpText(
      'after',
      `
Examples:
  chirality review merge mira.qa.jsonl jon.qa.jsonl --base data.qa.jsonl -o merged.qa.jsonl
  chirality review merged.qa.jsonl --where 'people = disagree'

The merged file keeps all decisions. If reviewers disagree or fields differ, resolve the row in the annotation editor or
with chirality review --settle. See docs/annotate.md.`,
    );
  command.action(later(async () => (await import('./review-merge.action.ts')).merge));
  return command;
}
