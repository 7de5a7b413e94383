import type { ReviewState, Sample } from '../spatial/sample.ts';
import { PrecisionTally, type Precision } from './precision.ts';
import { reviewItem, type ReviewItem } from './review.ts';
import type { VariantName } from '../spatial/views/list.ts';

export type StateCounts = Record<ReviewState | 'none', number>;

/** How a review stands: rows by state, and precision by source. Follows decisions, and undo, row by row. */
export class ReviewFigures {
  readonly counts: StateCounts = { pending: 0, accepted: 0, edited: 0, discarded: 0, none: 0 };
  private readonly tally = new PrecisionTally();

  constructor(private readonly form: VariantName) {}

  get precision(): Precision[] {
    return this.tally.rows();
  }

  /** Counts a row of the file. Returns its entry; null where it has no such form. */
  add(sample: Sample): ReviewItem | null {
    const item = reviewItem(sample, this.form);
    if (!item) return null;
    this.counts[item.state] += 1;
    this.tally.add(item);
    return item;
  }

  /** Takes a counted row out again, because it is about to change. */
  remove(sample: Sample): void {
    const item = reviewItem(sample, this.form);
    if (!item) return;
    this.counts[item.state] -= 1;
    this.tally.remove(item);
  }
}
