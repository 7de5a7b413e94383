/**
 * Characters that control a terminal or are invisible: control characters including line breaks, marks that reorder or
 * hide the following text, and lone surrogates.
 */
const HIDDEN =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|[\ud800-\udfff]/gu;

/** Escapes hidden characters in a text of several lines. A test for plain ASCII comes first because it is faster. */
const escaped = (text: string, escape: (hidden: string) => string): string =>
  /[^\n -~]/.test(text) ? text.replace(HIDDEN, escape) : text;

const NAMES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\x1b': '\\e' };

const named = (c: string): string => NAMES[c] ?? `\\u{${c.codePointAt(0)!.toString(16)}}`;

/**
 * Makes a text of unknown origin (a model, server or file) safe to print on one line of a terminal: hidden characters
 * become escapes, and text beyond `limit` characters is replaced by the full length.
 */
export function printable(text: string, limit = 2000): string {
  const head = text.length > limit ? text.slice(0, limit) : text;
  const shown = /[^ -~…]/.test(head) ? head.replace(HIDDEN, named) : head;
  return text.length > limit ? `${shown}… (${text.length} characters)` : shown;
}

/** Makes a text of several lines safe to print, like `printable`, but line breaks and tabs stay. */
export const visible = (text: string): string =>
  escaped(text, (c) => (c === '\n' || c === '\t' ? c : named(c)));

/** Returns JSON of the same values with every hidden character as an escape. Line breaks between values stay. */
export const visibleJson = (json: string): string =>
  escaped(json, (c) =>
    c === '\n'
      ? c
      : Array.from(
          { length: c.length },
          (_, i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`,
        ).join(''),
  );

/** Aligns formatted cells for a terminal, texts left and numbers right, and escapes hidden characters. */
export function formatTable(names: readonly string[], cells: readonly (readonly string[])[]): string {
  const safe = (row: readonly string[]) => row.map((cell) => printable(cell, Infinity));
  const [header, rows] = [safe(names), cells.map(safe)];
  const widths = header.map((name, i) =>
    rows.reduce((width, row) => Math.max(width, row[i]!.length), name.length),
  );
  const isNumber = header.map((_, i) =>
    rows.every((row) => /^(?:[-+−–\d.,[\] ]*|[-+−\d.]+ ?%?)$/.test(row[i]!)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (isNumber[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [header, ...rows].map(line).join('\n');
}
