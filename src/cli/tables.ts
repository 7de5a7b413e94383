import { createHash } from 'node:crypto';
import { UsageError } from './errors.ts';
import { LeftOut, datasetInput, inputName, isNamed } from './input.ts';
import { tell } from './print.ts';
import { Progress } from './progress.ts';
import { usage } from './write-samples.ts';
import { cellOf, predictionOf, READ_COLUMNS } from '../core/answers/prediction.ts';
import { parseScoreRow } from '../core/answers/score-row.ts';
import { SetReading } from '../core/answers/set-reading.ts';
import type { ScoreRow, Task } from '../core/answers/score.ts';
import { DataError } from '../lab/datasets/data-error.ts';
import { several } from '../base/format.ts';
import { isRecord } from '../base/json.ts';
import type { Problem } from '../base/problem.ts';
import { onThreads } from '../lab/files/row-threads.ts';
import type { LineChunk } from '../lab/files/lines.ts';
import type { ParsedSample } from '../rows/sample/parse-sample.ts';
import type { Sample } from '../rows/sample/sample.ts';
import { ORIGINAL, isViewId } from '../rows/view-list.ts';
import { inView } from '../rows/views/view.ts';
import { columnMapping, completionMapping } from '../lab/datasets/mappings/column-mapping.ts';
import { type ReadOptions, openDataset, openTable } from '../lab/datasets/open-dataset.ts';
import { type DataRow, type OpenDataset, rowNumberText } from '../lab/datasets/rows.ts';

export interface CompletionRow {
  value: Record<string, unknown>;
  row: ScoreRow & { id: string };
}

/** Position of a row in its file. */
export type RowNumber = Parameters<typeof rowNumberText>[0];
type ThreadedRows = NonNullable<Parameters<typeof onThreads>[2]>;
type Table = Awaited<ReturnType<typeof openTable>>;
type RawRow = Table['rows'] extends AsyncIterable<infer Row> ? Row : never;

/** Row of completions as plain values, read independently of other rows. */
export interface ReadCompletion<Made> {
  place: RowNumber;
  problems: Problem[];
  /** Reason why these options cannot read the table. */
  refused?: string;
  /** Raw value of the row, if requested. */
  value?: Record<string, unknown>;
  /** Present if the row is usable. */
  usable?: {
    id: string;
    /** Set, view, id and question, which together identify the row. */
    key: string;
    question: string;
    reading: ReturnType<typeof SetReading.look>;
    /** Result for each task that the row's evaluation set can have. */
    made: readonly (readonly [Task | null, Made])[];
  };
}

/** Function that computes a result for a row whose task is known. */
type MakeOf<Made> = (row: CompletionRow) => Made | Promise<Made>;

/** Whether worker threads still need to return raw values, and boxes. */
export type CompletionWants = Record<'values' | 'boxes', boolean>;

/** Returns the function that renames the columns of a row, and adds an empty completion to a row with an empty cell. */
function namedBy(
  { columns, omitsEmpty = false }: Table,
  { map, names = ['completion'] }: { map?: string | undefined; names?: readonly string[] },
) {
  const mapped = map === undefined ? null : usage(() => completionMapping(map, columns));
  return (raw: Record<string, unknown>): Record<string, unknown> => {
    const row = mapped ? mapped(raw) : raw;
    if (row.segments !== undefined || cellOf(row, names) !== undefined) return row;
    const cells = omitsEmpty ? columns : Object.keys(row);
    const hasColumn = cells.some((column) => names.includes(column.trim().toLowerCase()));
    return hasColumn ? { ...row, completion: '' } : row;
  };
}

async function readCompletion<Made>(
  value: unknown,
  { problem, ...place }: RawRow,
  make: MakeOf<Made>,
): Promise<ReadCompletion<Made>> {
  delete place.value;
  const { row, problems } = value === undefined ? { row: null, problems: [problem!] } : parseScoreRow(value);
  if (!row || !isRecord(value)) return { place, problems };
  const reading = SetReading.look(row);
  const made: [Task | null, Made][] = [];
  for (const task of SetReading.possibleTasks(reading.forms))
    made.push([task, await make({ value, row: task === null ? row : { ...row, found_task: task } })]);
  const question = createHash('md5')
    .update(JSON.stringify([row.question, row.images ?? row.image]))
    .digest('base64');
  const key = JSON.stringify([value.set, value.view ?? ORIGINAL, row.id]);
  return { place, problems, usable: { id: row.id, key, question, reading, made } };
}

/** Source of the rows, shared by all jobs of a worker thread. */
let opened: Promise<object> | undefined;
function openOnce<Source extends { close?: () => Promise<unknown> }>(
  open: () => Promise<Source>,
): Promise<Source> {
  opened ??= open().then(async (source) => {
    await source.close?.();
    return source;
  });
  return opened as Promise<Source>;
}

/** Yields the rows of completions in a part of a file, in a worker thread. */
export async function* completionsIn<Made>(
  chunk: LineChunk,
  { path, map }: { path: string; map?: string | undefined },
  wants: CompletionWants,
  make: MakeOf<Made>,
): AsyncGenerator<ReadCompletion<Made>> {
  const table = await openOnce(() => openTable(path));
  const named = namedBy(table, { map });
  for await (const row of table.readChunk!(chunk))
    try {
      const value = isRecord(row.value) ? named(row.value) : row.value;
      const read = await readCompletion(value, row, make);
      yield read.usable && wants.values ? { ...read, value: value as Record<string, unknown> } : read;
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      yield { place: { line: row.line! }, problems: [], refused: error.message };
    }
}

/**
 * Yields the rows of a table of completions (JSON lines, a JSON list, CSV …), or of standard input. Reports bad rows
 * with file and line, and excludes them.
 * @param make computes a result for a row whose task is known
 * @param options.set dataset with questions and reference answers, if the rows have only ids
 * @param options.map rules for the columns, as in `--map`
 * @param options.threaded equivalent of `make` on worker threads, for large files
 * @throws UsageError if no row is good
 */
export async function* readCompletions<Made>(
  input: string | undefined,
  make: MakeOf<Made>,
  {
    set,
    map,
    threaded,
  }: {
    set?: ReferenceSet | undefined;
    map?: string | undefined;
    threaded?: Omit<ThreadedRows, 'path'> | undefined;
  } = {},
): AsyncGenerator<ReadCompletion<Made>> {
  const table = await openTable(await datasetInput(input));
  let withNames: ReturnType<typeof namedBy>;
  try {
    withNames = namedBy(table, { map, ...(set && { names: READ_COLUMNS.completion }) });
  } catch (error) {
    await table.close?.();
    throw error;
  }
  const progress = new Progress('row');
  const leftOut = new LeftOut(input);
  const questions = new Map<string, { question: string; place: string }>();
  let [read, rows] = [0, 0];
  const work = async ({ value: raw, ...row }: RawRow): Promise<ReadCompletion<Made> | null> => {
    const named = isRecord(raw) ? usage(() => withNames(raw)) : raw;
    if (read++ === 0 && isRecord(named)) requireNames(named, input, set);
    const value = set && isRecord(named) ? set.join(named, read - 1) : named;
    if (value === null) return null;
    return { ...(await readCompletion(value, row as RawRow, make)), ...(isRecord(value) && { value }) };
  };
  const path = threaded && !set && table.readChunk && isNamed(input) ? input : null;
  for await (const row of onThreads(table.rows, work, path === null ? null : { ...threaded!, path })) {
    progress.update(++rows);
    if (row?.refused !== undefined) throw new UsageError(row.refused);
    const usable = row?.usable;
    const twice = usable && askedTwice(questions, usable, rowNumberText(row!.place));
    if (usable && !twice) yield row!;
    else if (row) leftOut.add(rowNumberText(row.place), twice ? [twice] : row.problems);
  }
  progress.end();
  leftOut.end(rows);
  set?.end(input, rows);
}

/**
 * Returns an error if an earlier row with the same id has a different question or image; else null. Rows with the same
 * id must answer the same question.
 */
function askedTwice(
  questions: Map<string, { question: string; place: string }>,
  { id, key, question }: Pick<NonNullable<ReadCompletion<unknown>['usable']>, 'id' | 'key' | 'question'>,
  place: string,
): Problem | null {
  const before = questions.get(key);
  if (!before) questions.set(key, { question, place });
  if (!before || before.question === question) return null;
  return {
    severity: 'error',
    code: 'id-twice',
    path: 'id',
    message: `The id ${JSON.stringify(id)} already belongs to another question or image in row ${before.place}.`,
    fix: 'Set a unique id for every question. Answers to one question share its id, "set" and "view".',
  };
}

/** @throws UsageError with the existing and the accepted columns if the first row of a table has no completion */
function requireNames(
  value: Record<string, unknown>,
  input: string | undefined,
  set: ReferenceSet | undefined,
): void {
  const { id, text } = predictionOf(value);
  if (value.completion !== undefined || value.segments !== undefined || (set && text !== null)) return;
  const file = inputName(input);
  const columns = Object.keys(value).join(', ');
  const reference = READ_COLUMNS.reference.some((name) => name in value) ? '' : ',answer=COLUMN';
  if (text === null)
    throw new UsageError(
      `${file} has no completion column. Its columns are ${columns}. Chirality reads completions from ${set ? READ_COLUMNS.completion.join(', ') : 'completion'}.`,
      {
        fix: `Pass the column with --map completion=COLUMN${set ? ', and the id column with id=COLUMN' : `${reference}, or with a dataset: \`chirality score ${file} --map completion=COLUMN --set data.qa.jsonl\``}.`,
      },
    );
  throw new UsageError(`${file} has no column "completion". Its columns are ${columns}.`, {
    fix: `Pass the completion column with --map completion=COLUMN${reference}. For reference answers from a dataset${id === null ? '' : ', matched by id'}, run \`chirality score ${file} --set data.qa.jsonl\`.`,
  });
}

/** Options for reading datasets: the format, and the rules for the columns of unknown tables. */
export interface ReadingOptions {
  from: string;
  map?: string;
  encoding?: string;
}

/** Prints the encoding of a table that is not UTF-8, because file names and words depend on the encoding. */
export function tellEncoding(input: string | undefined, { encoding }: OpenDataset): void {
  if (encoding)
    tell(
      `Reading ${inputName(input)} as ${encoding}, not UTF-8. If words look wrong, pass another --encoding.`,
    );
}

/** Opens a dataset in any format that `convert` can read. @throws UsageError for invalid rules */
export async function openSet(
  input: string | undefined,
  options: ReadingOptions,
  more: Omit<ReadOptions, 'from' | 'map'> = {},
): Promise<OpenDataset> {
  const { map } = options;
  if (map !== undefined) usage(() => columnMapping(map));
  const set = await openDataset(await datasetInput(input), readOptions(options, more));
  tellEncoding(input, set);
  return set;
}

const readOptions = (
  { from, map, encoding }: ReadingOptions,
  more: Omit<ReadOptions, 'from' | 'map'>,
): ReadOptions => ({
  from,
  ...(map !== undefined && { map }),
  ...(encoding !== undefined && { encoding }),
  ...more,
});

/**
 * Yields every row of an open dataset, with progress. Reports bad rows with file and line; these have no sample.
 * @param finish completes a row, or returns its problems
 * @param more.isSummed whether the caller prints the summary of all rows
 * @throws UsageError if no row is good
 */
export async function* rowsOf(
  { rows, total }: Pick<OpenDataset, 'rows' | 'total'>,
  input: string | undefined,
  finish: (row: DataRow) => ParsedSample | Promise<ParsedSample> = (row) => row,
  { isSummed = false } = {},
): AsyncGenerator<DataRow> {
  async function* finished() {
    for await (const row of rows) {
      const made = { ...row, ...(await finish(row)) };
      yield { place: row, problems: made.sample ? [] : made.problems, made };
    }
  }
  for await (const { made } of told(finished(), { input, total, isSummed })) yield made;
}

/** Settings of a worker thread that reads a dataset. */
export interface SetSetup {
  path: string;
  options: ReadOptions;
}

/** Returns the job for worker threads; null if the rows are not lines of a file. @param job job of `rows.worker.ts` */
export const threadedSet = <Wants>(
  { readChunk }: OpenDataset,
  job: string,
  path: string | undefined,
  options: ReadingOptions,
  more: Omit<ReadOptions, 'from' | 'map'>,
  wants?: () => Wants,
): ThreadedRows | null =>
  readChunk && isNamed(path)
    ? { path, job, setup: { path, options: readOptions(options, more) }, ...(wants && { wants }) }
    : null;

/** Yields the result for each row in a part of a dataset, in a worker thread. */
export async function* chunkOf<Made>(
  { path, options }: SetSetup,
  chunk: LineChunk,
  make: (row: DataRow) => Made | Promise<Made>,
): AsyncGenerator<Made> {
  const { readChunk } = await openOnce(() => openDataset(path, options));
  for await (const row of readChunk!(chunk)) yield await make(row);
}

/**
 * Yields the result for each row of a dataset, with progress. Reports bad rows with file and line.
 * @throws UsageError if no row is good
 */
export async function* told<Made extends { place: RowNumber; problems: readonly Problem[] }>(
  rows: AsyncIterable<Made>,
  {
    input,
    total,
    isSummed = false,
  }: { input: string | undefined; total: number | undefined; isSummed?: boolean },
): AsyncGenerator<Made> {
  const progress = new Progress('row', total);
  const leftOut = new LeftOut(input, isSummed);
  let count = 0;
  for await (const row of rows) {
    progress.update(++count);
    if (row.problems.length > 0) leftOut.add(rowNumberText(row.place), row.problems);
    yield row;
  }
  progress.end();
  leftOut.end(count);
}

/** Maximum number of ids that a message lists. */
const NAMED = 3;

const firstOf = (ids: Iterable<string>): string => {
  const all = [...ids];
  return `${all.slice(0, NAMED).join(', ')}${all.length > NAMED ? ', …' : ''}`;
};

/** Returns a question in lower case without extra spaces, because dataset and prediction can differ in both. */
const plain = (question: string): string => question.toLowerCase().replace(/\s+/g, ' ').trim();

/** Dataset whose rows are joined to predictions by id. */
export class ReferenceSet {
  private readonly predictions = new Map<string, Map<unknown, number>>();
  private readonly unknown = new Set<string>();
  private readonly otherViews = new Set<string>();
  private readonly otherQuestions = new Set<string>();
  private readonly ids: readonly string[];
  private isByOrder = false;
  /** Whether rows joined by order have questions, which can confirm that the right rows were joined. */
  private isChecked = false;

  private constructor(
    private readonly path: string,
    private readonly rows: ReadonlyMap<string, Sample>,
  ) {
    this.ids = [...rows.keys()];
  }

  /**
   * @param path dataset that `convert` can read
   * @param relativeTo folder for relative image references
   * @throws UsageError if the dataset has no usable row, or a repeated id
   */
  static async open(path: string, relativeTo: string | undefined): Promise<ReferenceSet> {
    const rows = new Map<string, Sample>();
    const twice = new Set<string>();
    const leftOut = new LeftOut(path);
    let count = 0;
    const set = await openDataset(await datasetInput(path), relativeTo === undefined ? {} : { relativeTo });
    for await (const { sample, problems, ...place } of set.rows) {
      count += 1;
      if (!sample) leftOut.add(rowNumberText(place), problems);
      else if (rows.has(sample.id)) twice.add(sample.id);
      else rows.set(sample.id, sample);
    }
    leftOut.end(count);
    if (rows.size === 0) throw new UsageError(`Dataset ${path} has no rows.`);
    if (twice.size > 0)
      throw new UsageError(
        `${path} has rows with the same id: ${firstOf(twice)}.\n  Set a unique id for every row, so that each prediction has one reference answer.`,
      );
    return new ReferenceSet(path, rows);
  }

  /**
   * Returns a prediction with the question, reference answer and other fields of its dataset row; null if no row
   * matches. A prediction without an id or a completion stays unchanged; its problem is reported later. If the first
   * prediction has no id, joins by order.
   */
  join(value: Record<string, unknown>, at: number): Record<string, unknown> | null {
    const { id, text: completion } = predictionOf(value);
    if (at === 0) this.isByOrder = id === null;
    if (this.isByOrder && typeof cellOf(value, ['question']) === 'string') this.isChecked = true;
    const key = this.isByOrder ? (this.ids[at] ?? null) : id;
    if (key === null || completion === null)
      return { ...value, ...(key !== null && { id: key }), completion: completion ?? undefined };
    const sample = this.rows.get(key);
    const column = cellOf(value, ['view']);
    const view = column ?? ORIGINAL;
    const seen = sample && isViewId(view) ? inView(sample, view) : null;
    if (!seen) {
      if (sample) this.otherViews.add(`${key} (${String(view)})`);
      else this.unknown.add(key);
      return null;
    }
    const question = cellOf(value, ['question']);
    if (typeof question === 'string' && !plain(question).includes(plain(seen.question))) {
      this.otherQuestions.add(key);
      return null;
    }
    const views = this.predictions.get(key) ?? new Map<unknown, number>();
    this.predictions.set(key, views.set(view, (views.get(view) ?? 0) + 1));
    return { ...value, ...seen, ...(column !== undefined && { view }), variants: undefined, completion };
  }

  /** Ids of predictions that could not be joined, by reason. */
  get left(): { unknown: string[]; other_question: string[]; not_predicted: string[] } {
    return {
      unknown: [...this.unknown],
      other_question: [...this.otherQuestions],
      not_predicted: this.ids.filter((id) => !this.predictions.has(id)),
    };
  }

  /** Prints the ids of predictions that could not be joined. @throws UsageError if no row was joined */
  end(input: string | undefined, count: number): void {
    const { unknown, other_question, not_predicted } = this.left;
    const file = inputName(input);
    if (this.isByOrder && count !== this.rows.size)
      throw new UsageError(
        `Cannot match the ${several(count, 'row')} of ${file} without ids to the ${several(this.rows.size, 'row')} of ${this.path} by order.\n  Pass the id column with --map id=COLUMN. Chirality reads ids from ${READ_COLUMNS.id.join(', ')}.`,
      );
    if (this.isByOrder)
      tell(
        `${file} has no ids. Matched its rows to ${this.path} by order: ${several(count, 'row')} in both, ${this.isChecked ? 'with the same questions' : 'without questions to check'}.`,
      );
    if (this.predictions.size === 0 && unknown.length + other_question.length > 0)
      throw new UsageError(
        unknown.length > 0
          ? `${file} and ${this.path} share no ids.\n  Predictions have ${firstOf(unknown)}; the dataset has ${firstOf(not_predicted)}.`
          : `The questions in ${file} differ from the rows of ${this.path} with the same ids.\n  Set the ids of the dataset in the predictions. Their rows might be numbered in another order.`,
      );
    const twice = [...this.predictions].flatMap(([id, views]) =>
      [...views.values()].some((n) => n > 1) ? [id] : [],
    );
    if (unknown.length > 0)
      tell(
        `${file}: excluded ${several(unknown.length, 'prediction')} whose id does not exist in ${this.path}: ${firstOf(unknown)}.`,
      );
    if (other_question.length > 0)
      tell(
        `${file}: excluded ${several(other_question.length, 'prediction')} whose question differs from the row of ${this.path} with the same id: ${firstOf(other_question)}.`,
      );
    if (this.otherViews.size > 0)
      tell(
        `${file}: excluded ${several(this.otherViews.size, 'prediction')} in a view that does not exist in ${this.path}: ${firstOf(this.otherViews)}. Rows without a view count as originals.`,
      );
    if (not_predicted.length > 0)
      tell(
        `${this.path}: excluded ${several(not_predicted.length, 'row')} without a prediction: ${firstOf(not_predicted)}.`,
      );
    if (twice.length > 0)
      tell(
        `${file}: ${several(twice.length, 'id')} with several predictions, which count as several completions of one question: ${firstOf(twice)}.`,
      );
  }
}
