import { agree, readGiven, type Compared } from '../answers/given.ts';
import { bothRight, isMostlyRight } from './bounds.ts';
import { isControl, isViewId, viewOfRow, type ViewId } from '../view-list.ts';
import type { Pairing } from './pairing.ts';
import {
  groupBy,
  imageKey,
  isScorable,
  problemKey,
  verdictOf,
  type ScoredRow,
} from '../evaluation/scored-row.ts';
import { isNotJudged } from '../answers/verdict.ts';

/** The answer to one question in one view, over all its completions. */
interface ViewAnswer {
  row: ScoredRow;
  /** Whether most of them are right; null if that is not known. */
  right: boolean | null;
  completions: number;
  /** Null if answers to its task cannot be compared between views. */
  compared: ComparedAnswer | null;
}

/**
 * `given` is the most frequent of the answers that can be read; the first of them, if several are equally frequent.
 */
interface ComparedAnswer extends Compared {
  /** Whether it is known what the answer says: no rule leaves a completion without a verdict. */
  isKnown: boolean;
}

/** The answer to one question in a view; null if it can be neither right nor wrong. */
function viewAnswer(completions: readonly ScoredRow[]): ViewAnswer | null {
  const row = completions[0]!;
  if (!completions.every(isScorable)) return null;
  const right = isMostlyRight(completions.map(verdictOf));
  const reference = readGiven(row.score, row, 'reference');
  const answers = completions.flatMap((completion) => readGiven(completion.score, completion, 'given') ?? []);
  const alike = [...groupBy(answers, (answer) => JSON.stringify(answer)).values()];
  const most = Math.max(0, ...alike.map((group) => group.length));
  const given = alike.find((group) => group.length === most)?.[0] ?? null;
  const isKnown = !completions.some(({ score }) => isNotJudged(score));
  return {
    row,
    right,
    completions: completions.length,
    compared: reference && { given, reference, isKnown },
  };
}

/** One question as it was answered in two views. */
export interface ViewPairing {
  /** The image: rows about one are not independent. */
  cluster: string;
  one: ViewAnswer;
  other: ViewAnswer;
  /** Both, where answers to the task can be compared. */
  compared: [ComparedAnswer, ComparedAnswer] | null;
  /**
   * Whether the answers agree, right or wrong; null if that cannot be told (`agree`), `unknown` if an answer is not
   * judged, so that it is not known what it says.
   */
  agrees: boolean | null | 'unknown';
}

/** Two right answers are `right`, even if it cannot be told whether they agree. */
export function pairingOf({ one, other, agrees }: ViewPairing): Pairing {
  if (one.right && other.right) return 'right';
  if (bothRight(one.right, other.right) === null || agrees === 'unknown') return 'not_judged';
  if (agrees === null) return 'unknown';
  return agrees ? 'consistent_wrong' : 'inconsistent';
}

/** The answer to each question in each view; not in controls, which are no partners. */
export type AnswersByView = Map<ViewId, Map<string, ViewAnswer>>;

export function answersByView(rows: readonly ScoredRow[]): AnswersByView {
  const answers: AnswersByView = new Map();
  for (const completions of groupBy(rows, problemKey).values()) {
    const [first] = completions as [ScoredRow];
    const { set = '', id } = first;
    const view = viewOfRow(first);
    if (!isViewId(view) || isControl(view)) continue;
    const answer = viewAnswer(completions);
    const ofView = answers.get(view) ?? new Map<string, ViewAnswer>();
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
    const compared: ViewPairing['compared'] = answer.compared &&
      partner.compared && [answer.compared, partner.compared];
    return [
      {
        cluster: imageKey(answer.row),
        one: answer,
        other: partner,
        compared,
        agrees: compared && agreement(...compared),
      },
    ];
  });
}

function agreement(one: ComparedAnswer, other: ComparedAnswer): ViewPairing['agrees'] {
  if (one.isKnown && other.isKnown) return agree(one, other);
  // What the views do to an answer shows on the right ones, whatever was said.
  const isMapped = agree({ ...one, given: one.reference }, { ...other, given: other.reference }) !== null;
  return isMapped ? 'unknown' : null;
}

/** One view of a question, for a list. */
interface ViewRowSide {
  view: ViewId;
  question: string;
  /** The reference. */
  answer: string;
  /** The extracted answer of the first completion. */
  said: string;
  right: boolean | null;
}

/** A question that was answered in two views: a row behind a cell of the view matrix. */
export interface ViewRow {
  set: string;
  id: string;
  pairing: Pairing;
  sides: [ViewRowSide, ViewRowSide];
}

/** Lists the questions of a set that were answered in both views, in the order of the rows. */
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

const sideOf = ({ row, right }: ViewAnswer): ViewRowSide => ({
  view: viewOfRow(row),
  question: row.question ?? '',
  answer: String(row.answer ?? ''),
  said: row.score.answer_text,
  right,
});
