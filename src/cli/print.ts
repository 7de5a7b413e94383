import { once } from 'node:events';
import { isAbsolute, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { formatTable, visible, visibleJson } from '../base/printable.ts';
import { isWriting } from '../lab/files/atomic.ts';

// All output of this program goes through this file, so that no text from data, runs, names or answers can control the
// terminal: hidden characters are escaped. Only the sequences below move the cursor or change the style.

const { stdout, stderr } = process;

export function print(text: string): void {
  liveLine.clear();
  console.log(visible(text));
}

/** Returns a path as a user would type it: relative to the current folder if the path is inside. */
export function pathHere(path: string): string {
  const here = relative(process.cwd(), path);
  return here === '' || here.startsWith('..') || isAbsolute(here) ? path : here;
}

let isQuiet = false;

/** Suppresses all output except results and errors from this call on. */
export function beQuiet(): void {
  isQuiet = true;
}

/** Prints a note about current or completed work to standard error, unless `--quiet` is set. */
export function note(text: string): void {
  if (!isQuiet) tell(text);
}

/** Prints a text to standard error, separately from results. */
export function tell(text: string): void {
  liveLine.clear(); // Several runs share the live line, so another run can own it.
  console.error(visible(text));
}

const mark = (on: number, off: number) => (text: string) => `\x1b[${on}m${text}\x1b[${off}m`;

/** Styles for words on a screen, which are visible in every theme. */
export const MARKS = { bold: mark(1, 22), dim: mark(2, 22) };

/** Returns whether a stream supports styles and colours (no-color.org). */
const isMarked = ({ isTTY }: { isTTY: boolean }): boolean =>
  isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';

/** Returns whether output for people can contain styles (MARKS). */
export const hasMarks = (): boolean => isMarked(stdout);

/** Prints a list: in a terminal with column names, else only the rows, for programs that read lines. */
export function printList(header: readonly string[], rows: readonly (readonly string[])[]): void {
  if (stdout.isTTY) printTable(header, rows);
  else if (rows.length > 0) {
    const [, ...lines] = formatTable(
      header.map(() => ''),
      rows,
    ).split('\n');
    print(lines.join('\n'));
  }
}

export const printNamed = (list: readonly { name: string; about: string }[]): void =>
  printList(
    ['name', 'about'],
    list.map(({ name, about }) => [name, about]),
  );

export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const table = formatTable(header, rows);
  console.log(hasMarks() ? table.replace(/^.*/, (names) => MARKS.bold(names)) : table);
}

const red = mark(31, 39);

/** Prints the reason for a failure. */
export function fail(text: string): void {
  console.error(`${isMarked(stderr) ? red('chirality:') : 'chirality:'} ${visible(text)}`);
}

/**
 * Prints a value as JSON, on one line or indented.
 * @param rows whether rows go to standard output; if so, the value goes to standard error
 */
export function printJson(
  value: unknown,
  { indent, rows = false }: { indent?: number; rows?: boolean } = {},
): void {
  const json = visibleJson(JSON.stringify(value, null, indent));
  if (rows) console.error(json);
  else console.log(json);
}

/** Prints many JSON rows at once, which is faster than one row at a time. */
export function printLines(json: readonly string[]): void {
  if (json.length > 0) console.log(visibleJson(json.join('\n')));
}

/** Writes JSON rows to standard output, and waits if the reader is slow. */
export async function printRows(json: string): Promise<void> {
  if (!stdout.write(visibleJson(json))) await once(stdout, 'drain');
}

/** Prints a text with its own format, such as Markdown or LaTeX. In a terminal, escapes hidden characters. */
export function printDocument(text: string): void {
  stdout.write(stdout.isTTY ? visible(text) : text);
}

/** Returns whether a user is at the terminal to answer questions. */
export const isInteractive = (): boolean => process.stdin.isTTY && stdout.isTTY;

const CLEAR_LINE = '\r\x1b[K';

/** Line on standard error that the program rewrites in place, in terminals only. */
export const liveLine = {
  get isShown(): boolean {
    return stderr.isTTY && !isQuiet;
  },
  show(text: string): void {
    if (this.isShown)
      stderr.write(
        CLEAR_LINE +
          visible(text)
            .replaceAll('\n', ' ')
            .slice(0, (stderr.columns || 80) - 1),
      );
  },
  clear(): void {
    if (this.isShown) stderr.write(CLEAR_LINE);
  },
};

/** Pattern of the styles (MARKS) in a text. */
// eslint-disable-next-line no-control-regex
const OURS = /(\x1b\[(?:1|2|22)m)/;

/** Replaces the contents of the terminal with a text, which can contain MARKS. */
export function showScreen(text: string): void {
  const shown = text.split(OURS).map((part) => (OURS.test(part) ? part : visible(part)));
  stdout.write(`\x1b[2J\x1b[H${shown.join('')}`); // Clear the screen, and move the cursor home.
}

/** Functions that write commander's help and errors. */
export const WRITERS = {
  writeOut: (text: string) => void stdout.write(visible(text)),
  writeErr: (text: string) => void stderr.write(visible(text)),
};

/** Asks the user at the terminal for a line; returns an empty string if the user quits. */
export async function askLine(question: string): Promise<string> {
  const editor = createInterface({ input: process.stdin, output: stderr });
  try {
    return await new Promise((resolve) => {
      editor.once('close', () => resolve(''));
      editor.question(visible(question), resolve);
    });
  } finally {
    editor.close();
  }
}

/**
 * Ends a program that only prints, without an error, if the reader of its output has closed the pipe (`| head`). First
 * finishes a file under construction. If standard error is closed, only messages are lost.
 */
export function outliveClosedPipes(): void {
  const orThrow = (closed: () => void) => (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    closed();
  };
  stdout.on(
    'error',
    orThrow(() => {
      if (!isWriting()) process.exit(0);
    }),
  );
  stderr.on(
    'error',
    orThrow(() => undefined),
  );
}

/** Maximum number of warnings of one kind to print per file. Additional warnings are only counted. */
export const SHOWN = 20;
