import { agree, readGiven, type Compared, type Given } from '../answers/given.ts';
import { sum } from '../../base/numbers.ts';
import type { Metric } from '../evaluation/results.ts';
import { bothRight, ofAnswers, shareRight, type Range } from './bounds.ts';
import { chanceOf, meanChance } from './chance.ts';
import { isControl, isViewId, viewOfRow, type ViewId } from '../../rows/view-list.ts';
import type { Pairing } from './pairing.ts';
import {
  groupBy,
  imageKey,
  isByJudge,
  isScorable,
  problemKey,
  verdictOf,
  type ScoredRow,
} from '../evaluation/scored-row.ts';
import { isNotJudged } from '../answers/verdict.ts';

interface ViewAnswers {
  row: ScoredRow;
  /** Share of right answers among the answers of the view. */
  right: Range;
  /** Distinct answers with their counts. Answers with the same meaning and the same score are merged. */
  answers: SaidAnswer[];
  /** Reference answer; null if answers to the task cannot be compared between views. */
  reference: Given | null;
  /** Whether a judge scored some of the answers because the rules could not score them. */
  byJudge: boolean;
}

interface SaidAnswer {
  right: boolean | null;
  /** Parsed answer; null if unparsed. */
  given: Given | null;
  /** Whether the meaning of the answer is known, because a rule scored it. */
  isKnown: boolean;
  count: number;
}

/** Returns the answers to one question in one view; null if an answer can be neither right nor wrong. */
function viewAnswers(completions: readonly ScoredRow[]): ViewAnswers | null {
  const row = completions[0]!;
  if (!completions.every(isScorable)) return null;
  const answers = completions.map((completion) => ({
    right: verdictOf(completion),
    given: readGiven(completion.score, completion, 'given'),
    isKnown: !isNotJudged(completion.score),
  }));
  return {
    row,
    right: shareRight(answers.map(({ right }) => right)),
    answers: [...groupBy(answers, (answer) => JSON.stringify(answer)).values()].map((alike) => ({
      ...alike[0]!,
      count: alike.length,
    })),
    reference: readGiven(row.score, row, 'reference'),
    byJudge: completions.some(isByJudge),
  };
}

export interface ViewPairing {
  /** Key of the question's image. Rows about one image are not independent. */
  cluster: string;
  one: ViewAnswers;
  other: ViewAnswers;
  pairs: AnswerPair[];
}

export interface AnswerPair {
  one: SaidAnswer;
  other: SaidAnswer;
  /**
   * Whether the answers agree, right or wrong; null if the answers cannot be compared (`agree`), `unknown` if an answer
   * is not scored.
   */
  agrees: boolean | null | 'unknown';
  /** Number of the question's answer pairs that are merged into this pair. */
  count: number;
}

function answerPairs(one: ViewAnswers, other: ViewAnswers): AnswerPair[] {
  return one.answers.flatMap((a) =>
    other.answers.map((b) => ({
      one: a,
      other: b,
      agrees:
        one.reference &&
        other.reference &&
        agreement({ ...a, reference: one.reference }, { ...b, reference: other.reference }),
      count: a.count * b.count,
    })),
  );
}

/**
 * Returns the share of a question's answer pairs for which an event holds; null if no pair counts.
 * @param event returns null if unknown, and undefined for pairs that do not count
 */
export function shareOfPairs(
  pairs: readonly AnswerPair[],
  event: (pair: AnswerPair) => boolean | null | undefined,
): Range | null {
  let [low, high, all] = [0, 0, 0];
  for (const pair of pairs) {
    const holds = event(pair);
    if (holds === undefined) continue;
    all += pair.count;
    low += holds ? pair.count : 0;
    high += holds === false ? 0 : pair.count;
  }
  return all === 0 ? null : { low: low / all, high: high / all };
}

/** Returns the most frequent kind of pairing among a question's answer pairs. */
export function pairingOf({ pairs }: ViewPairing): Pairing {
  const counts = new Map<Pairing, number>();
  for (const pair of pairs) counts.set(kindOf(pair), (counts.get(kindOf(pair)) ?? 0) + pair.count);
  return [...counts].sort(([, a], [, b]) => b - a)[0]![0];
}

/** Returns the kind of an answer pair: `right` if both answers are right, even if they cannot be compared. */
function kindOf({ one, other, agrees }: AnswerPair): Pairing {
  if (one.right && other.right) return 'right';
  if (bothRight(one.right, other.right) === null || agrees === 'unknown') return 'not_judged';
  if (agrees === null) return 'unknown';
  return agrees ? 'consistent_wrong' : 'inconsistent';
}

/** Answers by view, then by question. Excludes control views, because controls have no partners. */
export type AnswersByView = Map<ViewId, Map<string, ViewAnswers>>;

export function answersByView(rows: readonly ScoredRow[]): AnswersByView {
  const answers: AnswersByView = new Map();
  for (const completions of groupBy(rows, problemKey).values()) {
    const [first] = completions as [ScoredRow];
    const { set = '', id } = first;
    const view = viewOfRow(first);
    if (!isViewId(view) || isControl(view)) continue;
    const answer = viewAnswers(completions);
    const ofView = answers.get(view) ?? new Map<string, ViewAnswers>();
    answers.set(view, ofView);
    if (answer) ofView.set(JSON.stringify([set, id]), answer);
  }
  return answers;
}

export function pairingsOf(answers: AnswersByView, one: ViewId, other: ViewId): ViewPairing[] {
  const others = answers.get(other);
  return [...(answers.get(one) ?? [])].flatMap(([key, answer]) => {
    const partner = others?.get(key);
    if (!partner) return [];
    return [
      { cluster: imageKey(answer.row), one: answer, other: partner, pairs: answerPairs(answer, partner) },
    ];
  });
}

/** Returns the number of answers in a list of pairs; {} if each view has exactly one answer. */
export const answersIn = (pairs: readonly ViewPairing[]): Pick<Metric, 'answers'> =>
  ofAnswers(
    sum(pairs.flatMap(({ one, other }) => [...one.answers, ...other.answers].map(({ count }) => count))),
    2 * pairs.length,
  );

/** Returns the mean chance over pairs, computed from the chances of both views. */
export const chanceOfPairs = (
  pairs: readonly ViewPairing[],
  chance: (p: number, q: number) => number,
): Pick<Metric, 'chance' | 'chance_n'> =>
  meanChance(
    pairs.map((pair) => {
      const [p, q] = [chanceOf(pair.one.row), chanceOf(pair.other.row)];
      return p === null || q === null ? null : chance(p, q);
    }),
  );

type KnownCompared = Compared & Pick<SaidAnswer, 'isKnown'>;

function agreement(one: KnownCompared, other: KnownCompared): AnswerPair['agrees'] {
  if (one.isKnown && other.isKnown) return agree(one, other);
  // The reference answers show how the views map an answer, regardless of the model's answer.
  const isMapped = agree({ ...one, given: one.reference }, { ...other, given: other.reference }) !== null;
  return isMapped ? 'unknown' : null;
}

interface ViewRowSide {
  view: ViewId;
  question: string;
  answer: string;
  /** Answer extracted from the first completion in the view. */
  said: string;
  /** Share of right answers among the completions in the view. */
  right: Range;
}

/** A question with its answers in two views, as listed for a cell of the view matrix. */
export interface ViewRow {
  set: string;
  id: string;
  pairing: Pairing;
  sides: [ViewRowSide, ViewRowSide];
}

/** Lists the questions of a set that have answers in both views, in the order of the rows. */
export function viewRows(
  rows: readonly ScoredRow[],
  set: string,
  [one, other]: readonly [ViewId, ViewId],
): ViewRow[] {
  const ofSet = rows.filter((row) => (row.set ?? '') === set && [one, other].includes(viewOfRow(row)));
  return pairingsOf(answersByView(ofSet), one, other).map((pair) => ({
    set,
    id: pair.one.row.id,
    pairing: pairingOf(pair),
    sides: [sideOf(pair.one), sideOf(pair.other)],
  }));
}

const sideOf = ({ row, right }: ViewAnswers): ViewRowSide => ({
  view: viewOfRow(row),
  question: row.question ?? '',
  answer: String(row.answer ?? ''),
  said: row.score.answer_text,
  right,
});
