import * as z from 'zod';
import { decodeSamples, decodeScores } from './wire.ts';

/**
 * The messages of the Tinker API, under `/api/v1`, as far as they are used here: the pydantic types of the package
 * `tinker` 0.38.0. Unknown fields of replies are ignored, as its own client does.
 */

/** The version of the client whose types these are; servers ask for it. */
export const SDK_VERSION = '0.38.0';

/** A piece of a prompt: tokens, or a picture that the server turns into `expected_tokens` tokens. */
export type Chunk =
  | { type: 'encoded_text'; tokens: number[] }
  | { type: 'image'; data: string; format: 'png'; expected_tokens: number };

/** The tokens that a chunk stands for. */
export const chunkLength = (chunk: Chunk): number =>
  chunk.type === 'image' ? chunk.expected_tokens : chunk.tokens.length;

interface TensorData {
  data: number[];
  dtype: 'float32' | 'int64';
}

/** A row to score: the input lacks the last token, the targets the first; the prompt's targets and weights are 0. */
export interface Datum {
  model_input: { chunks: Chunk[] };
  loss_fn_inputs: { target_tokens: TensorData; weights: TensorData };
}

/**
 * The row for a completion of a prompt. With weights w, the server's `cross_entropy` is −Σ w·lp, summed over tokens and
 * rows: the one primitive of training.
 */
export function datumOf(
  prompt: readonly Chunk[],
  tokens: readonly number[],
  weights: readonly number[],
): Datum {
  const before = prompt.reduce((n, chunk) => n + chunkLength(chunk), 0) - 1;
  const zeros = new Array<number>(before).fill(0);
  const written: Chunk[] = tokens.length > 1 ? [{ type: 'encoded_text', tokens: tokens.slice(0, -1) }] : [];
  return {
    model_input: { chunks: [...prompt, ...written] },
    loss_fn_inputs: {
      target_tokens: { data: [...zeros, ...tokens], dtype: 'int64' },
      weights: { data: [...zeros, ...weights], dtype: 'float32' },
    },
  };
}

export interface AdamParams {
  learning_rate: number;
  beta1: number;
  beta2: number;
  eps: number;
  weight_decay: number;
  /** 0 does not clip. */
  grad_clip_norm: number;
}

export const sessionSchema = z.object({
  session_id: z.string(),
  error_message: z.string().nullish(),
});

/** A promise of a result. `create_model` names its model at once. */
export const promiseSchema = z.object({
  request_id: z.coerce.string(),
  model_id: z.string().nullish(),
});

export const capabilitiesSchema = z.object({
  supported_models: z.array(
    z.object({ model_name: z.string().nullish(), max_context_length: z.int().positive().nullish() }),
  ),
});

/** Replies about a promise whose result is not there yet, or that has failed. */
export const waitingSchema = z.object({ type: z.literal('try_again') });
export const failedSchema = z.object({ error: z.string(), category: z.string().optional() });

export const modelSchema = z.object({ model_id: z.string() });
export const loadedSchema = z.object({ model_id: z.string().nullish() });
export const savedSchema = z.object({ path: z.string() });
export const samplerSchema = z.object({ sampling_session_id: z.string() });
export const stepSchema = z.object({ metrics: z.record(z.string(), z.number().nullable()).nullish() });

/** Names under which servers report the length of the gradient, if they measure it. */
const GRAD_NORMS = ['grad_norm', 'grad_norm:mean', 'skyrl.ai/grad_norm', 'unclipped_grad_l2:mean'];

/** The length of the gradient; null if the server does not say. */
export function gradNormIn({ metrics }: z.infer<typeof stepSchema>): number | null {
  const name = GRAD_NORMS.find((name) => metrics?.[name] != null);
  return name === undefined ? null : metrics![name]!;
}

/** A reply that servers send as a protocol buffer, older ones as JSON. */
const binary = <T extends z.ZodType>(decode: (reply: Uint8Array) => object, json: T) =>
  z.preprocess((reply, { addIssue }) => {
    if (!(reply instanceof Uint8Array)) return reply;
    try {
      return decode(reply);
    } catch (error) {
      addIssue({ code: 'custom', message: (error as Error).message });
      return z.NEVER;
    }
  }, json);

export const samplesSchema = binary(
  decodeSamples,
  z.object({
    sequences: z.array(
      z.object({
        stop_reason: z.enum(['stop', 'length']),
        tokens: z.array(z.int()),
        logprobs: z.array(z.number()).nullish(),
      }),
    ),
  }),
);

export const scoresSchema = binary(
  decodeScores,
  z.object({ loss_fn_outputs: z.array(z.object({ logprobs: z.object({ data: z.array(z.number()) }) })) }),
);

/** Whether a reply may come as a protocol buffer. */
export const isBinary = (schema: z.ZodType): boolean => schema === samplesSchema || schema === scoresSchema;
