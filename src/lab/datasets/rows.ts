import { type ParsedSample, parseSample } from '../../rows/sample/parse-sample.ts';
import { lines, type LineChunk } from '../files/lines.ts';
import { beginsOverLines, parseJson } from './parse-json.ts';
import type { Problem } from '../../base/problem.ts';

/** The place of a row: a line of a text file from 1, or a row of a table from 0. */
export type RowNumber = { line: number; row?: undefined } | { row: number; line?: undefined };

/** A row as its file has it, before any mapping; `value` is absent if it could not be decoded. */
export type RawRow = RowNumber & { value?: unknown; problem?: Problem };

/** The problem of a row whose cells do not fit its table. */
export const tableProblem = (message: string): Problem => ({ severity: 'error', code: 'table', message });

/** One row as a sample, with its problems. */
export type DataRow = RowNumber &
  ParsedSample & {
    /** Whether options that stood inside the question have become `choices`. */
    moved_options?: true;
    /**
     * Columns whose images it does not show, of a row that a thread reads: `OpenDataset.settle` warns of each once, after
     * so many of the problems.
     */
    lost?: { after: number; columns: readonly string[] };
  };

/** A dataset that is being read. */
export interface OpenDataset {
  /** The format, by name and in a line. */
  mapping: { name: string; about: string };
  /** What the rows have no place for, by what it is called; complete when all rows are read. */
  leftOut?: ReadonlyMap<string, number>;
  /** The number of rows, if the file states it. */
  total?: number;
  /** The encoding of a text that is not in UTF-8. */
  encoding?: string;
  rows: AsyncGenerator<DataRow>;
  /** Present if the rows are lines: reads a part of them in a thread. */
  readChunk?: (chunk: LineChunk) => AsyncGenerator<DataRow>;
  /** The problems of a row that a thread read, with those of columns that no row before had. */
  settle?: (row: Pick<DataRow, 'problems' | 'lost'>) => Problem[];
  /** Closes the file when its rows are not read after all. */
  close?: () => Promise<unknown>;
}

/** `12` or `row 16`: the place as it follows the file name in messages. */
export const rowNumberText = ({ line, row }: RowNumber): string =>
  line !== undefined ? `${line}` : `row ${row}`;

/** A row of a `*.qa.jsonl` stream: the result of `parseSample`, and the row's line. */
export type QaRow = ParsedSample & { line: number };

/**
 * Yields the JSON value of every line, in bounded memory. Blank lines are skipped; a broken line is a row with an
 * error.
 * @param before the number of lines before those of the stream
 */
export async function* jsonLines(
  stream: AsyncIterable<Buffer> | Iterable<Buffer>,
  before = 0,
): AsyncGenerator<RawRow & { line: number }> {
  let isFirst = before === 0;
  /** The first line, while it is not known whether the file is one value over many lines. */
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
  fix: 'Rename the file to end in .json, then convert it with `chirality convert`.',
});

/** What is said of a file that is one JSON value; a list on one line, too. */
const ONE_VALUE = { list: oneValue('list'), object: oneValue('object') };

/** Reads samples as a stream, in bounded memory. @param blank whether texts may be missing, as for `parseSample` */
export async function* readQaJsonl(
  stream: AsyncIterable<Buffer> | Iterable<Buffer>,
  { blank = false, before = 0 } = {},
): AsyncGenerator<QaRow> {
  for await (const { line, ...row } of jsonLines(stream, before)) yield { line, ...toSample(row, { blank }) };
}

/** Parses a decoded row as a sample; problems of decoding come first. */
export function toSample(
  { value, problem }: Pick<RawRow, 'value' | 'problem'>,
  { blank = false } = {},
): ParsedSample {
  if (value === undefined) return { sample: null, problems: problem ? [problem] : [] };
  const parsed = parseSample(value, { blank });
  return problem ? { ...parsed, problems: [problem, ...parsed.problems] } : parsed;
}
