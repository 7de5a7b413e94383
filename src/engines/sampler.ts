import type { EngineKind } from '../core/config/engine-config.ts';
import type { Prompt, StopReason } from '../core/prompts/message.ts';
import type { BoxFormat } from '../rows/sample/boxes.ts';

/** The features an engine may or may not have, worded for error messages. */
export const FEATURES = {
  'system-message': 'system messages',
  'several-turns': 'prompts of several turns',
  'assistant-prefix': 'completions that continue a given text',
  image: 'images',
  'view-mirror': 'mirrored images',
  'view-rotate': 'rotated images',
  'several-images': 'several images in one prompt',
  temperature: 'a temperature other than 1 and 0',
  'top-p': 'top-p below 1',
  stop: 'stop texts',
  seed: 'seeds',
  reference: 'a reference model, which loss.beta above 0 requires',
  pull: 'adding the KL gradient to weights',
  'exact-resume': 'exact resumption of a run',
  'inspect-attention': 'attention maps',
  'inspect-hidden': 'access to hidden states',
  'inspect-lens': 'the logit lens',
  'inspect-block': 'blocking attention',
  'inspect-patch': 'activation patching',
} as const;

export type Feature = keyof typeof FEATURES;

/* Features that engines have together. */
export const OF_CHAT = ['system-message', 'several-turns', 'assistant-prefix'] as const;
export const OF_PICTURES = ['image', 'several-images', 'view-mirror', 'view-rotate'] as const;
export const OF_SAMPLING = ['temperature', 'top-p', 'stop', 'seed'] as const;
export const OF_INSPECTION = [
  'inspect-attention',
  'inspect-hidden',
  'inspect-lens',
  'inspect-block',
  'inspect-patch',
] as const;

/** Any model that answers: the embedded one, one on a local GPU, or one behind an endpoint or a training server. */
export interface Sampler {
  info(): SamplerInfo;

  /**
   * Gives the engine an image file (JPEG, PNG, …); prompts then name it by hash. Putting an image twice is cheap.
   * Throws when the file cannot be decoded.
   */
  putImage(file: Uint8Array): Promise<PutImage>;

  /**
   * `n` completions of every prompt, as text: `[prompt][completion]`. A prompt that names an image which was not put,
   * or needs a feature that `info()` does not list, is an error.
   */
  complete(prompts: Prompt[], options: SamplingOptions): Promise<TextCompletion[][]>;

  /** Ends processes and connections. The engine cannot be used afterwards. */
  close(): Promise<void>;
}

export interface SamplerInfo {
  engine: EngineKind | 'openai';
  /** The model's name or folder, for people. */
  model: string;
  /** The features it supports; everything else is refused (features.ts). */
  features: Feature[];
  /** The longest prompt and completion together, in tokens, images included; null where unknown. */
  contextTokens: number | null;
  /** How many images are remembered; older ones must be put again before a prompt names them. null: all of them. */
  imagesKept: number | null;
  /** The only words that it can read and write; null: any text. */
  vocabulary: readonly string[] | null;
  /** The convention in which the model writes boxes; null where it was never taught one. */
  coordinates: BoxFormat | null;
  /** How many completions to ask for in a call, where many take less for each; 64 if absent. */
  completionsAtOnce?: number;
  /** Whether it is shown the frames of a clip as one video; otherwise, and if absent, as images. */
  showsVideos?: boolean;
  /** Whether images are filled up so that the model gets original and mirror alike; if absent, they are not. */
  symmetric?: boolean;
  /** What the engine runs on, for the run's manifest: library, version, device, threads. */
  runtime: string;
}

export interface PutImage {
  /** SHA-256 of the file, as 64 hexadecimal digits. */
  hash: string;
  /** Pixels as the model sees them, after the engine's scaling. */
  width: number;
  height: number;
  /** How many tokens the image takes in a prompt, where the engine knows. */
  tokens?: number;
}

export interface SamplingOptions {
  /** Completions per prompt, ≥ 1. */
  n: number;
  /** 0 is greedy. */
  temperature: number;
  /** Nucleus sampling; 1 keeps the whole distribution. In (0, 1]. */
  topP: number;
  /** Longest completion in tokens, the end-of-sequence token included. */
  maxTokens: number;
  /**
   * A prompt that leaves no room for `maxTokens` is an error, or, with `cut`, gets completions without a token, truncated
   * at the maximum length.
   */
  overlong?: 'cut';
  /** The completion ends before the first of these texts. */
  stop?: string[];
  /**
   * With a seed, completion i of prompt p depends on the seed, p and i alone, not on the other prompts of the call.
   * Without a seed, a trainer draws from its own stream, which checkpoints contain.
   */
  seed?: number;
  /** The number of the first completion of each prompt, if another call draws those before it. Of endpoints alone. */
  first?: number;
  /** Cancels the call, even in the middle of a text, so that it rejects. The engine stays usable. */
  signal?: AbortSignal;
}

export interface TextCompletion {
  text: string;
  stopReason: StopReason;
  /** Why it failed, for people. */
  error?: string;
  /** Set if its prompt left no room for it (`overlong`). Other texts may be empty, too: of special tokens alone. */
  noRoom?: true;
}
