import { clipOf } from '../../core/sample/clip.ts';
import type { TracedPair } from '../../core/run-data/trace.ts';
import type { Scores } from '../../engines/trainer.ts';
import type { ActiveRun } from '../runs/run.ts';
import { TraceArrays, writeTraces } from '../runs/trace.ts';
import type { TrainedRow } from './score.ts';

/**
 * Writes what happened to every pair of a step (docs/records.md, Trace): the pairs as they are, with the numbers of
 * tokens in a file of arrays.
 * @param pairs all pairs of the step, assessed.
 * @param signal the reward part that couples the views, if the config names one.
 * @param reference the reference policy's scores of the views that were trained on, if there is one.
 */
export async function traceStep(
  { dir, lock }: ActiveRun,
  step: number,
  pairs: readonly TrainedRow[],
  signal: string | undefined,
  reference: ReadonlyMap<TrainedRow['views'][number], Scores[][]>,
  keepArrays: 'all' | 'sampled' | 'none',
): Promise<void> {
  const arrays = new TraceArrays();
  const rows = pairs.map(({ sample, views, ...assessed }, pair): TracedPair => {
    const { kept, why, delta, penalised, effect, joint, changes, behaving, bonus, verdict } = assessed;
    const withArrays = keepArrays === 'all' || (keepArrays === 'sampled' && pair === 0);
    return {
      step,
      pair,
      sample: sample.id,
      kept,
      why,
      views: views.map((seen) => ({
        view: seen.view,
        question: seen.sample.question,
        // Of a counterfactual, it may not be known.
        answer: seen.sample.answer === '' ? null : seen.sample.answer,
        images: seen.sample.images,
        ...clipOf(seen.sample),
        group: seen.group.map(({ segments, ...completion }, g) => ({
          segments: segments.map(({ tokens, logprobs, entropies, ...segment }, s) => {
            const scores = reference.get(seen)?.[g]?.[s];
            return {
              ...segment,
              ...(withArrays && {
                tokens: arrays.int32(tokens),
                logprobs: arrays.float32(logprobs),
                ...(entropies && { entropies: arrays.float32(entropies) }),
                ...(scores && { ref_logprobs: arrays.float32(scores.logprobs) }),
              }),
            };
          }),
          ...completion,
        })),
      })),
      delta,
      penalised,
      effect,
      ...(joint !== undefined && { joint }),
      ...(changes !== undefined && { changes }),
      ...(behaving !== undefined && { behaving }),
      ...(bonus !== undefined && { bonus }),
      ...(signal !== undefined && { signal }),
      verdict,
    };
  });
  await writeTraces(dir, step, rows, arrays, lock.write);
}
