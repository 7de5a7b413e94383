import { availableParallelism } from 'node:os';
import { Tokenizer } from '@huggingface/tokenizers';
import * as z from 'zod';
import { parseRecord } from '../../base/record.ts';
import { openRuntime, type RuntimeKind, type Session } from '../../engines/embedded/runtime.ts';
import type { Encoder } from './encoder.ts';
import type { MiniLmFiles } from './fetch-encoder.ts';

/** Maximum number of tokens of the sentence model. tokenizer.json contains other values for length and padding. */
const MAX_TOKENS = 256;

/** Maximum number of tokens per run: enough to use the CPU well, few enough for the CPU's cache. */
const TOKENS_PER_RUN = 512;

/** Possible inputs of a BERT model. Only the Hub's file has `token_type_ids`: all 0, since a text is one segment. */
const INPUTS = ['input_ids', 'attention_mask', 'token_type_ids'];

export interface MiniLmOptions {
  /** Runtime of ONNX. `auto` uses WebAssembly if the native binary does not load. */
  runtime?: RuntimeKind;
  /** Number of threads. Default: up to four, because matrix products of this size do not benefit from more. */
  threads?: number;
}

/**
 * Opens all-MiniLM-L6-v2 in onnxruntime: token vectors, averaged over the text and scaled to length 1. Reads files from
 * scripts/minilm/export.py, and onnx/model.onnx from the Hugging Face Hub.
 */
export async function openMiniLm(
  { model, tokenizer, identity }: MiniLmFiles,
  { runtime = 'auto', threads = Math.min(4, availableParallelism()) }: MiniLmOptions,
): Promise<Encoder> {
  const tokenize = tokenizerOf(tokenizer);
  const session = await (await openRuntime(runtime, threads)).compile(model);
  const unknown = session.inputNames.filter((name) => !INPUTS.includes(name));
  if (unknown.length > 0)
    throw new Error(
      `The model.onnx of the encoder is not a BERT model, because it requires ${unknown.join(', ')}.`,
    );
  return {
    name: 'minilm',
    identity,
    async embed(texts) {
      const tokens = texts.map(tokenize);
      const vectors = new Array<Float32Array>(texts.length);
      for (const batch of batchesOf(tokens)) {
        const embedded = await run(
          session,
          batch.map((i) => tokens[i]!),
        );
        batch.forEach((i, row) => (vectors[i] = embedded[row]!));
      }
      return vectors;
    },
    close: () => session.release(),
  };
}

/** Returns a function that computes the token ids of [CLS] text [SEP], truncated to 256 as in the sentence model. */
export function tokenizerOf(tokenizerJson: string): (text: string) => number[] {
  const json = parseRecord(z.record(z.string(), z.unknown()), tokenizerJson, { file: 'tokenizer.json' });
  const tokenizer = new Tokenizer(json, {});
  return (text) => {
    const { ids } = tokenizer.encode(text);
    return ids.length <= MAX_TOKENS ? ids : [...ids.slice(0, MAX_TOKENS - 1), ids.at(-1)!];
  };
}

/**
 * Groups texts with the same number of tokens into runs, so that texts need no padding. onnxruntime computes each row
 * of a product in the same order, so a text's vector is bit-identical in every batch. Padding to multiples of 4 or 8
 * tokens is not faster.
 */
function batchesOf(tokens: readonly number[][]): number[][] {
  const buckets = new Map<number, number[]>();
  tokens.forEach(({ length }, i) => {
    const bucket = buckets.get(length);
    if (bucket) bucket.push(i);
    else buckets.set(length, [i]);
  });
  return [...buckets].flatMap(([length, indices]) => {
    const size = Math.floor(TOKENS_PER_RUN / length);
    return Array.from({ length: Math.ceil(indices.length / size) }, (_, i) =>
      indices.slice(i * size, (i + 1) * size),
    );
  });
}

async function run(session: Session, batch: readonly number[][]): Promise<Float32Array[]> {
  const dims = [batch.length, batch[0]!.length];
  const ids = BigInt64Array.from(batch.flat(), BigInt);
  const { last_hidden_state: hidden } = await session.run({
    input_ids: { data: ids, dims },
    attention_mask: { data: new BigInt64Array(ids.length).fill(1n), dims },
    token_type_ids: { data: new BigInt64Array(ids.length), dims },
  });
  if (!hidden) throw new Error('The model.onnx of the encoder has no output last_hidden_state.');
  const each = hidden.length / batch.length;
  return batch.map((tokens, i) =>
    meanVector(hidden.subarray(i * each, (i + 1) * each), each / tokens.length),
  );
}

/** Returns the mean of consecutive token vectors, scaled to length 1. */
function meanVector(vectors: Float32Array, width: number): Float32Array {
  const sum = new Float64Array(width);
  for (let i = 0; i < vectors.length; i++) sum[i % width]! += vectors[i]!;
  const length = Math.sqrt(sum.reduce((total, value) => total + value * value, 0));
  return Float32Array.from(sum, (value) => value / length);
}
