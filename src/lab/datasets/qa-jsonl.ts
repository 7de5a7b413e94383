import type { Readable } from 'node:stream';
import { parseSample, type ParsedSample } from '../../core/spatial/parse-sample.ts';
import { lines } from '../files/lines.ts';

/** One row of a `*.qa.jsonl` stream: what `parseSample` said of it, and the line it stands on. */
export type QaRow = ParsedSample & { line: number };

/** Reads samples as a stream, in bounded memory. Blank lines are skipped; a broken line is a row with an error. */
export async function* readQaJsonl(stream: Readable): AsyncGenerator<QaRow> {
  for await (const { number, text } of lines(stream)) {
    if (text === null) {
      yield {
        line: number,
        sample: null,
        problems: [{ severity: 'error', code: 'long-line', message: 'The line is longer than 64 MiB.' }],
      };
    } else if (text.trim() !== '') {
      yield { line: number, ...parseLine(text) };
    }
  }
}

function parseLine(text: string): ParsedSample {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const message = `Not valid JSON: ${(error as Error).message}`;
    return { sample: null, problems: [{ severity: 'error', code: 'json', message }] };
  }
  return parseSample(value);
}
