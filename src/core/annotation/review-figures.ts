import { sum } from '../../base/numbers.ts';
import { imageKey } from '../evaluation/scored-row.ts';
import { shareWithInterval } from '../metrics/share.ts';
import { type ReviewItem, reviewItem } from './review.ts';
import type { ReviewState } from './decisions.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import type { VariantName } from '../../rows/view-list.ts';
import { AgreementTally, type PeopleAgreement } from '../metrics/people-agreement.ts';

/** Share of the texts from one source that reviewers accepted unchanged. */
export interface Precision {
  kind: 'route' | 'rule' | 'prompt';
  name: string;
  /** True for rows that the rules deferred: the source only proposed a text for them. */
  deferred: boolean;
  right: number;
  n: number;
  /** 95% confidence interval within 0–1, clustered by image, because rows about one image are not independent. */
  interval: [number, number];
}

/**
 * Precision by source of text, updated when decisions are made and undone. An accepted text counts as right; an edited
 * or discarded text as wrong. A prompt was right if its completion is the text that a reviewer accepted or wrote. Rows
 * that a rule or a check sent to review count separately: they differ from rows trusted without review.
 */
export class PrecisionTally {
  /** Number of right texts and of all texts, by source and image. */
  private readonly counts = new Map<string, Map<string, { right: number; n: number }>>();

  /** Returns the precision by source: routes, prompts, then rules; trusted before deferred; most reviewed first. */
  rows(): Precision[] {
    const order: Precision['kind'][] = ['route', 'prompt', 'rule'];
    return [...this.counts]
      .map(([key, images]) => {
        // `count` writes these keys.
        const [kind, name, deferred] = JSON.parse(key) as [Precision['kind'], string, boolean];
        const rows = [...images].flatMap(([cluster, { right, n }]) =>
          Array.from({ length: n }, (_, i) => ({ cluster, value: Number(i < right) })),
        );
        const { n, interval } = shareWithInterval(rows);
        return { kind, name, deferred, right: sum(rows.map(({ value }) => value)), n, interval: interval! };
      })
      .sort(
        (a, b) =>
          order.indexOf(a.kind) - order.indexOf(b.kind) ||
          Number(a.deferred) - Number(b.deferred) ||
          b.n - a.n ||
          (a.name < b.name ? -1 : 1),
      );
  }

  /** Adds a decision to the counts, or removes it. @param image key of the row's image, by `imageKey` */
  count({ state, status, route, rules, prompts }: ReviewItem, image: string, sign: 1 | -1): void {
    if (state === 'pending' || state === 'none') return;
    const accepted = state === 'accepted';
    const deferred = status !== 'flipped' && status !== 'invariant';
    const countOf = (kind: Precision['kind'], name: string, right: boolean) => {
      const key = JSON.stringify([kind, name, deferred]);
      const images = this.counts.get(key) ?? new Map<string, { right: number; n: number }>();
      const entry = images.get(image) ?? { right: 0, n: 0 };
      const n = entry.n + sign;
      if (n > 0) images.set(image, { right: entry.right + (right ? sign : 0), n });
      else images.delete(image);
      if (images.size > 0) this.counts.set(key, images);
      else this.counts.delete(key);
    };
    countOf('route', route, accepted);
    for (const rule of rules) countOf('rule', rule, accepted);
    for (const { name, same } of prompts) countOf('prompt', name, same && state !== 'discarded');
  }
}

export type StateCounts = Record<ReviewState | 'none', number>;

/**
 * Results of a review: number of rows by state, precision by source, agreement between people. Updated row by row when
 * decisions are made and undone.
 */
export class ReviewFigures {
  readonly counts: StateCounts = { pending: 0, accepted: 0, edited: 0, discarded: 0, none: 0 };
  private readonly tally = new PrecisionTally();
  private readonly people = new AgreementTally();

  constructor(private readonly variantName: VariantName) {}

  get precision(): Precision[] {
    return this.tally.rows();
  }

  get agreement(): PeopleAgreement[] {
    return this.people.rows();
  }

  /** Counts a row of the file. Returns the row's entry in the review queue; null if the row has no such variant. */
  add(sample: Sample): ReviewItem | null {
    return this.count(sample, 1);
  }

  /** Removes a row from the counts. Callers do this before they change the row. */
  remove(sample: Sample): void {
    this.count(sample, -1);
  }

  private count(sample: Sample, by: 1 | -1): ReviewItem | null {
    const item = reviewItem(sample, this.variantName);
    if (!item) return null;
    const image = imageKey(sample);
    this.counts[item.state] += by;
    this.tally.count(item, image, by);
    this.people.count(item.people, image, by);
    return item;
  }
}
