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
