import { later, withRuns, withSource, withPrinting } from '../command-options.ts';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { PUBLISHED_SETS, type PublishedSet } from '../../core/reports/published/table.ts';
import { collect } from '../values.ts';
import type { Options } from './report.action.ts';

export function addReportCommand(program: Command): void {
  withPrinting(withSource(withRuns(program.command('report'))))
    .argument(
      '[run...]',
      'run names or folders, evaluation folders, card.json files of `benchmark` or acuity.json files of `acuity` (default: every run and every endpoint evaluation)',
    )
    .description('Compare evaluations with each other and with the papers’ published figures.')
    .option('--eval <folder>', 'evaluation folder, for example evals/<id>; repeatable', collect, [])
    .option(
      '--match <set=published>',
      `match one of your sets to a published set: ${Object.keys(PUBLISHED_SETS).join(', ')}; repeatable`,
      asMapping,
      [],
    )
    .addOption(
      new Option('--checkpoints <which>', 'which checkpoints of each run to show')
        .choices(['last', 'best', 'all'])
        .default('last'),
    )
    .option('--metric <name>', 'metric that ranks checkpoints', 'accuracy')
    .option('--base <run>', 'run that relative OOD changes are measured against')
    .option('--published', 'also show tables and claims of the papers for which you have no figures')
    .option('--compare <evaluations...>', 'compare two runs or evaluation folders row by row')
    .option(
      '--main <comparison>',
      'with --compare: main comparison, decided before you look, for example original or val/mirror (default: both)',
    )
    .option('--title <text>', 'title of the report (default: Evaluations, or Acuity)')
    .option('--json', 'same as --format json')
    .addHelpText(
      'after',
      `
Sets named like those of the papers (q-spatial++, cvbench …) are matched without --match.

Examples:
  chirality report
  chirality report spatial given --checkpoints best --metric consistent -o report.html
  chirality report --eval evals/Qwen2.5-VL-3B-val-1a2b3c4d --match val=q-spatial --format latex
  chirality report --compare given spatial -o compare.md
  chirality report lab-a/card.json lab-b/card.json -o cards.html
  chirality report acuity/*/acuity.json -o acuity.html
  chirality report --format csv --table consistency-0 -o consistency.csv`,
    )
    .action(later(async () => (await import('./report.action.ts')).report));
}

function asMapping(value: string, all: Options['match']): Options['match'] {
  const [set, published] = value.split(/=(.*)/s);
  if (!set || !published || !(published in PUBLISHED_SETS))
    throw new InvalidArgumentError(
      `It takes set=name, where name is one of ${Object.keys(PUBLISHED_SETS).join(', ')}.`,
    );
  return [...all, [set, published as PublishedSet]];
}
