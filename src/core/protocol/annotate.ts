import type { FieldChange } from '../annotation/edit-json.ts';
import type { PeopleAgreement } from '../annotation/agreement.ts';
import type { Precision, StateCounts } from '../annotation/precision.ts';
import type { ImageRef, PolarityVariant } from '../sample/sample.ts';
import type { Call } from '../call.ts';
import type { ImageBytes, PairRow } from './pair.ts';
import type { VariantName } from '../views/list.ts';

/**
 * Filter for rows that wait for a person: those sent to review, and those that the rules deferred and no model has
 * rewritten.
 */
export const WAITING = 'state = pending or (state = none and status = needs_llm)';

/** A row in the list. */
export interface RowLine {
  id: string;
  /** The beginning of the question. */
  question: string;
  /**
   * State of the variant under review: a person's decision, else the status in the file; null if the row has no such
   * variant.
   */
  state: string | null;
  /** Number of problems in the row. */
  problems: number;
}

/** The state of a review of one variant, and the rows that a filter keeps (docs/review.md). */
export interface ReviewQueue {
  /** Row numbers, ascending; null means all rows of the file. */
  rows: Int32Array | null;
  counts: StateCounts;
  precision: Precision[];
  /** Agreement of people who decided on the same rows. */
  agreement: PeopleAgreement[];
}

export interface OpenRow {
  /** The line of the file, with its edits. */
  text: string;
  row: PairRow;
  /** The polarity flip in the file, else the one made by the rules; null if the row cannot be edited here. */
  polarity: PolarityVariant | null;
}

/** State of the file as a whole, sent whenever it changes. */
export interface AnnotateState {
  name: string;
  uri: string;
  rows: number;
  /** Increases with every change. */
  version: number;
  /** The row to go to after an undo, a redo or an insertion; null: stay. */
  goTo: number | null;
  /** True if the change came from typing on this page, whose field then keeps its text. */
  typing: boolean;
  /** The name recorded with decisions. */
  reviewer: string;
  /** True if the file system is read-only. */
  readOnly: boolean;
  /** A filter that the host wants the page to apply; `asked` numbers each request. */
  filter: { text: string; asked: number } | null;
}

/** Survives a reload of the window. */
export interface AnnotateMemory {
  row: number;
  variant: VariantName;
  /** What earlier versions called the variant. */
  form?: VariantName;
  boxes: boolean;
  graph: boolean;
  filter: string;
  /** Number of the last filter request that was applied. */
  asked: number | null;
}

/** Calls that the page makes to the host. Rows are numbered from 0. */
export interface AnnotateHost {
  ready(args: null): void;
  lines(args: { rows: number[]; variant: VariantName }): Promise<RowLine[]>;
  /** @throws for a mistake in the filter, with its column. */
  queue(args: { filter: string; variant: VariantName }, call: Call<number>): Promise<ReviewQueue>;
  row(args: { row: number }): Promise<OpenRow>;
  /**
   * Changes a row. `id` is the row's, in case it has moved. With `typing`, the change joins the previous edit if that
   * was of the same field, so that undo takes both back.
   */
  change(args: {
    row: number;
    id: string;
    changes: FieldChange[];
    label: string;
    typing: boolean;
  }): Promise<void>;
  /** Inserts a copy of the row below it; in an empty file, a new row. */
  add(args: { row: number }): Promise<void>;
  remove(args: { row: number }): Promise<void>;
  /**
   * Searches from `row` on, forwards (`by` 1) or backwards (−1), for the next row that matches a word of the text; null
   * if there is none.
   */
  find(args: { row: number; by: 1 | -1; text: string }, call: Call<number>): Promise<number | null>;
  image(args: { ref: ImageRef }): Promise<ImageBytes>;
  openRow(args: { row: number }): void;
  /** Opens the row in the Playground. */
  tryRow(args: { row: number }): void;
  openKeybindings(args: null): void;
}

/** Commands for keys and the palette, by the last part of their ids: `chirality.annotate.<name>`. */
export const ANNOTATE_COMMANDS = [
  'nextRow',
  'previousRow',
  'editQuestion',
  'editVariant',
  'switchVariant',
  'accept',
  'discard',
  'discardWithReason',
  'skip',
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

/** Calls that the host makes to the page. */
export interface AnnotatePage {
  show(args: AnnotateState): void;
  /** `choice`, from 1, is the argument of `choose`. */
  command(args: { name: AnnotateCommand; choice?: number }): void;
}
