/**
 * The loss as a weighted cross-entropy. An engine minimises −Σ w·log p over the completion tokens. With the weights
 * from this file, the gradient is exactly that of the clipped objective with the k3 penalty (equation 5; R9, R10, R23).
 * So an engine needs only one function for SFT, GRPO, Dr. GRPO, DAPO and Spatial-GRPO.
 */

/** Methods of averaging token losses over one optimiser step (R49). */
export const AGGREGATIONS = [
  /** Mean over completions of the mean over their tokens: 1/(N·T). Both papers use this method. */
  'sequence-mean',
  /** Mean over all tokens of the step: 1/ΣT, as in DAPO. */
  'token-mean',
  /** Sum over tokens, divided by completions times the maximum length: 1/(N·Lmax), as in Dr. GRPO. */
  'dr-grpo',
] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

export interface Objective {
  aggregation: Aggregation;
  /** Weight β of the KL penalty against the reference model. */
  beta: number;
  /** Lower and upper ε: a ratio is clipped outside [1 − low, 1 + high]. */
  clip_low: number;
  clip_high: number;
  /** Lmax for `dr-grpo`: maximum completion length in sampling, in tokens. */
  max_tokens: number;
}

/** One sampled completion. Each array has one entry per token. */
interface ScoredCompletion {
  advantage: number;
  /** Log-probabilities of the trained policy, at the sampling temperature (R51). */
  logprobs: ArrayLike<number>;
  /** Log-probabilities of the sampling policy. In an on-policy step, this is the same array, and every ratio is 1. */
  oldLogprobs: ArrayLike<number>;
  /** Log-probabilities of the reference model (R52). Required if β > 0. */
  referenceLogprobs?: ArrayLike<number>;
  /** 1 for a trained token, 0 for a masked token (context-only stage of a rollout). Default: all are trained. */
  mask?: ArrayLike<number>;
}

/** Counts for the loss normaliser, always over the whole optimiser step and never over a micro-batch (R49). */
export interface StepCounts {
  /** Number N of completions of all views, including groups that dynamic sampling skips. */
  completions: number;
  /** Number ΣT of trained tokens in the step. */
  tokens: number;
}

export interface WeightedCompletion {
  /** Weight w of each token in the loss; 0 for a masked token. */
  weights: number[];
  /** Normaliser c of each trained token. */
  normaliser: number;
  /** Contribution of this completion to the loss −J, which is the sum of these contributions over the step. */
  loss: number;
  /** Number of trained tokens, over which all further fields are sums. `kl` is null without a reference model. */
  tokens: number;
  kl: number | null;
  clippedLow: number;
  clippedHigh: number;
  /** Gradient magnitude of rewards, Σ c|A·ρ| of unclipped tokens, and of the KL term, Σ c·β|exp(lp_ref − lp) − 1|. */
  rewardPull: number;
  referencePull: number;
  /**
   * Sums over trained tokens: current log p, log p at sampling, log p by the reference model (null without one), and
   * the ratio, which is at its bound if clipped.
   */
  logprobs: number;
  oldLogprobs: number;
  referenceLogprobs: number | null;
  ratios: number;
}

/** Returns the normaliser c of a trained token, from the number of trained tokens in its completion. */
export function tokenNormaliser(
  trained: number,
  { aggregation, max_tokens }: Pick<Objective, 'aggregation' | 'max_tokens'>,
  step: StepCounts,
): number {
  switch (aggregation) {
    case 'sequence-mean':
      return trained > 0 ? 1 / (step.completions * trained) : 0;
    case 'token-mean':
      return step.tokens > 0 ? 1 / step.tokens : 0;
    case 'dr-grpo':
      return 1 / (step.completions * max_tokens);
  }
}

/**
 * Computes w = c·(A·ρ·[not clipped] + β·(exp(lp_ref − lp) − 1)) with ρ = exp(lp − lp_old). A token is clipped if a
 * further change would earn more: ρ > 1 + ε for A > 0, ρ < 1 − ε for A < 0.
 * @throws RangeError if β > 0 without a reference model, or if array lengths differ.
 */
export function weighCompletion(
  completion: ScoredCompletion,
  objective: Objective,
  step: StepCounts,
): WeightedCompletion {
  const { advantage, logprobs, oldLogprobs, referenceLogprobs, mask } = completion;
  const length = logprobs.length;
  if ([oldLogprobs, referenceLogprobs, mask].some((array) => array && array.length !== length)) {
    throw new RangeError('A completion must have one log-probability, reference and mask entry per token.');
  }
  if (objective.beta > 0 && !referenceLogprobs)
    throw new RangeError('β > 0 requires reference log-probabilities.');

  const trained = mask ? Array.from(mask).filter((m) => m !== 0).length : length;
  const c = tokenNormaliser(trained, objective, step);
  const low = 1 - objective.clip_low;
  const high = 1 + objective.clip_high;
  const out: WeightedCompletion = {
    weights: new Array<number>(length).fill(0),
    normaliser: c,
    loss: 0,
    tokens: trained,
    kl: referenceLogprobs ? 0 : null,
    clippedLow: 0,
    clippedHigh: 0,
    rewardPull: 0,
    referencePull: 0,
    logprobs: 0,
    oldLogprobs: 0,
    referenceLogprobs: referenceLogprobs ? 0 : null,
    ratios: 0,
  };
  for (let t = 0; t < length; t++) {
    if (mask && mask[t] === 0) continue;
    const lp = logprobs[t]!;
    const ratio = Math.exp(lp - oldLogprobs[t]!);
    const clippedLow = advantage < 0 && ratio < low;
    const clippedHigh = advantage > 0 && ratio > high;
    const counted = clippedLow ? low : clippedHigh ? high : ratio;
    const gap = referenceLogprobs ? referenceLogprobs[t]! - lp : 0;
    const k3 = Math.expm1(gap) - gap;
    const push = clippedLow || clippedHigh ? 0 : advantage * ratio;

    const pull = objective.beta * Math.expm1(gap);
    out.weights[t] = c * (push + pull);
    out.loss -= c * (advantage * counted - objective.beta * k3);
    if (out.kl !== null) out.kl += k3;
    out.clippedLow += Number(clippedLow);
    out.clippedHigh += Number(clippedHigh);
    out.rewardPull += c * Math.abs(push);
    out.referencePull += c * Math.abs(pull);
    out.logprobs += lp;
    out.oldLogprobs += oldLogprobs[t]!;
    if (out.referenceLogprobs !== null) out.referenceLogprobs += referenceLogprobs![t]!;
    out.ratios += counted;
  }
  return out;
}

/** Returns weights for supervised fine-tuning, with the same loss and w = c: mean cross-entropy of target tokens. */
export function superviseWeights(
  tokens: number,
  aggregation: Exclude<Aggregation, 'dr-grpo'>,
  step: StepCounts,
): number[] {
  return new Array<number>(tokens).fill(tokenNormaliser(tokens, { aggregation, max_tokens: tokens }, step));
}
