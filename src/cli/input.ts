import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Problem } from '../core/problem.ts';
import { tooManyFiles } from '../lab/files/disk-error.ts';
import { isPassedOn, NotAFile, openFile } from '../lab/files/regular.ts';
import { UsageError } from './errors.ts';
import { tell } from './print.ts';

// Whatever a person names as input goes through here, so that the same mistake has the same words in every command.

/** A file that was named, as opposed to standard input or output. */
export const isNamed = (path: string | undefined): path is string => !!path && path !== '-';

/** The name under which messages speak of an input: its path, or `standard input`. */
export const inputName = (path: string | undefined): string => (isNamed(path) ? path : 'standard input');

/** Why what was named cannot be read. */
export function cannotRead(error: unknown, file: string): UsageError {
  const { code } = error as NodeJS.ErrnoException;
  if (error instanceof NotAFile && code !== 'EISDIR') {
    const fix = `Hand a pipe over as <(cat ${file}) or as standard input.`;
    return new UsageError(`${file}: This is a pipe or a device, not a file.\n  ${fix}`);
  }
  const why = {
    EISDIR: 'This is a folder, not a file.',
    EACCES: 'There is no permission to read this file.',
    EMFILE: tooManyFiles,
    ENFILE: tooManyFiles,
  }[code ?? ''];
  return new UsageError(`${file}: ${why ?? 'There is no such file.'}`);
}

/** Looks whether a file that was named can be read. @throws UsageError */
export async function requireFile(path: string): Promise<void> {
  const file = await openNamed(path);
  await file.close();
}

/** Opens a file, or standard input for `-` and nothing. A terminal as standard input is a usage error. */
export async function openInput(path: string | undefined): Promise<Readable> {
  if (isNamed(path)) return (await openNamed(path)).createReadStream({ highWaterMark: 1 << 18 });
  if (process.stdin.isTTY) throw new UsageError('Name a file, or pipe rows into standard input.');
  return process.stdin;
}

/** What `openDataset` reads: a file by its name; standard input and what a shell passes on (`<(…)`) as bytes. */
export async function datasetInput(path: string | undefined): Promise<string | Readable> {
  if (!isNamed(path) || isPassedOn(path)) return openInput(path);
  await requireFile(path);
  return path;
}

const openNamed = (path: string) =>
  (isPassedOn(path) ? open(path) : openFile(path)).catch((error: unknown) => {
    throw cannotRead(error, path);
  });

/** `file:line: message (path)` with the fix on a second line, as compilers print it; `line` may be a `rowNumberText`. */
export function formatProblem(file: string, line: number | string | undefined, problem: Problem): string {
  const place = `${file}${line ? `:${line}` : ''}`;
  const path = problem.path ? ` (${problem.path})` : '';
  return `${place}: ${problem.severity}: ${problem.message}${path}${problem.fix ? `\n  ${problem.fix}` : ''}`;
}

/** Of so many rows that are left out it is told why; the others are counted. */
const TOLD = 20;

/** The rows of one input that a command leaves out: the first are told with file, line and field. */
export class LeftOut {
  bad = 0;

  /** @param input a path; none for standard input */
  constructor(private readonly input: string | undefined) {}

  add(line: number | string, problems: readonly Problem[]): void {
    this.bad += 1;
    if (this.bad > TOLD) return;
    for (const problem of problems) tell(formatProblem(inputName(this.input), line, problem));
  }

  /** Called behind the last row. @param rows of the input, the bad ones among them @throws UsageError when all are bad */
  end(rows: number): void {
    if (this.bad > TOLD) tell(`… and ${this.bad - TOLD} more rows that cannot be read.`);
    if (rows > 0 && this.bad === rows)
      throw new UsageError(`${inputName(this.input)}: None of the rows could be read.`);
  }
}
