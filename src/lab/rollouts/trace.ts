import { stagesOf, type Pair } from '../../core/grpo/rollout.ts';
import type { TracedPair } from '../../core/run-data/trace.ts';
import type { Scores } from '../../engines/trainer.ts';
import type { ActiveRun } from '../runs/run.ts';
import { TraceArrays, writeTraces } from '../runs/trace.ts';

interface Traced {
  pair: Pair;
}

/**
 * Writes what happened to every pair of a step (docs/records.md, Trace).
 * @param drawn all pairs of the step, assessed.
 * @param signal the reward part that couples the views, if the config names one.
 * @param reference the reference policy's scores of the kept pairs' groups, in order, if there is one.
 */
export async function traceStep(
  { dir, lock }: ActiveRun,
  step: number,
  drawn: readonly Traced[],
  signal: string | undefined,
  reference: Scores[][][] | null,
  keepArrays: 'all' | 'sampled' | 'none',
): Promise<void> {
  const arrays = new TraceArrays();
  let nextGroup = 0;
  const rows = drawn.map(({ pair }, p): TracedPair => {
    const withArrays = keepArrays === 'all' || (keepArrays === 'sampled' && p === 0);
    const firstGroup = nextGroup;
    if (pair.kept) nextGroup += pair.views.length;
    return {
      step,
      pair: p,
      sample: pair.sample.id,
      kept: pair.kept,
      why: pair.why,
      views: pair.views.map(({ view, sample, group: rollouts }, v) => ({
        view,
        question: sample.question,
        answer: sample.answer,
        images: sample.images,
        group: rollouts.map((rollout, g) => {
          const scores_S = pair.kept ? reference?.[firstGroup + v]?.[g] : undefined;
          return {
            segments: stagesOf(rollout).map((stage, s) => ({
              stage: stage === rollout ? 'answer' : 'graph',
              text: stage.text,
              stop_reason: stage.stopReason,
              ...(stage === rollout.graph && { source: rollout.graph.source }),
              ...(withArrays && {
                tokens: arrays.int32(stage.tokens),
                logprobs: arrays.float32(stage.logprobs),
                ...(stage.entropies && { entropies: arrays.float32(stage.entropies) }),
                ...(scores_S && { ref_logprobs: arrays.float32(scores_S[s]!.logprobs) }),
              }),
            })),
            answer_text: rollout.answer,
            right: rollout.right,
            rewards: rollout.rewards,
            penalty: rollout.penalty,
            reward: rollout.reward,
            advantage: rollout.advantage,
          };
        }),
      })),
      delta: pair.delta,
      penalised: pair.penalised,
      effect: pair.effect,
      ...(signal !== undefined && { signal }),
      verdict: pair.verdict,
    };
  });
  await writeTraces(dir, step, rows, arrays, lock.write);
}
