import { createHash } from 'node:crypto';
import { UsageError } from './errors.ts';
import { LeftOut, datasetInput, inputName, isNamed } from './input.ts';
import { Progress } from './progress.ts';
import type { ReferenceSet } from './reference-set.ts';
import { openOnce, type ThreadedRows } from './tables.ts';
import { usage } from './write-samples.ts';
import { cellOf, predictionOf, READ_COLUMNS } from '../core/answers/prediction.ts';
import { parseScoreRow } from '../core/answers/score-row.ts';
import { SetReading } from '../core/answers/set-reading.ts';
import type { ScoreRow, Task } from '../core/answers/score.ts';
import { DataError } from '../lab/datasets/data-error.ts';
import { isRecord } from '../base/json.ts';
import type { Problem } from '../base/problem.ts';
import { onThreads } from '../lab/files/row-threads.ts';
import type { LineChunk } from '../lab/files/lines.ts';
import { ORIGINAL } from '../rows/view-list.ts';
import { completionMapping } from '../lab/datasets/mappings/column-mapping.ts';
import { openTable } from '../lab/datasets/open-table.ts';
import { type RowNumber, rowNumberText } from '../lab/datasets/rows.ts';

export interface CompletionRow {
  value: Record<string, unknown>;
  row: ScoreRow & { id: string };
}

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
