import { access, constants, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ReviewFigures } from '../../core/annotation/review-figures.ts';
import { bareItem, conflictItem } from '../../core/annotation/review.ts';
import { ReviewTable } from '../../core/annotation/review-table.ts';
import type { FileVersion, ReloadedFile, WrittenFile } from '../../core/annotation/edit-session.ts';
import { type Hunk, lacking, rowsOf, slice, wholeFile, type Piece } from '../../core/annotation/pieces.ts';
import type { Call } from '../../base/call.ts';
import { describeAgreement } from '../../core/metrics/people-agreement.ts';
import type { OpenRow, ReviewQueue, RowLine } from './annotate.contract.ts';
import type { ParsedSample } from '../../rows/sample/parse-sample.ts';
import { faultOf, RowFaults, type UsableRows } from '../../base/row-faults.ts';
import { Turns } from '../../base/turns.ts';
import { EditedFile } from '../../lab/datasets/edited-file.ts';
import { parseJson } from '../../lab/datasets/parse-json.ts';
import { toSample } from '../../lab/datasets/rows.ts';
import { SuspectLabels } from '../../lab/datasets/suspects-file.ts';
import { RowLooks } from '../../lab/datasets/usable-rows.ts';
import { ifMissing } from '../../lab/files/disk-error.ts';
import { lineOf, openRow } from './edited-row.reads.ts';
import type { ImageFolders, PairRows } from '../data-rows.reads.ts';
import type { VariantName } from '../../rows/view-list.ts';

/** Number of rows that a search reads at once. */
const BATCH = 250;
/** Maximum number of rows to check, with their images, when a file is opened. Checking this many rows takes seconds. */
const LOOKED_AT = 20_000;

/** Version of a file in an editor. The editor has the rows and edits; its pieces refer to this version of the file. */
export interface EditedVersion {
  path: string;
  /** Identifier of the editor and its temporary file: see `EditedFile.open`. */
  token: string;
  version: string;
}

/** Rows of a file that is open in an editor, with the editor's edits. */
type Edited = EditedVersion & { pieces: readonly Piece[] };
type OneRow = EditedVersion & { piece: Piece };

/** Open file. The service reads the file on first use, and again after a failure. */
interface Open {
  edited: EditedFile | null;
  counted: Map<VariantName, { pieces: readonly Piece[]; figures: ReviewFigures }>;
  suspects?: SuspectLabels;
  /** Queue of the calls about this open file. */
  turns: Turns;
}

/** Files open in editors, by token. After a restart of the worker thread, the next call opens the file again. */
export class Edits {
  private readonly open = new Map<string, Open>();

  constructor(private readonly pairs: PairRows) {}

  /** Calls of the service for editors of data files. Rows are numbered from 0. */
  readonly api = {
    /** Opens a file for the editor with this token. @param args.orNew whether to treat a missing file as empty */
    openEdited: ({ path, token, orNew }: Omit<EditedVersion, 'version'> & { orNew: boolean }) =>
      this.inTurn(token, async (open): Promise<FileVersion & { writable: boolean }> => {
        open.edited = await EditedFile.open(path, { token, orNew });
        return { ...open.edited.base, writable: await isWritable(path) };
      }),
    closeEdited: ({ token }: EditedVersion) =>
      this.inTurn(token, async ({ edited }) => {
        this.open.delete(token);
        await edited?.close();
      }),
    /** @param args.variant variant whose review state the lines show */
    editedLines: ({
      pieces,
      variant,
      place,
      ...opened
    }: Edited & { variant: VariantName; place: ImageFolders | null }): Promise<RowLine[]> =>
      this.in(opened, async (edited) =>
        Promise.all((await edited.texts(pieces)).map((text) => lineOf(text, variant, this.pairs, place))),
      ),
    /** Reports progress as the share of the file that was read, from 0 to 1. @throws FilterError */
    reviewQueue: async (
      {
        pieces,
        filter,
        variant,
        place,
        ...opened
      }: Edited & { filter: string; variant: VariantName; place: ImageFolders },
      call: Call<number>,
    ): Promise<ReviewQueue> => {
      const all = filter.trim() === '';
      const counted =
        all && (await this.in(opened, (edited, open) => recount(edited, open, variant, pieces)));
      if (counted) return counted;
      const figures = new ReviewFigures(variant);
      const wanted = new ReviewTable(filter);
      const kept = wanted.select();
      const looks = wanted.asksFaults ? new RowLooks(place) : null;
      const suspects = new SuspectLabels(opened.path);
      const rows = rowsOf(pieces);
      for (let from = 0; from < rows && !call.signal.aborted; from += BATCH) {
        const batch = slice(pieces, from, Math.min(BATCH, rows - from));
        const texts = await this.in(opened, (edited) => edited.texts(batch));
        const table = new ReviewTable(filter);
        for (const [i, text] of texts.entries()) {
          const parsed = parsedRow(text);
          const { sample } = parsed;
          const bare = table.isOfRows ? bareItem(sample, variant) : sample && conflictItem(sample, variant);
          const item = sample ? (figures.add(sample) ?? bare) : bare;
          if (!item || all) continue;
          const fault = looks ? faultOf(await looks.problemsOf(parsed, from + i + 1))?.kind : undefined;
          const label = sample ? await suspects.stateOf(sample) : 'none';
          table.add(from + i, item, sample, { fault, label });
        }
        kept.push(...table.select());
        call.onProgress(Math.min(1, from / rows));
      }
      await looks?.close();
      if (call.signal.aborted) return queueOf(null, figures);
      return this.in(opened, (_, open) => {
        open.counted.set(variant, { pieces, figures });
        return queueOf(all ? null : Int32Array.from(kept), figures);
      });
    },
    /**
     * Which rows can be used, and why others cannot, for the first `LOOKED_AT` rows of the file. Reports progress as a
     * share, 0–1. @throws the signal's reason
     */
    usableEdited: async (
      { pieces, place, ...opened }: Edited & { place: ImageFolders },
      call: Call<number>,
    ): Promise<UsableRows> => {
      const looks = new RowLooks(place);
      const faults = new RowFaults();
      const rows = Math.min(rowsOf(pieces), LOOKED_AT);
      for (let from = 0; from < rows; from += BATCH) {
        call.signal.throwIfAborted();
        const texts = await this.in(opened, (edited) =>
          edited.texts(slice(pieces, from, Math.min(BATCH, rows - from))),
        );
        const problemsOfRows = await Promise.all(
          texts.map((text, i) => looks.problemsOf(parsedRow(text), from + i + 1)),
        );
        problemsOfRows.forEach((problems, i) => faults.add(from + i + 1, problems));
        call.onProgress(from / rows);
      }
      await looks.close();
      return looks.summary(faults, rows);
    },
    editedRow: ({ piece, place, ...opened }: OneRow & { place: ImageFolders | null }): Promise<OpenRow> =>
      this.in(opened, async (edited, open) => {
        const row = await openRow(await textOf(edited, piece), this.pairs, place);
        open.suspects ??= new SuspectLabels(opened.path);
        const { sample } = row.row;
        return { ...row, doubt: sample && (await open.suspects.doubtOf(sample)) };
      }),
    /** Returns the line of a row in its file, from 1. */
    lineOfRow: ({ row, ...opened }: EditedVersion & { row: number }): Promise<number> =>
      this.in(opened, (edited) => edited.line(row)),
    /** Returns the next row that contains all the words, ignoring case. Searches from `row` on, and wraps around. */
    findText: async (
      { pieces, row, by, text, ...opened }: Edited & { row: number; by: 1 | -1; text: string },
      call: Call<number>,
    ): Promise<number | null> => {
      const words = text.toLowerCase().split(/\s+/).filter(Boolean);
      const holds = (line: string) => words.every((word) => line.toLowerCase().includes(word));
      const rows = rowsOf(pieces);
      for (let at = row, seen = 0; !call.signal.aborted;) {
        const end = by === 1 ? Math.min(at + BATCH, rows) : at + 1;
        const from = by === 1 ? at : Math.max(end - BATCH, 0);
        const batch = slice(pieces, from, end - from);
        const texts = await this.in(opened, (edited) => edited.texts(batch));
        const match = by === 1 ? texts.findIndex(holds) : texts.findLastIndex(holds);
        if (match >= 0) return from + match;
        seen += texts.length;
        if (seen >= rows) break;
        call.onProgress(seen / rows);
        at = by === 1 ? (from + texts.length) % rows : (from + rows - 1) % rows;
      }
      return null;
    },
    // The calls below implement an `EditStore`.
    rawRows: ({ rows, ...opened }: EditedVersion & { rows: readonly number[] }): Promise<string[]> =>
      this.in(opened, (edited) => edited.rawRows(rows)),
    // Write in parallel with the file's queue, so that no call waits for the write to finish.
    writeEdited: async ({ pieces, ...opened }: Edited): Promise<WrittenFile | null> =>
      (await this.in(opened, (edited) => edited)).write(pieces),
    copyEdited: async ({ to, pieces, ...opened }: Edited & { to: string }): Promise<void> =>
      (await this.in(opened, (edited) => edited)).copy(to, pieces),
    commitEdited: ({ written, pieces, ...opened }: Edited & { written: WrittenFile }): Promise<boolean> =>
      this.in(opened, async (edited, open) => {
        for (const variant of open.counted.keys())
          await recount(edited, open, variant, pieces).catch(() => open.counted.delete(variant));
        const isPlaced = await edited.commit(written);
        if (isPlaced) for (const counted of open.counted.values()) counted.pieces = wholeFile(written.rows);
        return isPlaced;
      }),
    changedOutside: (opened: EditedVersion): Promise<boolean> =>
      this.in(opened, (edited) => edited.changedOutside()),
    reloadEdited: ({ edits, ...opened }: EditedVersion & { edits: readonly Hunk[] }): Promise<ReloadedFile> =>
      this.in(opened, (edited, open) => {
        open.counted.clear();
        return edited.reload(edits);
      }),
    /** Appends rows to another file. Creates the file if necessary. */
    appendRows: async ({ path, rows }: { path: string; rows: readonly string[] }): Promise<void> =>
      void (await EditedFile.append(path, rows)),
  };

  private inTurn<T>(token: string, work: (open: Open) => T | Promise<T>): Promise<T> {
    const open = this.open.get(token) ?? { edited: null, counted: new Map(), turns: new Turns() };
    this.open.set(token, open);
    return open.turns.run(() => work(open));
  }

  /** @throws if the pieces of the call refer to another version of the file than the open version */
  private in<T>(
    { path, token, version }: EditedVersion,
    work: (edited: EditedFile, open: Open) => T | Promise<T>,
  ): Promise<T> {
    return this.inTurn(token, async (open) => {
      open.edited ??= await EditedFile.open(path, { token, version, orNew: true });
      if (open.edited.base.version !== version)
        throw new Error(`${path} was saved or reloaded during the edit. Try again.`);
      return work(open.edited, open);
    });
  }
}

/** Returns whether a file is writable. Saving replaces the file, so its folder must also be writable. */
async function isWritable(path: string): Promise<boolean> {
  const real = await realpath(path).catch(ifMissing(null));
  if (real === null) return true; // The file no longer exists, and saving creates it again.
  return Promise.all([access(real, constants.W_OK), access(dirname(real), constants.W_OK)]).then(
    () => true,
    () => false,
  );
}

async function textOf(edited: EditedFile, piece: Piece): Promise<string> {
  return (await edited.texts([piece]))[0]!;
}

const parsedRow = (text: string): ParsedSample => toSample(parseJson(text));

const queueOf = (rows: Int32Array | null, { counts, precision, agreement }: ReviewFigures): ReviewQueue => ({
  rows,
  counts,
  precision,
  agreement: agreement.map(describeAgreement),
});

/** Updates counts from the rows that changed since the last count; null if there is no last count of the variant. */
async function recount(
  edited: EditedFile,
  { counted }: Open,
  variant: VariantName,
  pieces: readonly Piece[],
): Promise<ReviewQueue | null> {
  const before = counted.get(variant);
  if (!before) return null;
  const { figures } = before;
  const [gone, added] = [lacking(before.pieces, pieces), lacking(pieces, before.pieces)];
  const [old, now] = [await edited.texts(gone), await edited.texts(added)];
  for (const { sample } of old.map(parsedRow)) if (sample) figures.remove(sample);
  for (const { sample } of now.map(parsedRow)) if (sample) figures.add(sample);
  before.pieces = pieces;
  return queueOf(null, figures);
}
