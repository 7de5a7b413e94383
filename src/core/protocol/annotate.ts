import type { FieldChange } from '../annotation/edit-json.ts';
import type { PeopleAgreement } from '../annotation/agreement.ts';
import type { Precision, StateCounts } from '../annotation/precision.ts';
import type { ImageRef, PolarityVariant } from '../spatial/sample.ts';
import type { Call } from '../call.ts';
import type { ImageBytes, PairRow } from './pair.ts';
import type { VariantName } from '../spatial/views/list.ts';

/** Rows that wait for a person: those sent to review, and those that rules handed on and no model has taken. */
export const WAITING = 'state = pending or (state = none and status = needs_llm)';

/** A row in the list. */
export interface RowLine {
  id: string;
  /** Its beginning. */
  question: string;
  /** Of the form under review: a person's decision, else the status in the file; null where that has no such form. */
  state: string | null;
  /** How many things are wrong with it. */
  problems: number;
}

/** Where a review of one form stands, and the rows that a filter keeps (docs/review.md). */
export interface ReviewQueue {
  /** Ascending; null for all rows of the file. */
  rows: Int32Array | null;
  counts: StateCounts;
  precision: Precision[];
  /** Of people who decided on the same rows. */
  agreement: PeopleAgreement[];
}

export interface OpenRow {
  /** The line as it stands. */
  text: string;
  row: PairRow;
  /** The one of the file, else what the rules say; null where the row cannot be edited here. */
  polarity: PolarityVariant | null;
}

/** The file as a whole: told whenever it changes. */
export interface AnnotateState {
  name: string;
  uri: string;
  rows: number;
  /** Goes up with every change. */
  version: number;
  /** A row that an undo, a redo or an inserted row leads to; null: stay. */
  goTo: number | null;
  /** It came from typing on this page: the field keeps what is typed. */
  typing: boolean;
  /** The name that stands beside decisions. */
  reviewer: string;
  /** The file system is read-only. */
  readOnly: boolean;
  /** Which rows shall be listed, where somebody else than the page asked for that; every asking has a number. */
  filter: { text: string; asked: number } | null;
}

/** What survives a reload of the window. */
export interface AnnotateMemory {
  row: number;
  form: VariantName;
  boxes: boolean;
  graph: boolean;
  filter: string;
  /** The asking for a filter that was followed last. */
  asked: number | null;
}

/** What the page asks of the host. Rows are numbered from 0. */
export interface AnnotateHost {
  ready(args: null): void;
  lines(args: { rows: number[]; form: VariantName }): Promise<RowLine[]>;
  /** @throws with the column of a filter's mistake. */
  queue(args: { filter: string; form: VariantName }, call: Call<number>): Promise<ReviewQueue>;
  row(args: { row: number }): Promise<OpenRow>;
  /** `id` is that of the row, which may have moved. `typing`: goes on with the edit before, if that was of the same field; one step to undo. */
  change(args: {
    row: number;
    id: string;
    changes: FieldChange[];
    label: string;
    typing: boolean;
  }): Promise<void>;
  /** A copy of the row, or, in an empty file, a new one, below `row`. */
  add(args: { row: number }): Promise<void>;
  remove(args: { row: number }): Promise<void>;
  /** The next row from `row` on, `by` ±1, for which a word of the search holds; null when there is none. */
  find(args: { row: number; by: 1 | -1; text: string }, call: Call<number>): Promise<number | null>;
  image(args: { ref: ImageRef }): Promise<ImageBytes>;
  openRow(args: { row: number }): void;
  /** Opens the row in the Playground. */
  tryRow(args: { row: number }): void;
  openKeybindings(args: null): void;
}

/** What keys and the palette do, by the last part of the commands' ids: `chirality.annotate.<name>`. */
export const ANNOTATE_COMMANDS = [
  'nextRow',
  'previousRow',
  'editQuestion',
  'editForm',
  'switchForm',
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

/** What the host tells the page. */
export interface AnnotatePage {
  show(args: AnnotateState): void;
  /** `choice`, from 1, is that of `choose`. */
  command(args: { name: AnnotateCommand; choice?: number }): void;
}
