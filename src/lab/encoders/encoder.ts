/** Turns texts into vectors whose cosine measures how similar the texts are. */
export interface Encoder {
  /** The name to show: `minilm` or `lexical`. */
  readonly name: string;
  /** The name in manifests: encoders of one identity give equal vectors on the same machine. */
  readonly identity: string;
  /**
   * Returns one vector per text, of length 1, or 0 if there is nothing to encode. A text's vector does not depend on
   * the other texts of the call. Vectors may be shared, so do not write to them.
   */
  embed(texts: readonly string[]): Promise<Float32Array[]>;
  close(): Promise<void>;
}

/** The cosine of two vectors, −1 … 1; 0 if either is all zeros. Not clipped below 0 (R6). */
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

/** The semantic reward of each pair (answer, reference) [B-15]. Every distinct text is encoded once. */
export async function similarities(
  encoder: Encoder,
  pairs: readonly (readonly [string, string])[],
): Promise<number[]> {
  const texts = [...new Set(pairs.flat())];
  const vectors = await encoder.embed(texts);
  const vectorOf = new Map(texts.map((text, i) => [text, vectors[i]!]));
  return pairs.map(([a, b]) => cosine(vectorOf.get(a)!, vectorOf.get(b)!));
}
