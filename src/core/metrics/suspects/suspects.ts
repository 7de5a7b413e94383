import { mean, sum } from '../../../base/numbers.ts';
import type { Metric } from '../../evaluation/results.ts';
import { groupBy } from '../../evaluation/scored-row.ts';
import type { JudgedRow } from '../outcomes.ts';
import type { ReviewedLabel } from '../reviewed-labels.ts';
import { shareWithInterval } from '../share.ts';
import { readLooks, type Look, type LookedRow } from './looks.ts';

/**
 * Likely label errors of a dataset, estimated from model answers in several views (docs/label-quality.md). Rows are
 * ranked by the likelihood ratio of their answers between the most likely other label and the given label. Each model's
 * rates are counted by the given labels, few of which are wrong: rates of right and of wrong answers, separately for
 * answers that the words of the question suggest. Views that word the right answer differently count as separate
 * evidence: a response bias repeats the same words, which map back to another answer. In views with the same wording, a
 * guess can repeat. On a row that is hard for every model, answers differ and cancel out. Model errors are assumed
 * independent, so the results are ranks and not probabilities: answers alone cannot separate a wrong label from an
 * error that models share.
 */

export interface Suspect {
  id: string;
  set: string;
  /** Key of the row's image (`imageKey`). Rows about one image are not independent. */
  image: string;
  question: string;
  reference: string;
  /** Label as a candidate. `answer`: the most frequent answer that contradicts the label; empty if no answer does. */
  label: string;
  likely: string;
  /** Human review of the label by which the answers were scored; null without a review. */
  review: 'right' | 'wrong' | null;
  /** Rank among all rows. Rank 1 is the most likely label error. */
  rank: number;
  /** Number of answers by all models to all views of the row, and number of answers that contradict the label. */
  answered: number;
  contradicting: number;
  said: { view: string; answer: string }[][];
  /** Whether any view words the right answer differently. Without such a view, the models could share a guess. */
  independent: boolean;
}

export interface SuspectFit {
  /** All rows, starting with the most likely label errors. */
  suspects: Suspect[];
  /**
   * Lowest and highest share of wrong labels that the answers allow, regardless of errors that models share. Shared
   * errors resemble wrong labels, so the lowest share counts only labels that people found wrong. The highest share
   * follows from the model that contradicts least. With a share ε < ½ of wrong labels, a model with accuracy a
   * contradicts ε·a + (1 − ε)(1 − a) = ε + (1 − a)(1 − 2ε) ≥ ε of all labels. So its upper interval end bounds ε.
   */
  range: [number, number];
  /** For each model, the share of labels that its answers contradict, with one value per row, and interval by image. */
  contradicts: Metric[];
}

type Labels = ReadonlyMap<string, ReadonlyMap<string, ReviewedLabel>>;

export interface Suspects extends SuspectFit {
  /** Number of rows whose answers cannot be compared between views. */
  leftOut: number;
}

/**
 * Returns the likely label errors among the rows that several models answered.
 * @param labels reviewed labels, by set, then by row id
 */
export function suspectsOf(models: readonly (readonly JudgedRow[])[], labels: Labels = new Map()): Suspects {
  const { rows, leftOut } = readLooks(models);
  return { ...fitSuspects(rows, models.length, labels), leftOut };
}

/**
 * Returns the share of wrong labels among reviewed rows, with its interval by image; null if no row is reviewed. The
 * share does not apply to all rows: labels of rows with a higher rank are wrong more often.
 */
export function reviewedShare(suspects: readonly Suspect[]): (Metric & { wrong: number }) | null {
  const values = suspects.flatMap(({ image, review }) =>
    review === null ? [] : [{ cluster: image, value: Number(review === 'wrong') }],
  );
  return values.length === 0
    ? null
    : { ...shareWithInterval(values), wrong: sum(values.map(({ value }) => value)) };
}

/** Pseudo-count of each outcome, which smooths the rates of answers. */
const PRIOR = 0.5;
/** Score of a row that no answer contradicts. */
const LEAST = -1e9;

/** Answer rates of one model on rows with the same number of candidates. */
class Rates {
  /** For each kind of answer: the number of times that the model gave the answer, and that the answer was possible. */
  private readonly counts = new Map<string, [given: number, of: number]>();

  private kindOf({ words }: Look, said: number, truth: number): string {
    return `${said === truth} ${words === null ? '' : words === said}`;
  }

  add(look: Look, label: number, candidates: number): void {
    for (let z = 0; z < candidates; z++) {
      const kind = this.kindOf(look, z, label);
      const [given, of] = this.counts.get(kind) ?? [0, 0];
      this.counts.set(kind, [given + Number(look.said === z), of + 1]);
    }
  }

  /** Returns the logarithm of P(answer of the model | right answer). */
  log(look: Look, truth: number): number {
    const [given, of] = this.counts.get(this.kindOf(look, look.said, truth)) ?? [0, 0];
    return Math.log((given + PRIOR) / (of + 2 * PRIOR));
  }
}

/** Ranks rows by the likelihood ratio of their answers between the most likely other label and the given label. */
export function fitSuspects(
  rows: readonly LookedRow[],
  models: number,
  labels: Labels = new Map(),
): SuspectFit {
  const rates = Array.from({ length: models }, () => new Map<number, Rates>());
  const ratesOf = (m: number, { candidates }: LookedRow): Rates => {
    const ofForm = rates[m]!.get(candidates.length) ?? new Rates();
    rates[m]!.set(candidates.length, ofForm);
    return ofForm;
  };
  for (const row of rows)
    for (const [m, looks] of row.looks.entries())
      for (const look of looks) ratesOf(m, row).add(look, row.label, row.candidates.length);
  /** Returns the score of each candidate. Answers to one wording count as one answer, because a guess can repeat. */
  const scoresOf = (row: LookedRow): number[] => {
    const groups = row.looks.flatMap((looks, m) =>
      [...groupBy(looks, ({ text }) => text).values()].map((group) => ({ group, of: ratesOf(m, row) })),
    );
    return row.candidates.map((_, z) =>
      sum(
        groups.map(({ group, of }) => mean(group.map((look) => of.log(look, z) - of.log(look, row.label)))!),
      ),
    );
  };
  const contradicts = rates.map((_, m) => contradictedBy(rows, m));
  const suspects = rows
    .map((row) => {
      const scores = scoresOf(row);
      // An answer that confirms the label is no evidence against the label, even from a model with low accuracy.
      const isContradicted = row.looks.flat().some(({ said }) => said !== row.label);
      const others = isContradicted ? scores.filter((_, z) => z !== row.label) : [];
      return { row, scores, most: Math.max(LEAST, ...others) };
    })
    .sort((a, b) => b.most - a.most)
    .map(({ row, scores }, i) => ({
      ...suspectOf(row, scores),
      review: reviewOf(row, labels.get(row.set)?.get(row.id)),
      rank: i + 1,
    }));
  const least = suspects.filter(({ review }) => review === 'wrong').length / (suspects.length || 1);
  const most = Math.min(1, ...contradicts.flatMap(({ interval }) => interval?.[1] ?? []));
  return { suspects, range: [least, Math.max(least, most)], contradicts };
}

const contradictedBy = (rows: readonly LookedRow[], model: number): Metric =>
  shareWithInterval(
    rows.flatMap(({ image, label, looks }) => {
      const value = mean(looks[model]!.map(({ said }) => Number(said !== label)));
      return value === null ? [] : [{ cluster: image, value }];
    }),
  );

/** Returns the review of a label; null if the row's question has changed since the review. */
function reviewOf({ question, reference }: LookedRow, label: ReviewedLabel | undefined): Suspect['review'] {
  if (label?.question !== question) return null;
  return label.now === reference ? 'right' : label.given === reference ? 'wrong' : null;
}

function suspectOf(row: LookedRow, posterior: readonly number[]): Omit<Suspect, 'review' | 'rank'> {
  const looks = row.looks.flat();
  const contradicting = looks.filter(({ said }) => said !== row.label);
  const counts = row.candidates.map((_, z) => contradicting.filter(({ said }) => said === z).length);
  // The likelihood decides between equally frequent answers.
  const [likely] = [...counts.keys()]
    .filter((z) => counts[z]! > 0)
    .sort((a, b) => counts[b]! - counts[a]! || posterior[b]! - posterior[a]!);
  return {
    id: row.id,
    set: row.set,
    image: row.image,
    question: row.question,
    reference: row.reference,
    label: row.candidates[row.label] ?? '',
    likely: likely === undefined ? '' : row.candidates[likely]!,
    answered: looks.length,
    contradicting: contradicting.length,
    said: row.looks.map((ofModel) =>
      ofModel.map(({ view, said }) => ({ view, answer: row.candidates[said] ?? '' })),
    ),
    independent: new Set(looks.map(({ text }) => text)).size > 1,
  };
}
