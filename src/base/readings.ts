/** An entry of docs/papers.md: an implementation choice or an item. */
export interface Reading {
  id: string;
  /** Gap or mistake in the papers. For an item, the statement in the paper. */
  open: string;
  /** Behaviour of Chirality, and its location. */
  ours: string;
  /** Missing parts of an item, or an empty text if the item is complete. */
  missing: string;
}

const ID = '(?:R|[AB]-)\\d+';
const ROW = new RegExp(`^\\| (${ID}) *\\|(.*)$`, 'gm');
const CITATION = new RegExp(`(?<![\\w-])(${ID})\\b`);

/** Converts a table cell to plain text: links become their text, and emphasis, code marks and escapes are removed. */
const plain = (cell: string): string =>
  cell
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(?<![\w`])_([^_]+)_(?!\w)/g, '$1')
    .replace(/\\(.)/g, '$1')
    .replaceAll('`', '')
    .trim();

/** Reads the table rows of docs/papers.md, keyed by id. */
export function parseReadings(markdown: string): Map<string, Reading> {
  return new Map(
    [...markdown.matchAll(ROW)].map(([, id, rest]) => {
      const [open = '', ours = '', missing = ''] = rest!.split(/(?<!\\)\|/).map(plain);
      return [id!, { id: id!, open, ours, missing }];
    }),
  );
}

/**
 * Splits a text so that parts at odd indices are citations: "chance (", "R24", ")". The name SVQA-R1 is not a citation.
 */
export const citedIn = (text: string): string[] => text.split(CITATION);
