import { several } from '../base/format.ts';
import { readdirSync } from 'node:fs';
import { open, readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Problem } from '../base/problem.ts';
import { RowFaults, usableText } from '../base/row-faults.ts';
import { viewOf, type ViewId } from '../rows/view-list.ts';
import { ifMissing, whyUnreadable } from '../lab/files/disk-error.ts';
import { isFolderName } from '../lab/files/folders.ts';
import { isShellStream, NotAFile, openFile, readNamedTextSync } from '../lab/files/regular.ts';
import { requireTextFile } from '../lab/datasets/require-text.ts';
import { UsageError } from './errors.ts';
import { tell } from './print.ts';
import { requireRows, usableLines } from './print-usable.ts';

// All commands open their inputs with these functions, so that the same mistake gives the same message everywhere.

/** Returns whether a path is a file instead of standard input or output. */
export const isNamed = (path: string | undefined): path is string => !!path && path !== '-';

/** Returns the name of an input in messages: its path, or `standard input`. */
export const inputName = (path: string | undefined): string => (isNamed(path) ? path : 'standard input');

const DATA_FILE = /\.(?:jsonl?|csv|tsv|parquet|xlsx|ya?ml|xml)$/i;

/** Returns the error for an unreadable input. If the input is a folder, the message suggests a data file in it. */
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

/** Returns the text of an input file. @throws UsageError if the file is unreadable */
export function readInput(path: string): string {
  try {
    return readNamedTextSync(path);
  } catch (error) {
    throw cannotRead(error, path);
  }
}

export const commandOfView = (view: ViewId): string =>
  viewOf(view).hasOwnKey ? `chirality view ${view}` : `chirality view add --view ${view}`;

/** Returns the real path of an image folder. @throws UsageError if the folder does not exist */
export const rootOf = (folder: string): Promise<string> =>
  realpath(folder).catch(() => {
    throw new UsageError(`--data-root: folder ${folder} does not exist.`);
  });

/** Checks that the output folder (`-o`) does not exist or is empty. @throws UsageError if it contains files */
export async function requireEmpty(folder: string): Promise<void> {
  const names = await readdir(folder).catch(ifMissing([]));
  if (names.length > 0)
    throw new UsageError(`Folder ${folder} is not empty.`, {
      fix: 'Pass another folder with -o, or delete its contents.',
    });
}

/** Checks that a file is readable. @throws UsageError if the file is unreadable */
export async function requireFile(path: string): Promise<void> {
  const file = await openNamed(path);
  await file.close();
}

/** Opens JSON lines; for `-` or no path, standard input, which must not be a terminal. @throws UsageError */
export async function openInput(path: string | undefined): Promise<Readable> {
  if (isNamed(path)) {
    requireRows(path);
    if (!isShellStream(path)) {
      await requireFile(path);
      await requireTextFile(path);
    }
    return (await openNamed(path)).createReadStream({ highWaterMark: 1 << 18 });
  }
  if (process.stdin.isTTY)
    throw new UsageError('No input is set. Pass a file, or pipe rows into standard input.');
  return process.stdin;
}

/** Returns the input for `openDataset`: a file name, or the bytes of standard input or of a shell's stream (`<(…)`). */
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
 * Returns a problem in the format of compilers: `file:line: message (path)`. The fix is on a second line. @param line
 * line number or `rowNumberText`
 */
export function formatProblem(file: string, line: number | string | undefined, problem: Problem): string {
  const place = `${file}${line ? `:${line}` : ''}`;
  const path = problem.path ? ` (${problem.path})` : '';
  return `${place}: ${problem.severity}: ${problem.message}${path}${problem.fix ? `\n  ${problem.fix}` : ''}`;
}

/** Returns the error for an input without rows. @param input path, or undefined for standard input */
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

/** Maximum number of excluded rows to explain. The summary lists the line numbers of the remaining rows. */
const TOLD = 20;

/** Reports the rows of an input that a command excludes; the first rows with file, line and field. */
export class LeftOut {
  bad = 0;
  private readonly faults = new RowFaults();

  /** @param input path, or undefined for standard input @param isSummed whether the caller prints the summary */
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
   * Prints a summary of the excluded rows, if any. @param rows number of rows in the input, including bad rows
   * @throws UsageError if there are no rows, or if all are bad
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

/** Maximum number of unreadable lines to report one by one. Later lines are only counted. */
const NAMED_LINES = 5;

/** Reports the excluded lines of a run's or an evaluation's files, each with file and line. */
export class LeftOutLines {
  private count = 0;
  private readonly named = new Set<string>();

  /** @param place folder, for the message about further lines */
  constructor(private readonly place: string) {}

  /** Reports an unreadable line once, even if its file is read twice. */
  readonly add = ({ message }: Error): void => {
    if (this.named.has(message)) return;
    this.count += 1;
    if (this.count > NAMED_LINES) return;
    this.named.add(message);
    tell(message);
  };

  /** Prints the number of unreadable lines that were not reported one by one. */
  end(): void {
    tellMoreLines(this.place, this.count - NAMED_LINES);
  }
}

/** Prints the number of unreadable lines in a folder's files that were not reported one by one. */
export function tellMoreLines(place: string, count: number): void {
  if (count <= 0) return;
  tell(`${place}: excluded ${several(count, 'more unreadable line')}.`);
}

/** @param where text such as `in runs` @throws UsageError if a run folder cannot have this name */
export function requireFolderName(name: string, where: string): void {
  if (!isFolderName(name))
    throw new UsageError(
      `--name must be a folder name without slashes, not "${name}". Chirality creates the folder ${where}.`,
    );
}
