import type { Column } from '../document.ts';

/** Datasets of the papers: names that `report --match` accepts, with display names. */
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
  /** Own metric that corresponds to this column, with names as in results.json; absent if none is comparable. */
  own?: { set: PublishedSet; task: string; metric: string };
  /** True if the paper prints Pass@4 in brackets after each value. */
  pass4?: true;
}

/** Returns a column of a published table. @param own own metric of the column, as `set task metric` */
export function column(
  title: string,
  own?: `${PublishedSet} ${string} ${string}` | null,
  better?: Column['better'] | null,
  note?: string,
): PublishedColumn {
  const [set, task, metric] = own?.split(' ') ?? [];
  return {
    title,
    ...(note && { note }),
    ...(better && { better }),
    ...(own && { own: { set: set as PublishedSet, task: task!, metric: metric! } }),
  };
}

export interface PublishedRow {
  name: string;
  /** Values as the paper prints them, separated by spaces, with Pass@4 in brackets; – for a missing value. */
  figures: string;
  note?: string;
  /** Notes on single values, by the index of the value from 0. */
  notes?: Readonly<Record<number, string>>;
}

/** A table of a paper, as printed. Notes mention known mistakes in the paper, which remain uncorrected. */
export interface PublishedTable {
  id: string;
  caption: string;
  /** Columns after the first column, which contains the name of the row. */
  columns: readonly PublishedColumn[];
  rows: readonly PublishedRow[];
  /** Sweep recipe whose conditions are own rows of the table; absent if all evaluations of its sets are own rows. */
  recipe?: string;
  notes: readonly string[];
}

/**
 * Returns a parser of table lines: `name | figures | note of the row`. A value or a note can end in `^key`, which
 * refers to one of the notes.
 */
export const rowsWith =
  (notes: Readonly<Record<string, string>>) =>
  (table: string): PublishedRow[] =>
    table
      .trim()
      .split('\n')
      .map((line) => {
        const [name = '', marked = '', note] = line.split(' | ');
        const figures = figuresOf(marked).map((figure) => figure.split('^'));
        const about = figures.flatMap(([, key], f) => (key === undefined ? [] : [[f, notes[key]!] as const]));
        return {
          name,
          figures: figures.map(([figure]) => figure).join(' '),
          ...(note !== undefined && { note: note.startsWith('^') ? notes[note.slice(1)]! : note }),
          ...(about.length > 0 && { notes: Object.fromEntries(about) }),
        };
      });

export const figuresOf = (figures: string): string[] => figures.split(/ (?!\()/);

/** Returns the first number in a printed text (65.07 for `65.07 (72.08)`); undefined for a text without numbers. */
export function valueOf(printed: string): number | undefined {
  const number = /[-−]?\d+(?:\.\d+)?/.exec(printed)?.[0].replace('−', '-');
  return number === undefined ? undefined : Number(number);
}
