import { both, compareWithBounds, shareRight, type Range } from './bounds.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import { holm, type Comparison } from './statistics.ts';
import { groupBy, imageKey, isByJudge, pairedQuestions, type ScoredRow } from '../evaluation/scored-row.ts';
import { ORIGINAL, PAIR, viewOfRow } from '../../rows/view-list.ts';

/**
 * A row of an evaluation. `right` is by the rules of its task; for open answers, whether it is the same text; null if not
 * judged.
 */
export type JudgedRow = ScoredRow & { right: boolean | null };

/** Whether an answer is right: by the rules; where they have no verdict, by a judge; null without either. */
export const rightOf = (row: Pick<JudgedRow, 'right' | 'score'>): boolean | null =>
  row.right ?? (isByJudge(row) ? row.score.judge === 1 : null);

/** One question as answered in two evaluations. */
export interface ComparedRow {
  set: string;
  view: string;
  id: string;
  question: string;
  answer: string;
  /** What each evaluation answered: its answers, the most frequent first. */
  first: string;
  second: string;
  outcome: Outcome;
  /** The share of each evaluation's answers that is right. */
  right: [first: Range, second: Range];
  answers: [first: number, second: number];
  /** The image: rows about one are not independent. */
  cluster: string;
}

/** Returns the questions (set, view and id) that both evaluations answered, each by the mean over its answers. */
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

/** Whether a row has more than one answer in either evaluation. */
export const hasSeveralAnswers = (rows: readonly ComparedRow[]): boolean =>
  rows.some(({ answers }) => Math.max(...answers) > 1);

/** `left (3 of 4) · right (1 of 4)`; a single answer as it is. */
function answersText(rows: readonly JudgedRow[]): string {
  if (rows.length === 1) return rows[0]!.score.answer_text;
  const alike = [...groupBy(rows, ({ score }) => score.answer_text)].sort(
    ([, a], [, b]) => b.length - a.length,
  );
  return alike.map(([text, some]) => `${text} (${some.length} of ${rows.length})`).join(' · ');
}

/** The view of rows that were asked in original and mirror. */
export const BOTH = 'both';

/** Returns the questions asked in both views, as one row each: right as often as both views are. */
export function bothViews(rows: readonly ComparedRow[]): ComparedRow[] {
  const views = groupBy([...rows], ({ set, id }) => JSON.stringify([set, id]));
  return [...views.values()].flatMap((group) => {
    const [original, mirror] = PAIR.map((view) => group.find((row) => row.view === view));
    if (!original || !mirror) return [];
    const right = [0, 1].map((i) => both(original.right[i]!, mirror.right[i]!)) as ComparedRow['right'];
    return [{ ...original, view: BOTH, outcome: outcomeOf(...right), right }];
  });
}

/** A paired test of rows that two evaluations answered. */
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

/** The paired tests of rows that two evaluations answered: one for each set and view, and for both views of a row. */
export function pairedTests(rows: readonly ComparedRow[]): PairedTest[] {
  const places = groupBy([...rows, ...bothViews(rows)], ({ set, view }) => JSON.stringify([set, view]));
  return [...places.values()].map(testOf);
}

/** Whether a row belongs to a named comparison: a view over all sets (`both`, `mirror`), or a set's (`val/both`). */
const isOf = ({ set, view }: ComparedRow, place: string): boolean =>
  place === view || place === `${set}/${view}`;

/** The names of the comparisons of these rows, as `isOf` reads them. */
export const placesOf = (rows: readonly ComparedRow[]): string[] => [
  ...new Set([...bothViews(rows), ...rows].flatMap(({ set, view }) => [view, `${set}/${view}`])),
];

/**
 * The same, with the main comparison first, which must be chosen before any answer is seen: both views right over all
 * sets, or what there is of one view, if no row was asked in both; or the one that is named. Its p stands as it is; those
 * of the others are corrected for their number (Holm), so that no more than 5% of comparisons of equal models call any of
 * them a difference.
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
  // Of one set, the main rows are those of one of the groups.
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
