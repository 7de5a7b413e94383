import { mean, sum } from '../../../base/numbers.ts';
import type { Metric } from '../../evaluation/results.ts';
import { groupBy } from '../../evaluation/scored-row.ts';
import type { JudgedRow } from '../outcomes.ts';
import type { ReviewedLabel } from '../reviewed-labels.ts';
import { shareWithInterval } from '../share.ts';
import { readLooks, type Look, type LookedRow } from './looks.ts';

/**
 * Which labels of a dataset are probably wrong, from what models answered in several views (docs/label-quality.md). Rows
 * are ranked by how much likelier their answers are by the likeliest other label than by the given one. Each model's
 * rates are counted by the given labels, of which few are wrong: how often it says the right answer, and how often
 * another one, where the words alone would say it and where not. Views in which the right answer is worded otherwise are
 * looks of their own, since a habit says the same words there, which map back to another answer; where the words are the
 * same, a guess may be repeated. On a row that is hard for every model, answers differ and cancel. The errors of models
 * are taken for independent, so that this ranks rows, and no probability leaves this file: answers alone cannot tell a
 * wrong label from an error that models share.
 */

export interface Suspect {
  id: string;
  set: string;
  /** As `imageKey` names it: rows about one image are not independent. */
  image: string;
  question: string;
  reference: string;
  /** The label as one of the candidates, and the commonest of the answers that contradict it; empty if none does. */
  label: string;
  likely: string;
  /** What a person said of the label on which the models were scored; null if nobody did. */
  review: 'right' | 'wrong' | null;
  /** The place among all rows, the most suspicious being 1. */
  rank: number;
  /** Answers of all models to all views of the row, and how many of them contradict the label. */
  answered: number;
  contradicting: number;
  /** By model: what it said in each view, in words of the original. */
  said: { view: string; answer: string }[][];
  /** Whether any of its views words the right answer otherwise; without one, models may only share a guess. */
  independent: boolean;
}

export interface SuspectFit {
  /** All rows, the most suspicious first. */
  suspects: Suspect[];
  /**
   * The least and the greatest share of wrong labels that the answers allow, whatever errors models share. Errors of all
   * models look like wrong labels, so that only those may be wrong which people found wrong. And labels are not wrong more often than a model contradicts
   * them: of a share ε < ½ of wrong labels, a model that is right with the probability a contradicts
   * ε·a + (1 − ε)(1 − a) = ε + (1 − a)(1 − 2ε) ≥ ε. The upper end of that interval, of the model that contradicts least.
   */
  range: [number, number];
  /** By model: the share of labels that it contradicts, its answers to a row being one, with the interval by image. */
  contradicts: Metric[];
}

type Labels = ReadonlyMap<string, ReadonlyMap<string, ReviewedLabel>>;

export interface Suspects extends SuspectFit {
  /** Rows whose answers cannot be compared between views. */
  leftOut: number;
}

/**
 * The suspects among the rows that several models answered.
 * @param models the rows of each evaluation
 * @param labels those that people reviewed, by set, then by the ids of rows
 */
export function suspectsOf(models: readonly (readonly JudgedRow[])[], labels: Labels = new Map()): Suspects {
  const { rows, leftOut } = readLooks(models);
  return { ...fitSuspects(rows, models.length, labels), leftOut };
}

/**
 * Of the rows that people reviewed, the share whose label was wrong, with its interval by image; null if they reviewed
 * none. It holds for rows like these: those with a higher rank are wrong more often than others.
 */
export function reviewedShare(suspects: readonly Suspect[]): (Metric & { wrong: number }) | null {
  const values = suspects.flatMap(({ image, review }) =>
    review === null ? [] : [{ cluster: image, value: Number(review === 'wrong') }],
  );
  return values.length === 0
    ? null
    : { ...shareWithInterval(values), wrong: sum(values.map(({ value }) => value)) };
}

/** Counts before any answer is seen. */
const PRIOR = 0.5;
/** The score of a row whose label nothing contradicts. */
const LEAST = -1e9;

/** How often a model gives a certain answer to rows with as many candidates. */
class Rates {
  /** By what the answer would be: how often it was given, of how many times it could be. */
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

  /** ln P(this answer | the right one). */
  log(look: Look, truth: number): number {
    const [given, of] = this.counts.get(this.kindOf(look, look.said, truth)) ?? [0, 0];
    return Math.log((given + PRIOR) / (of + 2 * PRIOR));
  }
}

/** Ranks the rows by how much likelier the answers are by another label than by the given one. */
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
  /** By candidate; answers to one wording are one, since a guess may be repeated. */
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
      // An answer that confirms the label is no evidence against it, even of a model that is mostly wrong.
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

/** A verdict belongs to the question that it was made on. The evaluation may have been made after a correction. */
function reviewOf({ question, reference }: LookedRow, label: ReviewedLabel | undefined): Suspect['review'] {
  if (label?.question !== question) return null;
  return label.now === reference ? 'right' : label.given === reference ? 'wrong' : null;
}

function suspectOf(row: LookedRow, posterior: readonly number[]): Omit<Suspect, 'review' | 'rank'> {
  const looks = row.looks.flat();
  const contradicting = looks.filter(({ said }) => said !== row.label);
  const counts = row.candidates.map((_, z) => contradicting.filter(({ said }) => said === z).length);
  // Of answers that are equally common, the likelier one by the fit.
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
