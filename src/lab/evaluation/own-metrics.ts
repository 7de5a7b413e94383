import { resolve } from 'node:path';
import { isAnswered, type EvaluationRow } from '../../core/metrics/evaluation-row.ts';
import { ownQuestion } from '../../core/rewards/own.ts';
import type { OwnPrograms } from '../own/open.ts';

/** Adds to every row that has an answer what programs of one's own say of it. */
export async function withOwnMetrics(
  rows: readonly EvaluationRow[],
  programs: OwnPrograms,
  root: string,
): Promise<EvaluationRow[]> {
  const answered = rows.filter(isAnswered);
  const questions = answered.map((row) => {
    const { view, completion_index: index = 0, segments, score } = row;
    const about = { view, index, completion: segments.at(-1)!.text, read: score.answer_text };
    return ownQuestion(row, about, (path) => resolve(root, path));
  });
  const values = await programs.values(questions);
  const valueOf = new Map(answered.map((row, i) => [row, values[i]!]));
  return rows.map((row) => (valueOf.has(row) ? { ...row, metrics: valueOf.get(row)! } : row));
}
