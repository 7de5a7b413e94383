import { once } from 'node:events';
import { isAbsolute, relative } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { formatTable, visible, visibleJson } from '../base/printable.ts';
import { isWriting } from '../lab/files/atomic.ts';

// Everything that this program prints goes through this file, so that nothing in data, runs, names or answers can steer
// the terminal: hidden characters appear as escapes. Only the sequences below move the cursor or change how text looks.

const { stdout, stderr } = process;

export function print(text: string): void {
  liveLine.clear();
  console.log(visible(text));
}

/** A path as the user would type it here: relative to this folder if it lies in it. */
export function pathHere(path: string): string {
  const here = relative(process.cwd(), path);
  return here === '' || here.startsWith('..') || isAbsolute(here) ? path : here;
}

let isQuiet = false;

/** From now on prints only results and errors. */
export function beQuiet(): void {
  isQuiet = true;
}

/** Reports on standard error what is being done or was done; not with --quiet. */
export function note(text: string): void {
  if (!isQuiet) tell(text);
}

/** Prints to standard error, next to the results. */
export function tell(text: string): void {
  liveLine.clear(); // several runs share it: whoever prints may find the line of another
  console.error(visible(text));
}

const mark = (on: number, off: number) => (text: string) => `\x1b[${on}m${text}\x1b[${off}m`;

/**
 * The marks for words on a screen. Changed words are underlined, not coloured, so that everyone can see them in every
 * theme.
 */
export const MARKS = { bold: mark(1, 22), dim: mark(2, 22), changed: mark(4, 24) };

/** Whether a stream takes marks and colours (no-color.org). */
const isMarked = ({ isTTY }: { isTTY: boolean }): boolean =>
  isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';

/** Whether output for people may contain MARKS. */
export const hasMarks = (): boolean => isMarked(stdout);

/** Prints a list; on a terminal with the names of its columns. Programs that read lines get only the rows. */
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

/** Prints a table with the names of its columns above it. */
export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const table = formatTable(header, rows);
  console.log(hasMarks() ? table.replace(/^.*/, (names) => MARKS.bold(names)) : table);
}

const red = mark(31, 39);

/** Prints why the command failed. */
export function fail(text: string): void {
  console.error(`${isMarked(stderr) ? red('chirality:') : 'chirality:'} ${visible(text)}`);
}

/**
 * Prints a value as JSON, on one line or indented.
 * @param rows true if rows go to standard output; then the value goes to standard error.
 */
export function printJson(
  value: unknown,
  { indent, rows = false }: { indent?: number; rows?: boolean } = {},
): void {
  const json = visibleJson(JSON.stringify(value, null, indent));
  if (rows) console.error(json);
  else console.log(json);
}

/** Prints rows of JSON together, which is faster than one after the other. */
export function printLines(json: readonly string[]): void {
  if (json.length > 0) console.log(visibleJson(json.join('\n')));
}

/** Writes rows of JSON to standard output, waiting when the reader is slow. */
export async function printRows(json: string): Promise<void> {
  if (!stdout.write(visibleJson(json))) await once(stdout, 'drain');
}

/** Prints a text that has its own format, such as Markdown or LaTeX, unchanged unless a terminal would interpret it. */
export function printDocument(text: string): void {
  stdout.write(stdout.isTTY ? visible(text) : text);
}

/** Whether there is a user at the terminal who can be asked. */
export const isInteractive = (): boolean => process.stdin.isTTY && stdout.isTTY;

const CLEAR_LINE = '\r\x1b[K';

/** The line on standard error that is rewritten in place; only on a terminal. */
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

/** The marks in a text. */
// eslint-disable-next-line no-control-regex
const OURS = /(\x1b\[(?:1|2|4|22|24)m)/;

/** Replaces the contents of the terminal by a text, which may contain MARKS. */
export function showScreen(text: string): void {
  const shown = text.split(OURS).map((part) => (OURS.test(part) ? part : visible(part)));
  stdout.write(`\x1b[2J\x1b[H${shown.join('')}`); // clear, and move the cursor home
}

/** How commander prints help and mistakes. */
export const WRITERS = {
  writeOut: (text: string) => void stdout.write(visible(text)),
  writeErr: (text: string) => void stderr.write(visible(text)),
};

export const lineEditor = (): Interface =>
  createInterface({ input: process.stdin, output: stdout, terminal: true, prompt: '' });

/** Asks the user at the terminal for a line; returns an empty text if they quit. */
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
 * If the reader of the output has gone (`| head`), a program that only prints ends quietly. A file under construction
 * is finished first. If standard error is closed, only messages are lost.
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

/** How many warnings of one kind to print per file; the others are counted. */
export const SHOWN = 20;
