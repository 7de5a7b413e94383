import { several } from '../base/format.ts';
import { readdirSync } from 'node:fs';
import { open, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Problem } from '../base/problem.ts';
import { RowFaults, usableText } from '../base/row-faults.ts';
import { isVariantName, type ViewId } from '../rows/view-list.ts';
import { ifMissing, whyUnreadable } from '../lab/files/disk-error.ts';
import { isFolderName } from '../lab/files/folders.ts';
import { isShellStream, NotAFile, openFile, readNamedTextSync } from '../lab/files/regular.ts';
import { UsageError } from './errors.ts';
import { tell } from './print.ts';
import { usableLines } from './print-usable.ts';

// All commands open their inputs here, so that the same mistake gets the same message everywhere.

/** Whether a path names a file, not standard input or output. */
export const isNamed = (path: string | undefined): path is string => !!path && path !== '-';

/** The name of an input in messages: its path, or `standard input`. */
export const inputName = (path: string | undefined): string => (isNamed(path) ? path : 'standard input');

const DATA_FILE = /\.(?:jsonl?|csv|tsv|parquet|xlsx|ya?ml|xml)$/i;

/** The error for an input that cannot be read; of a folder, it names a data file in it. */
export function cannotRead(error: unknown, file: string): UsageError {
  const isFolder = error instanceof NotAFile && error.code === 'EISDIR';
  const inside = isFolder ? readdirSync(file).find((name) => DATA_FILE.test(name)) : undefined;
  const fix =
    inside !== undefined
      ? `\n  Pass a file of the folder, for example ${join(file, inside)}.`
      : error instanceof NotAFile && !isFolder
        ? `\n  Pass a pipe as <(cat ${file}) or as standard input.`
        : '';
  return new UsageError(`${file}: ${whyUnreadable(error)}${fix}`);
}

/** The text of a named file. @throws UsageError */
export function readInput(path: string): string {
  try {
    return readNamedTextSync(path);
  } catch (error) {
    throw cannotRead(error, path);
  }
}

export const commandOfView = (view: ViewId): string =>
  isVariantName(view) ? `chirality view ${view}` : `chirality view add --view ${view}`;

/** The real path of the folder that images are read from. @throws UsageError if there is none */
export const rootOf = (folder: string): Promise<string> =>
  realpath(folder).catch(() => {
    throw new UsageError(`--data-root: folder ${folder} does not exist.`);
  });

/** Checks the folder that `-o` names: there is none yet, or it is empty. @throws UsageError */
export async function requireEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch(ifMissing([]));
  if (names.length > 0)
    throw new UsageError(`Folder ${folder} is not empty.`, {
      fix: 'Pass another folder with -o, or delete its contents.',
    });
}

/** Checks that a named file can be read. @throws UsageError */
export async function requireFile(path: string): Promise<void> {
  const file = await openNamed(path);
  await file.close();
}

/** Opens a file; for `-` or no path, standard input, which must not be a terminal. @throws UsageError */
export async function openInput(path: string | undefined): Promise<Readable> {
  if (isNamed(path)) return (await openNamed(path)).createReadStream({ highWaterMark: 1 << 18 });
  if (process.stdin.isTTY)
    throw new UsageError('No input is set. Pass a file, or pipe rows into standard input.');
  return process.stdin;
}

/**
 * The input for `openDataset`: the name of a file; for standard input and streams passed by a shell (`<(…)`), the
 * bytes.
 */
export async function datasetInput(path: string | undefined): Promise<string | Readable> {
  if (!isNamed(path) || isShellStream(path)) return openInput(path);
  await requireFile(path);
  return path;
}

const openNamed = (path: string) =>
  (isShellStream(path) ? open(path) : openFile(path)).catch((error: unknown) => {
    throw cannotRead(error, path);
  });

/**
 * Formats a problem as compilers do: `file:line: message (path)`, with the fix on a second line. `line` may be a
 * `rowNumberText`.
 */
export function formatProblem(file: string, line: number | string | undefined, problem: Problem): string {
  const place = `${file}${line ? `:${line}` : ''}`;
  const path = problem.path ? ` (${problem.path})` : '';
  return `${place}: ${problem.severity}: ${problem.message}${path}${problem.fix ? `\n  ${problem.fix}` : ''}`;
}

/** The error for an input without rows. @param input a path; undefined for standard input */
export function noRows(input: string | undefined): UsageError {
  if (!isNamed(input))
    return new UsageError('Standard input contains no rows.', {
      fix: 'Pass a file, or check the output of the command before the pipe.',
    });
  const isTable = /\.(?:csv|tsv|xlsx)$/i.test(input);
  return new UsageError(`${input} has no rows.`, {
    ...(isTable && {
      fix: 'Add rows below the first line, which must contain the column names, for example question, answer and image.',
    }),
  });
}

/** How many of the rows that are left out to explain; the summary names the lines of further ones. */
const TOLD = 20;

/** Reports the rows of one input that a command leaves out: the first ones with file, line and field. */
export class LeftOut {
  bad = 0;
  private readonly faults = new RowFaults();

  /**
   * @param input a path; undefined for standard input
   * @param isSummed whether the caller tells the summary
   */
  constructor(
    private readonly input: string | undefined,
    private readonly isSummed = false,
  ) {}

  add(place: number | string, problems: readonly Problem[]): void {
    this.bad += 1;
    this.faults.add(place, problems);
    if (this.bad > TOLD) return;
    for (const problem of problems) tell(formatProblem(inputName(this.input), place, problem));
  }

  /**
   * Called after the last row: tells which rows are left out, if any. @param rows all rows of the input, including bad
   * ones @throws UsageError if there are none, or all are bad
   */
  end(rows: number): void {
    if (rows === 0) throw noRows(this.input);
    if (this.bad === rows) throw new UsageError(`${inputName(this.input)} has no readable rows.`);
    if (this.bad === 0 || this.isSummed) return;
    const usable = this.faults.of(rows);
    const name = inputName(this.input);
    tell(this.bad > TOLD ? usableLines(name, usable) : `${name}: ${usableText(usable)}.`);
  }
}

/** How many unreadable lines of a record to report one by one; the others are counted. */
const NAMED_LINES = 5;

/** Reports the lines of a run's or an evaluation's files that a command leaves out, each with file and line. */
export class LeftOutLines {
  private count = 0;
  private readonly named = new Set<string>();

  /** @param place the folder that messages about further lines name */
  constructor(private readonly place: string) {}

  /** A file that is read twice has each of its lines reported once. */
  readonly add = ({ message }: Error): void => {
    if (this.named.has(message)) return;
    this.count += 1;
    if (this.count > NAMED_LINES) return;
    this.named.add(message);
    tell(message);
  };

  /** Called after the last line. */
  end(): void {
    tellMoreLines(this.place, this.count - NAMED_LINES);
  }
}

/** Prints the number of further unreadable lines in the files of a folder. */
export function tellMoreLines(place: string, count: number): void {
  if (count <= 0) return;
  tell(`${place}: excluded ${several(count, 'more unreadable line')}.`);
}

/** @param where such as `in runs` @throws UsageError if the folder of a run cannot have this name */
export function requireFolderName(name: string, where: string): void {
  if (!isFolderName(name))
    throw new UsageError(
      `--name must be a folder name without slashes, not "${name}". Chirality creates the folder ${where}.`,
    );
}
