import { open, realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import type { Problem } from '../core/problem.ts';
import type { Sample } from '../core/spatial/sample.ts';
import { DataError } from '../lab/datasets/data-error.ts';
import { openDataFile } from '../lab/datasets/data-file.ts';
import { inOrder } from '../lab/datasets/in-order.ts';
import { readQaJsonl, type QaRow } from '../lab/datasets/rows.ts';
import { relocateImages } from '../lab/datasets/relocate.ts';
import { isPassedOn, NotAFile, openFile } from '../lab/files/regular.ts';
import { JobError, UsageError } from './errors.ts';
import { Progress } from './progress.ts';
import { printRows, tell } from './print.ts';

/** A file that was named, as opposed to standard input or output. */
export const isNamed = (path: string | undefined): path is string => !!path && path !== '-';

/** The name under which messages speak of an input: its path, or `standard input`. */
export const inputName = (path: string | undefined): string => (isNamed(path) ? path : 'standard input');

/** What `openDataset` reads: a file by its name; standard input and what a shell passes on (`<(…)`) as bytes. */
export const datasetInput = async (path: string | undefined): Promise<string | Readable> =>
  isNamed(path) && !isPassedOn(path) ? path : openInput(path);

/** Runs a check of an option's value; what it finds wrong is a usage error. */
export function usage<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof DataError ? new UsageError(error.message) : error;
  }
}

/** Why a file that was named cannot be read. */
export function cannotRead(error: unknown, file: string): JobError {
  if (!(error instanceof NotAFile)) return new JobError('No such file, or it cannot be read.', { file });
  if (error.code === 'EISDIR') return new JobError('This is a folder.', { file });
  return new JobError('This is a pipe or a device, not a file.', {
    file,
    fix: `Hand a pipe over as <(cat ${file}) or as standard input.`,
  });
}

/** Opens a file, or standard input for `-` and nothing. A terminal as standard input is a usage error. */
export async function openInput(path: string | undefined): Promise<Readable> {
  if (isNamed(path)) {
    const opened = isPassedOn(path) ? open(path) : openFile(path);
    const file = await opened.catch((error: unknown) => {
      throw cannotRead(error, path);
    });
    return file.createReadStream({ highWaterMark: 1 << 18 });
  }
  if (process.stdin.isTTY) throw new UsageError('Name a file, or pipe rows into standard input.');
  return process.stdin;
}

/** Writes lines of JSON to a data file (see `openDataFile`: it appears when all is written) or, for `-` and nothing, to standard output. */
export async function writeLines(path: string | undefined, rows: AsyncIterable<string>): Promise<void> {
  if (isNamed(path)) {
    const { file, commit, discard } = await openDataFile(path);
    try {
      // Not through a stream: a stream keeps its file handle busy, and closing the handle would wait for it forever.
      let pending = '';
      for await (const row of rows) {
        pending += `${row}\n`;
        if (pending.length < 1 << 16) continue;
        await file.writeFile(pending);
        pending = '';
      }
      await file.writeFile(pending);
    } catch (error) {
      await discard();
      throw error;
    }
    await commit();
    return;
  }
  for await (const row of rows) await printRows(`${row}\n`);
}

/** `file:line: message (path)` with the fix on a second line, as compilers print it; `line` may be a `placeText`. */
export function formatProblem(file: string, line: number | string | undefined, problem: Problem): string {
  const place = `${file}${line ? `:${line}` : ''}`;
  const path = problem.path ? ` (${problem.path})` : '';
  return `${place}: ${problem.severity}: ${problem.message}${path}${problem.fix ? `\n  ${problem.fix}` : ''}`;
}

/** Whether a command writes over what it reads. */
export async function isSameFile(input: string | undefined, output: string | undefined): Promise<boolean> {
  if (!isNamed(input) || !isNamed(output)) return false;
  const [from, to] = await Promise.all(
    [input, output].map((path) => realpath(path).catch(() => resolve(path))),
  );
  return from === to;
}

/**
 * Asked when all rows are read, before they take their place: rows that cannot be read would be gone from a file that is
 * written over itself, and where none can be read, there is nothing to write. @throws JobError
 */
export async function requireNothingLost(
  input: string | undefined,
  output: string | undefined,
  { bad, written }: Pick<TransformCounts, 'bad' | 'written'>,
): Promise<void> {
  if (bad === 0 || !isNamed(output)) return;
  if (written > 0 && !(await isSameFile(input, output))) return;
  const rows = bad === 1 ? 'One row' : `${bad} rows`;
  throw new JobError(`${output}: ${rows} could not be read, so nothing is written there.`, {
    fix:
      written > 0 ? 'Correct them, or name another file with -o.' : 'Correct them; the lines above say how.',
  });
}

export interface TransformCounts {
  rows: number;
  written: number;
  bad: number;
}

type Transformed = object | readonly object[] | null;

/**
 * The frame of every command that turns samples into samples. Good rows go through `transform` (null drops the row, a list makes several of it);
 * bad rows are reported with file and line on standard error and left out. Where input and output are files in different
 * folders, image references are rewritten to the output's.
 * @param limit rows under way at a time; they are begun and written in order.
 */
export async function transformSamples(
  input: string | undefined,
  output: string | undefined,
  label: string,
  transform: (sample: Sample, line: number) => Transformed | Promise<Transformed>,
  limit = 1,
): Promise<TransformCounts> {
  const counts: TransformCounts = { rows: 0, written: 0, bad: 0 };
  const progress = new Progress(label);
  const folders = isNamed(input) && isNamed(output) ? { from: dirname(input), to: dirname(output) } : null;
  const work = async (row: QaRow) => {
    if (!row.sample) return { row, out: [] };
    const sample = folders ? relocateImages(row.sample, folders.from, folders.to) : row.sample;
    return { row, out: [(await transform(sample, row.line)) ?? []].flat() };
  };
  async function* rows(): AsyncGenerator<string> {
    for await (const { row, out } of inOrder(readQaJsonl(await openInput(input)), limit, work)) {
      counts.rows += 1;
      progress.update(counts.rows);
      if (!row.sample) {
        counts.bad += 1;
        for (const problem of row.problems) tell(formatProblem(inputName(input), row.line, problem));
      }
      for (const one of out) {
        counts.written += 1;
        yield JSON.stringify(one);
      }
    }
    await requireNothingLost(input, output, counts);
  }
  try {
    await writeLines(output, rows());
  } finally {
    progress.end();
  }
  return counts;
}
