import { stat } from 'node:fs/promises';
import { putJson } from '../../core/annotation/edit-json.ts';
import type { EditSession } from '../../core/annotation/edit-session.ts';
import { ReviewFigures } from '../../core/annotation/precision.ts';
import { ReviewTable } from '../../core/annotation/review-table.ts';
import { decide, type Decision, type Reviewer } from '../../core/annotation/review.ts';
import { parseSample } from '../../core/spatial/parse-sample.ts';
import type { Sample } from '../../core/spatial/sample.ts';
import { EditedFile } from './edited-file.ts';
import type { VariantName } from '../../core/spatial/views/list.ts';

export interface ReviewOptions {
  form: VariantName;
  /** In the language of docs/query.md, over `REVIEW_FIELDS`. */
  filter: string;
  /** Rows that are wanted by their id, whatever the filter says. */
  ids?: readonly string[];
  onProgress?: (rows: number, total: number) => void;
}

/** Up to this size every decision is saved at once; beyond it, every `SAVED_TOGETHER`th. */
const SMALL_BYTES = 16 * 2 ** 20;
const SAVED_TOGETHER = 20;
/** Rows read at a time. */
const STRETCH = 256;

/**
 * A `*.qa.jsonl` file under review: decisions go into the rows (`variants.….review`), every other byte stays. Calls
 * must not overlap.
 */
export class ReviewFile {
  /** Rows that the filter keeps, as they were when the file was opened. */
  queue: readonly number[] = [];
  /** Rows of the wanted ids. */
  readonly rows = new Map<string, number>();
  readonly figures: ReviewFigures;
  /** Lines that are no samples; they stay as they are. */
  unreadable = 0;
  private readonly steps: { before: Sample; after: Sample }[] = [];
  private unsaved = 0;

  private constructor(
    private readonly file: EditedFile,
    private readonly edits: EditSession,
    private readonly path: string,
    private readonly form: VariantName,
  ) {
    this.figures = new ReviewFigures(form);
  }

  /** Reads the file once. @throws FilterError for a filter that cannot be read. */
  static async open(
    path: string,
    { form, filter, ids = [], onProgress }: ReviewOptions,
  ): Promise<ReviewFile> {
    const table = new ReviewTable(filter);
    const wanted = new Set(ids);
    const { file, edits } = await EditedFile.edit(path);
    const review = new ReviewFile(file, edits, path, form);
    for (let from = 0; from < file.count; from += STRETCH) {
      for (const [i, text] of (await file.texts(from, STRETCH)).entries()) {
        const sample = sampleIn(text);
        if (!sample) {
          review.unreadable += 1;
          continue;
        }
        if (wanted.has(sample.id)) review.rows.set(sample.id, from + i);
        const item = review.figures.add(sample);
        if (item) table.add(from + i, item, sample);
      }
      onProgress?.(Math.min(from + STRETCH, file.count), file.count);
    }
    review.queue = table.select();
    return review;
  }

  /** A row as it is now. */
  async sample(row: number): Promise<Sample> {
    return sampleIn(await this.text(row))!;
  }

  /**
   * Decides about a row.
   * @throws as `decide` does, and ChangedOutside where another program has written the file; then nothing has happened.
   */
  async decide(row: number, decision: Decision, who: Reviewer): Promise<Sample> {
    const after = await this.change(row, decision, who);
    await this.saveNowAndThen();
    return after;
  }

  /** Several decisions, written at once: all of them, or none where one cannot be made. */
  async decideAll(decisions: readonly { row: number; decision: Decision }[], who: Reviewer): Promise<void> {
    for (const { row, decision } of decisions) await this.change(row, decision, who);
    await this.save();
  }

  /** Takes the last decision back, and returns its row; null where there is none. */
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

  /** Writes what is not written yet. */
  async save(): Promise<void> {
    if (this.unsaved > 0) await this.edits.save();
    this.unsaved = 0;
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private async text(row: number): Promise<string> {
    return (await this.file.texts(row, 1))[0]!;
  }

  private async change(row: number, decision: Decision, who: Reviewer): Promise<Sample> {
    const text = await this.text(row);
    const before = sampleIn(text)!;
    const after = decide(before, this.form, decision, who);
    await this.edits.edit(row, 1, [putJson(text, ['variants', this.form], after.variants![this.form])]);
    this.figures.remove(before);
    this.figures.add(after);
    this.steps.push({ before, after });
    this.unsaved += 1;
    return after;
  }

  private async saveNowAndThen(): Promise<void> {
    const { size } = await stat(this.path);
    if (size <= SMALL_BYTES || this.unsaved >= SAVED_TOGETHER) await this.save();
  }
}

function sampleIn(text: string): Sample | null {
  try {
    return parseSample(JSON.parse(text)).sample;
  } catch {
    return null;
  }
}
