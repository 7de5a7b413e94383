import { scoredText } from '../../core/answers/score-row.ts';
import { TEXT_TASKS } from '../../core/metrics/summary.ts';
import { similarities, type Encoder } from '../encoders/encoder.ts';
import type { EvaluationRow } from '../../core/metrics/evaluation-row.ts';

/** The rows with `score.sbert` where answers are sentences: the cosine of answer and reference [B-42]. */
export async function withSimilarities(
  rows: readonly EvaluationRow[],
  encoder: Encoder,
): Promise<EvaluationRow[]> {
  const isText = ({ score }: EvaluationRow) => TEXT_TASKS.includes(score.task);
  const values = await similarities(
    encoder,
    rows.filter(isText).map(({ score, answer }) => [scoredText(score), answer] as const),
  );
  let next = 0;
  return rows.map((row) => (isText(row) ? { ...row, score: { ...row.score, sbert: values[next++]! } } : row));
}
