import { basename, dirname, resolve } from 'node:path';
import { parseSample, type ParsedSample } from '../../core/spatial/parse-sample.ts';
import { DataError } from './data-error.ts';
import { jsonElements } from './json-elements.ts';
import { columnMapping } from './mappings/columns.ts';
import { MAPPINGS, recognise } from './mappings/index.ts';
import type { Mapping, Row } from './mappings/mapping.ts';
import { native } from './mappings/native.ts';
import { openParquet } from './parquet/file.ts';
import { parquetRows } from './parquet/rows.ts';
import { jsonLines, type DataRow, type RowNumber, type RawRow } from './rows.ts';
import { relocateImages, relocatePath } from './relocate.ts';
import { NotAFile, openFile, streamFile } from '../files/regular.ts';

export interface ReadOptions {
  /** A mapping's name, or `auto`. */
  from?: string;
  /** A column mapping (mappings/columns.ts), which takes precedence over `from`. */
  map?: string;
  /** The folder that image paths in the rows are relative to; default: the file's own. */
  images?: string;
  /** The folder that image paths in the samples are made relative to; default: the file's own. */
  relativeTo?: string;
}

export interface OpenDataset {
  mapping: Mapping;
  /** The number of rows, if the file states it. */
  total?: number;
  rows: AsyncGenerator<DataRow>;
}

/**
 * Opens a data set of any known format as a stream of samples, from a file or the bytes of standard input. Bad rows
 * become rows with errors; only a file that cannot be read at all throws.
 * @throws DataError with a fix if the format is not recognised or the file is unreadable.
 */
export async function openDataset(
  input: string | AsyncIterable<Buffer>,
  options: ReadOptions = {},
): Promise<OpenDataset> {
  const path = typeof input === 'string' ? input : undefined;
  const folder = path === undefined ? '.' : dirname(path);
  const imageFolder = options.images ?? folder;
  const source = await rawRows(input, (file) => relocatePath(basename(file), dirname(file), imageFolder));
  const mapping = chooseMapping(options, source.columns, path);
  const stem = path === undefined ? 'row' : basename(path).replace(/(\.qa)?\.\w+$/, '');
  async function* rows(): AsyncGenerator<DataRow> {
    let n = 0;
    for await (const raw of source.rows) {
      const parsed = mapRow(raw, mapping, `${stem}-${n++}`);
      const place: RowNumber = raw.line === undefined ? { row: raw.row } : { line: raw.line };
      if (parsed.sample) {
        const sample = relocateImages(parsed.sample, imageFolder, options.relativeTo ?? folder);
        yield { ...place, sample, problems: parsed.problems };
      } else yield { ...place, ...parsed };
    }
  }
  return { mapping, ...(source.total !== undefined && { total: source.total }), rows: rows() };
}

interface Source {
  columns: string[];
  total?: number;
  rows: AsyncIterable<RawRow>;
}

/** How CLEVR's file of questions begins: its list is inside an object. */
const CLEVR = /^\{\s*"info"\s*:\s*\{[^{}[\]]*\}\s*,\s*"questions"\s*:\s*\[/;
/** How many characters to read for that check. */
const PEEKED = 2000;

async function rawRows(
  input: string | AsyncIterable<Buffer>,
  nameOf: (file: string) => string,
): Promise<Source> {
  if (typeof input === 'string' && (await isParquet(input))) {
    const table = await openParquet(input);
    await table.close(); // the caller may never ask for the rows
    async function* rows(path: string) {
      const file = await openParquet(path);
      try {
        yield* parquetRows(file, nameOf(path));
      } finally {
        await file.close();
      }
    }
    const columns = table.schema.children.map((child) => child.element.name);
    return { columns, total: table.rows, rows: rows(input) };
  }
  const bytes = typeof input === 'string' ? await streamFile(input) : input;
  const { start, stream } = await peek(bytes as AsyncIterable<Buffer>);
  const rows = /^\[/.test(start) || CLEVR.test(start) ? jsonElements(stream) : jsonLines(stream);
  return withColumns(rows);
}

/** Reads rows until one can be decoded, to learn its columns; those rows are still delivered. */
async function withColumns(rows: AsyncGenerator<RawRow>): Promise<Source> {
  const seen: RawRow[] = [];
  let columns: string[] = [];
  while (columns.length === 0 && seen.length < 1000) {
    const next = await rows.next();
    if (next.done) break;
    seen.push(next.value);
    const { value } = next.value;
    if (value instanceof Object && !Array.isArray(value)) columns = Object.keys(value);
  }
  async function* all() {
    yield* seen;
    yield* rows;
  }
  return { columns, rows: all() };
}

async function isParquet(path: string): Promise<boolean> {
  const file = await openFile(path).catch((error: Error) => {
    const message = error instanceof NotAFile ? error.message : 'No such file, or it cannot be read.';
    throw new DataError('no-file', message, { file: path });
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return path.endsWith('.parquet') || (bytesRead === 4 && buffer.toString('latin1') === 'PAR1');
  } finally {
    await file.close();
  }
}

/** Returns the beginning of the text, without leading spaces and byte-order mark, and the stream from its start. */
async function peek(bytes: AsyncIterable<Buffer>): Promise<{ start: string; stream: AsyncIterable<Buffer> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  const seen: Buffer[] = [];
  let start = '';
  while (start.length < PEEKED) {
    const { value, done } = await iterator.next();
    if (done) break;
    seen.push(value);
    start = (start + value.toString('utf8')).trimStart().replace('\uFEFF', '').trimStart().slice(0, PEEKED);
  }
  async function* stream() {
    try {
      yield* seen;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  }
  return { start, stream: stream() };
}

function chooseMapping({ from = 'auto', map }: ReadOptions, columns: string[], path?: string): Mapping {
  if (map !== undefined) return columnMapping(map);
  if (from !== 'auto') {
    const named = MAPPINGS.find(({ name }) => name === from);
    const fix = `Use one of auto, ${MAPPINGS.map(({ name }) => name).join(', ')}, or --map.`;
    if (!named) throw new DataError('format', `There is no format "${from}".`, { fix });
    return named;
  }
  // An empty file is an empty data set, and our own extension settles the format, however broken the rows are.
  if (columns.length === 0 || path?.endsWith('.qa.jsonl')) return native;
  // Match the whole path, because a hub download has the data set's name in a folder.
  const found = recognise(columns, path === undefined ? '' : resolve(path));
  if (found) return found;
  throw new DataError('format', `None of the known data sets has these columns: ${columns.join(', ')}.`, {
    ...(path !== undefined && { file: path }),
    fix: 'Name the format with --from, or the columns with --map question=…,answer=…,images=….',
  });
}

function mapRow({ value, problem }: RawRow, mapping: Mapping, id: string): ParsedSample {
  const before = problem ? [problem] : [];
  if (value === undefined) return { sample: null, problems: before };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return parseSample(value);
  const row = value as Row;
  const missing = mapping === native ? [] : mapping.columns.filter((column) => row[column] == null);
  if (missing.length > 0) {
    const message = `A ${mapping.name} row needs the column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}.`;
    return { sample: null, problems: [...before, { severity: 'error', code: 'missing-column', message }] };
  }
  try {
    const parsed = parseSample(mapping.sample(row, id));
    return { ...parsed, problems: [...before, ...parsed.problems] };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { sample: null, problems: [...before, error.problem] };
  }
}
