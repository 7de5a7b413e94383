import type { Column } from '../document.ts';

/** Datasets of the papers: the names that `report --match` accepts, with their display names. */
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
  /** The own figure that belongs in this column, named as in results.json; absent if nothing is comparable. */
  own?: { set: PublishedSet; task: string; metric: string };
  /** True if the paper prints Pass@4 in brackets after the figure. */
  pass4?: true;
}

/** A column of figures. @param own the own figure that belongs in it, as `set task metric` */
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
  /** The figures as the paper prints them, a word each, with Pass@4 in brackets behind it; – where there is none. */
  figures: string;
  note?: string;
  /** Notes on figures, by their numbers from 0. */
  notes?: Readonly<Record<number, string>>;
}

/** A table of a paper, as printed. Known mistakes are mentioned in notes and not corrected. */
export interface PublishedTable {
  id: string;
  caption: string;
  /** Columns without the first one, which names the row. */
  columns: readonly PublishedColumn[];
  rows: readonly PublishedRow[];
  /** The recipe of sweeps whose cells are the table's own rows; absent if every evaluation of its sets is one. */
  recipe?: string;
  notes: readonly string[];
}

/**
 * Returns a reader of rows that are a line each: `name | figures | note of the row`. A figure, and a note, may end in
 * `^key`, which stands for one of the notes.
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

/** Returns the first number of a printed text (`65.07 (72.08)` gives 65.07); undefined if there is none. */
export function valueOf(printed: string): number | undefined {
  const number = /[-−]?\d+(?:\.\d+)?/.exec(printed)?.[0].replace('−', '-');
  return number === undefined ? undefined : Number(number);
}
