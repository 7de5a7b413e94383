import * as z from 'zod';
import { sum } from '../../base/numbers.ts';
import { checkRecord, type RecordSource } from '../../base/record.ts';
import { viewIdSchema } from '../../rows/sample/schemas.ts';
import {
  tokenNormaliser,
  type Objective,
  type StepCounts,
  type WeightedCompletion,
} from './token-weights.ts';

/**
 * Inputs of a completion's loss in one update, summed over the trained tokens, as stored in traces. Loss, KL and clip
 * ratios of a step can be recomputed from these sums without the tokens.
 */
export const lossSumsSchema = z.object({
  /** Number of trained tokens in the completion. */
  tokens: z.int().min(0),
  /** Sum of log p by the policy before the update. */
  logprobs: z.number(),
  /** Sum of log p by the sampling policy; absent in the first update, in which both policies are equal. */
  old_logprobs: z.number().optional(),
  /** Sum of log p by the reference model; absent without a reference model. */
  ref_logprobs: z.number().optional(),
  /** Sum of ratios, with clipped ratios at their bounds; absent in the first update, in which each ratio is 1. */
  ratios: z.number().optional(),
  /** Number of tokens that are clipped at the lower bound; absent if 0. */
  clipped_low: z.int().optional(),
  clipped_high: z.int().optional(),
  /** Sum of the k3 estimates of the KL divergence; absent without a reference model. */
  kl: z.number().optional(),
  /** Sum of the weights w in the loss −Σ w·log p. */
  weights: z.number(),
  /** Contribution of the completion to the loss. */
  loss: z.number(),
});
export type LossSums = z.infer<typeof lossSumsSchema>;

/** Rounds a number to seven digits, the precision of float32, which halves the length of its text. */
const short = (value: number): number => Number(value.toPrecision(7));

/** Returns the sums of a completion for the trace. @param isFirst whether the update is the first update of the step */
export function lossSums(weighed: WeightedCompletion, isFirst: boolean): LossSums {
  const { tokens, kl, clippedLow, clippedHigh, referenceLogprobs } = weighed;
  return {
    tokens,
    logprobs: short(weighed.logprobs),
    ...(!isFirst && { old_logprobs: short(weighed.oldLogprobs) }),
    ...(referenceLogprobs !== null && { ref_logprobs: short(referenceLogprobs) }),
    ...(!isFirst && { ratios: short(weighed.ratios) }),
    ...(clippedLow > 0 && { clipped_low: clippedLow }),
    ...(clippedHigh > 0 && { clipped_high: clippedHigh }),
    ...(kl !== null && { kl: short(kl) }),
    weights: short(sum(weighed.weights)),
    loss: short(weighed.loss),
  };
}

/**
 * Computes weights and loss from sums: Σ w = c·(A·Σρ[not clipped] + β·(KL + Σ log p_ref − Σ log p)) and −J = −c·(A·Σρ −
 * β·KL). A clipped ρ is at its bound.
 */
export function weighSums(
  sums: LossSums,
  advantage: number,
  objective: Objective,
  counts: StepCounts,
): Pick<WeightedCompletion, 'loss' | 'rewardPull'> & {
  weights: number;
  /** Sums of the magnitudes of the terms that `weights` and `loss` add up. */
  sizes: { weights: number; loss: number };
} {
  const { tokens, logprobs, ref_logprobs = logprobs, ratios = tokens } = sums;
  const { clipped_low = 0, clipped_high = 0, kl = 0 } = sums;
  const c = tokenNormaliser(tokens, objective, counts);
  const pushed = ratios - clipped_low * (1 - objective.clip_low) - clipped_high * (1 + objective.clip_high);
  const { beta } = objective;
  const size = Math.abs(advantage);
  return {
    weights: c * (advantage * pushed + beta * (kl + ref_logprobs - logprobs)),
    loss: -c * (advantage * ratios - beta * kl),
    rewardPull: c * size * pushed,
    sizes: {
      weights: c * (size * pushed + beta * (kl - ref_logprobs - logprobs)),
      loss: c * (size * ratios + beta * kl),
    },
  };
}

/** Inputs of the SFT loss of a target text: −w·Σ log p, with the same weight for each token. */
const targetSumsSchema = z.object({
  sample: z.string(),
  view: viewIdSchema,
  tokens: z.int().min(0),
  logprobs: z.number(),
  weight: z.number(),
  loss: z.number(),
});
export type TargetSums = z.infer<typeof targetSumsSchema>;

/** Reads the loss sums of a target. @throws RecordError with file, line and field */
export const readTargetSums = (value: unknown, source: RecordSource): TargetSums =>
  checkRecord(targetSumsSchema, value, source);

/** Returns the loss sums of a target. @param logprobs log-probabilities of the target's tokens before the update */
export function targetSums(
  target: Pick<TargetSums, 'sample' | 'view'>,
  logprobs: readonly number[],
  weights: readonly number[],
): TargetSums {
  const total = sum(logprobs);
  const weight = weights[0] ?? 0;
  return {
    ...target,
    tokens: logprobs.length,
    logprobs: short(total),
    weight: short(weight),
    loss: short(-weight * total),
  };
}
