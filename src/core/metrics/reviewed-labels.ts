import { scoreAnswer } from '../answers/score-row.ts';
import { isRight, scoredText } from '../answers/verdict.ts';
import { ORIGINAL, viewOfRow } from '../../rows/view-list.ts';
import { rightOf, type JudgedRow } from './outcomes.ts';
import type { Metric } from '../evaluation/results.ts';
import { imageKey } from '../evaluation/scored-row.ts';
import { shareWithInterval } from './share.ts';

/** A label that a person looked at: as the set gave it, and as it is. */
export interface ReviewedLabel {
  question: string;
  given: string;
  now: string;
}

/** The accuracy on the originals of a set, on its labels as given and on the reviewed ones. */
export interface ReviewedLabels {
  set: string;
  /** Labels that people looked at, and those that they corrected. */
  looked: number;
  corrected: number;
  given: Metric;
  reviewed: Metric;
}

/**
 * Accuracies by both labels. An answer to a row whose label was corrected is scored by each, whichever the evaluation
 * knew; one that the rules cannot judge by both is left out.
 * @param rows of an evaluation, all sets
 * @param labels by set, then by the ids of rows
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

/** Whether an answer is right by both labels; null if the rules cannot judge it by one of them. */
function byBoth(row: JudgedRow, label: ReviewedLabel | undefined): { given: boolean; now: boolean } | null {
  const isCorrected = label !== undefined && label.given !== label.now && label.question === row.question;
  const by = (answer: string): boolean | null =>
    answer === row.answer
      ? rightOf(row)
      : isRight(scoreAnswer(scoredText(row.score), { ...row, answer }, row.score.task));
  const [given, now] = isCorrected ? [by(label.given), by(label.now)] : [rightOf(row), rightOf(row)];
  return given === null || now === null ? null : { given, now };
}
