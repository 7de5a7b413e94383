import { later } from '../command-options.ts';
import { wholeNumber } from '../values.ts';
import { Option, type Command } from 'commander';
import { REVIEW_FIELDS } from '../../core/annotation/review-table.ts';
import { addReviewMergeCommand } from './review-merge.command.ts';
import { MIRROR, VARIANT_NAMES } from '../../rows/view-list.ts';

/** `chirality review`: the user decides about rewrites. */
export function addReviewCommand(program: Command): void {
  const command = program
    .command('review')
    .description(
      'Accept, edit or discard rewritten rows, with single keys in a terminal or by id in a script.',
    )
    .argument('<file>', 'rows with variants (*.qa.jsonl); decisions are saved in this file')
    .addOption(new Option('--view <name>', 'which rewrite to review').choices(VARIANT_NAMES).default(MIRROR))
    .option('--where <filter>', 'select rows (default in a terminal: those that await review)')
    .option('--accept <id...>', 'accept these rows')
    .option(
      '--although <check...>',
      'checks that --accept overrules, such as side_changed; the row keeps their names',
    )
    .option('--discard <id...>', 'discard these rows')
    .option('--reopen <id...>', 'return these rows to the queue')
    .option('--edit <id=json...>', 'replace a row’s texts: {"question", "answer", "reasoning", "choices"}')
    .option('--settle <id=name...>', 'where reviewers disagree, use this reviewer’s decision')
    .option('--note <text>', 'reason, stored with the decision')
    .option('--by <name>', 'your name; every reviewer’s decision is kept (default: your account name)')
    .option('--list', 'list the rows instead of asking, even in a terminal')
    .option('--limit <n>', 'with --list or --json, maximum number of rows to list', wholeNumber)
    .option('--json', 'print one JSON object per row, the summary last')
    .addHelpText(
      'after',
      `
Examples:
  chirality review mirrored.qa.jsonl
  chirality review mirrored.qa.jsonl --where 'state = pending and check contains yes_no_kept'
  chirality review mirrored.qa.jsonl --where 'route = llm and status = flipped' --list
  chirality review mirrored.qa.jsonl --accept vsr-12 vsr-40 --discard vsr-13 --by mira
  chirality review mirrored.qa.jsonl --edit 'vsr-14={"answer": "Yes"}' --note 'the cup is on the right'

Filters (docs/query.md) use ${REVIEW_FIELDS.map(({ name }) => name).join(', ')}, or plain text.
All other bytes of the file stay as they are. See docs/review.md.`,
    )
    .action(later(async () => (await import('./review.action.ts')).review));
  addReviewMergeCommand(command);
}
