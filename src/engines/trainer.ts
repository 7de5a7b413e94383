import type { Prompt } from '../core/prompts/message.ts';
import type { Sampler, SamplerInfo, SamplingOptions, TextCompletion } from './sampler.ts';

/**
 * A model that learns. It knows nothing about the loop, the rewards or the loss, only tokens and one weight per token.
 * The clipped GRPO objective with the k3 penalty has the same gradient as the weighted cross-entropy −Σ w·lp
 * (docs/engines.md), so this one primitive serves SFT and every kind of GRPO.
 *
 * Every log-probability is the natural logarithm under the distribution at the given temperature, before top-p (R51).
 * Calls are served in the order in which they were made.
 */
export interface Trainer extends Sampler {
  info(): TrainerInfo;

  /**
   * The tokens of a prompt, images included, and of a target text with the end of sequence. Throws if the text has no
   * tokens, quoting it.
   */
  encode(prompt: Prompt, target?: string): Promise<Encoded>;

  /** Like `complete`, with tokens and log-probabilities: `[prompt][completion]`. */
  sample(prompts: Prompt[], options: SamplingOptions): Promise<SampledCompletion[][]>;

  /** Log-probabilities of given tokens: `[group][completion][segment]`. Changes nothing. */
  forward(groups: Group[], options: ForwardOptions): Promise<Scores[][][]>;

  /**
   * Adds the gradient of −Σ w·lp over all trained tokens to what has accumulated since the last `optimStep`. Several
   * calls therefore equal one with all groups: weights carry the normaliser of the whole step (R49).
   */
  forwardBackward(groups: WeightedGroup[], options: { temperature: number }): Promise<BackwardResult>;

  /** One AdamW step with decoupled weight decay on what has accumulated; clears it. */
  optimStep(options: OptimOptions): Promise<OptimResult>;

  /**
   * Makes a frozen copy the reference model: `base`, the model as it was opened (adapter off); `current`, the present
   * policy, which is the right choice at the start of an RL run (R52); or the weights in a folder that `save` wrote.
   */
  setReference(reference: 'base' | 'current' | { folder: string }): Promise<void>;

  /**
   * Writes weights, optimiser, reference and random state into a folder, and returns when they are on the disk. The
   * caller passes a temporary folder and renames it, so that all parts of a checkpoint appear at once.
   */
  save(folder: string): Promise<void>;

  /**
   * `weights`: only the policy; optimiser moments are reset, and the reference stays. `everything`: continues as if
   * never stopped; the reference stays if none was saved. Both drop accumulated gradients.
   */
  load(folder: string, what: 'weights' | 'everything'): Promise<void>;

  /** The resources of the machine that the model uses. */
  usage(): Promise<Usage>;

  /** Exports the trained weights in a form that other programs load (PEFT's for adapters). */
  exportAdapter(folder: string): Promise<void>;
}

/** The resources of the machine that a model uses; null if unknown. */
export interface Usage {
  /**
   * Peak memory so far in bytes: of the GPU if the model is on one, otherwise of the process that holds the model; with
   * several processes, of the largest. A server does not say.
   */
  peakMemory: number | null;
  /**
   * Share of the time since the last call in which the GPU computed, 0–1, sampled once a second; the mean of several
   * GPUs. Null unless the driver of an NVIDIA GPU reports it.
   */
  gpuUse: number | null;
}

/** What parts of training take, in bytes: weights are counted, the rest is reckoned from the model's shape. */
export interface ModelSizes {
  weights: number;
  /** Gradients and the optimiser's state, in the process that has most of it. */
  training: number;
  /** The optimiser's state of all processes together, which they share out. */
  states: number;
  /** The part of `training` that the computer's memory can hold instead; 0 if it has no room, or holds it already. */
  offloadable: number;
  /** Of each token in a pass that goes backwards, and of the logits of the tokens that are scored at once. */
  pass_token: number;
  /** The same of a token with gradient checkpointing, whether it is on or not. */
  checkpointed_token: number;
  logits: number;
  /** Keys and values of each token while completions are drawn. */
  cached_token: number;
  /** The memory that the process with least of it has or can get, the model's included; null if unknown. */
  room: number | null;
}

export interface TrainerInfo extends SamplerInfo {
  precision: 'float32' | 'bfloat16';
  /** By how much two correct ways of computing a log-probability may differ, in nats, on average over tokens. */
  rounding: number;
  /** Null if a server does not say. */
  parameters: number | null;
  trainableParameters: number | null;
  /** The folder that the base model was read from; not there if it is new, or a server's. */
  folder?: string;
  /** Not there if the model is a server's, or takes next to nothing. */
  sizes?: ModelSizes;
}

export interface Encoded {
  /** With one placeholder per image token. */
  prompt: number[];
  /** Empty without a target. */
  target: number[];
}

/** Data is sent by group, so that an engine computes the shared prompt once. */
export interface Group {
  prompt: Prompt;
  completions: Completion[];
}

/**
 * A completion. The first segment continues the group's prompt. Each later segment continues a prompt of its own, which
 * contains the text so far: in a two-stage rollout (R48), a scene graph is followed by an answer to a prompt with that
 * graph.
 */
export interface Completion {
  segments: Segment[];
}

export interface Segment {
  /** Absent in the first segment. */
  prompt?: Prompt;
  /** As sampled, or as `encode` gave them: with the end of sequence if there was one. */
  tokens: number[];
  /** A masked segment (false) is not computed; its scores are empty. */
  trained: boolean;
}

export interface WeightedGroup extends Group {
  completions: { segments: WeightedSegment[] }[];
}

export interface WeightedSegment extends Segment {
  /** One per token: w of −Σ w·lp. Empty in a masked segment. */
  weights: number[];
  /** Needs the feature `pull`. */
  pull?: Pull;
}

/**
 * What the engine adds to weights: factor · (exp(reference − lp) − 1), with the log-probability lp that it computes in
 * the same pass and holds fixed. Where each sample is used for one update, no pass has to score it before.
 */
export interface Pull {
  /** Log-probabilities under the reference, one per token. */
  reference: number[];
  /** c·β, ≥ 0 */
  factor: number;
}

export interface ForwardOptions {
  model: 'policy' | 'reference';
  /** > 0 */
  temperature: number;
}

/** Scores of one segment: one value per token; empty if it is masked. */
export interface Scores {
  logprobs: number[];
  /** Entropy in nats of the distribution that each token was drawn from; null: the engine does not give it. */
  entropies: number[] | null;
}

export interface SampledCompletion extends TextCompletion {
  /** Ends with the end-of-sequence token if it was drawn. `text` leaves out that token and a stop text. */
  tokens: number[];
  logprobs: number[];
  /** Null if the engine does not give them. */
  entropies: number[] | null;
}

export interface BackwardResult {
  /** `[group][completion][segment][token]`, before the step. What overflowed is no finite number. */
  logprobs: number[][][][];
  /** −Σ w·lp over this call, w with the pull. */
  loss: number;
}

export interface OptimOptions {
  learningRate: number;
  /** Decay of the first and second moment. */
  betas: [number, number];
  eps: number;
  /** Applied to matrices, not to vectors: w ← w − learningRate · weightDecay · w. */
  weightDecay: number;
  /** Longest gradient (Euclidean norm over all parameters); null does not clip. */
  gradClip: number | null;
}

export interface OptimResult {
  /** Before clipping. Null if it is not finite, or if a server does not say. */
  gradNorm: number | null;
  /** Whether the gradient was not finite, so that weights and moments are as before. */
  skipped: boolean;
}
