import { type ParsedSample, parseSample } from '../../rows/sample/parse-sample.ts';
import { lines, type LineChunk } from '../files/lines.ts';
import { beginsOverLines, parseJson } from './parse-json.ts';
import type { Problem } from '../../base/problem.ts';

/** Location of a row: a line of a text file from 1, or a row of a table from 0. */
export type RowNumber = { line: number; row?: undefined } | { row: number; line?: undefined };

/** A row of a file before any mapping. `value` is absent if the row could not be decoded. */
export type RawRow = RowNumber & { value?: unknown; problem?: Problem };

/** Returns the problem of a row whose cells do not match the columns of the table. */
export const tableProblem = (message: string): Problem => ({ severity: 'error', code: 'table', message });

/** A row with its problems. `sample` is the parsed row. */
export type DataRow = RowNumber &
  ParsedSample & {
    /** Set if options inside the question were moved to `choices`. */
    moved_options?: true;
    /**
     * Columns with images that the row does not show, for a row read in a worker thread. `OpenDataset.settle` inserts a
     * warning about each new column after the first `after` problems.
     */
    lost?: { after: number; columns: readonly string[] };
  };

export interface OpenDataset {
  /** Name and one-line description of the format. */
  mapping: { name: string; about: string };
  /** Number of values in the file that rows cannot store, by kind. Complete after all rows are read. */
  leftOut?: ReadonlyMap<string, number>;
  /** Number of rows, for formats whose files contain this number. */
  total?: number;
  /** Encoding of a text file, unless it is UTF-8. */
  encoding?: string;
  rows: AsyncGenerator<DataRow>;
  /** Reads a chunk of lines in a worker thread. Only for files with one row per line. */
  readChunk?: (chunk: LineChunk) => AsyncGenerator<DataRow>;
  /** Returns the problems of a row from a worker thread, with warnings about columns that no earlier row had. */
  settle?: (row: Pick<DataRow, 'problems' | 'lost'>) => Problem[];
  /** Closes the file. For callers that do not read the rows. */
  close?: () => Promise<unknown>;
}

/** Formats the location of a row for the end of a file name in messages: `12` or `row 16`. */
export const rowNumberText = ({ line, row }: RowNumber): string =>
  line !== undefined ? `${line}` : `row ${row}`;

/** A row of a `*.qa.jsonl` file: the result of `parseSample`, and the line number. */
export type QaRow = ParsedSample & { line: number };

/**
 * Yields the JSON value of every line, in bounded memory. Skips blank lines. An invalid line is a row with an error.
 * @param before number of lines before the stream
 */
export async function* jsonLines(
  stream: AsyncIterable<Buffer> | Iterable<Buffer>,
  before = 0,
): AsyncGenerator<RawRow & { line: number }> {
  let isFirst = before === 0;
  /** First line of the file, kept until the next line shows whether the file is one JSON value over many lines. */
  let first: { line: number; text: string } | null = null;
  for await (const { number, text } of lines(stream, before)) {
    if (text?.trim() === '') continue;
    const row: RawRow & { line: number } = { line: number, ...(text === null ? TOO_LONG : parseJson(text)) };
    if (isFirst && text !== null && beginsOverLines(text)) first = { line: number, text };
    else {
      if (first && row.value === undefined) break;
      if (first) yield { line: first.line, ...parseJson(first.text) };
      first = null;
      yield isFirst && text?.trimStart().startsWith('[') ? { line: number, problem: ONE_VALUE.list } : row;
    }
    isFirst = false;
  }
  if (first) {
    const { line, text } = first;
    yield { line, problem: text.trimStart().startsWith('[') ? ONE_VALUE.list : ONE_VALUE.object };
  }
}

const TOO_LONG: Pick<RawRow, 'problem'> = {
  problem: { severity: 'error', code: 'long-line', message: 'The line is longer than 64 MiB.' },
};

const oneValue = (kind: string): Problem => ({
  severity: 'error',
  code: `json-${kind}`,
  message: `The file is a JSON ${kind}, but this format requires one row per line.`,
  fix: 'Rename the file to end in .json, then convert the file with `chirality convert`.',
});

/** Problems of a file that is one JSON value. A list on a single line is also one value. */
const ONE_VALUE = { list: oneValue('list'), object: oneValue('object') };

/** Reads a stream of rows, in bounded memory. @param blank whether question and answer can be empty */
export async function* readQaJsonl(
  stream: AsyncIterable<Buffer> | Iterable<Buffer>,
  { blank = false, before = 0 } = {},
): AsyncGenerator<QaRow> {
  for await (const { line, ...row } of jsonLines(stream, before)) yield { line, ...toSample(row, { blank }) };
}

/** Parses a decoded value as a row. Lists problems of decoding before problems of the row. */
export function toSample(
  { value, problem }: Pick<RawRow, 'value' | 'problem'>,
  { blank = false } = {},
): ParsedSample {
  if (value === undefined) return { sample: null, problems: problem ? [problem] : [] };
  const parsed = parseSample(value, { blank });
  return problem ? { ...parsed, problems: [problem, ...parsed.problems] } : parsed;
}
