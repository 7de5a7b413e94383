import { access, constants, readFile, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { putJson, type Put } from '../core/annotation/edit-json.ts';
import { ReviewFigures } from '../core/annotation/review-figures.ts';
import { ReviewTable } from '../core/annotation/review-table.ts';
import type { Hunk } from '../core/annotation/merge.ts';
import type { Call } from '../core/protocol/channel.ts';
import type { OpenRow, ReviewQueue, RowLine } from '../core/protocol/annotate.ts';
import { parseSample } from '../core/spatial/parse-sample.ts';
import type { Sample } from '../core/spatial/sample.ts';
import { EditedFile, type Backup } from '../lab/datasets/edited-file.ts';
import { parseJson } from '../lab/datasets/json.ts';
import { writeAtomically } from '../lab/files/atomic.ts';
import { explainError } from '../lab/files/disk-error.ts';
import { copyOf, followRules, idOf, lineOf, openRow } from './edited-row.ts';
import type { ImagePlace, PairRows } from './pair-row.ts';
import type { VariantName } from '../core/spatial/views/list.ts';

/** How many rows a search reads at a time. */
const BATCH = 250;

/** What the service does for editors of data files. `file` names an open one; rows are numbered from 0. */
export interface EditService {
  /** @param args.backup path of edits that were not saved. @returns those that have no place any more. */
  openEdited(args: {
    path: string;
    backup: string | null;
  }): Promise<{ file: number; rows: number; lost: Hunk[]; writable: boolean }>;
  closeEdited(args: { file: number }): Promise<void>;
  /** `form` is that whose state the lines tell. */
  editedLines(args: { file: number; rows: number[]; form: VariantName }): Promise<RowLine[]>;
  /** Reports the share of the file that was read, 0–1. @throws FilterError */
  reviewQueue(
    args: { file: number; filter: string; form: VariantName },
    call: Call<number>,
  ): Promise<ReviewQueue>;
  editedRow(args: { file: number; row: number; place: ImagePlace | null }): Promise<OpenRow>;
  /** @returns whether it became part of the edit before. */
  putFields(args: {
    file: number;
    row: number;
    id: string;
    puts: Put[];
    typing: boolean;
  }): Promise<{ amended: boolean }>;
  /** From `at` on, `remove` rows become these. */
  editRows(args: { file: number; at: number; remove: number; texts: string[] }): Promise<{ rows: number }>;
  /** @returns the row where it was. */
  undoEdit(args: { file: number; redo: boolean }): Promise<{ rows: number; at: number | null }>;
  saveEdited(args: { file: number }): Promise<void>;
  /** Writes a copy; the file itself stays as it is, with its edits. */
  copyEdited(args: { file: number; path: string }): Promise<void>;
  /** A copy of a row under an id of its own. */
  copyOfRow(args: { file: number; row: number }): Promise<string>;
  /** The line of the file on which a row stands, from 1; of a row that is not saved yet, that of the one before. */
  lineOfRow(args: { file: number; row: number }): Promise<number>;
  backupEdited(args: { file: number; path: string }): Promise<void>;
  changedOutside(args: { file: number }): Promise<boolean>;
  /** Reads the file anew, with the edits or without. @returns the edits that have no place any more. */
  reloadEdited(args: { file: number; keepEdits: boolean }): Promise<{ rows: number; lost: Hunk[] }>;
  /** The next row whose text holds all the words, without regard to case; from `row` on, around the end. */
  findText(
    args: { file: number; row: number; by: 1 | -1; text: string },
    call: Call<number>,
  ): Promise<number | null>;
}

interface Open {
  edited: EditedFile;
  /** The field that is being typed into: what is typed next belongs to the same step. */
  typing: string | null;
  /** How far the review of each form is, where that was counted. */
  figures: Map<VariantName, ReviewFigures>;
  /** Goes up with every change of the rows. */
  changes: number;
  /** Calls of one file are served one after the other. */
  last: Promise<unknown>;
}

export class Edits {
  private readonly open = new Map<number, Open>();
  private next = 0;

  constructor(private readonly pairs: PairRows) {}

  readonly api: EditService = {
    openEdited: async ({ path, backup }) => {
      const edited = await EditedFile.open(path);
      const edits = backup === null ? null : (JSON.parse(await readFile(backup, 'utf8')) as Backup);
      const lost = edits ? await edited.reload(edits) : [];
      const file = this.next++;
      this.open.set(file, { edited, typing: null, figures: new Map(), changes: 0, last: Promise.resolve() });
      return { file, rows: edited.count, lost, writable: await isWritable(path) };
    },
    closeEdited: ({ file }) =>
      this.in(file, async ({ edited }) => {
        this.open.delete(file);
        await edited.close();
      }),
    editedLines: ({ file, rows, form }) =>
      this.in(file, async ({ edited }) => {
        const lines: RowLine[] = [];
        // Of rows that are gone meanwhile, the page hears when it is told of the change.
        for (const row of rows) if (row < edited.count) lines.push(lineOf(await textOf(edited, row), form));
        return lines;
      }),
    reviewQueue: async ({ file, filter, form }, call) => {
      const { figures, changes } = this.of(file);
      const known = figures.get(form);
      const all = filter.trim() === '';
      if (known && all) return queueOf(null, known);
      const counted = new ReviewFigures(form);
      const kept = new ReviewTable(filter).select();
      for (let from = 0, rows = 1; from < rows && !call.signal.aborted; from += BATCH) {
        const texts = await this.in(file, async ({ edited }) => {
          rows = edited.count;
          return edited.texts(from, BATCH);
        });
        const table = new ReviewTable(filter);
        for (const [i, text] of texts.entries()) {
          const sample = sampleOf(text);
          const item = sample && counted.add(sample);
          if (item && !all) table.add(from + i, item, sample);
        }
        kept.push(...table.select());
        call.onProgress(Math.min(1, from / rows));
      }
      if (!call.signal.aborted && changes === this.of(file).changes) figures.set(form, counted);
      return queueOf(all ? null : Int32Array.from(kept), counted);
    },
    editedRow: ({ file, row, place }) =>
      this.in(file, async ({ edited }) => {
        return openRow(await textOf(edited, row), this.pairs, place);
      }),
    putFields: ({ file, row, id, puts, typing }) =>
      this.in(file, async (open) => {
        const field = typing ? JSON.stringify([row, puts.map(({ path }) => path)]) : null;
        const amended = field !== null && field === open.typing;
        const before = await textOf(open.edited, row);
        if (idOf(before) !== id) throw new Error(`Row ${row + 1} is another one now.`);
        const after = followRules(puts.reduce((text, { path, value }) => putJson(text, path, value), before));
        if (amended) await open.edited.amend(row, after);
        else await open.edited.edit(row, 1, [after]);
        open.typing = field;
        recount(open, before, after);
        return { amended };
      }),
    editRows: ({ file, at, remove, texts }) =>
      this.in(file, async (open) => {
        otherRows(open);
        await open.edited.edit(at, remove, texts);
        return { rows: open.edited.count };
      }),
    undoEdit: ({ file, redo }) =>
      this.in(file, async (open) => {
        otherRows(open);
        const at = await (redo ? open.edited.redo() : open.edited.undo());
        return { rows: open.edited.count, at };
      }),
    saveEdited: ({ file }) =>
      this.in(file, async (open) => {
        open.typing = null; // what is typed from now on is another step: the editor counts from the save
        await open.edited.save().catch(inWords);
      }),
    copyEdited: ({ file, path }) => this.in(file, ({ edited }) => edited.write(path).catch(inWords)),
    copyOfRow: ({ file, row }) =>
      this.in(file, async ({ edited }) => {
        return copyOf(await textOf(edited, row), row);
      }),
    lineOfRow: ({ file, row }) => this.in(file, ({ edited }) => Promise.resolve(edited.line(row))),
    backupEdited: ({ file, path }) =>
      this.in(file, ({ edited }) =>
        writeAtomically(path, (out) => out.writeFile(JSON.stringify(edited.backup()))),
      ),
    changedOutside: ({ file }) => this.in(file, ({ edited }) => edited.changedOutside()),
    reloadEdited: ({ file, keepEdits }) =>
      this.in(file, async (open) => {
        otherRows(open);
        const lost = await open.edited.reload(keepEdits ? undefined : null);
        return { rows: open.edited.count, lost };
      }),
    findText: async ({ file, row, by, text }, call) => {
      const words = text.toLowerCase().split(/\s+/).filter(Boolean);
      const holds = (line: string) => words.every((word) => line.toLowerCase().includes(word));
      // Edits are let in between two pieces.
      for (let at = row, seen = 0; !call.signal.aborted;) {
        const { from, texts, rows } = await this.in(file, async ({ edited }) => {
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
  };

  private of(file: number): Open {
    const open = this.open.get(file);
    if (!open) throw new Error('The file was closed.');
    return open;
  }

  private in<T>(file: number, work: (open: Open) => Promise<T>): Promise<T> {
    const open = this.open.get(file);
    if (!open) return Promise.reject(new Error('The file was closed.'));
    const result = open.last.then(() => work(open));
    open.last = result.catch(() => undefined);
    return result;
  }
}

/** VS Code shows the message as it is. */
function inWords(error: Error): never {
  throw new Error(explainError(error));
}

/** A save puts a new file into the folder, in the place of this one. */
async function isWritable(path: string): Promise<boolean> {
  const real = await realpath(path);
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

const queueOf = (rows: Int32Array | null, { counts, precision }: ReviewFigures): ReviewQueue => ({
  rows,
  counts,
  precision,
});

/** A row was edited: what was counted follows. */
function recount(open: Open, before: string, after: string): void {
  open.changes += 1;
  const [old, now] = [sampleOf(before), sampleOf(after)];
  for (const figures of open.figures.values()) {
    if (old) figures.remove(old);
    if (now) figures.add(now);
  }
}

/** Rows come, go or move: everything is counted anew when it is asked for. */
function otherRows(open: Open): void {
  open.typing = null;
  open.changes += 1;
  open.figures.clear();
}
