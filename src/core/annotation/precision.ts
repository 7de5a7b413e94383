import { wilson } from '../wilson.ts';
import type { ReviewItem } from './review.ts';

/** How often what a source wrote was accepted as it was. */
export interface Precision {
  kind: 'route' | 'rule' | 'prompt';
  name: string;
  /** Of rows that were not trusted: what counts there is a proposal. */
  deferred: boolean;
  right: number;
  n: number;
  /** 95 %, Wilson's: also for few rows, and never outside 0–1. */
  interval: [number, number];
}

/**
 * Precision by source, kept up to date while decisions are made and undone. Accepted is right; edited and discarded
 * are wrong. A prompt was right where its answer is the text that a person accepted or wrote. Rows that came to review
 * because a rule or a check was not sure are counted apart: they say nothing about the rows that are trusted unseen.
 */
export class PrecisionTally {
  private readonly counts = new Map<string, { right: number; n: number }>();

  add(item: ReviewItem): void {
    this.count(item, 1);
  }

  remove(item: ReviewItem): void {
    this.count(item, -1);
  }

  /** Routes first, then prompts, then rules; trusted before deferred, the most often reviewed first. */
  rows(): Precision[] {
    const order: Precision['kind'][] = ['route', 'prompt', 'rule'];
    return [...this.counts]
      .filter(([, { n }]) => n > 0)
      .map(([key, { right, n }]) => {
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
