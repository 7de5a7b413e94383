import { sum } from '../numbers.ts';
import { imageKey } from '../metrics/scored-row.ts';
import { shareWithInterval } from '../metrics/share.ts';
import { type ReviewItem, reviewItem } from './review.ts';
import type { ReviewState, Sample } from '../sample/sample.ts';
import type { VariantName } from '../view-list.ts';
import { printable } from '../printable.ts';
import { jackknife } from '../metrics/statistics.ts';
import type { Judgement } from './decisions.ts';

/** How often the text from one source was accepted unchanged. */
export interface Precision {
  kind: 'route' | 'rule' | 'prompt';
  name: string;
  /** True for rows that were not trusted: there, the source only made a proposal. */
  deferred: boolean;
  right: number;
  n: number;
  /** 95 %, by image, since rows about one image are not independent; also valid for few rows, and within 0–1. */
  interval: [number, number];
}

/**
 * Precision by source, kept up to date as decisions are made and undone. Accepted counts as right; edited and discarded
 * as wrong. A prompt was right if its answer is the text that a person accepted or wrote. Rows that came to review
 * because a rule or a check was not sure are counted separately: they say nothing about rows that are trusted without
 * review.
 */
export class PrecisionTally {
  /** By source and image. */
  private readonly counts = new Map<string, Map<string, { right: number; n: number }>>();

  /** Orders the figures: routes, then prompts, then rules; trusted before deferred; most often reviewed first. */
  rows(): Precision[] {
    const order: Precision['kind'][] = ['route', 'prompt', 'rule'];
    return [...this.counts]
      .map(([key, images]) => {
        // `count` below writes these keys.
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

  /** @param image of the row, as `imageKey` names it */
  count({ state, status, route, rules, prompts }: ReviewItem, image: string, sign: 1 | -1): void {
    if (state === 'pending' || state === 'none') return;
    const accepted = state === 'accepted';
    const deferred = status !== 'flipped' && status !== 'invariant';
    const at = (kind: Precision['kind'], name: string, right: boolean) => {
      const key = JSON.stringify([kind, name, deferred]);
      const images = this.counts.get(key) ?? new Map<string, { right: number; n: number }>();
      const entry = images.get(image) ?? { right: 0, n: 0 };
      const n = entry.n + sign;
      if (n > 0) images.set(image, { right: entry.right + (right ? sign : 0), n });
      else images.delete(image);
      if (images.size > 0) this.counts.set(key, images);
      else this.counts.delete(key);
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
    return this.count(sample, 1);
  }

  /** Uncounts a row that is about to change. */
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

/** Agreement between people who decided on the same rows, corrected for chance. */
export interface PeopleAgreement {
  /** Cohen's κ for two people; for more, nominal Krippendorff's α over rows with at least two decisions. */
  measure: 'kappa' | 'alpha';
  people: string[];
  /** Rows that at least two of them decided on. */
  n: number;
  /** Of these, rows on which all who decided say the same. */
  same: number;
  /**
   * 1: always the same; 0: as often as by chance. Null if every decision is the same, because chance then explains all
   * of it.
   */
  value: number | null;
  /** 95 %, by image: rows about one image are not independent. */
  interval: [number, number] | null;
}

/** `mira and jon: κ 0.62 (0.31 to 0.81), the same in 17 of 20 rows` */
export function describeAgreement({ measure, people, n, same, value, interval }: PeopleAgreement): string {
  const names = people.map((name) => (name === '' ? 'without a name' : printable(name, 40))).join(' and ');
  const range = interval ? ` (${interval.map((end) => end.toFixed(2)).join(' to ')})` : '';
  const figure = value === null ? 'not defined' : `${value.toFixed(2)}${range}`;
  return `${names}: ${measure === 'kappa' ? 'κ' : 'α'} ${figure}, the same in ${same} of ${n} rows`;
}

type Said = ReadonlyMap<string, string>;

/**
 * Counts what people said of each row. Rows of an image with the same judgements share one count, so that decisions and
 * undo can be followed row by row.
 */
export class AgreementTally {
  /** By image and what everybody said, as one text. */
  private readonly counts = new Map<string, Row>();

  /** @param image of the row, as `imageKey` names it */
  count(judgements: readonly Judgement[], image: string, by: 1 | -1): void {
    if (judgements.length < 2) return;
    const words = judgements.map(({ by: name, said: word }): [string, string] => [name, word]).sort();
    const key = JSON.stringify([image, words]);
    const count = (this.counts.get(key)?.count ?? 0) + by;
    if (count > 0) this.counts.set(key, { image, said: new Map(words), count });
    else this.counts.delete(key);
  }

  /** Returns the agreement of every pair of people, preceded by that of all together if they are more than two. */
  rows(): PeopleAgreement[] {
    const rows = [...this.counts.values()];
    const people = [...new Set(rows.flatMap(({ said }) => [...said.keys()]))].sort();
    const pairs = people.flatMap((a, i) => people.slice(i + 1).map((b) => cohen(rows, a, b)));
    return [...(people.length > 2 ? [krippendorff(rows, people)] : []), ...pairs.filter(({ n }) => n > 0)];
  }
}

type Row = { image: string; said: Said; count: number };
const total = (rows: readonly Row[]): number => sum(rows.map(({ count }) => count));
const isSame = ({ said }: Row): boolean => new Set(said.values()).size === 1;
const sameIn = (rows: readonly Row[]): number => total(rows.filter(isSame));

/**
 * J. Cohen, "A coefficient of agreement for nominal scales", 1960. As there, chance is taken as known. The interval is
 * that of the share of agreement, so it has a width even when a few rows are all the same.
 */
function cohen(all: readonly Row[], a: string, b: string): PeopleAgreement {
  const rows = all
    .filter(({ said }) => said.has(a) && said.has(b))
    .map((row) => ({ ...row, said: new Map([a, b].map((name) => [name, row.said.get(name)!])) }));
  const n = total(rows);
  const same = sameIn(rows);
  const shareOf = (name: string, word: string) =>
    total(rows.filter(({ said }) => said.get(name) === word)) / n;
  const words = [...new Set(rows.flatMap(({ said }) => [...said.values()]))];
  const chance = sum(words.map((word) => shareOf(a, word) * shareOf(b, word)));
  const beyond = (share: number) => (share - chance) / (1 - chance);
  const isDefined = n > 0 && chance < 1;
  const values = rows.flatMap((row) =>
    Array.from({ length: row.count }, () => ({ cluster: row.image, value: Number(isSame(row)) })),
  );
  const [low, high] = isDefined ? shareWithInterval(values).interval! : [0, 0];
  return {
    measure: 'kappa',
    people: [a, b],
    n,
    same,
    value: isDefined ? beyond(same / n) : null,
    interval: isDefined ? [Math.max(-1, beyond(low)), beyond(high)] : null,
  };
}

/**
 * K. Krippendorff, "Computing Krippendorff's alpha-reliability", 2011, which allows people to have left out rows. The
 * interval is the jackknife's.
 */
function krippendorff(rows: readonly Row[], people: string[]): PeopleAgreement {
  const words = [...new Set(rows.flatMap(({ said }) => [...said.values()]))];
  const { value, interval } = jackknife(
    rows.map(({ image, said, count }) => {
      const given = [...said.values()];
      const times = words.map((word) => given.filter((one) => one === word).length);
      const apart = sum(times.map((n) => n * (given.length - n))) / (given.length - 1);
      return { cluster: image, sums: [apart, ...times].map((one) => count * one) };
    }),
    alpha,
  );
  return {
    measure: 'alpha',
    people,
    n: total(rows),
    same: sameIn(rows),
    value,
    interval: interval ? [Math.max(-1, interval[0]), Math.min(1, interval[1])] : null,
  };
}

/** α from how often two decisions on a row differ, and how often each word was said; null if all are the same. */
function alpha([apart, ...times]: readonly number[]): number | null {
  const all = sum(times);
  const expected = sum(times.map((one) => one * (all - one))) / (all - 1);
  return expected > 0 ? 1 - apart! / expected : null;
}
