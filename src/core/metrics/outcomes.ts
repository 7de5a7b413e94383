import { isMajorityRight } from '../answers/pair-verdict.ts';
import { groupBy, imageKey, problemKey, type ScoredRow } from './scored-row.ts';
import { PAIR, viewOfRow } from '../view-list.ts';

/**
 * A row of an evaluation. `right` is by the rules of its task; for open answers, whether it is the same text; null if not
 * judged.
 */
export type JudgedRow = ScoredRow & { right: boolean | null };

/** In which of two evaluations a row is right. */
export type Outcome = 'both' | 'only_first' | 'only_second' | 'neither';

/** Descriptions that call the first evaluation A and the second B. */
export const OUTCOME_WORDS: Record<Outcome, string> = {
  only_first: 'A right, B wrong',
  only_second: 'A wrong, B right',
  both: 'A and B right',
  neither: 'A and B wrong',
};
export const OUTCOMES = Object.keys(OUTCOME_WORDS) as Outcome[];

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
  /** The image: rows about one are not independent. */
  cluster: string;
}

/**
 * Returns the questions (set, view and id) that both evaluations answered and whose answers could be judged. If there are several completions, the
 * majority decides.
 */
export function compareRows(first: readonly JudgedRow[], second: readonly JudgedRow[]): ComparedRow[] {
  const others = groupBy(second, problemKey);
  return [...groupBy(first, problemKey)].flatMap(([key, group]) => {
    const other = others.get(key);
    const row = group[0]!;
    if (!other) return [];
    const right = (rows: readonly JudgedRow[]) => {
      const rights = rows.flatMap((each) => each.right ?? []);
      return rights.length === rows.length ? isMajorityRight(rights) : null;
    };
    const [a, b] = [right(group as JudgedRow[]), right(other as JudgedRow[])];
    if (a === null || b === null) return [];
    return [
      {
        set: row.set ?? '',
        view: viewOfRow(row),
        id: row.id,
        question: row.question ?? '',
        answer: String(row.answer ?? ''),
        first: row.score.answer_text,
        second: other[0]!.score.answer_text,
        outcome: outcomeOf(a, b),
        cluster: imageKey(row),
      },
    ];
  });
}

/** @param first whether the first evaluation is right */
export const outcomeOf = (first: boolean, second: boolean): Outcome =>
  first ? (second ? 'both' : 'only_first') : second ? 'only_second' : 'neither';

const firstIsRight = ({ outcome }: ComparedRow) => outcome === 'both' || outcome === 'only_first';
const secondIsRight = ({ outcome }: ComparedRow) => outcome === 'both' || outcome === 'only_second';

/** Returns the questions asked in both views, as one row each: right if both views are. */
export function bothViews(rows: readonly ComparedRow[]): ComparedRow[] {
  const views = groupBy([...rows], ({ set, id }) => JSON.stringify([set, id]));
  return [...views.values()].flatMap((group) => {
    const [original, mirror] = PAIR.map((view) => group.find((row) => row.view === view));
    if (!original || !mirror) return [];
    const outcome = outcomeOf(
      firstIsRight(original) && firstIsRight(mirror),
      secondIsRight(original) && secondIsRight(mirror),
    );
    return [{ ...original, view: 'both', outcome }];
  });
}

/** Returns both values of every row for the paired tests: 1 if right, else 0. */
export const pairedValues = (rows: readonly ComparedRow[]) =>
  rows.map((row) => ({
    cluster: row.cluster,
    first: Number(firstIsRight(row)),
    second: Number(secondIsRight(row)),
  }));
