import type { Prompt } from '../core/prompts/message.ts';
import type { Sampler, SamplerInfo, SamplingOptions, TextCompletion } from './sampler.ts';

/**
 * A model that learns from tokens and one weight per token. It does not depend on the training loop, rewards or loss.
 * The clipped GRPO objective with the k3 penalty has the same gradient as the weighted cross-entropy −Σ w·lp
 * (docs/engines.md), so trainers support SFT and every kind of GRPO with one operation.
 *
 * Every log-probability is the natural logarithm under the distribution at the given temperature, before top-p (R51).
 * Calls are processed in order.
 */
export interface Trainer extends Sampler {
  info(): TrainerInfo;

  /**
   * Returns the tokens of a prompt, including images, and of a target text with the end of sequence. If the target text
   * has no tokens, throws an error with the text.
   */
  encode(prompt: Prompt, target?: string): Promise<Encoded>;

  /** Samples like `complete`, with tokens and log-probabilities: `[prompt][completion]`. */
  sample(prompts: Prompt[], options: SamplingOptions): Promise<SampledCompletion[][]>;

  /** Returns log-probabilities of given tokens: `[group][completion][segment]`. Does not change the trainer's state. */
  forward(groups: Group[], options: ForwardOptions): Promise<Scores[][][]>;

  /**
   * Adds the gradient of −Σ w·lp over all trained tokens to the sum since the last `optimStep`. Several calls therefore
   * equal one call with all groups: weights contain the normaliser of the whole step (R49).
   */
  forwardBackward(groups: WeightedGroup[], options: { temperature: number }): Promise<BackwardResult>;

  /** Takes one AdamW step with decoupled weight decay on the accumulated gradient, and clears the gradient. */
  optimStep(options: OptimOptions): Promise<OptimResult>;

  /**
   * Sets a frozen copy as the reference model: `base`, the model as it was opened (adapter off); `current`, the current
   * policy, for the start of an RL run (R52); or the weights in a folder from `save`.
   */
  setReference(reference: 'base' | 'current' | { folder: string }): Promise<void>;

  /**
   * Writes weights, optimiser, reference model and random state to a folder, and resolves when all files are on disk.
   * The caller passes a temporary folder and renames it, so that all parts of a checkpoint appear at once.
   */
  save(folder: string): Promise<void>;

  /**
   * `weights`: loads only the policy. Optimiser moments are reset, and the reference model stays. `everything`:
   * continues the saved training exactly. Without a saved reference model, the reference model stays. Both drop
   * accumulated gradients.
   */
  load(folder: string, what: 'weights' | 'everything'): Promise<void>;

  /** Returns the machine resources that the model currently uses. */
  usage(): Promise<Usage>;

  /** Exports the trained weights in a format for other programs (for adapters, the format of PEFT). */
  exportAdapter(folder: string): Promise<void>;
}

/** Machine resources that a model uses. Null if unknown. */
export interface Usage {
  /**
   * Peak memory so far, in bytes: memory of the GPU, or of the model's process without a GPU. With several processes,
   * the maximum. Unknown for a server.
   */
  peakMemory: number | null;
  /**
   * Share of the time since the last call in which the GPU computed, 0–1, sampled once per second. With several GPUs,
   * the mean. Null unless an NVIDIA driver reports this share.
   */
  gpuUse: number | null;
}

/** Memory of the parts of training, in bytes. Weights are measured. Other parts are computed from the model's shape. */
export interface ModelSizes {
  weights: number;
  /** Gradients and optimiser state of the process with the largest sum. */
  training: number;
  /** Bytes of the optimiser state of all processes together. */
  states: number;
  /** Part of `training` that could move to CPU memory. 0 if CPU memory is too small, or already contains this part. */
  offloadable: number;
  /** Bytes per token in a backward pass. `logits`: bytes per token for all tokens that are scored together. */
  pass_token: number;
  /** Bytes per token in a backward pass with gradient checkpointing, even if checkpointing is off. */
  checkpointed_token: number;
  logits: number;
  /** Bytes per token for keys and values during sampling. */
  cached_token: number;
  /** Memory that a process uses or can allocate, including the model: minimum of all processes. Null if unknown. */
  room: number | null;
}

export interface TrainerInfo extends SamplerInfo {
  precision: 'float32' | 'bfloat16';
  /** Mean difference per token, in nats, between two correct computations of the same log-probability. */
  rounding: number;
  /** Number of parameters. Null if the server does not report the number. */
  parameters: number | null;
  trainableParameters: number | null;
  /** Folder of the base model. Absent for a new model, or a model on a server. */
  folder?: string;
  /** Sizes of the model. Absent for a model on a server, or a tiny model. */
  sizes?: ModelSizes;
}

export interface Encoded {
  /** Prompt tokens, with one placeholder per image token. */
  prompt: number[];
  /** Target tokens. Empty if no target was passed. */
  target: number[];
}

/** A prompt with its completions, grouped so that an engine computes the shared prompt once. */
export interface Group {
  prompt: Prompt;
  completions: Completion[];
}

/**
 * A completion. The first segment continues the group's prompt. Each later segment continues its own prompt, which
 * contains the previous segments: in a two-stage rollout (R48), an answer follows a scene graph, and its prompt
 * contains the graph.
 */
export interface Completion {
  segments: Segment[];
}

export interface Segment {
  /** Prompt of the segment. Absent in the first segment. */
  prompt?: Prompt;
  /** Tokens as sampled or as returned by `encode`, including the end-of-sequence token if there was one. */
  tokens: number[];
  /** Whether the segment is trained. If false, the segment is masked: not computed, and with empty scores. */
  trained: boolean;
}

export interface WeightedGroup extends Group {
  completions: { segments: WeightedSegment[] }[];
}

export interface WeightedSegment extends Segment {
  /** One weight per token: w of −Σ w·lp. Empty in a masked segment. */
  weights: number[];
  /** KL term of the weights, which requires the feature `pull`. */
  pull?: Pull;
}

/**
 * Term that the engine adds to weights: factor · (exp(reference − lp) − 1), where lp is the log-probability in the same
 * pass, without its gradient. If each sample is used for one update, no earlier pass has to score the sample.
 */
export interface Pull {
  /** Log-probabilities under the reference model, one per token. */
  reference: number[];
  /** Factor of the KL term, c·β ≥ 0. */
  factor: number;
}

export interface ForwardOptions {
  model: 'policy' | 'reference';
  /** Temperature of the distribution, > 0. */
  temperature: number;
}

/** Scores of one segment: one value per token. Empty for a masked segment. */
export interface Scores {
  logprobs: number[];
  /** Entropies in nats of the distributions from which the tokens were drawn. Null if the engine lacks entropies. */
  entropies: number[] | null;
}

export interface SampledCompletion extends TextCompletion {
  /** Tokens, including a sampled end-of-sequence token. `text` excludes this token and any stop string. */
  tokens: number[];
  logprobs: number[];
  /** Entropies of the token distributions in nats. Null if the engine does not return entropies. */
  entropies: number[] | null;
}

export interface BackwardResult {
  /** Log-probabilities `[group][completion][segment][token]` before the step. They are not finite after an overflow. */
  logprobs: number[][][][];
  /** Loss −Σ w·lp of this call, where w includes the KL gradient. */
  loss: number;
}

export interface OptimOptions {
  learningRate: number;
  /** Decay rates of the first and second moment in AdamW. */
  betas: [number, number];
  eps: number;
  /** Decoupled weight decay, of matrices but not of vectors: w ← w − learningRate · weightDecay · w. */
  weightDecay: number;
  /** Maximum Euclidean norm of the gradient over all parameters. Null: no clipping. */
  gradClip: number | null;
}

export interface OptimResult {
  /** Norm of the gradient before clipping. Null if it is not finite, or if the server does not report it. */
  gradNorm: number | null;
  /** Whether the gradient was not finite, so that weights and moments are unchanged. */
  skipped: boolean;
}
