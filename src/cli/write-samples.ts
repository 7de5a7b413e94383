import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { several } from '../base/format.ts';
import type { Problem } from '../base/problem.ts';
import { withoutFrames } from '../rows/sample/clip.ts';
import type { ParsedSample } from '../rows/sample/parse-sample.ts';
import type { Sample } from '../rows/sample/sample.ts';
import { DataError } from '../lab/datasets/data-error.ts';
import { openDataFile } from '../lab/datasets/data-file.ts';
import { onThreads, type RowJob } from '../lab/files/row-threads.ts';
import { readQaJsonl } from '../lab/datasets/rows.ts';
import { inOrder } from '../lab/files/in-order.ts';
import { isInside } from '../lab/files/inside.ts';
import { defaultDataRoot, ImageFiles, relocateImages } from '../lab/datasets/image-files.ts';
import { JobError, UsageError } from './errors.ts';
import { formatProblem, inputName, isNamed, LeftOut, openInput } from './input.ts';
import { Progress } from './progress.ts';
import { note, printJson, printRows, tell } from './print.ts';

/** Parses an option's value. Parse errors become usage errors. */
export function usage<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw error instanceof DataError ? new UsageError(error.message) : error;
  }
}

/**
 * Writes JSON lines to a data file, which appears only when all lines are written (see `openDataFile`). For `-` or no
 * path, writes to standard output.
 */
export async function writeLines(path: string | undefined, rows: AsyncIterable<string>): Promise<void> {
  if (isNamed(path)) {
    const { file, commit, discard } = await openDataFile(path);
    try {
      // Use no stream: it would keep the file handle busy, so closing the handle would never finish.
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

/** Returns the error for an output that would overwrite an input that contains other rows. */
export const wouldReplace = (input: string): UsageError =>
  new UsageError(`-o must not be the input ${input}. Pass another file.`);

/** @throws UsageError if the output would replace the input and lose its rows */
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
 * After all rows are read, checks that the output loses no rows. @throws JobError if the output replaces the input and
 * bad rows would be lost, or if no row was readable
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

/** Finds images that commands reject when they read an output, because the images are outside its data root. */
export class ImagesOutside {
  private rows = 0;
  private folder = '';
  /** Deepest folder that contains the data root and all images. */
  private common: string;
  private readonly root: string;
  private readonly files: ImageFiles;

  constructor(private readonly output: string | undefined) {
    this.root = this.common = resolve(defaultDataRoot(isNamed(output) ? output : undefined));
    this.files = new ImageFiles(dirname(output ?? ''), this.root);
  }

  look({ images = [] }: Partial<Sample>): void {
    if (!isNamed(this.output)) return;
    const paths = images.flatMap((image) => this.files.pathOf(image) ?? []);
    const outside = paths.filter((path) => !isInside(this.root, path));
    this.rows += Number(outside.length > 0);
    for (const path of outside) {
      this.folder ||= dirname(path);
      while (!isInside(this.common, path)) this.common = dirname(this.common);
    }
  }

  /** Prints a warning with the command that reads the output. */
  end(): void {
    if (this.rows === 0) return;
    const root = `--data-root ${this.common}`;
    tell(
      `${this.output!}: the images of ${several(this.rows, 'row')} are in ${this.folder}, outside the data root ${this.root}. Pass ${root} to commands that read the file, for example \`chirality data check ${this.output!} --images ${root}\`, or write the file to ${dirname(this.folder)}.`,
    );
  }
}

interface TransformCounts {
  rows: number;
  written: number;
  bad: number;
}

/** Waits for work on an image. If the image is unreadable, reports it with the line of its row, and returns null. */
export type Told = <T>(work: Promise<T>) => Promise<T | null>;

type QaRow = ParsedSample & { line: number };
type Transformed = object | readonly object[] | null;

/** Result for a row: its problems, or the lines made from the row, and the counted values. */
interface MadeRow {
  line: number;
  problems: readonly Problem[] | null;
  texts: readonly string[];
  note?: unknown;
}

/** Further settings of a worker thread, which all commands share. */
interface Frame {
  /** Folders of input and output, if image references must be adapted to the output folder. */
  folders: { from: string; to: string } | null;
  blank: boolean;
}

const made = ({ line, sample, problems }: QaRow, out: Transformed, note?: unknown): MadeRow => ({
  line,
  problems: sample ? null : problems,
  texts: [out ?? []].flat().map((record) => JSON.stringify(withoutFrames(record))),
  note,
});

const relocated = (sample: Sample, { folders }: Frame): Sample =>
  folders ? relocateImages(sample, folders.from, folders.to) : sample;

export type TransformJob<Setup> = (setup: Setup & Frame) => RowJob<MadeRow>;

/**
 * Makes the job for worker threads (`rows.worker.ts`) that is equivalent to `transformSamples`.
 * @param stepOf makes the function for a row from plain values; `take` (`Threaded`) gets the function's `note`
 */
export const transformJob =
  <Setup, Note>(
    stepOf: (setup: Setup) => (sample: Sample) => { out: Transformed; note: Note },
  ): TransformJob<Setup> =>
  (setup) => {
    const step = stepOf(setup);
    return async function* ({ bytes, lines: before }) {
      for await (const row of readQaJsonl([Buffer.from(bytes)], { before, blank: setup.blank })) {
        const { out, note } = row.sample ? step(relocated(row.sample, setup)) : { out: null };
        yield made(row, out, note);
      }
    };
  };

/** Worker-thread job of a command whose output rows depend only on their own input row. */
interface Threaded {
  job: string;
  /** Settings from which each worker thread makes its job. */
  setup: object;
  /** Counts a row's outcome from its note. */
  take(note: never): void;
}

/**
 * Transforms samples, for every command with samples as input and output. `transform` gets each good row; it returns
 * null to drop the row, or a list to make several rows. Reports bad rows with file and line on standard error, and
 * excludes them. Adapts image references if input and output are in different folders.
 * @param atOnce number of rows to process in parallel; rows start and are written in order
 * @param blank whether rows can have texts that are not written yet
 * @param threaded equivalent of `transform` on worker threads, for large inputs
 */
export async function transformSamples(
  input: string | undefined,
  output: string | undefined,
  transform: (sample: Sample, told: Told) => Transformed | Promise<Transformed>,
  { atOnce = 1, blank = false, threaded = null as Threaded | null } = {},
): Promise<TransformCounts> {
  const counts: TransformCounts = { rows: 0, written: 0, bad: 0 };
  const leftOut = new LeftOut(input);
  const progress = new Progress('row');
  const folders = isNamed(input) && isNamed(output) ? { from: dirname(input), to: dirname(output) } : null;
  const outside = new ImagesOutside(output);
  const frame: Frame = { folders, blank };
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
    const work = async (row: QaRow) =>
      made(row, row.sample && (await transform(relocated(row.sample, frame), toldOf(row.line))));
    const all =
      threaded && isNamed(input)
        ? onThreads(read, work, { ...threaded, path: input, setup: { ...threaded.setup, ...frame } })
        : inOrder(read, atOnce, work);
    for await (const { line, problems, texts, note: noted } of all) {
      counts.rows += 1;
      progress.update(counts.rows);
      if (noted !== undefined) threaded!.take(noted as never);
      if (problems) leftOut.add(line, problems);
      counts.written += texts.length;
      for (const text of texts)
        if (/"(?:\.\.)?\//.test(text)) outside.look(JSON.parse(text) as Partial<Sample>);
      yield* texts;
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
  outside.end();
  return counts;
}

/** Prints the outcomes of a command's rows after the last row, and sets the exit code. @param lines summary as text */
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
