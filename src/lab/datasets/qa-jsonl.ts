import { parseSample, type ParsedSample } from '../../core/spatial/parse-sample.ts';
import { lines } from '../files/lines.ts';
import { parseJson } from './json.ts';
import type { RawRow } from './rows.ts';

/** One row of a `*.qa.jsonl` stream: what `parseSample` said of it, and the line it stands on. */
export type QaRow = ParsedSample & { line: number };

/** The JSON value of every line, in bounded memory. Blank lines are skipped; a broken line is a row with an error. */
export async function* jsonLines(stream: AsyncIterable<Buffer>): AsyncGenerator<RawRow & { line: number }> {
  for await (const { number, text } of lines(stream)) {
    if (text === null) {
      const message = 'The line is longer than 64 MiB.';
      yield { line: number, problem: { severity: 'error', code: 'long-line', message } };
    } else if (text.trim() !== '') {
      yield { line: number, ...parseJson(text) };
    }
  }
}

/** Reads samples as a stream, in bounded memory. */
export async function* readQaJsonl(stream: AsyncIterable<Buffer>): AsyncGenerator<QaRow> {
  for await (const { line, ...row } of jsonLines(stream)) yield { line, ...toSample(row) };
}

/** A decoded row as a sample; problems of decoding come first. */
export function toSample({ value, problem }: Pick<RawRow, 'value' | 'problem'>): ParsedSample {
  if (value === undefined) return { sample: null, problems: problem ? [problem] : [] };
  const parsed = parseSample(value);
  return problem ? { ...parsed, problems: [problem, ...parsed.problems] } : parsed;
}
