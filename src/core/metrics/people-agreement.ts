import { fixed } from '../../base/format.ts';
import { sum } from '../../base/numbers.ts';
import { printable } from '../../base/printable.ts';
import { shareWithInterval } from './share.ts';
import { jackknife } from './statistics.ts';

/** Agreement between people who rated the same rows, with a correction for chance. */
export interface PeopleAgreement {
  /** Cohen's κ for two people; for more people, nominal Krippendorff's α over rows with at least two ratings. */
  measure: 'kappa' | 'alpha';
  people: string[];
  /** Number of rows that at least two people rated. */
  n: number;
  /** Number of rows for which all ratings are the same. */
  same: number;
  /**
   * 1 for full agreement, 0 for agreement at chance level. Null if every rating is the same, because chance then
   * explains the agreement.
   */
  value: number | null;
  /** 95% interval, clustered by image, because rows about one image are not independent. */
  interval: [number, number] | null;
}

/** Formats an agreement, such as `mira and jon: κ 0.62 (0.31 to 0.81), the same in 17 of 20 rows`. */
export function describeAgreement({ measure, people, n, same, value, interval }: PeopleAgreement): string {
  const names = people.map((name) => (name === '' ? 'unnamed' : printable(name, 40))).join(' and ');
  const range = interval ? ` (${interval.map((end) => fixed(end, 2)).join(' to ')})` : '';
  const figure = value === null ? 'not defined' : `${fixed(value, 2)}${range}`;
  return `${names}: ${measure === 'kappa' ? 'κ' : 'α'} ${figure}, the same in ${same} of ${n} rows`;
}

type Words = ReadonlyMap<string, string>;

/**
 * Counts the ratings of each row. Rows with the same image and ratings share one count, so ratings can be added and
 * withdrawn row by row.
 */
export class AgreementTally {
  /** Counts by image and by the sorted ratings of all people. */
  private readonly counts = new Map<string, Row>();

  /** Adds ratings to the counts, or removes them. @param image key of the row's image, by `imageKey` */
  count(judgements: readonly { by: string; said: string }[], image: string, by: 1 | -1): void {
    if (judgements.length < 2) return;
    const words = judgements.map(({ by: name, said: word }): [string, string] => [name, word]).sort();
    const key = JSON.stringify([image, words]);
    const count = (this.counts.get(key)?.count ?? 0) + by;
    if (count > 0) this.counts.set(key, { image, said: new Map(words), count });
    else this.counts.delete(key);
  }

  /** Returns Krippendorff's α of all people together, even for two people; null if no row has two ratings. */
  alpha(): PeopleAgreement | null {
    const rows = [...this.counts.values()];
    return rows.length === 0 ? null : krippendorff(rows, peopleIn(rows));
  }

  /** Returns the agreement of every pair of people; with more than two people, starts with the agreement of all. */
  rows(): PeopleAgreement[] {
    const rows = [...this.counts.values()];
    const people = peopleIn(rows);
    const pairs = people.flatMap((a, i) => people.slice(i + 1).map((b) => cohen(rows, a, b)));
    return [...(people.length > 2 ? [krippendorff(rows, people)] : []), ...pairs.filter(({ n }) => n > 0)];
  }
}

const peopleIn = (rows: readonly Row[]): string[] =>
  [...new Set(rows.flatMap(({ said }) => [...said.keys()]))].sort();

type Row = { image: string; said: Words; count: number };
const total = (rows: readonly Row[]): number => sum(rows.map(({ count }) => count));
const isSame = ({ said }: Row): boolean => new Set(said.values()).size === 1;
const sameIn = (rows: readonly Row[]): number => total(rows.filter(isSame));

/**
 * Source: J. Cohen, "A coefficient of agreement for nominal scales", 1960. As in the paper, chance is treated as known.
 * The interval follows from the share of agreement, so it has a width even for a few unanimous rows.
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
 * Source: K. Krippendorff, "Computing Krippendorff's alpha-reliability", 2011, which allows missing ratings. The
 * interval is a jackknife interval.
 */
function krippendorff(rows: readonly Row[], people: string[]): PeopleAgreement {
  const words = [...new Set(rows.flatMap(({ said }) => [...said.values()]))];
  const { value, interval } = jackknife(
    rows.map(({ image, said, count }) => {
      const given = [...said.values()];
      const times = words.map((word) => given.filter((label) => label === word).length);
      const apart = sum(times.map((n) => n * (given.length - n))) / (given.length - 1);
      return { cluster: image, sums: [apart, ...times].map((part) => count * part) };
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

/** Returns α from the disagreements within rows and the counts of each rating; null if all ratings are the same. */
function alpha([apart, ...times]: readonly number[]): number | null {
  const all = sum(times);
  const expected = sum(times.map((time) => time * (all - time))) / (all - 1);
  return expected > 0 ? 1 - apart! / expected : null;
}
