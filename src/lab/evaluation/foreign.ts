import type { EvaluationResult } from '../../core/metrics/results.ts';
import { originName, type RunOrigin } from '../../core/run-data/origin.ts';
import { judgedRow, type SourceEvaluation } from '../../core/metrics/source-evaluation.ts';
import { originIn, type ForeignState } from '../foreign/run.ts';
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

/** What the files of a copy of an evaluation hold, beside its rows. @param from where it comes from */
export const evaluationRecords = (evaluation: SourceEvaluation, from: RunOrigin) => ({
  results: figuresOf(evaluation),
  manifest: {
    model: evaluation.model,
    ...(evaluation.step !== null && { step: evaluation.step }),
    ...originIn(from),
  },
});

/**
 * The same of an evaluation that is read in place.
 * @param leaveOut takes what cannot be read
 * @throws with a message for people, if the folder holds a run
 */
export function recordsInPlace(dir: string, state: ForeignState, leaveOut: (why: Error) => void) {
  const { evaluation, origin, problems } = state;
  for (const problem of problems) leaveOut(new Error(problem));
  if (!evaluation) throw new Error(`${dir} holds a run of ${originName(origin)} and no evaluation.`);
  return { ...evaluationRecords(evaluation, state), controls: null };
}
