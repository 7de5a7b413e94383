import { wilson } from '../metrics/share.ts';
import { AgreementTally, type PeopleAgreement } from './agreement.ts';
import { type ReviewItem, reviewItem } from './review.ts';
import type { ReviewState, Sample } from '../sample/sample.ts';
import type { VariantName } from '../views/list.ts';

/** How often the text from one source was accepted unchanged. */
export interface Precision {
  kind: 'route' | 'rule' | 'prompt';
  name: string;
  /** True for rows that were not trusted: there, the source only made a proposal. */
  deferred: boolean;
  right: number;
  n: number;
  /** 95 % Wilson interval: also valid for few rows, and never outside 0–1. */
  interval: [number, number];
}

/**
 * Precision by source, kept up to date as decisions are made and undone. Accepted counts as right; edited and discarded
 * as wrong. A prompt was right if its answer is the text that a person accepted or wrote. Rows that came to review
 * because a rule or a check was not sure are counted separately: they say nothing about rows that are trusted without
 * review.
 */
export class PrecisionTally {
  private readonly counts = new Map<string, { right: number; n: number }>();

  add(item: ReviewItem): void {
    this.count(item, 1);
  }

  remove(item: ReviewItem): void {
    this.count(item, -1);
  }

  /** Orders the figures: routes, then prompts, then rules; trusted before deferred; most often reviewed first. */
  rows(): Precision[] {
    const order: Precision['kind'][] = ['route', 'prompt', 'rule'];
    return [...this.counts]
      .filter(([, { n }]) => n > 0)
      .map(([key, { right, n }]) => {
        // `count` below writes these keys.
        const [kind, name, deferred] = JSON.parse(key) as [Precision['kind'], string, boolean];
        return { kind, name, deferred, right, n, interval: wilson(right / n, n) };
      })
      .sort(
        (a, b) =>
          order.indexOf(a.kind) - order.indexOf(b.kind) ||
          Number(a.deferred) - Number(b.deferred) ||
          b.n - a.n ||
          (a.name < b.name ? -1 : 1),
      );
  }

  private count({ state, status, route, rules, prompts }: ReviewItem, sign: 1 | -1): void {
    if (state === 'pending' || state === 'none') return;
    const accepted = state === 'accepted';
    const deferred = status !== 'flipped' && status !== 'invariant';
    const at = (kind: Precision['kind'], name: string, right: boolean) => {
      const key = JSON.stringify([kind, name, deferred]);
      const entry = this.counts.get(key) ?? { right: 0, n: 0 };
      this.counts.set(key, { right: entry.right + (right ? sign : 0), n: entry.n + sign });
    };
    at('route', route, accepted);
    for (const rule of rules) at('rule', rule, accepted);
    for (const { name, same } of prompts) at('prompt', name, same && state !== 'discarded');
  }
}

export type StateCounts = Record<ReviewState | 'none', number>;

/**
 * Figures of a review: rows by state, precision by source, agreement of people. Updated row by row as decisions are
 * made and undone.
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

  /** Counts a row of the file. Returns its entry; null if it has no such variant. */
  add(sample: Sample): ReviewItem | null {
    const item = reviewItem(sample, this.variantName);
    if (!item) return null;
    this.counts[item.state] += 1;
    this.tally.add(item);
    this.people.count(item.people, 1);
    return item;
  }

  /** Uncounts a row that is about to change. */
  remove(sample: Sample): void {
    const item = reviewItem(sample, this.variantName);
    if (!item) return;
    this.counts[item.state] -= 1;
    this.tally.remove(item);
    this.people.count(item.people, -1);
  }
}
