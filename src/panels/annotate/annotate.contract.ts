import * as z from 'zod/mini';
import type { Precision, ReviewFigures } from '../../core/annotation/review-figures.ts';
import type { UsableRows } from '../../base/row-faults.ts';
import type { LabelDoubt } from '../../rows/sample/label-review.ts';
import type { PolarityVariant } from '../../rows/sample/sample.ts';
import { VARIANT_NAMES, type VariantName } from '../../rows/view-list.ts';
import { answers, count, imageRef, nothing, text, type HostOf } from '../calls.contract.ts';
import type { ImageBytes, PairImage, PairRow } from '../pair/pair.contract.ts';

export interface RowLine {
  id: string;
  question: string;
  /** State of the variant under review (`shownState`); null if the row lacks the variant. */
  state: string | null;
  problems: number;
  /** First image that cannot be shown, or else the first image; null if the row has no image or is unusable. */
  image: PairImage | null;
}

/** Review state of one variant in the file, and the rows that match a filter (docs/annotate.md). */
export interface ReviewQueue {
  /** Numbers of the listed rows, ascending; null for all rows of the file. */
  rows: Int32Array | null;
  counts: ReviewFigures['counts'];
  precision: Precision[];
  /** Sentences about the agreement between people who reviewed the same rows. */
  agreement: string[];
}

/** Writes a copy next to the file, with located images, in UTF-8 or without unusable rows, and opens the copy. */
export const mending = z.object({ how: z.enum(['locate', 'encode', 'exclude']) });
export type Mending = z.output<typeof mending>['how'];

export interface UsableFile {
  usable: UsableRows;
  isUtf8: boolean;
}

export interface OpenRow {
  /** Line of the file that contains the row, with unsaved edits applied. */
  text: string;
  row: PairRow;
  /** Opposite question from the file, or else from the rules; null if the annotation editor cannot edit the row. */
  polarity: PolarityVariant | null;
  /** Doubt about the label, from the list that `chirality suspects` wrote next to the file; null without a doubt. */
  doubt: LabelDoubt | null;
}

/** State of the file as a whole, which the host sends after every change. */
export interface AnnotateState {
  name: string;
  uri: string;
  rows: number;
  /** Counter that increases with every change. */
  version: number;
  /** Row to show after an undo, a redo or an insertion; null if the page shows the same row as before. */
  goTo: number | null;
  /** Whether the change came from typing on this page. If so, the field keeps its text. */
  typing: boolean;
  /** Reviewer name that decisions record. */
  reviewer: string;
  /** Whether the file is in a read-only file system. */
  readOnly: boolean;
  /** Filter that the host requests. `asked` is the number of the request. */
  filter: { text: string; asked: number } | null;
}

/** Stored state, which survives a reload of the window. */
export interface AnnotateMemory {
  row: number;
  variant: VariantName;
  boxes: boolean;
  graph: boolean;
  filter: string;
  /** Number of the last filter request that the page applied. */
  asked: number | null;
}

const row = z.object({ row: count });
const variant = z.enum(VARIANT_NAMES);

/** New value of a field in a row. Without a value, the field is removed. */
const change = z.pipe(
  z.object({ path: z.array(z.union([text, count])), value: z.optional(z.unknown()) }),
  z.transform(({ path, value }) => ({ path, value })),
);

/** Calls that the page of the annotation editor makes to its host. Rows are numbered from 0. */
export const annotateCalls = {
  ready: nothing,
  lines: answers<RowLine[]>()(z.object({ rows: z.array(count), variant })),
  /** @throws for a mistake in the filter, with the column of the mistake */
  queue: answers<ReviewQueue, number>()(z.object({ filter: text, variant })),
  /** Checks the rows, including their edits, and their images. */
  usable: answers<UsableFile, number>()(nothing),
  mend: mending,
  row: answers<OpenRow>()(row),
  /**
   * Changes a row. `id` is the row's id, because the row can move. With `typing`, the change joins a previous edit of
   * the same field, so that undo reverts both edits.
   */
  change: z.object({
    row: count,
    id: text,
    changes: z.array(change),
    label: text,
    typing: z.boolean(),
    /** Text of the row at the time of the decision. If the row's text has changed since, the decision is not saved. */
    seen: z.optional(text),
  }),
  /** Inserts a copy of a row below the row; in an empty file, inserts a new row. */
  add: row,
  remove: row,
  /**
   * Searches for the next row that contains all words of the text, from `row` on, forwards (`by` 1) or backwards (−1).
   * Returns null if no row matches.
   */
  find: answers<number | null, number>()(
    z.object({ row: z.int(), by: z.union([z.literal(1), z.literal(-1)]), text }),
  ),
  image: answers<ImageBytes>()(z.object({ ref: imageRef })),
  openRow: row,
  /** Opens a row in the Playground. */
  tryRow: row,
  /** Opens the file in the Dataset panel, which has the steps after the review. */
  openDataSet: nothing,
  /** Saves the file and freezes the dataset. */
  freeze: nothing,
  /** Creates a run config that trains on the file. */
  train: nothing,
  openKeybindings: nothing,
};
export type AnnotateHost = HostOf<typeof annotateCalls>;

/** Commands for keys and the command palette, by the last part of their ids: `chirality.annotate.<name>`. */
export const ANNOTATE_COMMANDS = [
  'nextRow',
  'previousRow',
  'editQuestion',
  'editVariant',
  'switchVariant',
  'accept',
  'acceptAlthough',
  'discard',
  'discardWithReason',
  'skip',
  'doubtLabel',
  'confirmLabel',
  'choose',
  'newBox',
  'relate',
  'removeBox',
  'toggleBoxes',
  'toggleGraph',
  'search',
  'addRow',
  'removeRow',
  'openRow',
  'tryRow',
  'showKeys',
] as const;
export type AnnotateCommand = (typeof ANNOTATE_COMMANDS)[number];

/** Calls that the host makes to the page of the annotation editor. */
export interface AnnotatePage {
  show(args: AnnotateState): void;
  /** Whether the file was frozen, and has no later changes, saved or not. */
  frozen(args: boolean): void;
  /** Runs a command. `choice`, from 1, is the argument of `choose`. */
  command(args: { name: AnnotateCommand; choice?: number }): void;
}
