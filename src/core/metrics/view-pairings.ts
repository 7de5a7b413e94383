import { agree, readGiven, type Compared } from '../answers/given.ts';
import { isMajorityRight } from '../answers/pair-verdict.ts';
import { isNotJudged, isRight } from '../answers/score-row.ts';
import { isViewId, viewOfRow, type ViewId } from '../view-list.ts';
import type { Pairing } from './pairing.ts';
import { groupBy, imageKey, problemKey, type ScoredRow } from './scored-row.ts';

/**
 * The answer to one question in one view, over all its completions. `given` is the most frequent of the answers that
 * can be read; the first of them, if several are equally frequent.
 */
interface ViewAnswer extends Compared {
  row: ScoredRow;
  /** Whether most of them are right. */
  right: boolean;
  completions: number;
}

/**
 * The answer to one question in a view; null if it cannot be right or wrong, or if answers to its task cannot be
 * compared.
 */
function viewAnswer(completions: readonly ScoredRow[]): ViewAnswer | null {
  const row = completions[0]!;
  const right = completions.map(({ score }) => (score.problem === undefined ? isRight(score) : null));
  const reference = readGiven(row.score, row, 'reference');
  if (right.includes(null) || !reference) return null;
  const answers = completions.flatMap((one) => readGiven(one.score, one, 'given') ?? []);
  const alike = [...groupBy(answers, (one) => JSON.stringify(one)).values()];
  const most = Math.max(0, ...alike.map((group) => group.length));
  const given = alike.find((group) => group.length === most)?.[0] ?? null;
  return { row, right: isMajorityRight(right as boolean[]), given, reference, completions: right.length };
}

/** One question as it was answered in two views. */
export interface ViewPairing {
  /** The image: rows about one are not independent. */
  cluster: string;
  one: ViewAnswer;
  other: ViewAnswer;
  /** Whether the answers agree, right or wrong; null if that cannot be told (`agree`). */
  agrees: boolean | null;
}

/** Two right answers are `right`, even if it cannot be told whether they agree. */
export function pairingOf({ one, other, agrees }: ViewPairing): Pairing {
  if (one.right && other.right) return 'right';
  if (agrees === null) return 'unknown';
  return agrees ? 'consistent_wrong' : 'inconsistent';
}

/** The answer to each question in each view; null if no rule can judge it. */
export type AnswersByView = Map<ViewId, Map<string, ViewAnswer | null>>;

export function answersByView(rows: readonly ScoredRow[]): AnswersByView {
  const answers: AnswersByView = new Map();
  for (const completions of groupBy(rows, problemKey).values()) {
    const [first] = completions as [ScoredRow];
    const { set = '', id } = first;
    const view = viewOfRow(first);
    if (!isViewId(view)) continue;
    const answer = viewAnswer(completions);
    const ofView = answers.get(view) ?? new Map<string, ViewAnswer | null>();
    answers.set(view, ofView);
    if (answer || completions.some(({ score }) => isNotJudged(score)))
      ofView.set(JSON.stringify([set, id]), answer);
  }
  return answers;
}

export function pairingsOf(answers: AnswersByView, one: ViewId, other: ViewId): ViewPairing[] {
  const others = answers.get(other);
  return [...(answers.get(one) ?? [])].flatMap(([key, answer]) => {
    const partner = others?.get(key);
    if (!answer || !partner) return [];
    return [{ cluster: imageKey(answer.row), one: answer, other: partner, agrees: agree(answer, partner) }];
  });
}

/** One view of a question, for a list. */
interface ViewRowSide {
  view: ViewId;
  question: string;
  /** The reference. */
  answer: string;
  /** The extracted answer of the first completion. */
  said: string;
  right: boolean;
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
