import type { EngineKind } from '../core/config/engine-config.ts';
import type { Prompt, StopReason } from '../core/prompts/message.ts';
import type { BoxFormat } from '../rows/sample/boxes.ts';

/** Optional features of engines, with their names in error messages. */
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
  stop: 'stop strings',
  seed: 'seeds',
  reference: 'a reference model (required for loss.beta above 0)',
  pull: 'adding the KL gradient to weights',
  'exact-resume': 'exact resumption of a run',
  'inspect-attention': 'attention maps',
  'inspect-hidden': 'access to hidden states',
  'inspect-lens': 'the logit lens',
  'inspect-block': 'blocking attention',
  'inspect-patch': 'activation patching',
} as const;

export type Feature = keyof typeof FEATURES;

/* Groups of features that several engines share. */
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

/** Any model that answers: the embedded model, or a model on a local GPU, an endpoint or a training server. */
export interface Sampler {
  info(): SamplerInfo;

  /**
   * Passes an image file (JPEG, PNG, …) to the engine. Prompts refer to the hash of the file. Repeating the call for a
   * file is cheap. Throws if the file cannot be decoded.
   */
  putImage(file: Uint8Array): Promise<PutImage>;

  /**
   * Returns `n` completions of every prompt, as text: `[prompt][completion]`. An unknown image, or a feature that
   * `info()` does not list, is an error.
   */
  complete(prompts: Prompt[], options: SamplingOptions): Promise<TextCompletion[][]>;

  /** Ends the processes and connections of the engine. The engine cannot be used afterwards. */
  close(): Promise<void>;
}

export interface SamplerInfo {
  engine: EngineKind | 'openai';
  /** Name or folder of the model, for display. */
  model: string;
  /** Supported features. Requests that need other features are rejected (features.ts). */
  features: Feature[];
  /** Maximum number of tokens of prompt and completion together, including images. Null if unknown. */
  contextTokens: number | null;
  /** Maximum number of cached images. Older images must be passed again. Null: no maximum. */
  imagesKept: number | null;
  /** All words that the model can read and write. Null if the model accepts any text. */
  vocabulary: readonly string[] | null;
  /** Format in which the model writes boxes. Null if the model was not trained on a format. */
  coordinates: BoxFormat | null;
  /** Number of completions per call, if larger calls are faster per completion. Default: 64. */
  completionsAtOnce?: number;
  /** Whether the frames of a clip are passed as one video. Default: as images. */
  showsVideos?: boolean;
  /** Whether images are padded so that original and mirror are processed alike. Default: no. */
  symmetric?: boolean;
  /** Environment of the engine, for the run's manifest: library, version, device, threads. */
  runtime: string;
}

export interface PutImage {
  /** SHA-256 of the file, as 64 hexadecimal digits. */
  hash: string;
  /** Size of the image in pixels, after the engine has scaled the image. */
  width: number;
  height: number;
  /** Number of tokens of the image in a prompt, if known. */
  tokens?: number;
}

export interface SamplingOptions {
  /** Number of completions per prompt, ≥ 1. */
  n: number;
  /** Sampling temperature. 0 means greedy decoding. */
  temperature: number;
  /** Probability mass of nucleus sampling, in (0, 1]. At 1, every token can be sampled. */
  topP: number;
  /** Maximum number of tokens of a completion, including the end-of-sequence token. */
  maxTokens: number;
  /** `cut`: a prompt that leaves no room for `maxTokens` gets truncated, empty completions. Default: an error. */
  overlong?: 'cut';
  /** Strings that end a completion. The text ends before the first of these strings. */
  stop?: string[];
  /**
   * With a seed, completion i of prompt p depends only on the seed, p and i, not on the other prompts of the call.
   * Without a seed, a trainer uses its own random stream, which checkpoints contain.
   */
  seed?: number;
  /** Number of the first completion per prompt, if earlier calls sampled the previous ones. Only for endpoints. */
  first?: number;
  /** Cancels the call, also during sampling. The call rejects, and the engine stays usable. */
  signal?: AbortSignal;
}

export interface TextCompletion {
  text: string;
  stopReason: StopReason;
  /** Reason why the completion failed, for users. */
  error?: string;
  /** Set if the prompt left no room for a completion (`overlong`). Other completions can also have an empty text. */
  noRoom?: true;
}
