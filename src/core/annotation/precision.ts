import type { ReviewItem } from './review.ts';

/** How often what a source wrote was accepted as it was. */
export interface Precision {
  kind: 'route' | 'rule' | 'prompt';
  name: string;
  right: number;
  n: number;
  /** 95 %, Wilson's: also for few rows, and never outside 0–1. */
  interval: [number, number];
}

/**
 * Precision by source, kept up to date while decisions are made and undone. Accepted is right; edited and discarded
 * are wrong. A prompt was right where its answer is the text that a person accepted or wrote. Of rows that came to
 * review because a check failed this is no sample of all rows: look at trusted rows too (status flipped).
 */
export class PrecisionTally {
  private readonly counts = new Map<string, { right: number; n: number }>();

  add(item: ReviewItem): void {
    this.count(item, 1);
  }

  remove(item: ReviewItem): void {
    this.count(item, -1);
  }

  /** Routes first, then prompts, then rules, the most often reviewed first. */
  rows(): Precision[] {
    const order: Precision['kind'][] = ['route', 'prompt', 'rule'];
    return [...this.counts]
      .filter(([, { n }]) => n > 0)
      .map(([key, { right, n }]) => {
        const [kind, name] = JSON.parse(key) as [Precision['kind'], string];
        return { kind, name, right, n, interval: wilson(right, n) };
      })
      .sort(
        (a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || b.n - a.n || (a.name < b.name ? -1 : 1),
      );
  }

  private count({ state, route, rules, prompts }: ReviewItem, sign: 1 | -1): void {
    if (state === 'pending' || state === 'none') return;
    const accepted = state === 'accepted';
    const at = (kind: Precision['kind'], name: string, right: boolean) => {
      const key = JSON.stringify([kind, name]);
      const entry = this.counts.get(key) ?? { right: 0, n: 0 };
      this.counts.set(key, { right: entry.right + (right ? sign : 0), n: entry.n + sign });
    };
    at('route', route, accepted);
    for (const rule of rules) at('rule', rule, accepted);
    for (const { name, same } of prompts) at('prompt', name, same && state !== 'discarded');
  }
}

/** Wilson's interval of a share: [low, high], both 0–1. `n` must be above 0. */
export function wilson(right: number, n: number, z = 1.959964): [number, number] {
  const share = right / n;
  const centre = share + z ** 2 / (2 * n);
  const spread = z * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2));
  const scale = 1 + z ** 2 / n;
  return [Math.max(0, (centre - spread) / scale), Math.min(1, (centre + spread) / scale)];
}
