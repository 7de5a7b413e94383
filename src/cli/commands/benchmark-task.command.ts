import { later, HARNESSES } from '../command-options.ts';
import { Option, type Command } from 'commander';
import { atLeastOne, wholeNumber } from '../values.ts';

/** `chirality benchmark task`: a dataset as a task of another harness, with both views of every row. */
export function addBenchmarkTaskCommand(program: Command): void {
  program
    .command('task')
    .argument('<set>', 'a *.qa.jsonl file')
    .requiredOption('-o, --output <folder>', 'a new or empty folder')
    .addOption(
      new Option('--to <harness>', 'the harness that will ask').choices(HARNESSES).makeOptionMandatory(),
    )
    .option('--strategy <name>', 'how to ask: a name that `chirality strategies` lists, or a file', 'direct')
    .option('--max-tokens <n>', 'token limit of an answer (default: the strategy’s, or 1024)', wholeNumber)
    .option('--limit <n>', 'maximum number of rows', atLeastOne)
    .option('--data-root <folder>', 'read no image outside this folder')
    .option('--json', 'print what was written as JSON')
    .description('Write a dataset as a task of another harness, which asks both views of every row.')
    .addHelpText(
      'after',
      `
The folder has the questions as \`chirality eval\` asks them, in both views, with their images. The harness asks them;
the Python package (pip install ./python) scores the answers by the rules of this program, so the figures match those of
\`chirality eval\`. Rows without a trusted mirror are asked as they are and do not count in figures about pairs.

Examples:
  chirality benchmark task val.qa.jsonl --to inspect -o tasks/val && inspect eval tasks/val/val.py --model openai/gpt-5
  chirality benchmark task val.qa.jsonl --to lmms-eval -o tasks/val --strategy think
  chirality benchmark task val.qa.jsonl --to vlmevalkit -o tasks/val

docs/harnesses.md has the commands of each harness.`,
    )
    .action(later(async () => (await import('./benchmark-task.action.ts')).exportTask));
}
