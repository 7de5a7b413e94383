import { assess, type Assessment } from '../../grpo/assess.ts';
import type { Pair, Rollout } from '../../grpo/rollout.ts';
import type { TracedCompletion, TracedPair } from '../trace.ts';
import type { Sample } from '../../spatial/sample.ts';

/**
 * A step's pairs as they would have been under other settings: the trainer's own `assess` over the stored reward parts.
 * The completions stay those that were sampled, and what `refill` would have drawn instead is not known.
 * @param step all traced pairs of one step, since a convention may divide by the spread of the whole step.
 */
export function recompute(step: readonly TracedPair[], settings: Assessment): TracedPair[] {
  return assess(step.map(pairOf), settings).map((pair, p) => {
    const traced = step[p]!;
    const { delta, penalised, effect, verdict, kept, why } = pair;
    return {
      ...traced,
      ...{ delta, penalised, effect, verdict, kept, why },
      views: traced.views.map((view, v) => ({
        ...view,
        group: view.group.map((completion, g) => {
          const { penalty, reward, advantage } = pair.views[v]!.group[g]!;
          return { ...completion, penalty, reward, advantage };
        }),
      })),
    };
  });
}

/** The pair behind a trace, as far as rewards depend on it. What is not known is not read by `assess`, or comes out anew. */
function pairOf(traced: TracedPair): Pair {
  const { delta, penalised, effect, verdict, kept, why } = traced;
  const views = traced.views.map(({ view, question, answer, images, group }) => {
    const sample: Sample = { id: traced.sample, question, answer: answer ?? '', images };
    return { view, sample, group: group.map(rolloutOf) };
  });
  return {
    ...{ sample: views[0]!.sample, views, delta, penalised, effect, verdict },
    ...{ kept: kept ?? true, why: why ?? 'varies' },
  };
}

function rolloutOf({ segments, answer_text, right, rewards, ...numbers }: TracedCompletion): Rollout {
  const { penalty, reward, advantage } = numbers;
  return {
    // Tokens are no business of rewards.
    ...{ text: '', tokens: [], logprobs: [], entropies: [] },
    // A completion is cut off where any of its stages is.
    stopReason: segments.some((s) => s.stop_reason === 'length') ? 'length' : 'end',
    ...{ answer: answer_text, right: right ?? false, penalty: penalty ?? 0, reward: reward ?? 0 },
    advantage: advantage ?? 0,
    // Why a part has its value is not read.
    rewards: rewards as Rollout['rewards'],
  };
}

/** A step without its texts: all that `recompute` reads, at a fraction of the size. */
export function withoutTexts(step: readonly TracedPair[]): TracedPair[] {
  return step.map((pair) => ({
    ...pair,
    views: pair.views.map((view) => ({
      ...view,
      ...{ question: '', answer: '', images: [] },
      group: view.group.map((completion) => ({
        ...completion,
        answer_text: null,
        segments: completion.segments.map(({ stage, stop_reason }) => ({ stage, stop_reason, text: '' })),
        rewards: Object.fromEntries(
          Object.entries(completion.rewards).map(([name, { value }]) => [name, { value, why: '' }]),
        ),
      })),
    })),
  }));
}
