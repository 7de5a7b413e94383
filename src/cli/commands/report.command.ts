import { later, withRuns, withSource, withPrinting } from '../command-options.ts';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { PUBLISHED_SETS, type PublishedSet } from '../../core/reports/published/table.ts';
import { collect } from '../values.ts';

export function addReportCommand(program: Command) {
  const command = withPrinting(withSource(withRuns(program.command('report'))))
    .argument(
      '[run...]',
      'runs, evaluation folders, card.json files of `benchmark` or acuity.json files of `acuity` (default: all runs and endpoint evaluations)',
    )
    .description('Compare evaluations with each other and with published results.')
    .option('--eval <folder>', 'evaluation folder, for example evals/<id>; repeatable', collect, [])
    .option(
      '--match <set=published>',
      `evaluation set and the published set to match it with: ${Object.keys(PUBLISHED_SETS).join(', ')}; repeatable`,
      asMapping,
      [],
    )
    .addOption(
      new Option('--checkpoints <which>', 'checkpoints of each run to show')
        .choices(['last', 'best', 'all'])
        .default('last'),
    )
    .option(
      '--metric <name>',
      'metric that ranks checkpoints (default: consistent for runs with pairs, otherwise accuracy)',
    )
    .option('--base <run>', 'baseline run for relative OOD changes')
    .option('--published', 'also show tables and claims of the papers without results of yours')
    .option('--compare <evaluations...>', 'two runs or evaluation folders to compare row by row')
    .option(
      '--main <comparison>',
      'main comparison of --compare, chosen beforehand, for example original or val/mirror (default: both)',
    )
    .option('--title <text>', 'title of the report (default: Evaluations, or Acuity)')
    .option('--json', 'same as --format json')
    .addHelpText(
      'after',
      `
Evaluation sets with the names of published sets (q-spatial++, cvbench …) are matched automatically.

Examples:
  chirality report
  chirality report spatial given --checkpoints best -o report.html
  chirality report --eval evals/Qwen2.5-VL-3B-val-1a2b3c4d --match val=q-spatial --format latex
  chirality report --compare given spatial -o compare.md
  chirality report lab-a/card.json lab-b/card.json -o cards.html
  chirality report acuity/*/acuity.json -o acuity.html
  chirality report --format csv --table consistency-0 -o consistency.csv`,
    );
  command.action(later(async () => (await import('./report.action.ts')).report));
  return command;
}

type Match = [set: string, published: PublishedSet];

function asMapping(value: string, all: readonly Match[]): Match[] {
  const [set, published] = value.split(/=(.*)/s);
  if (!set || !published || !(published in PUBLISHED_SETS))
    throw new InvalidArgumentError(
      `The value must be set=name, with one of the names ${Object.keys(PUBLISHED_SETS).join(', ')}.`,
    );
  return [...all, [set, published as PublishedSet]];
}
