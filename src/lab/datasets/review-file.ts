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

/** Number of rows per read. */
const STRETCH = 1024;

/**
 * A `*.qa.jsonl` file under review. Decisions are written to `variants.….review` of the rows, and all other bytes stay
 * unchanged. Calls must not overlap.
 */
export class ReviewFile {
  /** Number of rows that matched the filter when the file was last read. */
  queued = 0;
  /** Row numbers of the requested ids. */
  readonly rows = new Map<string, number>();
  figures: ReviewFigures;
  /** Number of lines that are not valid rows. Saving keeps these lines unchanged. */
  unreadable = 0;

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
    return [];
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  /** Reads all rows. Starts again if another program writes the file at the same time. */
  private async read(): Promise<void> {
    const { variant, filter, ids = [], onProgress, onRow } = this.options;
    const { edits, file, path } = this;
    const images = new ImageFiles(dirname(path), defaultDataRoot(path));
    const looks = new ReviewTable(filter).asksFaults ? new PictureLooks(images) : null;
    const wanted = new Set(ids);
    this.figures = new ReviewFigures(variant);
    this.rows.clear();
    this.unreadable = 0;
    this.queued = 0;
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
          this.queued += 1;
          onRow?.(...rows.get(row)!);
        }
        onProgress?.(Math.min(from + STRETCH, edits.count), edits.count);
      }
    } catch (error) {
      if (!(error instanceof ChangedOutside) || onRow) throw error;
      await this.edits.merge();
      await this.read();
    } finally {
      await images.close();
    }
  }

  /** Returns up to `count` rows from a row number, including all decisions so far. */
  private texts(from: number, count: number): Promise<string[]> {
    const rows = Math.min(count, this.edits.count - from);
    return this.edits.read((pieces) => this.file.texts(slice(pieces, from, rows)));
  }

  private async change(row: number, decision: Decision, who: Reviewer): Promise<void> {
    const [text] = await this.texts(row, 1);
    const { variant } = this.options;
    const before = toSample(parseJson(text!)).sample!;
    const after = decide(before, variant, decision, who);
    await this.edits.edit(row, 1, [setInJson(text!, ['variants', variant], after.variants![variant])]);
    this.figures.remove(before);
    this.figures.add(after);
  }
}
