import { access, constants, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setInJson, type FieldChange } from '../core/annotation/edit-json.ts';
import { ReviewFigures } from '../core/annotation/precision.ts';
import { bareItem, conflictItem } from '../core/annotation/review.ts';
import { ReviewTable } from '../core/annotation/review-table.ts';
import type { EditState, FileVersion, ReloadedFile, WrittenFile } from '../core/annotation/edit-session.ts';
import type { Hunk } from '../core/annotation/merge.ts';
import { rowsOf, type Piece, type Splice } from '../core/annotation/row-list.ts';
import type { Call } from '../core/call.ts';
import type { OpenRow, ReviewQueue, RowLine } from '../core/protocol/annotate.ts';
import { parseSample } from '../core/sample/parse-sample.ts';
import type { Sample } from '../core/sample/sample.ts';
import { appendRows } from '../lab/datasets/append.ts';
import { EditedFile } from '../lab/datasets/edited-file.ts';
import { parseJson } from '../lab/datasets/json.ts';
import { ifMissing } from '../lab/files/disk-error.ts';
import { copyOf, followRules, idOf, lineOf, openRow } from './edited-row.ts';
import type { ImageFolders, PairRows } from './pair-row.ts';
import type { VariantName } from '../core/views/list.ts';

/** How many rows a search reads at a time. */
const BATCH = 250;

/** What the service does for editors of data files. Rows are numbered from 0. */
export interface EditService {
  /**
   * Opens a file under a number chosen by the caller.
   * @param args.token see `EditedFile.open`.
   * @param args.state edits made to the file before the thread was started.
   * @param args.orNew opens a missing file as an empty one.
   */
  openEdited(args: {
    file: number;
    path: string;
    token: string;
    state: EditState | null;
    orNew: boolean;
  }): Promise<FileVersion & { writable: boolean }>;
  closeEdited(args: { file: number }): Promise<void>;
  /** `variant` is the one whose state the lines show. */
  editedLines(args: { file: number; rows: number[]; variant: VariantName }): Promise<RowLine[]>;
  /** Reports progress as the share of the file that was read, 0–1. @throws FilterError */
  reviewQueue(
    args: { file: number; filter: string; variant: VariantName },
    call: Call<number>,
  ): Promise<ReviewQueue>;
  editedRow(args: { file: number; row: number; place: ImageFolders | null }): Promise<OpenRow>;
  /** The text of a row after setting these values and updating its variants. Nothing is changed. */
  withChanges(args: { file: number; row: number; id: string; changes: FieldChange[] }): Promise<string>;
  /** A copy of a row with a new id. */
  copyOfRow(args: { file: number; row: number }): Promise<string>;
  /** The row's line in the file, from 1; for an unsaved row, the line of the saved row before it. */
  lineOfRow(args: { file: number; row: number }): Promise<number>;
  /** The next row whose text contains all the words, ignoring case; searches from `row` on and wraps around. */
  findText(
    args: { file: number; row: number; by: 1 | -1; text: string },
    call: Call<number>,
  ): Promise<number | null>;
  /** The following calls implement an `EditStore`. */
  rawRows(args: { file: number; rows: readonly number[] }): Promise<string[]>;
  applyEdit(args: { file: number; number: number; change: Splice }): Promise<void>;
  writeEdited(args: { file: number; pieces: readonly Piece[] }): Promise<WrittenFile | null>;
  commitEdited(args: { file: number; state: EditState; written: WrittenFile }): Promise<boolean>;
  copyEdited(args: { file: number; path: string; pieces: readonly Piece[] }): Promise<void>;
  changedOutside(args: { file: number }): Promise<boolean>;
  reloadEdited(args: { file: number; number: number; edits: readonly Hunk[] }): Promise<ReloadedFile>;
  /** Adds rows to another file, creating it if there is none. */
  appendRows(args: { path: string; rows: readonly string[] }): Promise<void>;
}

/** An open file. It is read on first use, and again if that failed. */
interface Open {
  read: () => Promise<EditedFile>;
  edited: EditedFile | null;
  /** The review figures of each variant, as far as they were counted. */
  figures: Map<VariantName, ReviewFigures>;
  /** Increases with every change of the rows. */
  changes: number;
  /** Calls for one file are served one after the other. */
  last: Promise<unknown>;
}

export class Edits {
  private readonly open = new Map<number, Open>();

  constructor(private readonly pairs: PairRows) {}

  readonly api: EditService = {
    openEdited: async ({ file, path, ...options }) => {
      const before = this.open.get(file);
      this.open.set(file, {
        read: () => EditedFile.open(path, options),
        edited: null,
        figures: new Map(),
        changes: 0,
        last: Promise.resolve(),
      });
      void before?.last.then(() => before.edited?.close());
      return this.in(file, async (edited) => ({ ...edited.base, writable: await isWritable(path) }));
    },
    closeEdited: ({ file }) =>
      this.in(file, async (edited) => {
        this.open.delete(file);
        await edited.close();
      }),
    editedLines: ({ file, rows, variant }) =>
      this.in(file, async (edited) => {
        const lines: RowLine[] = [];
        // If a row is gone by now, the page will hear of the change.
        for (const row of rows)
          if (row < edited.count) lines.push(lineOf(await textOf(edited, row), variant));
        return lines;
      }),
    reviewQueue: async ({ file, filter, variant }, call) => {
      // Queued, because an earlier edit may not have been counted yet.
      const { figures, changes } = await this.in(file, (_, { figures, changes }) => ({ figures, changes }));
      const known = figures.get(variant);
      const all = filter.trim() === '';
      if (known && all) return queueOf(null, known);
      const counted = new ReviewFigures(variant);
      const kept = new ReviewTable(filter).select();
      for (let from = 0, rows = 1; from < rows && !call.signal.aborted; from += BATCH) {
        const texts = await this.in(file, (edited) => {
          rows = edited.count;
          return edited.texts(from, BATCH);
        });
        const table = new ReviewTable(filter);
        for (const [i, text] of texts.entries()) {
          const sample = sampleOf(text);
          const item =
            sample &&
            (counted.add(sample) ??
              (table.isById ? bareItem(sample, variant) : conflictItem(sample, variant)));
          if (item && !all) table.add(from + i, item, sample);
        }
        kept.push(...table.select());
        call.onProgress(Math.min(1, from / rows));
      }
      if (!call.signal.aborted && changes === this.of(file).changes) figures.set(variant, counted);
      return queueOf(all ? null : Int32Array.from(kept), counted);
    },
    editedRow: ({ file, row, place }) =>
      this.in(file, async (edited) => openRow(await textOf(edited, row), this.pairs, place)),
    withChanges: ({ file, row, id, changes }) =>
      this.in(file, async (edited) => {
        const before = await textOf(edited, row);
        if (idOf(before) !== id) throw new Error(`Row ${row + 1} is another one now.`);
        return followRules(changes.reduce((text, { path, value }) => setInJson(text, path, value), before));
      }),
    copyOfRow: ({ file, row }) => this.in(file, async (edited) => copyOf(await textOf(edited, row), row)),
    lineOfRow: ({ file, row }) => this.in(file, (edited) => edited.line(row)),
    findText: async ({ file, row, by, text }, call) => {
      const words = text.toLowerCase().split(/\s+/).filter(Boolean);
      const holds = (line: string) => words.every((word) => line.toLowerCase().includes(word));
      // Edits may be served between two pieces.
      for (let at = row, seen = 0; !call.signal.aborted;) {
        const { from, texts, rows } = await this.in(file, async (edited) => {
          const end = by === 1 ? Math.min(at + BATCH, edited.count) : at + 1;
          const from = by === 1 ? at : Math.max(end - BATCH, 0);
          return { from, texts: await edited.texts(from, end - from), rows: edited.count };
        });
        const found = by === 1 ? texts.findIndex(holds) : texts.findLastIndex(holds);
        if (found >= 0) return from + found;
        seen += texts.length;
        if (seen >= rows) break;
        call.onProgress(seen / rows);
        at = by === 1 ? (from + texts.length) % rows : (from + rows - 1) % rows;
      }
      return null;
    },
    rawRows: ({ file, rows }) => this.in(file, (edited) => edited.rawRows(rows)),
    applyEdit: ({ file, number, change }) =>
      this.in(file, async (edited, open) => {
        if (edited.has(number)) return;
        const rows = await replacedRow(edited, change);
        edited.apply(number, change);
        recount(open, rows);
      }),
    // Runs beside the queue of the file, so that no call waits for it.
    writeEdited: async ({ file, pieces }) => (await this.in(file, (edited) => edited)).write(pieces),
    copyEdited: async ({ file, path, pieces }) =>
      (await this.in(file, (edited) => edited)).copy(path, pieces),
    commitEdited: ({ file, state, written }) => this.in(file, (edited) => edited.commit(state, written)),
    changedOutside: ({ file }) => this.in(file, (edited) => edited.changedOutside()),
    reloadEdited: ({ file, number, edits }) =>
      this.in(file, (edited, open) => {
        recount(open, null);
        return edited.reload(number, edits);
      }),
    appendRows: async ({ path, rows }) => void (await appendRows(path, rows)),
  };

  private of(file: number): Open {
    const open = this.open.get(file);
    if (!open) throw new Error('The file was closed.');
    return open;
  }

  private async in<T>(file: number, work: (edited: EditedFile, open: Open) => T | Promise<T>): Promise<T> {
    const open = this.of(file);
    const result = open.last.then(async () => work((open.edited ??= await open.read()), open));
    open.last = result.catch(() => undefined);
    return result;
  }
}

/** Saving puts a new file in place of the old one, so the folder must be writable too. */
async function isWritable(path: string): Promise<boolean> {
  const real = await realpath(path).catch(ifMissing(null));
  if (real === null) return true; // the file is gone, and is created again
  return Promise.all([access(real, constants.W_OK), access(dirname(real), constants.W_OK)]).then(
    () => true,
    () => false,
  );
}

async function textOf(edited: EditedFile, row: number): Promise<string> {
  const [text] = await edited.texts(row, 1);
  if (text === undefined) throw new Error(`There is no row ${row + 1}.`);
  return text;
}

const sampleOf = (text: string): Sample | null => {
  const { value } = parseJson(text);
  return value === undefined ? null : parseSample(value).sample;
};

const queueOf = (rows: Int32Array | null, { counts, precision, agreement }: ReviewFigures): ReviewQueue => ({
  rows,
  counts,
  precision,
  agreement,
});

/** The text of a row before and after a change of one row; null if rows are added, removed or moved. */
async function replacedRow(edited: EditedFile, { remove, insert }: Splice): Promise<[string, string] | null> {
  if (rowsOf(remove) !== 1 || rowsOf(insert) !== 1) return null;
  const [before, after] = await edited.textsOf([...remove, ...insert]);
  return [before!, after!];
}

/** Updates the figures for a replaced row; after other changes they are dropped, and counted again on demand. */
function recount(open: Open, replaced: [before: string, after: string] | null): void {
  open.changes += 1;
  if (!replaced) return open.figures.clear();
  const [before, after] = replaced.map(sampleOf);
  for (const figures of open.figures.values()) {
    if (before) figures.remove(before);
    if (after) figures.add(after);
  }
}
