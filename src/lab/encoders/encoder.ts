/** Turns texts into vectors whose cosine says how alike the texts are. */
export interface Encoder {
  /** For people: `minilm` or `lexical`. */
  readonly name: string;
  /** For manifests: equal identities give equal vectors on the same machine. */
  readonly identity: string;
  /**
   * One vector per text, of length 1, or 0 where there is nothing to encode. A text's vector does not depend on the
   * other texts of the call. Vectors may be shared: read only.
   */
  embed(texts: readonly string[]): Promise<Float32Array[]>;
  close(): Promise<void>;
}

/** −1 … 1; 0 when either vector is all zeros. Not clipped below 0 (R6). */
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
