import { bothRight, compareWithBounds, isMostlyRight, possible, type Range } from './bounds.ts';
import { outcomeOf, type Outcome } from './outcome.ts';
import type { Comparison } from './statistics.ts';
import { groupBy, imageKey, isByJudge, problemKey, type ScoredRow } from '../evaluation/scored-row.ts';
import { PAIR, viewOfRow } from '../view-list.ts';

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
  /** The reference. */
  answer: string;
  /** The answers extracted from the completions of each evaluation. */
  first: string;
  second: string;
  outcome: Outcome;
  /** Whether each is right; null if that is not known. */
  right: [first: boolean | null, second: boolean | null];
  /** The image: rows about one are not independent. */
  cluster: string;
}

/**
 * Returns the questions (set, view and id) that both evaluations answered. If there are several completions, the majority
 * decides.
 */
export function compareRows(first: readonly JudgedRow[], second: readonly JudgedRow[]): ComparedRow[] {
  const others = groupBy(second, problemKey);
  return [...groupBy(first, problemKey)].flatMap(([key, group]) => {
    const other = others.get(key);
    const row = group[0]!;
    if (!other) return [];
    const [a, b] = [group, other].map((rows) => isMostlyRight((rows as JudgedRow[]).map(rightOf)));
    return [
      {
        set: row.set ?? '',
        view: viewOfRow(row),
        id: row.id,
        question: row.question ?? '',
        answer: String(row.answer ?? ''),
        first: row.score.answer_text,
        second: other[0]!.score.answer_text,
        outcome: outcomeOf(a!, b!),
        right: [a!, b!],
        cluster: imageKey(row),
      },
    ];
  });
}

/** Returns the questions asked in both views, as one row each: right if both views are. */
export function bothViews(rows: readonly ComparedRow[]): ComparedRow[] {
  const views = groupBy([...rows], ({ set, id }) => JSON.stringify([set, id]));
  return [...views.values()].flatMap((group) => {
    const [original, mirror] = PAIR.map((view) => group.find((row) => row.view === view));
    if (!original || !mirror) return [];
    const [a, b] = [0, 1].map((i) => bothRight(original.right[i]!, mirror.right[i]!));
    return [{ ...original, view: 'both', outcome: outcomeOf(a!, b!), right: [a!, b!] }];
  });
}

/** The paired tests of rows that two evaluations answered: one for each set and view, and for both views of a row. */
export function pairedTests(rows: readonly ComparedRow[]): { rows: ComparedRow[]; test: Comparison }[] {
  const places = groupBy([...rows, ...bothViews(rows)], ({ set, view }) => JSON.stringify([set, view]));
  return [...places.values()].map((group) => ({
    rows: group,
    test: compareWithBounds(pairedValues(group), true),
  }));
}

/** Returns both values of every row for the paired tests: 1 if right, else 0, and all between if not judged. */
export const pairedValues = (
  rows: readonly ComparedRow[],
): { cluster: string; first: Range; second: Range }[] =>
  rows.map(({ cluster, right: [first, second] }) => ({
    cluster,
    first: possible(first),
    second: possible(second),
  }));
