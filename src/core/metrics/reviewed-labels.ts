import { scoreAnswer } from '../answers/score-row.ts';
import { isRight, scoredText } from '../answers/verdict.ts';
import { ORIGINAL, viewOfRow } from '../../rows/view-list.ts';
import { rightOf, type JudgedRow } from './outcomes.ts';
import type { Metric } from '../evaluation/results.ts';
import { imageKey } from '../evaluation/scored-row.ts';
import { shareWithInterval } from './share.ts';

/** A label that a person reviewed: the original label, and the label after the review. */
export interface ReviewedLabel {
  question: string;
  given: string;
  now: string;
}

/** Accuracy on the originals of a set, by the original labels and by the reviewed labels. */
export interface ReviewedLabels {
  set: string;
  /** Number of reviewed labels, and number of corrected labels among these. */
  looked: number;
  corrected: number;
  given: Metric;
  reviewed: Metric;
}

/**
 * Computes the accuracy by original and by reviewed labels. An answer to a row with a corrected label is scored by
 * both, regardless of which label the evaluation used. Excludes answers that the rules cannot score by both labels.
 * @param rows rows of an evaluation, all sets
 * @param labels reviewed labels by set, then by row id
 */
export function reviewedLabels(
  rows: readonly JudgedRow[],
  labels: ReadonlyMap<string, ReadonlyMap<string, ReviewedLabel>>,
): ReviewedLabels[] {
  return [...labels].map(([set, reviewed]) => {
    const answers = rows.flatMap((row) => {
      if (row.set !== set || viewOfRow(row) !== ORIGINAL || (row.completion_index ?? 0) !== 0) return [];
      const verdicts = byBoth(row, reviewed.get(row.id));
      return verdicts ? [{ cluster: imageKey(row), ...verdicts }] : [];
    });
    const by = (label: 'given' | 'now') =>
      shareWithInterval(answers.map((answer) => ({ cluster: answer.cluster, value: Number(answer[label]) })));
    const corrected = [...reviewed.values()].filter(({ given, now }) => given !== now).length;
    return { set, looked: reviewed.size, corrected, given: by('given'), reviewed: by('now') };
  });
}

/** Scores an answer by both labels; null if the rules cannot score it by one of the labels. */
function byBoth(row: JudgedRow, label: ReviewedLabel | undefined): { given: boolean; now: boolean } | null {
  const isCorrected = label !== undefined && label.given !== label.now && label.question === row.question;
  const by = (answer: string): boolean | null =>
    answer === row.answer
      ? rightOf(row)
      : isRight(scoreAnswer(scoredText(row.score), { ...row, answer }, row.score.task));
  const [given, now] = isCorrected ? [by(label.given), by(label.now)] : [rightOf(row), rightOf(row)];
  return given === null || now === null ? null : { given, now };
}
