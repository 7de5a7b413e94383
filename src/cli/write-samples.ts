import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { several } from '../base/format.ts';
import { exactJson } from '../lab/datasets/exact-numbers.ts';
import { withoutFrames } from '../rows/sample/clip.ts';
import type { Sample } from '../rows/sample/sample.ts';
import { DataError } from '../lab/datasets/data-error.ts';
import { openDataFile } from '../lab/datasets/data-file.ts';
import { readQaJsonl } from '../lab/datasets/rows.ts';
import { inOrder } from '../lab/files/in-order.ts';
import { relocateImages } from '../lab/datasets/image-files.ts';
import { JobError, UsageError } from './errors.ts';
import { formatProblem, inputName, isNamed, LeftOut, openInput } from './input.ts';
import { Progress } from './progress.ts';
import { note, printJson, printRows, tell } from './print.ts';

/** Parses an option's value; an error in it becomes a usage error. */
export function usage<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof DataError ? new UsageError(error.message) : error;
  }
}

/**
 * Writes lines of JSON to a data file (see `openDataFile`: it appears when complete) or, for `-` or no path, to
 * standard output.
 */
export async function writeLines(path: string | undefined, rows: AsyncIterable<string>): Promise<void> {
  if (isNamed(path)) {
    const { file, commit, discard } = await openDataFile(path);
    try {
      // Not through a stream, which keeps its file handle busy, so that closing the handle would wait for ever.
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

/** The error for an output that would replace an input whose rows it does not hold. */
export const wouldReplace = (input: string): UsageError =>
  new UsageError(`-o must not be the input ${input}. Pass another file.`);

/** @throws UsageError if the output would replace the input, whose rows it does not hold */
export async function refuseReplacing(input: string | undefined, output: string | undefined): Promise<void> {
  if (await isSameFile(input, output)) throw wouldReplace(input!);
}

export async function isSameFile(input: string | undefined, output: string | undefined): Promise<boolean> {
  if (!isNamed(input) || !isNamed(output)) return false;
  const [from, to] = await Promise.all(
    [input, output].map((path) => realpath(path).catch(() => resolve(path))),
  );
  return from === to;
}

/**
 * Called when all rows are read, before the output replaces a file. Refuses if bad rows would be lost because the
 * output replaces the input, or if no row could be read. @throws JobError
 */
export async function requireNothingLost(
  input: string | undefined,
  output: string | undefined,
  { bad, written }: Pick<TransformCounts, 'bad' | 'written'>,
): Promise<void> {
  if (bad === 0 || !isNamed(output)) return;
  if (written > 0 && !(await isSameFile(input, output))) return;
  const rows = bad === 1 ? 'one row' : `${bad} rows`;
  throw new JobError(`Cannot write ${output}, because ${rows} could not be read.`, {
    fix:
      written > 0
        ? 'Correct the rows, or pass another file with -o.'
        : 'Correct the rows as described above.',
  });
}

interface TransformCounts {
  rows: number;
  written: number;
  bad: number;
}

/** Waits for the work on an image; one that cannot be read is reported with the line of its row, and gives null. */
export type Told = <T>(work: Promise<T>) => Promise<T | null>;

type Transformed = object | readonly object[] | null;

/**
 * The frame of every command that turns samples into samples. Good rows go through `transform` (null drops the row, a
 * list makes several of it); bad rows are reported with file and line on standard error and left out. If input and
 * output are in different folders, image references are changed to fit the output's.
 * @param atOnce how many rows to process at a time; they are started and written in order.
 * @param blank whether rows may come whose texts are still to be written.
 */
export async function transformSamples(
  input: string | undefined,
  output: string | undefined,
  label: string,
  transform: (sample: Sample, told: Told) => Transformed | Promise<Transformed>,
  { atOnce = 1, blank = false } = {},
): Promise<TransformCounts> {
  const counts: TransformCounts = { rows: 0, written: 0, bad: 0 };
  const leftOut = new LeftOut(input);
  const progress = new Progress(label);
  const folders = isNamed(input) && isNamed(output) ? { from: dirname(input), to: dirname(output) } : null;
  const toldOf =
    (line: number): Told =>
    (work) =>
      work.catch((error: unknown) => {
        if (!(error instanceof DataError)) throw error;
        tell(formatProblem(inputName(input), line, error.problem));
        process.exitCode = 1;
        return null;
      });
  async function* rows(): AsyncGenerator<string> {
    const read = readQaJsonl(await openInput(input), { blank });
    const work = inOrder(read, atOnce, async (row) => {
      if (!row.sample) return { row, out: [] };
      const sample = folders ? relocateImages(row.sample, folders.from, folders.to) : row.sample;
      return { row, out: [(await transform(sample, toldOf(row.line))) ?? []].flat() };
    });
    for await (const { row, out } of work) {
      counts.rows += 1;
      progress.update(counts.rows);
      if (!row.sample) leftOut.add(row.line, row.problems);
      for (const record of out) {
        counts.written += 1;
        yield exactJson(withoutFrames(record));
      }
    }
    counts.bad = leftOut.bad;
    leftOut.end(counts.rows);
    await requireNothingLost(input, output, counts);
  }
  try {
    await writeLines(output, rows());
  } finally {
    progress.end();
  }
  return counts;
}

/** Tells at the end of a command what became of its rows; sets the exit code. @param lines the summary as text */
export function tellTransformed(
  summary: Pick<TransformCounts, 'written' | 'bad'>,
  lines: readonly string[],
  { output, json }: { output?: string; json?: boolean },
): void {
  if (json) printJson(summary, { rows: true });
  else {
    for (const line of lines) note(line);
    if (isNamed(output)) note(`${output}: ${several(summary.written, 'row')}.`);
  }
  if (summary.bad > 0) process.exitCode = 1;
}
