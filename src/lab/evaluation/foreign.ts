import type { EvaluationResult } from '../../core/metrics/results.ts';
import { originName } from '../../core/run-data/origin.ts';
import { judgedRow, type SourceEvaluation } from '../../core/metrics/source-evaluation.ts';
import type { ForeignState } from '../foreign/run.ts';
import { summarise } from './summarise.ts';

/** The program's own figures, then accuracy and the agreement of views computed from what it judged right. */
export function figuresOf({ rows, figures }: SourceEvaluation): EvaluationResult[] {
  const judged = rows.flatMap((row) => judgedRow(row) ?? []);
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
