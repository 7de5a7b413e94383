import { isNotJudged, isRight, isUnread } from '../answers/verdict.ts';
import type { ScoreInput } from '../answers/score.ts';
import type { Score } from '../answers/score-schema.ts';
import { viewOfRow } from '../../rows/view-list.ts';

/** A row with its score, as written by `chirality score` and by evaluations. */
export interface ScoredRow extends ScoreInput {
  id: string;
  score: Score;
  /** Number of reasoning words in the completion [B-58]; metrics use no other property of the reasoning. */
  reasoning_words: number;
  /** View of the row; `original` if absent. */
  view?: string;
  set?: string;
  /** Whether the prompt lacked the choices. Only the image-free bound depends on this field. */
  options_hidden?: boolean;
}

/**
 * Returns a key for the image of a row, because rows about one image or windows of one video are not independent. A row
 * without an image has a key of its own.
 */
export function imageKey(row: Pick<ScoredRow, 'id' | 'image' | 'images'>): string {
  const image = row.image ?? row.images?.[0];
  if (typeof image === 'string') return image;
  if (image?.path !== undefined) return image.path;
  if (image?.video !== undefined) return image.video;
  if (image?.parquet !== undefined)
    return JSON.stringify([image.parquet, image.column, image.row, image.index]);
  return `row ${row.id}`;
}

export const problemKey = (row: ScoredRow): string => JSON.stringify([row.set ?? '', viewOfRow(row), row.id]);

/** Whether the answer must be right or wrong, even if unscored: its row has no problem, and its task has outcomes. */
export const isScorable = ({ score }: Pick<ScoredRow, 'score'>): boolean =>
  score.problem === undefined && (isRight(score) !== null || isNotJudged(score));

/** Whether a judge scored the answer, because the rules cannot score it. */
export const isByJudge = ({ score }: Pick<ScoredRow, 'score'>): boolean =>
  isNotJudged(score) && typeof score.judge === 'number';

/** Returns whether a scorable answer is right: by the rules, otherwise by a judge; null if neither scored it. */
export const verdictOf = (row: Pick<ScoredRow, 'score'>): boolean | null =>
  isByJudge(row) ? row.score.judge === 1 : isRight(row.score);

/** Whether the answer is unparsed; null for tasks whose answers are not parsed (open text, format). */
export function isUnparsed({ score }: Pick<ScoredRow, 'score'>): boolean | null {
  switch (score.task) {
    case 'scenegraph':
      return score.source === 'raw';
    case 'flipjson':
      return !score.ok;
    case 'format':
    case 'open':
    case 'untyped':
      return null;
    default:
      return isUnread(score);
  }
}

/** All answers to one question in each of two lists of rows. */
export interface QuestionPair<T> {
  rows: [T, ...T[]];
  others: [T, ...T[]];
}

/** Returns the questions that two lists of rows share, by default the questions with the same set, view and id. */
export function pairedQuestions<T extends ScoredRow>(
  first: readonly T[],
  second: readonly T[],
  keyOf: (row: T) => string = problemKey,
): QuestionPair<T>[] {
  const others = groupBy(second, keyOf);
  return [...groupBy(first, keyOf)].flatMap(([key, rows]) => {
    const other = others.get(key);
    return other ? [{ rows, others: other } as QuestionPair<T>] : [];
  });
}

/** Returns the number of questions (set, view and id) in the first list of rows that the second list lacks. */
export function questionsBeyond(first: readonly ScoredRow[], second: readonly ScoredRow[]): number {
  const others = new Set(second.map(problemKey));
  return new Set(first.map(problemKey).filter((key) => !others.has(key))).size;
}

/** Returns the rows that two lists share: same set, view and id, with completions in the same order. */
export const pairedRows = <T extends ScoredRow>(
  first: readonly T[],
  second: readonly T[],
): { row: T; other: T }[] =>
  pairedQuestions(first, second).flatMap(({ rows, others }) =>
    rows.flatMap((row, i) => (others[i] ? [{ row, other: others[i] }] : [])),
  );

/** Groups rows by a key; the groups are in order of first appearance. */
export function groupBy<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}
