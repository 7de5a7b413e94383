import { measuredRow, type EvaluationRow } from '../../core/metrics/evaluation-row.ts';
import type { EvaluationResult } from '../../core/metrics/results.ts';
import { originName } from '../../core/foreign/origin.ts';
import type { SourceEvaluation, SourceRow } from '../../core/foreign/evaluation.ts';
import type { ForeignState } from '../foreign/run.ts';
import { summarise } from './summarise.ts';

/**
 * A row of another program in the form of ours; null if the program did not judge it. The verdict is the program's;
 * nothing is scored by our rules.
 */
export function judgedRow(row: SourceRow): EvaluationRow | null {
  const { right, answer, segments } = row;
  if (right === null) return null;
  const [{ text, stop_reason, stage }] = segments;
  return {
    ...row,
    right,
    answer: answer ?? '',
    segments: [{ stage, text, stop_reason: stop_reason ?? 'end' }],
    score: {
      task: 'mcq',
      parsed: text,
      gt_parsed: answer,
      correct: right,
      format_ok: true,
      answer_text: text.trim(),
      path: 'whole',
      answer_text_strict: null,
    },
  };
}

/** The program's own figures, then accuracy and the agreement of views computed from what it judged right. */
export function figuresOf({ rows, figures }: SourceEvaluation): EvaluationResult[] {
  const judged = rows.flatMap((row) => judgedRow(row) ?? []).map(measuredRow);
  const ours = summarise(judged).filter(({ task, slice }) => task === 'all' && !slice);
  return [
    ...figures,
    // Whether an answer could be read is not known.
    ...ours.map((figure) => ({ ...figure, unparsed: undefined })),
  ];
}

/** What a copy's `manifest.json` says of an evaluation, besides where it comes from. */
export const manifestOf = ({ model, step }: SourceEvaluation) => ({ model, ...(step !== null && { step }) });

/**
 * What the files of a copy would hold, read in place.
 * @param leaveOut takes what cannot be read
 * @throws with a message for people, if the folder holds a run
 */
export function recordsInPlace(
  dir: string,
  { evaluation, origin, problems }: ForeignState,
  leaveOut: (why: Error) => void,
) {
  for (const problem of problems) leaveOut(new Error(problem));
  if (!evaluation) throw new Error(`${dir} holds a run of ${originName(origin)} and no evaluation.`);
  return { results: figuresOf(evaluation), manifest: { ...manifestOf(evaluation), origin }, controls: null };
}
