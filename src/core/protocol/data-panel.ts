import type { Audit } from '../metrics/question-only.ts';
import type { ImageRef } from '../spatial/sample.ts';
import type { Call } from '../call.ts';
import type { ImageBytes, PairImage } from './pair.ts';

/** A value of a facet: how many rows have it, and the number by which a filter names it. */
export interface Bar {
  label: string;
  count: number;
  code: number;
}

/** One way to divide the rows: by task, answer, mirror status, … A row may have no value of it. */
export interface Facet {
  title: string;
  /** What to think of it. */
  note?: string;
  /** Shares are of all rows, not of those that have a value. */
  ofAll?: true;
  bars: Bar[];
}

/** Centres of boxes over all pictures, as if these had one size: `cells` are rows of a square, from the top. */
export interface BoxMap {
  boxes: number;
  /** Boxes in pixels of pictures whose size no row declares. */
  unplaced: number;
  side: number;
  cells: number[];
  /** Share of the centres that lie in the left half, 0–1. */
  left: number;
}

export interface DataSummary {
  rows: number;
  /** Rows that cannot be used. */
  bad: number;
  pictures: number;
  duplicates: number;
  facets: Facet[];
  boxes: BoxMap | null;
  /** Of a random part of large files; all rows first, then each task. */
  audit: { rows: number; parts: [name: string, audit: Audit][] };
}

/** Rows that have the chosen value of each of these facets, and hold all the words. */
export interface DataFilter {
  /** Facet's title → code of the bar. */
  chosen: Record<string, number>;
  text: string;
}

/** A row as the grid shows it. */
export interface DataCard {
  line: number;
  usable: boolean;
  /** Its beginning; of a row that cannot be used, why. */
  question: string;
  answer: string;
  /** The first picture; null where the row has none. */
  image: PairImage | null;
}

/** The latest state of the panel; sent again whenever its page starts anew. */
export type DataState =
  | { kind: 'reading'; uri: string; name: string; share: number }
  | { kind: 'failed'; uri: string; name: string; why: string }
  | { kind: 'read'; uri: string; name: string; version: number; summary: DataSummary };

/** What survives a reload of the window. */
export interface DataMemory {
  uri: string;
  filter: DataFilter;
}

/** What the page asks of the host. */
export interface DataHost {
  ready(args: null): void;
  /** Numbers of rows, from 0. */
  rows(args: DataFilter, call: Call<number>): Promise<Int32Array>;
  cards(args: { rows: number[] }): Promise<DataCard[]>;
  image(args: { ref: ImageRef }): Promise<ImageBytes>;
  openRow(args: { line: number }): void;
  /** In the Playground. */
  tryRow(args: { line: number }): void;
  readAgain(args: null): void;
}

/** What keys and the palette do, by the last part of the commands' ids: `chirality.dataSet.<name>`. */
export const DATA_COMMANDS = ['tryRow'] as const;
export type DataCommand = (typeof DATA_COMMANDS)[number];

/** What the host tells the page. */
export interface DataPage {
  show(args: DataState): void;
  command(args: { name: DataCommand }): void;
}
