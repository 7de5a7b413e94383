/** Encoder of texts to vectors. The cosine of two vectors measures the similarity of their texts. */
export interface Encoder {
  /** Name for display: `minilm` or `lexical`. */
  readonly name: string;
  /** Name in manifests. Encoders with equal identity compute equal vectors on the same machine. */
  readonly identity: string;
  /**
   * Returns one vector per text. Vectors have length 1, or 0 if the encoder finds nothing to encode. A vector does not
   * depend on other texts in the call. Vectors can be shared, so callers must not change them.
   */
  embed(texts: readonly string[]): Promise<Float32Array[]>;
  close(): Promise<void>;
}

/** Returns the cosine of two vectors, −1 … 1, or 0 if either vector is zero. Negative values are kept (R6). */
export function cosine(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let squareA = 0;
  let squareB = 0;
  for (let i = 0; i < a.length; i++) {
    dot += a[i]! * b[i]!;
    squareA += a[i]! ** 2;
    squareB += b[i]! ** 2;
  }
  return dot === 0 ? 0 : Math.max(-1, Math.min(1, dot / Math.sqrt(squareA * squareB)));
}

/** Returns the semantic reward of each pair (answer, reference) [B-15]. Every distinct text is encoded once. */
export async function similarities(
  encoder: Encoder,
  pairs: readonly (readonly [string, string])[],
): Promise<number[]> {
  const texts = [...new Set(pairs.flat())];
  const vectors = await encoder.embed(texts);
  const vectorOf = new Map(texts.map((text, i) => [text, vectors[i]!]));
  return pairs.map(([a, b]) => cosine(vectorOf.get(a)!, vectorOf.get(b)!));
}
