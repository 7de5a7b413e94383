import { later, withEndpoint, withJudge } from '../command-options.ts';
import { type Command, Option } from 'commander';
import { TASKS } from '../../core/answers/score.ts';

const HELP = `
A row needs "id", "completion", and the reference as "answer" (or "ground_truth", "reference"); --map names other
columns. A row without a reference is not scored. "task" is one of
${TASKS.join(', ')}.
Without a task, rows with "choices" are mcq; for other rows the question and the reference decide.

With --set, a row needs only its id and what the model said, and its "view" (mirror, rotate:180 …) if that was not the
original; everything else comes from the row with this id. Ids may be numbers or texts. A table without ids is joined by
order if it has as many rows as the set, and says so. Predictions without a row and
rows without a prediction are counted, listed and left out of the figures.

Each row gets its "score", a "verdict", and "right": true or false if an answer was read, else null. A verdict of
"unparsed" (no answer could be read) counts as wrong in every figure; "not_judged" (free text on which no rule decides)
makes figures a range.

With --rewards, each row also gets "answer_text", "right" and "rewards" as a trace has them: every reward that needs no
other view, with its value before weighting and the reason; semantic uses the lexical encoder.

With --evaluation, --judge and --sbert add the verdicts of a model and the similarity of answers and references, as in
\`chirality eval\`.

Examples:
  chirality score completions.jsonl -o scored.jsonl
  chirality score completions.jsonl --rewards --extraction strict
  chirality score predictions.csv --set data.qa.jsonl -o scored.jsonl
  chirality score predictions.csv --set data.qa.jsonl --evaluation evals/gpt --model GPT-4o
  chirality score predictions.csv --set data.qa.jsonl --evaluation evals/gpt --sbert
  chirality score completions.jsonl --extraction strict | chirality metrics`;

export function addScoreCommand(program: Command): void {
  const command = program
    .command('score')
    .description('Extract the answers from completions and score them against their references.')
    .argument('[input]', 'table of completions: JSON lines, CSV … (default: standard input)')
    .option('-o, --output <file>', 'output file (default: standard output)')
    .option('--map <rules>', 'columns to use, for example id=idx,completion=raw_output,answer=label')
    .option('--set <file>', 'dataset that has the references: predictions are joined with its rows by id')
    .addOption(
      new Option('--extraction <kind>', 'how to find the answer in a completion')
        .choices(['lenient', 'strict'])
        .default('lenient'),
    )
    .option('--rewards', 'also give every training reward of each completion')
    .addOption(
      new Option(
        '--evaluation <folder>',
        'write an evaluation instead of rows, to judge answers, report and compare; the folder must not exist',
      ).conflicts(['output', 'rewards']),
    )
    .option('--model <name>', 'with --evaluation, the name of the model (default: that of the folder)')
    .option('--json', 'print the counts as JSON');
  withEndpoint(withJudge(command))
    .addHelpText('after', HELP)
    .action(later(async () => (await import('./score.action.ts')).score));
}
