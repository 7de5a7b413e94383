import { expect, it } from 'vitest';
import { addReportCommand } from '../../../src/cli/commands/report.command.ts';
import { addTraceCommand } from '../../../src/cli/commands/trace.command.ts';
import { createProgram } from '../../../src/cli/program.ts';
import { runCommand } from '../../support/command.ts';

const RUNS = ['--runs', 'test/fixtures/runs'];

it.each([
  ['acuity m --axis side --precision 0.1', '--precision has no effect without --adaptive'],
  ['acuity m --axis side --adaptive 40 --blocks 2', '--blocks has no effect with --adaptive'],
  ['acuity --axis side --adaptive 40 --rows-only', '--adaptive has no effect with --rows-only'],
  ['acuity --axis side --answers a.jsonl --limit 9', '--limit has no effect with --answers'],
  ['ask a.png where? --model m --top-p 0.5', '--top-p has no effect without --temperature or --n'],
  ['ask a.png where? --model m --n 1 --seed 3', '--seed has no effect without --temperature or --n'],
  ['ask a.png where? --model m --price 1,2', '--price has no effect without --endpoint'],
  ['convert a.csv --seed 3', '--seed has no effect without --sample or --split'],
  ['convert a.csv --prompt p', '--prompt has no effect without --to'],
  ['convert a.csv --map question=q --from sat', '--from has no effect with --map'],
  ['eval given --seed 3', '--seed has no effect without --temperature'],
  ['eval given --temperature 0 --top-p 0.5', '--top-p has no effect without --temperature'],
  ['eval given --judge-prompt p', '--judge-prompt has no effect without --judge'],
  ['eval given --no-cache', '--no-cache has no effect without --endpoint or --judge'],
  ['eval given --json --all', '--all has no effect with --json'],
  ['eval --endpoint http://h --model m --set s --step 3', '--step has no effect with --endpoint'],
  ['benchmark consistency m --set s --concurrency 2', '--concurrency has no effect without --endpoint'],
  ['export given -o x --anonymous --merged', '--merged has no effect with --anonymous'],
  ['inspect row given --general p', '--general has no effect without --relative'],
  ['view mirror a.qa.jsonl --verify', '--verify has no effect without --llm'],
  ['view mirror a.qa.jsonl --seed 3', '--seed has no effect without --share or --strategy'],
  ['view polarity a.qa.jsonl --prompt p', '--prompt has no effect without --llm'],
  ['report --json --format csv', '--format has no effect with --json'],
  ['review a.qa.jsonl --note why', '--note has no effect without --accept or'],
  ['runs --descending', '--descending has no effect without --sort'],
  ['sweep --recipe eta --print --seeds 1', '--seeds has no effect with --print'],
  ['trace given --descending', '--descending has no effect without --sort'],
  ['trace given --pair 3 --where reward', '--where has no effect with --pair'],
  ['trace given --what-if eta=2 --eval step', '--eval has no effect with --what-if'],
  ['train a.run.yaml --dry-run --name b', '--name has no effect with --dry-run'],
  ['view add a.qa.jsonl --view flip --data-root .', '--data-root has no effect without --write-images'],
])('command options: rejects an option without effect: %s', async (line, message) => {
  const words = line.split(' ');
  const program = await createProgram(words, '0.0.0');
  await expect(program.parseAsync(words, { from: 'user' })).rejects.toThrow(message);
});

it('command options: rejects options without effect on the requested format or files', async () => {
  const report = (...args: string[]) => runCommand(addReportCommand, 'report', ...args);
  await expect(report(...RUNS, '--format', 'html', '--table', 'accuracy-0')).rejects.toThrow(
    '--table has no effect with --format html, which prints the whole report.',
  );
  await expect(report('a/card.json', '--metric', 'x')).rejects.toThrow(
    '--metric has no effect with benchmark cards or acuity files.',
  );
  const trace = (...args: string[]) => runCommand(addTraceCommand, 'trace', 'given', ...RUNS, ...args);
  await expect(trace('--eval', 'step-000060', '--step', '3')).rejects.toThrow(
    '--step has no effect with --eval.',
  );
});
