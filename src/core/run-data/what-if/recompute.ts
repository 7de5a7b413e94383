import { assess, type Assessment } from '../../grpo/assess.ts';
import type { Pair, Rollout } from '../../grpo/rollout.ts';
import type { TracedCompletion, TracedPair } from '../trace.ts';
import type { Sample } from '../../spatial/sample.ts';

/**
 * Recomputes a step's pairs under other settings, with the trainer's own `assess` on the stored reward parts. The
 * completions remain those that were sampled; what `refill` would have drawn instead is unknown.
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

/**
 * Converts a trace to a pair with the fields that rewards depend on. Unknown values are either not read by `assess` or
 * recomputed.
 */
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
    // Rewards do not depend on tokens.
    ...{ text: '', tokens: [], logprobs: [], entropies: [] },
    // A completion counts as cut off if any of its stages was.
    stopReason: segments.some((s) => s.stop_reason === 'length') ? 'length' : 'end',
    ...{ answer: answer_text, right: right ?? false, penalty: penalty ?? 0, reward: reward ?? 0 },
    advantage: advantage ?? 0,
    // The reason for a part's value is not read.
    rewards: rewards as Rollout['rewards'],
  };
}

/** Removes the texts of a step, which `recompute` does not read, to make it much smaller. */
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
