import { Readable } from 'node:stream';
import { parse, type CsvError, type Info } from 'csv-parse';
import { isRecord } from '../../base/json.ts';
import { readLenient } from '../../base/lenient-json.ts';
import type { Problem } from '../../base/problem.ts';
import { listedOptions } from '../../rows/sample/option-list.ts';
import { NOT_UTF8 } from './parse-json.ts';
import { tableProblem, type RawRow } from './rows.ts';

/** Maximum size of a row, in bytes. Rows can contain images. */
const MAX_ROW_BYTES = 64 * 2 ** 20;

const UNDECODED: Problem = {
  ...NOT_UTF8,
  severity: 'error',
  fix: 'Pass the encoding of the table, for example --encoding windows-1252.',
};

export type Separator = ',' | ';' | '\t';
export const SEPARATOR_NAMES: Readonly<Record<Separator, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
};

/** Returns the most frequent separator in the first line of a table, outside quotes. Default: comma. */
export function separatorOf(start: string): Separator {
  const header = (/^(?:"[^"]*"|[^"\n])*/.exec(start)?.[0] ?? '').replace(/"[^"]*"/g, '');
  const count = (separator: Separator) => header.split(separator).length;
  return (Object.keys(SEPARATOR_NAMES) as Separator[]).reduce((a, b) => (count(b) > count(a) ? b : a));
}

/**
 * Yields the rows of a CSV or TSV table as objects, keyed by the header. Empty cells are omitted. A row whose number of
 * cells differs from the header's is an error. Reading ends after an unclosed quote, and does not start if two columns
 * have the same name.
 */
export async function* separatedRows(
  stream: AsyncIterable<Buffer>,
  delimiter: Separator,
): AsyncGenerator<RawRow & { line: number }> {
  const source = Readable.from(stream, { objectMode: false });
  const parser = source.pipe(
    parse({
      delimiter,
      bom: true,
      info: true,
      relax_column_count: true,
      relax_quotes: true, // A quote inside a cell is text, such as in 5" pipe.
      skip_empty_lines: true,
      max_record_size: MAX_ROW_BYTES,
      // Without this option, an error would discard rows that were parsed but not yet delivered.
      skip_records_with_error: true,
    }),
  );
  const broken: CsvError[] = [];
  parser.on('skip', (error: CsvError) => broken.push(error));
  try {
    let header: string[] | null = null;
    let line = 1;
    let empty = 0;
    for await (const { record, info } of parser as AsyncIterable<{ record: string[]; info: Info }>) {
      // The parser skips empty lines before a row.
      const firstLine = line + info.empty_lines - empty;
      line = info.lines + 1;
      empty = info.empty_lines;
      if (!header) {
        header = record;
        const twice = record.find((name, i) => name !== '' && record.indexOf(name) < i);
        if (twice === undefined) continue;
        yield { line: firstLine, problem: tableProblem(`Two columns have the name "${twice}".`) };
        return;
      }
      if (record.length === header.length) {
        // A row with replacement characters is an error, because training would use these characters.
        const isBroken = record.some((cell) => cell.includes('\uFFFD'));
        yield isBroken
          ? { line: firstLine, problem: UNDECODED }
          : { line: firstLine, value: named(header, record) };
      } else
        yield {
          line: firstLine,
          problem: tableProblem(
            `The row has ${record.length} cells, but the header has ${header.length}. Put cells that contain a separator in double quotes.`,
          ),
        };
    }
    for (const { code, message } of broken) {
      const what = code === 'CSV_QUOTE_NOT_CLOSED' ? 'A quote in this row is not closed.' : message;
      yield { line, problem: tableProblem(what) };
    }
  } finally {
    source.destroy(); // Destroying the source also closes the file.
  }
}

/** An image in a cell as Python prints it: `{'bytes': b'\\x89PNG…', 'path': None}`, or only the bytes. */
const PRINTED_BYTES = /^(?:\{'bytes': )?b(['"])(.*)\1(?:, 'path': (?:None|'[^']*')\})?$/s;
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };

/** Columns whose values can be prose in brackets. */
const PROSE = /^(?:question|prompt|answer|solution)$/i;

/**
 * Parses a cell with an object, or with a list of strings, objects or lists, as JSON, Python or DuckDB write them.
 * Returns undefined for other text. A list of numbers remains text, to preserve the digits.
 */
function structure(cell: string, column: string): unknown {
  const text = cell.trim();
  const printed = PRINTED_BYTES.exec(text)?.[2];
  if (printed !== undefined) {
    const escape = /\\(?:x([\da-f]{2})|(.))/gs;
    const bytes = printed.replace(escape, (_, hex?: string, char?: string) =>
      hex === undefined ? (ESCAPED[char!] ?? char!) : String.fromCharCode(Number.parseInt(hex, 16)),
    );
    return { bytes: Buffer.from(bytes, 'latin1').toString('base64') };
  }
  if (!/^(?:\[.*\]|\{.*\}|array\(.*\))$/s.test(text)) return undefined;
  const read = readLenient(text, 0);
  const isRead = read?.end === text.length && read.repairs.every(({ code }) => code !== 'unreadable');
  const value = isRead ? read.value : undefined;
  if (isRecord(value) || (Array.isArray(value) && value.some((item) => item instanceof Object))) return value;
  const list = listedOptions(text);
  const isBare = !PROSE.test(column.trim()) && list?.every((item) => !/^[-+.\d]+$|^[{[]/.test(item));
  const isOfTexts = /^\W*['"]/.test(text) || isBare;
  return isOfTexts ? (list ?? undefined) : undefined;
}

/** Returns a decoder for the columns of a CSV table in which all cells of the first rows are structured. */
export function structured(first: readonly Record<string, unknown>[]): (row: RawRow) => RawRow {
  const decoded = (cell: unknown, column: string) =>
    typeof cell === 'string' ? structure(cell, column) : undefined;
  const columns = [...new Set(first.flatMap(Object.keys))].filter((column) =>
    first.every((row) => row[column] === undefined || decoded(row[column], column) !== undefined),
  );
  return (row) => {
    const { value } = row;
    if (columns.length === 0 || !isRecord(value)) return row;
    const cells = columns.flatMap((column) => {
      const cell = decoded(value[column], column);
      return cell === undefined ? [] : [[column, cell] as const];
    });
    return { ...row, value: { ...value, ...Object.fromEntries(cells) } };
  };
}

const named = (header: readonly string[], cells: readonly string[]): Record<string, string> =>
  Object.fromEntries(header.flatMap((name, i) => (cells[i] === '' ? [] : [[name, cells[i]!]])));
