import { mean, sum } from '../../../base/numbers.ts';
import type { Metric } from '../../evaluation/results.ts';
import { ORIGINAL } from '../../../rows/view-list.ts';
import type { JudgedRow } from '../outcomes.ts';
import type { ReviewedLabel } from '../reviewed-labels.ts';
import { shareWithInterval } from '../share.ts';
import { readLooks, type Look, type LookedRow } from './looks.ts';

/**
 * Which labels of a dataset are probably wrong, from what models answered in several views (docs/label-quality.md). A latent
 * class model: every row has a true answer z, which differs from its label with the probability ε; a model's answers
 * depend on z, and on what the words alone would say. Views in which the right answer is worded otherwise are looks of
 * their own, since a habit or a memory says the same words there, which map back to another answer. Where the words are
 * the same, a guess may be repeated. Some rows are hard for every model (two things nearly level): there, answers say
 * nothing of z, so that a row on which models differ is not suspect for that. Fitted by expectation and maximisation,
 * with priors. The fit takes the errors of models for independent, so that it ranks rows, and no probability leaves this
 * file: answers alone cannot tell a wrong label from an error that models share.
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

/** Parameters of one model for one form of answer. */
interface Rates {
  /** P(says z | looks). */
  sees: number;
  /** P(says what the words say, whatever is there). */
  follows: number;
  /** P(repeats one guess in all views of the same wording). */
  repeats: number;
}

/** Shares of the rows of one form of answer. */
interface FormShares {
  /** ε: labels that are wrong. */
  wrong: number;
  /** Rows on which every model guesses. */
  hard: number;
  /** Rows of which the words alone say the answer. */
  wordsRight: number;
}

/** Priors as counts of successes and failures: labels 2% wrong; models that mostly see, and sometimes do not look. */
const WRONG_LABELS = [2, 98] as const;
const SEES = [4, 1] as const;
const FOLLOWS = [1, 6] as const;
const REPEATS = [2, 2] as const;
/** One row of a hundred is hard. */
const HARD = [1, 99] as const;
/** An answer by the words is another one for some reason in so many of 100 cases. */
const SLIP = 0.02;
/** Rounds of fitting, at most; fewer when no probability moves by more than this. */
const ROUNDS = 100;
const STILL = 1e-3;

/** Fits the model and ranks the rows by it. Rows that no model answered keep the prior's probability. */
export function fitSuspects(
  rows: readonly LookedRow[],
  models: number,
  labels: Labels = new Map(),
): SuspectFit {
  const forms = [...new Set(rows.map(({ form }) => form))];
  const rates = Array.from({ length: models }, () => new Map(forms.map((form) => [form, startRates()])));
  const shares = new Map(forms.map((form) => [form, new FormTally().shares()]));
  let posteriors: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const tallies = Array.from({ length: models }, () => new Map(forms.map((form) => [form, new Tally()])));
    const ofForms = new Map(forms.map((form) => [form, new FormTally()]));
    const before = posteriors;
    posteriors = rows.map((row) => {
      const ofForm = rates.map((ofModel) => ofModel.get(row.form)!);
      const { posterior, easy } = posteriorOf(row, ofForm, shares.get(row.form)!);
      for (const [m, looks] of row.looks.entries())
        for (const group of wordings(looks))
          easy.forEach((p, z) =>
            tallies[m]!.get(row.form)!.add(p, group, z, ofForm[m]!, row.candidates.length),
          );
      ofForms.get(row.form)!.add(row, posterior, easy);
      return posterior;
    });
    for (const [m, byForm] of tallies.entries())
      for (const [form, tally] of byForm) rates[m]!.set(form, tally.rates());
    for (const [form, tally] of ofForms) shares.set(form, tally.shares());
    if (
      posteriors.every((posterior, i) =>
        posterior.every((p, z) => Math.abs(p - (before[i]?.[z] ?? 2)) < STILL),
      )
    )
      break;
  }
  const contradicts = rates.map((_, m) => contradictedBy(rows, m));
  const suspects = rows
    .map((row, i) => ({ row, posterior: posteriors[i]! }))
    .sort((a, b) => a.posterior[a.row.label]! - b.posterior[b.row.label]!)
    .map(({ row, posterior }, i) => ({
      ...suspectOf(row, posterior),
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

const startRates = (): Rates => ({
  sees: SEES[0] / sum(SEES),
  follows: FOLLOWS[0] / sum(FOLLOWS),
  repeats: REPEATS[0] / sum(REPEATS),
});

/**
 * P(z | all answers), for each candidate, and the part of it in which the row is easy.
 * @param ofModels each model's rates for the form
 */
function posteriorOf(
  row: LookedRow,
  ofModels: readonly Rates[],
  { wrong, wordsRight, hard }: FormShares,
): { posterior: number[]; easy: number[] } {
  const k = row.candidates.length;
  if (k < 2) return { posterior: [1], easy: [1] };
  const guess = wordsIn(row);
  const groups = row.looks.flatMap((looks, m) =>
    wordings(looks).map((group) => ({ group, rates: ofModels[m]! })),
  );
  const over = (p: (group: readonly Look[], rates: Rates) => number) =>
    sum(groups.map(({ group, rates }) => Math.log(p(group, rates))));
  // A model that cannot see guesses, whatever z is.
  const guessed = over((group, rates) => sum(partsOf(group, 0, { ...rates, sees: 1 / k }, k)));
  const logs = row.candidates.map((_, z) => {
    let prior = Math.log(z === row.label ? 1 - wrong : wrong / (k - 1));
    if (guess !== null) prior += Math.log(guess === z ? wordsRight : (1 - wordsRight) / (k - 1));
    const seen = over((group, rates) => sum(partsOf(group, z, rates, k)));
    return { easy: prior + Math.log(1 - hard) + seen, hard: prior + Math.log(hard) + guessed };
  });
  const top = Math.max(...logs.flatMap((log) => [log.easy, log.hard]));
  const odds = logs.map((log) => ({ easy: Math.exp(log.easy - top), hard: Math.exp(log.hard - top) }));
  const all = sum(odds.map((odd) => odd.easy + odd.hard));
  return {
    posterior: odds.map((odd) => (odd.easy + odd.hard) / all),
    easy: odds.map((odd) => odd.easy / all),
  };
}

/** P(this answer | it follows the words). */
const byWords = ({ said, words }: Look, k: number): number =>
  words === null ? 1 / k : said === words ? 1 - SLIP : SLIP / (k - 1);

/** The words of the original as a rater of their own, so that what all models say from them counts once. */
const wordsIn = ({ looks }: LookedRow): number | null =>
  looks.flat().find(({ view, words }) => view === ORIGINAL && words !== null)?.words ?? null;

/** The looks at views that word the right answer alike. */
function wordings(looks: readonly Look[]): Look[][] {
  const groups = new Map<string, Look[]>();
  for (const look of looks) groups.set(look.text, [...(groups.get(look.text) ?? []), look]);
  return [...groups.values()];
}

/**
 * P(these answers | z) by the three ways to get them: following the words; one guess, repeated; each look by itself.
 * A model that does not look at all is one whose `sees` is at chance.
 */
function partsOf(
  looks: readonly Look[],
  z: number,
  { sees, follows, repeats }: Rates,
  k: number,
): [words: number, repeated: number, single: number] {
  const says = (said: number) => (said === z ? sees : (1 - sees) / (k - 1));
  const words = looks.reduce((p, look) => p * byWords(look, k), 1);
  const isSame = looks.every(({ said }) => said === looks[0]!.said);
  const single = looks.reduce((p, { said }) => p * says(said), 1);
  if (looks.length === 1) return [follows * words, 0, (1 - follows) * single];
  return [
    follows * words,
    (1 - follows) * repeats * (isSame ? says(looks[0]!.said) : 0),
    (1 - follows) * (1 - repeats) * single,
  ];
}

/** Expected counts of one model and form. */
class Tally {
  private readonly sees = [...SEES] as [number, number];
  private readonly follows = [...FOLLOWS] as [number, number];
  private readonly repeats = [...REPEATS] as [number, number];

  /** @param p of this z */
  add(p: number, looks: readonly Look[], z: number, rates: Rates, k: number): void {
    const parts = partsOf(looks, z, rates, k);
    const all = sum(parts);
    if (p === 0 || all === 0) return;
    const [words, repeated, single] = parts.map((part) => (p * part) / all) as [number, number, number];
    this.follows[0] += words;
    this.follows[1] += repeated + single;
    if (looks.length > 1) {
      this.repeats[0] += repeated;
      this.repeats[1] += single;
    }
    this.sees[looks[0]!.said === z ? 0 : 1] += repeated;
    for (const { said } of looks) this.sees[said === z ? 0 : 1] += single;
  }

  rates(): Rates {
    return { sees: shareOf(this.sees), follows: shareOf(this.follows), repeats: shareOf(this.repeats) };
  }
}

/** Expected counts of the rows of one form. */
class FormTally {
  private readonly wrong = [...WRONG_LABELS] as [number, number];
  private readonly hard = [...HARD] as [number, number];
  private readonly wordsRight: [number, number] = [1, 1];

  add(row: LookedRow, posterior: readonly number[], easy: readonly number[]): void {
    this.wrong[0] += 1 - posterior[row.label]!;
    this.wrong[1] += posterior[row.label]!;
    this.hard[0] += 1 - sum(easy);
    this.hard[1] += sum(easy);
    const guess = wordsIn(row);
    if (guess === null) return;
    this.wordsRight[0] += posterior[guess]!;
    this.wordsRight[1] += 1 - posterior[guess]!;
  }

  shares(): FormShares {
    return { wrong: shareOf(this.wrong), hard: shareOf(this.hard), wordsRight: shareOf(this.wordsRight) };
  }
}

const shareOf = ([yes, no]: readonly [number, number]): number => yes / (yes + no);

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
