import type { Column } from '../document.ts';

/** Data sets of the papers, by the names that `--map` knows, with how people read them. */
export const PUBLISHED_SETS = {
  'q-spatial': 'Q-Spatial++',
  spacellava: 'spacellava test',
  openspaces: 'OpenSpaces test',
  'cv-bench': 'CV-Bench',
  sat: 'SAT val',
  vsr: 'VSR val',
  cogent: 'CLEVR-CoGenT ValB',
  pixmo: 'PixMo-Count',
} as const;
export type PublishedSet = keyof typeof PUBLISHED_SETS;

export interface PublishedColumn extends Omit<Column, 'align'> {
  /** The own figure that belongs into this column, as results.json names it; none where nothing is comparable. */
  own?: { set: PublishedSet; task: string; metric: string };
  /** Whether the paper prints Pass@4 in brackets behind it. */
  pass4?: true;
}

/** A figure as the paper prints it; with a note: `[text, note]`. Null where the paper has none. */
export type PrintedFigure = string | readonly [text: string, note: string] | null;

export interface PublishedRow {
  name: string;
  note?: string;
  figures: readonly PrintedFigure[];
}

/** A table of a paper, as printed; what is known to be wrong with it stands in notes and is not corrected. */
export interface PublishedTable {
  id: string;
  caption: string;
  /** Without the first, which names the row. */
  columns: readonly PublishedColumn[];
  rows: readonly PublishedRow[];
  notes: readonly string[];
}

export const textOf = (printed: PrintedFigure): string =>
  printed === null ? '–' : typeof printed === 'string' ? printed : printed[0];

export const noteOf = (printed: PrintedFigure): string | undefined =>
  printed === null || typeof printed === 'string' ? undefined : printed[1];

/** The figure of a printed text: its first number (`65.07 (72.08)` is 65.07); undefined without one. */
export function valueOf(printed: PrintedFigure): number | undefined {
  const number = /[-−]?\d+(?:\.\d+)?/.exec(textOf(printed))?.[0].replace('−', '-');
  return number === undefined ? undefined : Number(number);
}
