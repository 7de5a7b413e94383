import type { Readable } from 'node:stream';
import { parseScoreRow } from '../core/answers/parse-row.ts';
import type { ScoreRow } from '../core/answers/score.ts';
import { isRecord } from '../core/json.ts';
import { jsonLines } from '../lab/datasets/rows.ts';
import { formatProblem, inputName, openInput } from './samples.ts';
import { JobError } from './errors.ts';
import { Progress } from './progress.ts';
import { tell } from './print.ts';

/** Of so many bad rows it is told what is wrong; the others are counted. */
const TOLD = 20;

/** A row of a file of completions: as the file has it, and as it is scored. */
export interface CompletionRow {
  value: Record<string, unknown>;
  row: ScoreRow & { id: string };
}

/**
 * The rows of a file of completions, or of standard input. Bad ones are reported with file and line and left out.
 * @throws JobError when there are rows, and none is good.
 */
export async function* readCompletions(
  input: string | undefined,
  label: string,
): AsyncGenerator<CompletionRow> {
  const stream: Readable = await openInput(input);
  const progress = new Progress(label);
  let [rows, bad] = [0, 0];
  for await (const { line, value, problem } of jsonLines(stream)) {
    progress.update(++rows);
    const { row, problems } =
      value === undefined ? { row: null, problems: [problem!] } : parseScoreRow(value);
    if (row && isRecord(value)) yield { value, row };
    else {
      bad += 1;
      if (bad > TOLD) continue;
      for (const found of problems) tell(formatProblem(inputName(input), line, found));
    }
  }
  progress.end();
  if (bad > TOLD) tell(`… and ${bad - TOLD} more rows that cannot be read.`);
  if (rows > 0 && bad === rows) {
    throw new JobError('None of the rows could be read.', { file: inputName(input) });
  }
}
