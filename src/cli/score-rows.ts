import type { Readable } from 'node:stream';
import { parseScoreRow } from '../core/answers/score-row.ts';
import type { ScoreRow } from '../core/answers/score.ts';
import { isRecord } from '../core/json.ts';
import { jsonLines } from '../lab/datasets/rows.ts';
import { LeftOut, openInput } from './input.ts';
import { Progress } from './progress.ts';

/** A row of a file of completions: the raw value, and the row to score. */
export interface CompletionRow {
  value: Record<string, unknown>;
  row: ScoreRow & { id: string };
}

/**
 * Yields the rows of a file of completions, or of standard input. Bad ones are reported with file and line and left
 * out.
 * @throws UsageError if there are rows, but no good one.
 */
export async function* readCompletions(
  input: string | undefined,
  label: string,
): AsyncGenerator<CompletionRow> {
  const stream: Readable = await openInput(input);
  const progress = new Progress(label);
  const leftOut = new LeftOut(input);
  let rows = 0;
  for await (const { line, value, problem } of jsonLines(stream)) {
    progress.update(++rows);
    const { row, problems } =
      value === undefined ? { row: null, problems: [problem!] } : parseScoreRow(value);
    if (row && isRecord(value)) yield { value, row };
    else leftOut.add(line, problems);
  }
  progress.end();
  leftOut.end(rows);
}
