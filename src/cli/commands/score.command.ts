import { later, withEndpoint, withJudge } from '../command-options.ts';
import { type Command, Option } from 'commander';
import { TASKS } from '../../core/answers/score.ts';

const HELP = `
Rows require "id", "completion" and a reference answer as "answer" (or "ground_truth", "reference"); --map sets other
columns. Rows without a reference answer are not scored. "task" is one of
${TASKS.join(', ')}.
Without a task, rows with "choices" are mcq; the task of other rows depends on the question and the reference answer.

With --set, a row requires only its id, its completion, and its "view" (mirror, rotate:180 …) if it is not the original.
The other fields come from the dataset row with this id. A table without ids is matched by order if it has as many rows
as the dataset. Predictions without a row and rows without a prediction are counted, listed and excluded.

The command adds "score", "verdict" and "right" (null without a parsed answer). The verdict "unparsed" counts as wrong.
The verdict "not_judged" (free text without a rule) turns metrics into ranges.

With --rewards, the command also adds "answer_text" and "rewards" as in traces: the unweighted value and reason of every
reward that requires only one view. semantic uses the lexical encoder.

With --evaluation, --judge and --sbert work as in \`chirality eval\`.

Examples:
  chirality score completions.jsonl -o scored.jsonl
  chirality score completions.jsonl --rewards --extraction strict
  chirality score predictions.csv --set data.qa.jsonl -o scored.jsonl
  chirality score predictions.csv --set data.qa.jsonl --evaluation evals/gpt --model GPT-4o
  chirality score predictions.csv --set data.qa.jsonl --evaluation evals/gpt --sbert
  chirality score completions.jsonl --extraction strict | chirality metrics`;

export function addScoreCommand(program: Command) {
  const plain = program
    .command('score')
    .description('Extract the answers from completions and score them against the reference answers.')
    .argument('[input]', 'table of completions: JSON Lines, CSV … (default: standard input)')
    .option('-o, --output <file>', 'output file (default: standard output)')
    .option('--map <rules>', 'column mapping, for example id=idx,completion=raw_output,answer=label')
    .option('--set <file>', 'dataset with the reference answers, matched to the predictions by id')
    .addOption(
      new Option('--extraction <kind>', 'rules for finding the answer in a completion')
        .choices(['lenient', 'strict'])
        .default('lenient'),
    )
    .option('--rewards', 'also compute every training reward of each completion')
    .addOption(
      new Option('--evaluation <folder>', 'new folder to write an evaluation to, instead of rows').conflicts([
        'output',
        'rewards',
      ]),
    )
    .option(
      '--sees <family>',
      'model family, for boxes in pixels of its resized image (docs/what-models-see.md)',
    )
    .option('--model <name>', 'model name for --evaluation (default: the folder name)')
    .option('--json', 'print the counts as JSON');
  const command = withEndpoint(withJudge(plain)).addHelpText('after', HELP);
  command.action(later(async () => (await import('./score.action.ts')).score));
  return command;
}
