import { both, compareWithBounds, shareRight, type Range } from './bounds.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import { holm, type Comparison } from './statistics.ts';
import { groupBy, imageKey, isByJudge, pairedQuestions, type ScoredRow } from '../evaluation/scored-row.ts';
import { ORIGINAL, PAIR, viewOfRow } from '../../rows/view-list.ts';

/**
 * A row of an evaluation. `right` follows the rules of the row's task; for open answers, it is equality with the
 * reference answer. Null if not scored.
 */
export type JudgedRow = ScoredRow & { right: boolean | null };

/** Returns whether an answer is right: by the rules, otherwise by a judge; null if neither scored it. */
export const rightOf = (row: Pick<JudgedRow, 'right' | 'score'>): boolean | null =>
  row.right ?? (isByJudge(row) ? row.score.judge === 1 : null);

/** One question with its answers in two evaluations. */
export interface ComparedRow {
  set: string;
  view: string;
  id: string;
  question: string;
  answer: string;
  /** Answers of the first evaluation, starting with the most frequent one; `second` likewise. */
  first: string;
  second: string;
  outcome: Outcome;
  /** Share of right answers in each evaluation. */
  right: [first: Range, second: Range];
  answers: [first: number, second: number];
  /** Key of the question's image. Rows about one image are not independent. */
  cluster: string;
}

/** Returns the questions (set, view and id) that both evaluations answered, each with the mean over its answers. */
export function compareRows(first: readonly JudgedRow[], second: readonly JudgedRow[]): ComparedRow[] {
  return pairedQuestions(first, second).map(({ rows, others }) => {
    const [row] = rows;
    const right = [rows, others].map((all) => shareRight(all.map(rightOf))) as ComparedRow['right'];
    return {
      set: row.set ?? '',
      view: viewOfRow(row),
      id: row.id,
      question: row.question ?? '',
      answer: String(row.answer ?? ''),
      first: answersText(rows),
      second: answersText(others),
      outcome: outcomeOf(...right),
      right,
      answers: [rows.length, others.length],
      cluster: imageKey(row),
    };
  });
}

/** Returns why two evaluations share no rows: usually, they are evaluations of different files. */
export function noSharedRows(
  sides: readonly [readonly JudgedRow[], readonly JudgedRow[]],
  names: readonly [string, string] = ['A', 'B'],
): string {
  const [a, b] = sides.map((rows) => [...new Set(rows.map(({ set }) => set))].sort().join(', ') || 'no set');
  return a === b
    ? 'The evaluations share no rows with the same view and id.'
    : `The evaluations share no rows, because ${names[0]} is an evaluation of ${a}, and ${names[1]} of ${b}. Evaluate both on the same file.`;
}

/** Whether any question has more than one answer in either evaluation. */
export const hasSeveralAnswers = (rows: readonly ComparedRow[]): boolean =>
  rows.some(({ answers }) => Math.max(...answers) > 1);

/** Formats answers, such as `left (3 of 4) · right (1 of 4)`; a single answer is unchanged. */
function answersText(rows: readonly JudgedRow[]): string {
  if (rows.length === 1) return rows[0]!.score.answer_text;
  const alike = [...groupBy(rows, ({ score }) => score.answer_text)].sort(
    ([, a], [, b]) => b.length - a.length,
  );
  return alike.map(([text, some]) => `${text} (${some.length} of ${rows.length})`).join(' · ');
}

/** Name of the view for rows that combine original and mirror. */
export const BOTH = 'both';

/** Merges the two views of each question into one row, which is right if both views are right. */
export function bothViews(rows: readonly ComparedRow[]): ComparedRow[] {
  const views = groupBy([...rows], ({ set, id }) => JSON.stringify([set, id]));
  return [...views.values()].flatMap((group) => {
    const [original, mirror] = PAIR.map((view) => group.find((row) => row.view === view));
    if (!original || !mirror) return [];
    const right = [0, 1].map((i) => both(original.right[i]!, mirror.right[i]!)) as ComparedRow['right'];
    return [{ ...original, view: BOTH, outcome: outcomeOf(...right), right }];
  });
}

export interface PairedTest {
  rows: ComparedRow[];
  test: Comparison;
}

const testOf = (rows: ComparedRow[]): PairedTest => ({
  rows,
  test: compareWithBounds(
    rows.map(({ cluster, right: [first, second] }) => ({ cluster, first, second })),
    { binary: true },
  ),
});

/** Returns a paired test for each set and view, and for original and mirror combined. */
export function pairedTests(rows: readonly ComparedRow[]): PairedTest[] {
  const places = groupBy([...rows, ...bothViews(rows)], ({ set, view }) => JSON.stringify([set, view]));
  return [...places.values()].map(testOf);
}

/** Whether a row belongs to a comparison: `both` or `mirror` for a view over all sets, `val/both` for one set. */
const isOf = ({ set, view }: ComparedRow, place: string): boolean =>
  place === view || place === `${set}/${view}`;

/** Returns the names of the comparisons of these rows, in the format of `isOf`. */
export const placesOf = (rows: readonly ComparedRow[]): string[] => [
  ...new Set([...bothViews(rows), ...rows].flatMap(({ set, view }) => [view, `${set}/${view}`])),
];

/**
 * Returns the paired tests with the main comparison first. The main comparison must be chosen before any answer is
 * seen. By default, it is pair accuracy over all sets; without pairs, the accuracy on originals, otherwise on all rows.
 * Its p value is uncorrected. All other tests are corrected for their number (Holm), so the probability of any false
 * difference between equal models is at most 5%.
 * @param named one of `placesOf`
 */
export function correctedTests(
  rows: readonly ComparedRow[],
  named?: string,
): [main: PairedTest, ...others: PairedTest[]] {
  const pairs = bothViews(rows);
  const originals = rows.filter(({ view }) => view === ORIGINAL);
  const usual = pairs.length > 0 ? pairs : originals.length > 0 ? originals : [...rows];
  const main = testOf(named === undefined ? usual : [...pairs, ...rows].filter((row) => isOf(row, named)));
  // With a single set, the main comparison has the same rows as one group.
  const [{ set, view }] = main.rows as [ComparedRow];
  const isMain = (group: PairedTest) =>
    group.rows.length === main.rows.length && group.rows[0]!.view === view && group.rows[0]!.set === set;
  const others = pairedTests(rows).filter((group) => !isMain(group));
  const corrected = holm(others.map(({ test }) => test.p));
  return [
    main,
    ...others.map(({ rows: group, test }, i) => ({ rows: group, test: { ...test, p: corrected[i]! } })),
  ];
}
