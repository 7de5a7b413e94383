import { extname } from 'node:path';
import { separatedRows, separatorOf, structured } from './csv.ts';
import { workbookRows } from './xlsx.ts';
import { NATIVE, type Table } from './choose-mapping.ts';
import { cannotRead } from './data-error.ts';
import { beginning, decoded } from './encoding.ts';
import { parseJson } from './parse-json.ts';
import { innerList } from './inner-list.ts';
import { joinTables } from './join-tables.ts';
import { jsonElements } from './json-elements.ts';
import type { Row } from './mappings/mapping.ts';
import { openParquet } from './parquet/file.ts';
import { parquetRows } from './parquet/parquet-rows.ts';
import { jsonLines, type RawRow } from './rows.ts';
import { requireText, TEXT_START } from './require-text.ts';
import type { LineChunk } from '../files/lines.ts';
import { readRange, streamFile } from '../files/regular.ts';

/**
 * Opens a table of any format as a stream of rows with any columns, joined with another if `join` is set.
 * @throws DataError if a table is unreadable, or if they cannot be joined
 */
export async function openTable(
  input: string | AsyncIterable<Buffer>,
  { encoding, join }: { encoding?: string; join?: string } = {},
  nameOf = (file: string) => file,
): Promise<Source> {
  const table = await rawRows(input, nameOf, encoding);
  try {
    return join === undefined ? table : await joinTables(table, await rawRows(join, nameOf, encoding), join);
  } catch (error) {
    await table.close?.();
    throw error;
  }
}

export const readLines = ({ bytes, lines }: LineChunk): AsyncGenerator<RawRow> =>
  jsonLines([Buffer.from(bytes)], lines);

interface Source extends Table {
  /** Encoding of a text file, unless it is UTF-8. */
  encoding?: string;
  /** Closes the file. For callers that do not read the rows. */
  close?: () => Promise<unknown>;
  /** Reads a chunk of lines in a worker thread. Only for files with one row per line. */
  readChunk?: typeof readLines;
  rows: AsyncIterable<RawRow>;
}

/** Number of first rows from which columns are guessed: minimum, and maximum while the rows are small in total. */
const [LOOKED_AT, MOST_LOOKED_AT, LOOKED_AT_SIZE] = [50, 1000, 2 ** 20];

/** Matches the beginning of CLEVR's file of questions: an object that contains the list. */
const CLEVR = /^\{\s*"info"\s*:\s*\{[^{}[\]]*\}\s*,\s*"questions"\s*:\s*\[/;
/** Matches the beginning of GQA's file of questions: one object with questions by id. */
const KEYED = /^\{\s*"\d+"\s*:\s*\{/;
/** Number of characters on which the patterns for file beginnings are tested. */
const PEEKED = 2000;

async function rawRows(
  input: string | AsyncIterable<Buffer>,
  nameOf: (file: string) => string,
  encoding?: string,
): Promise<Source> {
  const head =
    typeof input === 'string' ? await readRange(input, 0, TEXT_START).catch(cannotRead(input)) : null;
  if (
    typeof input === 'string' &&
    (input.endsWith('.parquet') || head!.toString('latin1', 0, 4) === 'PAR1')
  ) {
    const table = await openParquet(input);
    await table.close(); // The caller might never request the rows.
    async function* rows(path: string) {
      const file = await openParquet(path);
      try {
        yield* parquetRows(file, nameOf(path));
      } finally {
        await file.close();
      }
    }
    const columns = table.schema.children.map((child) => child.element.name);
    return { columns, total: table.rows, rows: rows(input), first: () => firstOf(rows(input)) };
  }
  const ending = typeof input === 'string' ? extname(input).toLowerCase() : '';
  const isFile = typeof input === 'string';
  if (isFile && ending === '.xlsx')
    return { ...(await withColumns(workbook(input, nameOf(input)), true, structured)), omitsEmpty: true };
  if (head) requireText(input as string, head);
  const inner = isFile && ending === '.json' ? await innerList(input, [CLEVR, KEYED]) : null;
  if (inner)
    return {
      ...(await withColumns(eachOf(inner.rows), true)),
      ...(inner.list !== undefined && { list: inner.list }),
      total: inner.rows.length,
    };
  const bytes = typeof input === 'string' ? await streamFile(input) : input;
  if (ending === '.csv' || ending === '.tsv') {
    const text = await decoded(bytes as AsyncIterable<Buffer>, encoding);
    const { start, stream } = await peek(text.stream, 1);
    const separator = separatorOf(start);
    return {
      ...(text.encoding && { encoding: text.encoding }),
      ...(await withColumns(separatedRows(stream as AsyncIterable<Buffer>, separator), true, structured)),
      separator,
      omitsEmpty: true,
    };
  }
  // The extension .qa.jsonl always means JSON Lines, so that every command reads the same rows.
  if (typeof input === 'string' && input.endsWith(NATIVE))
    return { ...(await withColumns(jsonLines(bytes), true)), readChunk: readLines };
  const { start, stream } = await peek(bytes as AsyncIterable<Buffer>);
  if (/^\[/.test(start)) return withColumns(jsonElements(stream), isFile);
  if (CLEVR.test(start)) return withColumns(jsonElements(stream, { member: 'questions' }), isFile);
  if (KEYED.test(start)) return withColumns(jsonElements(stream, { keyed: true }), isFile);
  return { ...(await withColumns(jsonLines(stream), isFile)), readChunk: readLines };
}

async function* eachOf(rows: readonly RawRow[]): AsyncGenerator<RawRow> {
  yield* rows;
}

async function* workbook(path: string, name: string): AsyncGenerator<RawRow> {
  yield* await workbookRows(path, name);
}

/**
 * Reads the first rows to find their columns, and still delivers these rows. Reads a pipe only until one row can be
 * decoded.
 * @param isFile whether more rows are available at once. A program that writes to a pipe might wait for an answer
 * @param decoderOf returns the decoder of a row, given the first rows
 */
async function withColumns(
  rows: AsyncGenerator<RawRow>,
  isFile: boolean,
  decoderOf?: (first: Row[]) => (row: RawRow) => RawRow,
): Promise<Source> {
  const seen: RawRow[] = [];
  const columns: string[] = [];
  let size = 0;
  const isEnough = () =>
    columns.length > 0 && !(isFile && (seen.length < LOOKED_AT || size < LOOKED_AT_SIZE));
  while (seen.length < MOST_LOOKED_AT && !isEnough()) {
    const next = await rows.next();
    if (next.done) break;
    seen.push(next.value);
    // If rows are lists, as in What'sUp, the indices of the elements are column names.
    const names = Object.keys(next.value.value instanceof Object ? next.value.value : {});
    names.forEach((name, i) => {
      if (!columns.includes(name)) columns.splice(i > 0 ? columns.indexOf(names[i - 1]!) + 1 : 0, 0, name);
    });
    if (seen.length > LOOKED_AT) size += JSON.stringify(next.value).length;
  }
  const decode = decoderOf?.(objectsOf(seen)) ?? ((row: RawRow) => row);
  async function* all() {
    try {
      for (const row of seen) yield decode(row);
      for await (const row of rows) yield decode(row);
    } finally {
      // Also closes the file if the caller stops before all first rows are delivered.
      await rows.return(undefined);
    }
  }
  const first = () => Promise.resolve(objectsOf(seen.map(decode)));
  return { columns, first, rows: all(), close: () => rows.return(undefined) };
}

const objectsOf = (rows: readonly RawRow[]): Row[] =>
  rows.flatMap(({ value }) => (value instanceof Object ? [value as Row] : []));

async function firstOf(rows: AsyncGenerator<RawRow>): Promise<Row[]> {
  const first: RawRow[] = [];
  for await (const row of rows) if (first.push(row) >= LOOKED_AT) break;
  return objectsOf(first);
}

/** Whether a text begins with a row on its own line. A program that waits for an answer sends no further row. */
function isWholeLine(start: string): boolean {
  const [line, ...rest] = start.split('\n');
  return rest.length > 0 && parseJson(line!).value !== undefined;
}

/**
 * Returns the beginning of the text, without leading spaces and byte-order mark, and the whole stream.
 * @param atLeast minimum number of characters of the beginning, unless the stream is shorter
 */
async function peek(
  bytes: AsyncIterable<Buffer>,
  atLeast = PEEKED,
): Promise<{ start: string; stream: AsyncIterable<Buffer> }> {
  let start = '';
  const stream = await beginning(bytes, (chunk) => {
    start = (start + chunk.toString('utf8')).trimStart().replace('\uFEFF', '').trimStart().slice(0, PEEKED);
    return start.length >= atLeast || isWholeLine(start);
  });
  return { start, stream };
}
