// eslint-disable-next-line no-control-regex -- these are what it is about
const INVISIBLE = /[\0-\x08\x0b-\x1f\x7f-\x9f\p{Bidi_Control}\u2028\u2029\ufeff]/gu;

/**
 * Makes a text from a model or file safe to display: characters that control terminals (escapes), change the writing
 * direction or are invisible are replaced by their code points. Tabs and line breaks stay.
 */
export function visible(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(INVISIBLE, (c) => `⟨U+${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}⟩`);
}

/** Shortens a text to one line of at most `max` characters, for titles and tables. */
export function oneLine(text: string, max: number): string {
  const line = visible(text.slice(0, 4 * max))
    .replace(/\s+/g, ' ')
    .trim();
  return line.length <= max ? line : `${line.slice(0, max - 1)}…`;
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes a text for HTML, also inside an attribute. */
export const htmlText = (text: string): string => visible(text).replace(/[&<>"']/g, (c) => ENTITIES[c]!);

/** Escapes a text for Markdown, on one line. */
export const markdownText = (text: string): string =>
  visible(text)
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_{}[\]<>#|!~&]/g, '\\$&');
