import * as z from 'zod';
import { decodeSamples, decodeScores } from './wire.ts';

/**
 * The messages of the Tinker API, under `/api/v1`, as far as they are used here: the pydantic types of the package
 * `tinker` 0.38.0. Unknown fields of replies are ignored, as its own client does.
 */

/** The version of the client whose types these are; servers ask for it. */
export const SDK_VERSION = '0.38.0';

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
