/** What a cited number means: R, a reading (docs/readings.md); A or B, an item of that paper (docs/papers.md). */
export interface Reading {
  id: string;
  /** What the papers leave open or get wrong; for an item, what its paper says. */
  open: string;
  /** What is done about it, and where. */
  ours: string;
  /** For an item: what is not done; empty if nothing is missing. */
  missing: string;
}

const ID = '(?:R|[AB]-)\\d+';
const ROW = new RegExp(`^\\| (${ID}) *\\|(.*)$`, 'gm');
const CITATION = new RegExp(`(?<![\\w-])(${ID})\\b`);

/** A cell as text: links by their words, without emphasis, code marks and escapes. */
const plain = (cell: string): string =>
  cell
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/(?<![\w`])_([^_]+)_(?!\w)/g, '$1')
    .replace(/\\(.)/g, '$1')
    .replaceAll('`', '')
    .trim();

/** The rows of the tables of docs/readings.md or docs/papers.md, by their ids. */
export function parseReadings(markdown: string): Map<string, Reading> {
  return new Map(
    [...markdown.matchAll(ROW)].map(([, id, rest]) => {
      const [open = '', ours = '', missing = ''] = rest!.split(/(?<!\\)\|/).map(plain);
      return [id!, { id: id!, open, ours, missing }];
    }),
  );
}

/**
 * Splits a text into parts, in which those at odd indices are citations: "chance (", "R24", ")". SVQA-R1 is a model.
 */
export const citedIn = (text: string): string[] => text.split(CITATION);
