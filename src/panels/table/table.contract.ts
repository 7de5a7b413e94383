import * as z from 'zod/mini';
import { answers, imageRef, nothing, text, type HostOf } from '../calls.contract.ts';
import type { ImageBytes, PairImage } from '../pair/pair.contract.ts';
import { ENCODINGS } from '../../base/encodings.ts';
import type { ImageRef } from '../../rows/sample/sample.ts';
import type { ColumnChoice, ColumnField } from '../../rows/sample/column-choice.ts';

/** A row of the user's own table, as it would become one of a dataset. */
export interface TableRow {
  question: string;
  answer: string;
  choices: string[];
  /** Of the objects that the image is labelled with. */
  labels: string[];
  /** The first image; null if the row has none. */
  image: PairImage | null;
  /** The frames, if the row is a clip. */
  frames?: ImageRef[];
  /** Why the row cannot be used; null if it can. */
  problem: string | null;
}

/** The beginning of a table, read with a choice of columns, or of a file of labels. */
export interface TablePreview {
  /** The columns, each with the beginning of what its first row holds. Files of labels have none. */
  columns: { name: string; example: string }[];
  choice: ColumnChoice;
  /** What the file is recognised as; null if it is not, or columns were chosen. */
  format: { name: string; about: string } | null;
  /** The encoding in which a table of separated texts is read; null for other files. */
  encoding: string | null;
  /** The beginnings of the first rows' cells, in the order of the columns. */
  cells: string[][];
  /** Columns of which each may be the answer, and of which the user has to say which; empty if it is plain. */
  references: string[];
  /** The choice as the option `--map` takes it; '' for a recognised format, which needs none. */
  rules: string;
  /** Where the images lie, relative to the table's folder; '' if next to it. */
  imageFolder: string;
  rows: TableRow[];
}

/** The panel's current state; sent again whenever its page restarts. */
export interface TableState {
  uris: string[];
  name: string;
  /** How many more files of the same columns there are. */
  more: number;
  /** Null while the file is being read for the first time. */
  preview: TablePreview | null;
  /** Why the file cannot be read, or could not be converted. */
  problem: string | null;
  /** What the program says while it converts; null before. */
  working: string | null;
}

/** The parts of a row that the user chooses a column for. */
const FIELDS = ['question', 'answer', 'images', 'choices'] as const satisfies readonly ColumnField[];
export type ChosenField = (typeof FIELDS)[number];

/** Survives a reload of the window. */
export const tableMemory = z.looseObject({ uris: z.array(text).check(z.minLength(1)) });
export interface TableMemory {
  uris: string[];
}

/** Calls that the page makes to the host. */
export const tableCalls = {
  ready: nothing,
  /** Chooses the column of a part; null for none. */
  choose: z.object({ field: z.enum(FIELDS), column: z.nullable(text) }),
  encode: z.object({ encoding: z.enum(ENCODINGS) }),
  /** Lets the user choose the folder of the images. */
  findPictures: nothing,
  image: answers<ImageBytes>()(z.object({ ref: imageRef })),
  convert: nothing,
};
export type TableHost = HostOf<typeof tableCalls>;

/** Calls that the host makes to the page. */
export interface TablePage {
  show(args: TableState): void;
}
