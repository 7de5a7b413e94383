import { availableParallelism } from 'node:os';
import { Tokenizer } from '@huggingface/tokenizers';
import { openRuntime, type RuntimeKind, type Session } from '../../engines/embedded/runtime.ts';
import type { Encoder } from './encoder.ts';
import type { MiniLmFiles } from './source.ts';

/** The sentence model's limit; what tokenizer.json stores about length and padding is for another use. */
const MAX_TOKENS = 256;

/**
 * Texts run together with those of the same padded length, a multiple of this. The padded length follows from the text
 * alone, and onnxruntime computes each row of a product in the same order however many there are, so that a text's
 * vector is the same, bit by bit, in any company.
 */
const BUCKET = 8;

/** Enough rows to keep the arithmetic busy, few enough for the intermediate results to stay in the cache. */
const TOKENS_PER_RUN = 1024;

/** What a BERT may ask for. The segment is asked for by the hub's file only: all of a text is one. */
const INPUTS = ['input_ids', 'attention_mask', 'token_type_ids'];

export interface MiniLmOptions {
  /** `auto` takes WebAssembly where the native binary does not load. */
  runtime?: RuntimeKind;
  /** By default up to four: products of this size gain nothing from more. */
  threads?: number;
}

/**
 * all-MiniLM-L6-v2 in onnxruntime: token vectors, averaged over the text, brought to length 1. Reads the file that
 * scripts/minilm/export.py builds and the hub's own onnx/model.onnx alike.
 */
export async function openMiniLm(
  { model, tokenizer, identity }: MiniLmFiles,
  { runtime = 'auto', threads = Math.min(4, availableParallelism()) }: MiniLmOptions = {},
): Promise<Encoder> {
  const tokenize = tokenizerOf(tokenizer);
  const session = await (await openRuntime(runtime, threads)).compile(model);
  const unknown = session.inputNames.filter((name) => !INPUTS.includes(name));
  if (unknown.length > 0)
    throw new Error(`The encoder's model.onnx asks for ${unknown.join(', ')}: it is no BERT.`);
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

/** The ids of [CLS] text [SEP], cut to 256 as the sentence model cuts them. */
export function tokenizerOf(tokenizerJson: string): (text: string) => number[] {
  const tokenizer = new Tokenizer(JSON.parse(tokenizerJson) as object, {});
  return (text) => {
    const { ids } = tokenizer.encode(text);
    return ids.length <= MAX_TOKENS ? ids : [...ids.slice(0, MAX_TOKENS - 1), ids.at(-1)!];
  };
}

function paddedLength(ids: readonly number[]): number {
  return Math.ceil(ids.length / BUCKET) * BUCKET;
}

/** Indices of texts that run together. */
function batchesOf(tokens: readonly number[][]): number[][] {
  const buckets = new Map<number, number[]>();
  tokens.forEach((ids, i) => {
    const length = paddedLength(ids);
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
  const length = paddedLength(batch[0]!);
  const ids = new BigInt64Array(batch.length * length);
  const mask = new BigInt64Array(batch.length * length);
  batch.forEach((tokens, row) => {
    tokens.forEach((id, i) => {
      ids[row * length + i] = BigInt(id);
      mask[row * length + i] = 1n;
    });
  });
  const dims = [batch.length, length];
  const { last_hidden_state: hidden } = await session.run({
    input_ids: { data: ids, dims },
    attention_mask: { data: mask, dims },
    token_type_ids: { data: new BigInt64Array(ids.length), dims },
  });
  if (!hidden) throw new Error("The encoder's model.onnx has no output last_hidden_state.");
  const width = hidden.length / ids.length;
  return batch.map((tokens, row) => {
    const first = row * length * width;
    return mean(hidden.subarray(first, first + tokens.length * width), width);
  });
}

/** The mean of vectors that lie one after the other, brought to length 1. */
function mean(vectors: Float32Array, width: number): Float32Array {
  const sum = new Float64Array(width);
  for (let i = 0; i < vectors.length; i++) sum[i % width]! += vectors[i]!;
  const length = Math.sqrt(sum.reduce((total, value) => total + value * value, 0));
  return Float32Array.from(sum, (value) => value / length);
}
