import { later, HARNESSES } from '../command-options.ts';
import { Option, type Command } from 'commander';
import { atLeastOne, wholeNumber } from '../values.ts';

/** `chirality benchmark task`: a dataset as a task of another harness, with both views of every row. */
export function addBenchmarkTaskCommand(program: Command) {
  const command = program
    .command('task')
    .argument('<set>', 'a *.qa.jsonl file')
    .requiredOption('-o, --output <folder>', 'output folder, new or empty')
    .addOption(
      new Option('--to <harness>', 'evaluation harness to write the task for')
        .choices(HARNESSES)
        .makeOptionMandatory(),
    )
    .option(
      '--strategy <name>',
      'prompting strategy: a name from `chirality strategies`, or a file',
      'direct',
    )
    .option(
      '--max-tokens <n>',
      'token limit per answer (default: the limit of the strategy, or 1024)',
      wholeNumber,
    )
    .option('--limit <n>', 'maximum number of rows', atLeastOne)
    .option('--data-root <folder>', 'read images only from this folder')
    .option('--json', 'print the summary as JSON')
    .description('Export a dataset as a task for another harness, with both views of every row.')
    .addHelpText(
      'after',
      `
The folder contains the prompts and images that \`chirality eval\` uses, in both views. The Python package
(pip install ./python) scores the answers with the same rules, so the results match \`chirality eval\`. Rows without a
trusted mirror are evaluated as originals only and excluded from pair metrics.

Examples:
  chirality benchmark task val.qa.jsonl --to inspect -o tasks/val && inspect eval tasks/val/val.py --model openai/gpt-5
  chirality benchmark task val.qa.jsonl --to lmms-eval -o tasks/val --strategy think
  chirality benchmark task val.qa.jsonl --to vlmevalkit -o tasks/val

For the commands of each harness, see docs/evaluation.md.`,
    );
  command.action(later(async () => (await import('./benchmark-task.action.ts')).exportTask));
  return command;
}
