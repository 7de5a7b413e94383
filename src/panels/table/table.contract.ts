import * as z from 'zod/mini';
import { answers, imageRef, nothing, text, type HostOf } from '../calls.contract.ts';
import type { ImageBytes, PairImage } from '../pair/pair.contract.ts';
import { ENCODINGS } from '../../base/encodings.ts';
import type { ImageRef } from '../../rows/sample/sample.ts';
import type { ColumnChoice } from '../../rows/sample/column-choice.ts';

/** Row of the user's own table, in the form that the dataset would have. */
export interface TableRow {
  question: string;
  answer: string;
  choices: string[];
  labels: string[];
  /** Images of the row; of a clip only the first frame. */
  images: PairImage[];
  /** Frames of the clip; present if the row is a clip. */
  frames?: ImageRef[];
  /** Reason why the row is unusable; null for a usable row. */
  problem: string | null;
}

/** Preview of a table, read with selected columns, or of a file of labels. */
export interface TablePreview {
  /** Files with the rows, and a file that is joined by a key; null if there is none. */
  inputs: string[];
  join: string | null;
  /** Columns, each with the beginning of its cell in the first row. Files of labels have none. */
  columns: { name: string; example: string }[];
  choice: ColumnChoice;
  /** Recognised format; null if no format was recognised, or if the user selected columns. */
  format: { name: string; about: string } | null;
  /** Encoding of the table if it is a CSV or TSV file; otherwise null. */
  encoding: string | null;
  /** Beginnings of the cells of the first rows, in the order of the columns. */
  cells: string[][];
  /** Columns that could each be the answer, so that the user must select one; empty for an unambiguous answer. */
  references: string[];
  /** Value of the option `--map` for the selected columns; '' for a recognised format, which needs no option. */
  rules: string;
  /** Folder of the images, relative to the table's folder; '' if it is the same folder. */
  imageFolder: string;
  rows: TableRow[];
}

/** Current state of the panel, which the host sends again whenever the page restarts. */
export interface TableState {
  uris: string[];
  name: string;
  /** Number of further files with the same columns. */
  more: number;
  /** Preview of the table; null until the file has been read for the first time. */
  preview: TablePreview | null;
  /** Reason why the file is unreadable or cannot be converted; otherwise null. */
  problem: string | null;
  /** Last progress message of the conversion; null if no conversion is running. */
  working: string | null;
}

/** Parts of a row for which the user selects a column. */
const FIELDS = ['question', 'answer', 'images', 'choices'] as const satisfies readonly (keyof ColumnChoice)[];
export type ChosenField = (typeof FIELDS)[number];

/** Stored state, which survives a reload of the window. */
export const tableMemory = z.looseObject({ uris: z.array(text).check(z.minLength(1)) });
export interface TableMemory {
  uris: string[];
}

export const tableCalls = {
  ready: nothing,
  /** Selects the column for a part of the rows; null selects no column. */
  choose: z.object({ field: z.enum(FIELDS), column: z.nullable(text) }),
  encode: z.object({ encoding: z.enum(ENCODINGS) }),
  /** Asks the user for the folder that contains the images. */
  findPictures: nothing,
  image: answers<ImageBytes>()(z.object({ ref: imageRef })),
  convert: nothing,
};
export type TableHost = HostOf<typeof tableCalls>;

export interface TablePage {
  show(args: TableState): void;
}
