import type { Prompt } from '../core/prompts/message.ts';
import type { Sampler, SamplerInfo, SamplingOptions, TextCompletion } from './sampler.ts';

/**
 * A model that learns from tokens and one weight per token, independent of loop, rewards and loss. The clipped GRPO
 * objective with the k3 penalty has the same gradient as the weighted cross-entropy −Σ w·lp (docs/engines.md), so this
 * primitive serves SFT and every kind of GRPO.
 *
 * Every log-probability is the natural logarithm under the distribution at the given temperature, before top-p (R51).
 * Calls are processed in order.
 */
export interface Trainer extends Sampler {
  info(): TrainerInfo;

  /**
   * Returns the tokens of a prompt, including images, and of a target text with the end of sequence. Throws, with the
   * text, if it has no tokens.
   */
  encode(prompt: Prompt, target?: string): Promise<Encoded>;

  /** Samples like `complete`, with tokens and log-probabilities: `[prompt][completion]`. */
  sample(prompts: Prompt[], options: SamplingOptions): Promise<SampledCompletion[][]>;

  /** Log-probabilities of given tokens: `[group][completion][segment]`. Changes nothing. */
  forward(groups: Group[], options: ForwardOptions): Promise<Scores[][][]>;

  /**
   * Adds the gradient of −Σ w·lp over all trained tokens to the sum since the last `optimStep`. Several calls therefore
   * equal one with all groups: weights contain the normaliser of the whole step (R49).
   */
  forwardBackward(groups: WeightedGroup[], options: { temperature: number }): Promise<BackwardResult>;

  /** Takes one AdamW step with decoupled weight decay on the accumulated gradient, and clears it. */
  optimStep(options: OptimOptions): Promise<OptimResult>;

  /**
   * Makes a frozen copy the reference model: `base`, the model as it was opened (adapter off); `current`, the current
   * policy, which is right at the start of an RL run (R52); or the weights in a folder from `save`.
   */
  setReference(reference: 'base' | 'current' | { folder: string }): Promise<void>;

  /**
   * Writes weights, optimiser, reference and random state to a folder, and returns when they are on disk. The caller
   * passes a temporary folder and renames it, so that all parts of a checkpoint appear at once.
   */
  save(folder: string): Promise<void>;

  /**
   * `weights`: only the policy. Optimiser moments are reset, and the reference stays. `everything`: continues as if
   * never stopped. The reference stays if none was saved. Both drop accumulated gradients.
   */
  load(folder: string, what: 'weights' | 'everything'): Promise<void>;

  /** Returns the resources of the machine that the model uses. */
  usage(): Promise<Usage>;

  /** Exports the trained weights in a format for other programs (PEFT's for adapters). */
  exportAdapter(folder: string): Promise<void>;
}

/** Resources of the machine that a model uses. Null if unknown. */
export interface Usage {
  /**
   * Peak memory so far in bytes: of the GPU if the model is on one, otherwise of the model's process. With several
   * processes, the maximum. Unknown for a server.
   */
  peakMemory: number | null;
  /**
   * Share of the time since the last call in which the GPU computed, 0–1, sampled once per second. With several GPUs,
   * the mean. Null unless the driver of an NVIDIA GPU reports it.
   */
  gpuUse: number | null;
}

/** Memory of the parts of training, in bytes. Weights are measured, and the rest is computed from the model's shape. */
export interface ModelSizes {
  weights: number;
  /** Gradients and optimiser state, in the process with the most. */
  training: number;
  /** Optimiser state of all processes together. */
  states: number;
  /** Part of `training` that CPU memory can hold instead. 0 if there is no room, or if it already does. */
  offloadable: number;
  /** Bytes per token in a backward pass. Those of `logits` are for all tokens that are scored together. */
  pass_token: number;
  /** Bytes per token in a backward pass with gradient checkpointing, whether it is used or not. */
  checkpointed_token: number;
  logits: number;
  /** Keys and values per token during sampling. */
  cached_token: number;
  /** Memory that the process with the least has or can allocate, including the model. Null if unknown. */
  room: number | null;
}

export interface TrainerInfo extends SamplerInfo {
  precision: 'float32' | 'bfloat16';
  /** Mean difference per token, in nats, between two correct computations of a log-probability. */
  rounding: number;
  /** Numbers of parameters. Null if a server does not report them. */
  parameters: number | null;
  trainableParameters: number | null;
  /** Folder of the base model. Absent for a new model, or a server's. */
  folder?: string;
  /** Sizes of the model. Absent for a server's model, or a tiny one. */
  sizes?: ModelSizes;
}

export interface Encoded {
  /** Prompt tokens, with one placeholder per image token. */
  prompt: number[];
  /** Target tokens. Empty without a target. */
  target: number[];
}

/** Grouped, so that an engine computes the shared prompt once. */
export interface Group {
  prompt: Prompt;
  completions: Completion[];
}

/**
 * A completion. The first segment continues the group's prompt. Each later segment continues its own prompt, which
 * contains the text so far: in a two-stage rollout (R48), an answer follows a scene graph, with a prompt that contains
 * the graph.
 */
export interface Completion {
  segments: Segment[];
}

export interface Segment {
  /** Prompt of the segment. Absent in the first segment. */
  prompt?: Prompt;
  /** Tokens as sampled, or as returned by `encode`: with the end of sequence if there was one. */
  tokens: number[];
  /** A masked segment (false) is not computed, and its scores are empty. */
  trained: boolean;
}

export interface WeightedGroup extends Group {
  completions: { segments: WeightedSegment[] }[];
}

export interface WeightedSegment extends Segment {
  /** One per token: w of −Σ w·lp. Empty in a masked segment. */
  weights: number[];
  /** Requires the feature `pull`. */
  pull?: Pull;
}

/**
 * Term that the engine adds to weights: factor · (exp(reference − lp) − 1), where lp is the log-probability of the same
 * pass, held fixed. If each sample is used for one update, no earlier pass has to score it.
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

/** Scores of one segment: one value per token. Empty if it is masked. */
export interface Scores {
  logprobs: number[];
  /** Entropy in nats of the distribution that each token was drawn from. Null: not available from the engine. */
  entropies: number[] | null;
}

export interface SampledCompletion extends TextCompletion {
  /** Ends with the end-of-sequence token if it was drawn. `text` excludes that token and a stop string. */
  tokens: number[];
  logprobs: number[];
  /** Entropies of the tokens. Null if the engine does not return them. */
  entropies: number[] | null;
}

export interface BackwardResult {
  /** `[group][completion][segment][token]`, before the step. Not finite after an overflow. */
  logprobs: number[][][][];
  /** −Σ w·lp over this call, where w includes the KL gradient. */
  loss: number;
}

export interface OptimOptions {
  learningRate: number;
  /** Decay rates of the first and second moment. */
  betas: [number, number];
  eps: number;
  /** Applied to matrices, not to vectors: w ← w − learningRate · weightDecay · w. */
  weightDecay: number;
  /** Maximum Euclidean norm of the gradient over all parameters. Null does not clip. */
  gradClip: number | null;
}

export interface OptimResult {
  /** Norm of the gradient before clipping. Null if it is not finite, or if a server does not report it. */
  gradNorm: number | null;
  /** Whether the gradient was not finite, so that weights and moments are unchanged. */
  skipped: boolean;
}
