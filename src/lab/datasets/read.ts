import { readdir } from 'node:fs/promises';
import { basename, dirname, extname, resolve } from 'node:path';
import { isRecord } from '../../core/json.ts';
import { counted } from '../../core/reports/cells.ts';
import {
  columnRules,
  guessColumns,
  namedColumns,
  otherReferences,
  type ColumnChoice,
} from '../../core/sample/guess-columns.ts';
import { moveOptions } from '../../core/read/move-options.ts';
import { parseSample, type ParsedSample } from '../../core/sample/parse-sample.ts';
import { SEPARATOR_NAMES, separatedRows, separatorOf, type Separator } from './csv.ts';
import { workbookRows } from './xlsx.ts';
import { cannotRead, DataError } from './data-error.ts';
import { parseJson } from './json.ts';
import { innerList } from './inner-list.ts';
import { jsonElements } from './json-elements.ts';
import { LABEL_FILES, labelFormat, openLabels } from './label-files.ts';
import { columnMapping, nativeTable, plainTable } from './mappings/columns.ts';
import { MAPPINGS, recognise } from './mappings/index.ts';
import { type Mapping, native, type Row } from './mappings/mapping.ts';
import { openParquet } from './parquet/file.ts';
import { parquetRows } from './parquet/rows.ts';
import { jsonLines, type DataRow, type OpenDataset, type RowNumber, type RawRow } from './rows.ts';
import { relocateImages, relocatePath } from './image-files.ts';
import { ifMissing } from '../files/disk-error.ts';
import { isInside } from '../files/inside.ts';
import { readRange, streamFile } from '../files/regular.ts';
import { byNumber } from '../files/folders.ts';

export interface ReadOptions {
  /** A mapping's name, or `auto`. */
  from?: string;
  /** A column mapping (mappings/columns.ts), which takes precedence over `from`. */
  map?: string;
  /** The folder that image paths in the rows are relative to; default: the file's own. */
  imageFolder?: string;
  /** The folder that image paths in the samples are made relative to; default: the file's own. */
  relativeTo?: string;
  /**
   * Takes rows whose question or answer is still to be written: those of files of labels and our own rows with neither
   * of both, as labels become, or all of our own rows.
   */
  blank?: 'labels' | 'all';
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
  const imageFolder = options.imageFolder ?? folder;
  const labels = await labelFormat(input, options);
  if (labels !== null)
    return openLabels(input as string, labels, {
      imageFolder,
      relativeTo: options.relativeTo ?? folder,
      blank: options.blank !== undefined,
    });
  const source = await rawRows(input, (file) => relocatePath(basename(file), dirname(file), imageFolder));
  const mapping = await chooseMapping(options, source, path);
  // Our own files are never rewritten as they are read, nor rows that come through a pipe from another command.
  const isOurs = isNative(mapping) && (path === undefined || path.endsWith(NATIVE));
  const stem = path === undefined ? 'row' : basename(path).replace(/(\.qa)?\.\w+$/, '');
  async function* rows(): AsyncGenerator<DataRow> {
    let n = 0;
    for await (const raw of source.rows) {
      const isBlank = options.blank === 'all' || (options.blank === 'labels' && isUnasked(raw.value));
      const parsed = await mapRow(raw, mapping, `${stem}-${n++}`, isBlank, imageFolder);
      const place: RowNumber = raw.line === undefined ? { row: raw.row } : { line: raw.line };
      if (parsed.sample) {
        const moved = isOurs ? null : moveOptions(parsed.sample);
        const sample = relocateImages(moved ?? parsed.sample, imageFolder, options.relativeTo ?? folder);
        yield { ...place, sample, problems: parsed.problems, ...(moved && { moved_options: true }) };
      } else yield { ...place, ...parsed };
    }
  }
  return { mapping, ...(source.total !== undefined && { total: source.total }), rows: rows() };
}

/** Opens a table of any format as a stream of its rows, whatever their columns. @throws DataError if it is unreadable */
export const openTable = async (input: string | AsyncIterable<Buffer>): Promise<AsyncIterable<RawRow>> =>
  (await rawRows(input, (file) => file)).rows;

/** Whether a row has neither question nor answer, as labels have when they become rows. */
const isUnasked = (value: unknown): boolean =>
  isRecord(value) && value.question === '' && value.answer === '';

interface Source {
  columns: string[];
  /** The list of the rows, where it lies in an object. */
  list?: string;
  /** The first rows: of a pipe, as far as they had to be read. */
  first: () => Promise<Row[]>;
  /** Of a table of texts. */
  separator?: Separator;
  total?: number;
  rows: AsyncIterable<RawRow>;
}

/** The name of our own files ends so. */
const NATIVE = '.qa.jsonl';
/** Whether rows have the fields of our own. */
const isNative = ({ name }: Mapping): boolean => name === native.name;

/** How many of the first rows of a file to look at, to tell what its columns hold. */
const LOOKED_AT = 50;

/** How many names of columns a message lists. */
const LISTED = 50;
const shortList = (names: readonly string[]): string =>
  names.length > LISTED
    ? `${names.slice(0, LISTED).join(', ')} and ${names.length - LISTED} more`
    : names.join(', ');
/** How CLEVR's file of questions begins: its list is inside an object. */
const CLEVR = /^\{\s*"info"\s*:\s*\{[^{}[\]]*\}\s*,\s*"questions"\s*:\s*\[/;
/** How GQA's file of questions begins: one object, with questions by their ids. */
const KEYED = /^\{\s*"\d+"\s*:\s*\{/;
/** How many characters to read for these checks. */
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
    return { columns, total: table.rows, rows: rows(input), first: () => firstOf(rows(input)) };
  }
  const ending = typeof input === 'string' ? extname(input).toLowerCase() : '';
  const isFile = typeof input === 'string';
  if (isFile && ending === '.xlsx') return withColumns(workbook(input, nameOf(input)), true);
  const inner = isFile && ending === '.json' ? await innerList(input, CLEVR) : null;
  if (inner)
    return { ...(await withColumns(eachOf(inner.rows), true)), total: inner.rows.length, list: inner.list };
  const bytes = typeof input === 'string' ? await streamFile(input) : input;
  if (ending === '.csv' || ending === '.tsv') {
    const { start, stream } = await peek(bytes as AsyncIterable<Buffer>, 1);
    const separator = separatorOf(start);
    return {
      ...(await withColumns(separatedRows(stream as AsyncIterable<Buffer>, separator), true)),
      separator,
    };
  }
  // Our own extension settles that rows are lines: every command then sees the same rows.
  if (typeof input === 'string' && input.endsWith(NATIVE)) return withColumns(jsonLines(bytes), true);
  const { start, stream } = await peek(bytes as AsyncIterable<Buffer>);
  if (/^\[/.test(start) || CLEVR.test(start)) return withColumns(jsonElements(stream), isFile);
  return withColumns(KEYED.test(start) ? jsonElements(stream, { keyed: true }) : jsonLines(stream), isFile);
}

async function* eachOf(rows: readonly RawRow[]): AsyncGenerator<RawRow> {
  yield* rows;
}

async function* workbook(path: string, name: string): AsyncGenerator<RawRow> {
  yield* await workbookRows(path, name);
}

/**
 * Reads rows until one can be decoded, to learn its columns; those rows are still delivered.
 * @param isFile whether more rows can be had at once: a program at the other end of a pipe may wait for an answer
 */
async function withColumns(rows: AsyncGenerator<RawRow>, isFile: boolean): Promise<Source> {
  const seen: RawRow[] = [];
  let columns: string[] = [];
  while (columns.length === 0 && seen.length < 1000) {
    const next = await rows.next();
    if (next.done) break;
    seen.push(next.value);
    const { value } = next.value;
    // In a list, as in What'sUp, the indices serve as column names.
    if (value instanceof Object) columns = Object.keys(value);
  }
  async function* all() {
    yield* seen;
    yield* rows;
  }
  const first = async () => {
    for (let next; isFile && seen.length < LOOKED_AT; seen.push(next.value))
      if ((next = await rows.next()).done) break;
    return objectsOf(seen);
  };
  return { columns, first, rows: all() };
}

const objectsOf = (rows: readonly RawRow[]): Row[] =>
  rows.flatMap(({ value }) => (value instanceof Object ? [value as Row] : []));

async function firstOf(rows: AsyncGenerator<RawRow>): Promise<Row[]> {
  const first: RawRow[] = [];
  for await (const row of rows) if (first.push(row) >= LOOKED_AT) break;
  return objectsOf(first);
}

async function isParquet(path: string): Promise<boolean> {
  const start = await readRange(path, 0, 4).catch(cannotRead(path));
  return path.endsWith('.parquet') || start.toString('latin1') === 'PAR1';
}

/** Whether a text begins with a row on a line of its own: a program that waits for the answer to it sends no more. */
function isWholeLine(start: string): boolean {
  const [line, ...rest] = start.split('\n');
  return rest.length > 0 && parseJson(line!).value !== undefined;
}

/**
 * Returns the beginning of the text, without leading spaces and byte-order mark, and the stream from its start.
 * @param atLeast how many characters to wait for, if the stream has so many
 */
async function peek(
  bytes: AsyncIterable<Buffer>,
  atLeast = PEEKED,
): Promise<{ start: string; stream: AsyncIterable<Buffer> }> {
  const iterator = bytes[Symbol.asyncIterator]();
  const seen: Buffer[] = [];
  let start = '';
  while (start.length < atLeast && !isWholeLine(start)) {
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

async function chooseMapping(
  { from = 'auto', map }: ReadOptions,
  { columns, first, separator, list, total }: Source,
  path?: string,
): Promise<Mapping> {
  if (map !== undefined) return columnMapping(map);
  if (from !== 'auto') {
    const named = MAPPINGS.find(({ name }) => name === from);
    const fix = `Use one of auto, ${[...MAPPINGS, ...LABEL_FILES].map(({ name }) => name).join(', ')}, or --map.`;
    if (!named) throw new DataError('format', `There is no format "${from}".`, { fix });
    return named;
  }
  // An empty file is an empty data set, and our own extension settles the format, however broken the rows are.
  if (columns.length === 0 || path?.endsWith(NATIVE)) return native;
  // Match the whole path, because a hub download has the data set's name in a folder.
  const mapping = recognise(columns, path === undefined ? '' : resolve(path));
  if (mapping && mapping !== native) return mapping;
  const rows = await first();
  requireOneReference(columns, rows, path);
  // Our own rows have their options under "choices", so columns A, B, … are those of a plain table.
  if (mapping && !['A', 'B'].every((name) => columns.includes(name))) return nativeTable(columns, rows);
  const plain = plainTable(columns, rows);
  if (plain) return plain;
  const names = separator === undefined ? '' : `, separated by ${SEPARATOR_NAMES[separator]}`;
  const place =
    list === undefined ? '' : `It is one JSON object, whose list "${list}" has ${counted(total!, 'row')}. `;
  throw new DataError(
    'format',
    `${place}None of the known data sets has these columns${names}: ${shortList(columns)}.`,
    {
      ...(path !== undefined && { file: path }),
      fix: ['images', 'annotations'].every((name) => columns.includes(name))
        ? 'If it is a COCO file, add --from coco.'
        : `Name the format with --from, or the columns with ${guessedRules(columns, rows)}.`,
    },
  );
}

/** @throws DataError if a table has an answer and another reference, of which one is what a model said */
function requireOneReference(columns: readonly string[], rows: readonly Row[], path?: string): void {
  const answer = namedColumns(columns)?.get('answer');
  const others = answer === undefined ? [] : otherReferences(answer, columns, rows);
  if (answer === undefined || others.length === 0) return;
  const names = [answer, ...others];
  const lines = names.map((name) => `  ${guessedRules(columns, rows, { answer: name })}`);
  throw new DataError(
    'reference',
    `The columns ${names.join(' and ')} differ, and each may be the right answer; the other may be what a model said.`,
    {
      ...(path !== undefined && { file: path }),
      fix: `Say which is right, with one of these:\n${lines.join('\n')}`,
    },
  );
}

/** The `--map` to try: with columns that look like those of questions, answers and pictures, where there are some. */
function guessedRules(columns: readonly string[], first: readonly Row[], chosen: ColumnChoice = {}): string {
  const guess = { ...guessColumns(columns, first), ...chosen };
  const rules = columnRules({ question: '…', answer: '…', ...(!chosen.answer && { images: '…' }), ...guess });
  return `--map ${/[\s"'&|;<>()$`]/.test(rules) ? `'${rules.replaceAll("'", `'\\''`)}'` : rules}`;
}

async function mapRow(
  { value, problem }: RawRow,
  mapping: Mapping,
  id: string,
  blank: boolean,
  imageFolder: string,
): Promise<ParsedSample> {
  const before = problem ? [problem] : [];
  if (value === undefined) return { sample: null, problems: before };
  const isList = Array.isArray(value) && !isNative(mapping);
  if (typeof value !== 'object' || value === null || (Array.isArray(value) && !isList))
    return parseSample(value);
  const row = { ...value } as Row;
  const missing = isNative(mapping) ? [] : mapping.columns.filter((column) => row[column] == null);
  if (missing.length > 0) {
    const message = `A ${mapping.name} row needs the column${missing.length > 1 ? 's' : ''} ${missing.join(', ')}.`;
    return { sample: null, problems: [...before, { severity: 'error', code: 'missing-column', message }] };
  }
  try {
    const mapped = mapping.sample(row, id);
    if (!isNative(mapping)) refuseUnreadable(mapped);
    const parsed = parseSample(
      { ...mapped, ...(await framesOf(mapped, imageFolder)) },
      { blank: blank && isNative(mapping) },
    );
    return { ...parsed, problems: [...before, ...parsed.problems] };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { sample: null, problems: [...before, error.problem] };
  }
}

/** @throws DataError for rows that cannot be shown to a model here: videos, and questions that refer to masks. */
function refuseUnreadable({ question, images }: Row): void {
  if (/<(?:mask|depth|region)\d*>/i.test(String(question)))
    throw new DataError(
      'mask-prompt',
      'The question points at regions by <mask>, which models are not shown.',
      {
        fix: 'Write the regions as boxes in the question.',
      },
    );
  for (const image of Array.isArray(images) ? (images as unknown[]) : [])
    if (typeof image === 'string' && /\.(?:mp4|avi|mov|mkv|webm|m4v)$/i.test(image))
      throw new DataError('video', `${image} is a video.`, {
        fix: 'Extract its frames into a folder, and name it with "/*" at the end.',
      });
}

/** Largest number of frames of a video; more are refused. */
const MAX_FRAMES = 128;
const PICTURE = /\.(?:png|jpe?g|webp|gif|bmp|tiff?|avif)$/i;

/** A single reference that ends in `/*` stands for all pictures of a folder, in the order of their names. */
async function framesOf({ images }: Row, imageFolder: string): Promise<{ images?: string[] }> {
  const [only] = Array.isArray(images) && images.length === 1 ? (images as unknown[]) : [];
  if (typeof only !== 'string' || !only.endsWith('/*')) return {};
  const folder = only.slice(0, -2);
  const path = resolve(imageFolder, folder);
  const fix = 'Extract the frames of the video there, and give the folder above it with --image-folder.';
  if (!isInside(resolve(imageFolder), path))
    throw new DataError('image-outside', `${folder} leads out of the folder of the pictures.`);
  const names = (await readdir(path).catch(ifMissing([]))).filter((name) => PICTURE.test(name));
  if (names.length === 0) throw new DataError('no-frames', `There are no pictures in ${folder}.`, { fix });
  if (names.length > MAX_FRAMES)
    throw new DataError(
      'no-frames',
      `${folder} holds ${names.length} pictures; at most ${MAX_FRAMES} are read.`,
    );
  return { images: names.sort(byNumber).map((name) => `${folder}/${name}`) };
}
