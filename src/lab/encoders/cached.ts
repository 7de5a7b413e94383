import type { Encoder } from './encoder.ts';

/**
 * Encodes every distinct text once and remembers the `capacity` texts used last. Since a text's vector does not depend
 * on its company, a remembered vector is the very one that a new computation would give: a resumed run, whose memory
 * is empty, goes on with the same numbers.
 */
export function cached(encoder: Encoder, capacity: number): Encoder {
  /** From the text used longest ago to the latest: a Map keeps the order of insertion. */
  const memory = new Map<string, Float32Array>();
  return {
    name: encoder.name,
    identity: encoder.identity,
    async embed(texts) {
      const found = new Map<string, Float32Array>();
      const missing: string[] = [];
      for (const text of new Set(texts)) {
        const vector = memory.get(text);
        if (vector) found.set(text, vector);
        else missing.push(text);
      }
      const vectors = await encoder.embed(missing);
      missing.forEach((text, i) => found.set(text, vectors[i]!));
      for (const [text, vector] of found) {
        memory.delete(text);
        memory.set(text, vector);
      }
      for (const text of memory.keys()) {
        if (memory.size <= capacity) break;
        memory.delete(text);
      }
      return texts.map((text) => found.get(text)!);
    },
    close: () => encoder.close(),
  };
}
