/**
 * Controls, marks that reorder or hide what follows, and lone surrogates: characters that a terminal obeys or a reader
 * cannot see. Line breaks are controls too.
 */
const HIDDEN =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|[\ud800-\udfff]/gu;

const NAMES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\x1b': '\\e' };

const named = (c: string): string => NAMES[c] ?? `\\u{${c.codePointAt(0)!.toString(16)}}`;

/**
 * Text of unknown origin (a model's, a server's, a file's) as one line that a terminal shows and never obeys: hidden
 * characters appear as escapes, and characters beyond `limit` are only counted.
 */
export function printable(text: string, limit = 2000): string {
  const head = text.length > limit ? text.slice(0, limit) : text;
  const shown = head.replace(HIDDEN, named);
  return text.length > limit ? `${shown}… (${text.length} characters)` : shown;
}

/** Text of several lines that a terminal shows and never obeys: line breaks and tabs stay. */
export const visible = (text: string): string =>
  text.replace(HIDDEN, (c) => (c === '\n' || c === '\t' ? c : named(c)));

/** JSON of the same values in which every hidden character is an escape; line breaks between values stay. */
export const visibleJson = (json: string): string =>
  json.replace(HIDDEN, (c) =>
    c === '\n'
      ? c
      : Array.from(
          { length: c.length },
          (_, i) => `\\u${c.charCodeAt(i).toString(16).padStart(4, '0')}`,
        ).join(''),
  );
