import { LeftOut, datasetInput, inputName, isNamed } from './input.ts';
import { tell } from './print.ts';
import { Progress } from './progress.ts';
import { usage } from './write-samples.ts';
import type { Problem } from '../base/problem.ts';
import type { onThreads } from '../lab/files/row-threads.ts';
import type { LineChunk } from '../lab/files/lines.ts';
import type { ParsedSample } from '../rows/sample/parse-sample.ts';
import { columnMapping } from '../lab/datasets/mappings/column-mapping.ts';
import { type ReadOptions, openDataset } from '../lab/datasets/open-dataset.ts';
import { type DataRow, type OpenDataset, type RowNumber, rowNumberText } from '../lab/datasets/rows.ts';

export type ThreadedRows = NonNullable<Parameters<typeof onThreads>[2]>;

/** Source of the rows, shared by all jobs of a worker thread. */
let opened: Promise<object> | undefined;
export function openOnce<Source extends { close?: () => Promise<unknown> }>(
  open: () => Promise<Source>,
): Promise<Source> {
  opened ??= open().then(async (source) => {
    await source.close?.();
    return source;
  });
  return opened as Promise<Source>;
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
