import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setInJson } from '../../core/annotation/edit-json.ts';
import type { EditSession } from '../../core/annotation/edit-session.ts';
import { slice } from '../../core/annotation/pieces.ts';
import { ReviewFigures } from '../../core/annotation/review-figures.ts';
import { ReviewTable } from '../../core/annotation/review-table.ts';
import { decide, type Decision, type ReviewItem, type Reviewer } from '../../core/annotation/review.ts';
import type { Problem } from '../../base/problem.ts';
import { readLabel } from '../../rows/sample/label-review.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { defaultDataRoot, ImageFiles } from './image-files.ts';
import { parseJson } from './parse-json.ts';
import { toSample } from './rows.ts';
import { ChangedOutside, EditedFile } from './edited-file.ts';
import { PictureLooks } from './usable-rows.ts';
import type { VariantName } from '../../rows/view-list.ts';

interface ReviewOptions {
  variant: VariantName;
  /** Filter over `REVIEW_FIELDS`, in the filter language of docs/reference.md. */
  filter: string;
  /** Ids of rows that are included even if the filter does not match. */
  ids?: readonly string[];
  onProgress?: (rows: number, total: number) => void;
  /**
   * Called once per row of the queue, in order, while the file is opened. Opening fails if another program writes the
   * file at the same time.
   */
  onRow?: (item: ReviewItem, sample: Sample) => void;
  /** Called for every line that is not a valid row. */
  leaveOut?: (line: number, problems: readonly Problem[]) => void;
}

/** Maximum size in bytes of a file saved after each decision; larger files: after `SAVED_TOGETHER` decisions. */
const SMALL_BYTES = 16 * 2 ** 20;
const SAVED_TOGETHER = 20;
/** Number of rows per read. */
const STRETCH = 1024;

/**
 * A `*.qa.jsonl` file under review. Decisions are written to `variants.….review` of the rows, and all other bytes stay
 * unchanged. Calls must not overlap.
 */
export class ReviewFile {
  /** Rows that matched the filter when the file was last read. */
  queue: readonly number[] = [];
  /** Row numbers of the requested ids. */
  readonly rows = new Map<string, number>();
  figures: ReviewFigures;
  /** Number of lines that are not valid rows. Saving keeps these lines unchanged. */
  unreadable = 0;
  private steps: { before: Sample; after: Sample }[] = [];
  private unsaved = 0;
  /**
   * Number of decisions that other programs' changes have overwritten since the last report. Null if no other program
   * wrote the file.
   */
  private leftOut: number | null = null;

  private constructor(
    private readonly file: EditedFile,
    private readonly edits: EditSession,
    private readonly path: string,
    private readonly options: ReviewOptions,
  ) {
    this.figures = new ReviewFigures(options.variant);
  }

  /** Opens the file and reads all rows. @throws FilterError for an invalid filter, or ChangedOutside (see `onRow`) */
  static async open(path: string, options: ReviewOptions): Promise<ReviewFile> {
    const { file, edits } = await EditedFile.edit(path);
    const review = new ReviewFile(file, edits, path, options);
    await review.read();
    return review;
  }

  /** Number of non-blank lines in the file, valid or not. */
  get count(): number {
    return this.edits.count;
  }

  /** Returns a row that includes all decisions so far. */
  async sample(row: number): Promise<Sample> {
    return sampleIn(await this.text(row))!;
  }

  /**
   * Adds a decision to a row.
   * @throws like `decide`, or ChangedOutside, without any change, if another program wrote the file
   */
  async decide(row: number, decision: Decision, who: Reviewer): Promise<Sample> {
    const after = await this.change(row, decision, who);
    await this.saveNowAndThen();
    return after;
  }

  /**
   * Adds decisions to rows with requested ids, and saves them together: all decisions, or none if one is invalid. If
   * another program writes the file at the same time, the decisions apply to the new file.
   * @returns the ids that have no row. If there are such ids, no decision is added
   */
  async decideAll(
    decisions: readonly { id: string; decision: Decision }[],
    who: Reviewer,
  ): Promise<string[]> {
    for (;;) {
      const missing = decisions.filter(({ id }) => !this.rows.has(id)).map(({ id }) => id);
      if (missing.length > 0) return missing;
      try {
        for (const { id, decision } of decisions) await this.change(this.rows.get(id)!, decision, who);
        if (await this.edits.save()) break;
      } catch (error) {
        if (!(error instanceof ChangedOutside)) throw error;
      }
      await this.edits.reload([]);
      await this.read();
    }
    this.unsaved = 0;
    return [];
  }

  /** Undoes the last decision. @returns the row of the decision, or null if there is no decision to undo */
  async undo(): Promise<number | null> {
    const row = await this.edits.undo();
    if (row === null) return null;
    const { before, after } = this.steps.pop()!;
    this.figures.remove(after);
    this.figures.add(before);
    this.unsaved += 1;
    await this.saveNowAndThen();
    return row;
  }

  /** Saves the decisions. Merges them with the changes of other programs. */
  async save(): Promise<void> {
    while (this.edits.isUnsaved && !(await this.edits.save())) await this.takeIn();
    this.unsaved = 0;
  }

  /**
   * Merges changes of other programs with the unsaved decisions, and updates the queue.
   * @returns a message for the user, or null if no other program has written the file since the last call
   */
  async look(): Promise<string | null> {
    await this.takeIn();
    const { leftOut } = this;
    this.leftOut = null;
    if (leftOut === null) return null;
    const decisions = leftOut === 1 ? 'One of your decisions was' : `${leftOut} of your decisions were`;
    const both = leftOut > 0 ? ` ${decisions} discarded, because the same rows were changed.` : '';
    return `The file was reloaded, because another program changed the file.${both} You cannot undo earlier decisions.`;
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private async takeIn(): Promise<void> {
    const lost = await this.edits.merge();
    if (!lost) return;
    this.leftOut = (this.leftOut ?? 0) + lost.length;
    this.steps = [];
    await this.read();
  }

  /** Reads all rows. Starts again if another program writes the file at the same time. */
  private async read(): Promise<void> {
    const { variant, filter, ids = [], onProgress, onRow } = this.options;
    const { edits, file, path } = this;
    const images = new ImageFiles(dirname(path), defaultDataRoot(path));
    const looks = new ReviewTable(filter).asksFaults ? new PictureLooks(images) : null;
    const wanted = new Set(ids);
    const queue: number[] = [];
    this.figures = new ReviewFigures(variant);
    this.rows.clear();
    this.unreadable = 0;
    try {
      for (let from = 0; from < edits.count; from += STRETCH) {
        const table = new ReviewTable(filter);
        const rows = new Map<number, [ReviewItem, Sample]>();
        for (const [i, text] of (await this.texts(from, STRETCH)).entries()) {
          const { sample, problems } = toSample(parseJson(text));
          if (!sample) {
            this.unreadable += 1;
            this.options.leaveOut?.(file.line(from + i), problems);
            continue;
          }
          if (wanted.has(sample.id)) this.rows.set(sample.id, from + i);
          const item = this.figures.add(sample);
          if (!item) continue;
          rows.set(from + i, [item, sample]);
          table.add(from + i, item, sample, {
            fault: await looks?.faultOf(sample),
            label: readLabel(sample).state,
          });
        }
        for (const row of table.select()) {
          queue.push(row);
          onRow?.(...rows.get(row)!);
        }
        onProgress?.(Math.min(from + STRETCH, edits.count), edits.count);
      }
      this.queue = queue;
    } catch (error) {
      if (!(error instanceof ChangedOutside) || onRow) throw error;
      const lost = await this.edits.merge();
      if (lost && this.leftOut !== null) this.leftOut += lost.length;
      await this.read();
    } finally {
      await images.close();
    }
  }

  private async text(row: number): Promise<string> {
    return (await this.texts(row, 1))[0]!;
  }

  /** Returns up to `count` rows from a row number, including all decisions so far. */
  private texts(from: number, count: number): Promise<string[]> {
    const rows = Math.min(count, this.edits.count - from);
    return this.edits.read((pieces) => this.file.texts(slice(pieces, from, rows)));
  }

  private async change(row: number, decision: Decision, who: Reviewer): Promise<Sample> {
    const text = await this.text(row);
    const { variant } = this.options;
    const before = sampleIn(text)!;
    const after = decide(before, variant, decision, who);
    await this.edits.edit(row, 1, [setInJson(text, ['variants', variant], after.variants![variant])]);
    this.figures.remove(before);
    this.figures.add(after);
    this.steps.push({ before, after });
    this.unsaved += 1;
    return after;
  }

  private async saveNowAndThen(): Promise<void> {
    const size = await stat(this.path).then(
      (found) => found.size,
      () => 0, // The file is missing. The next save creates it again.
    );
    if (size <= SMALL_BYTES || this.unsaved >= SAVED_TOGETHER) await this.save();
  }
}

const sampleIn = (text: string): Sample | null => toSample(parseJson(text)).sample;
