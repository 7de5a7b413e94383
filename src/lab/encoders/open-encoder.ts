import { LEXICAL_VERSION, lexicalEmbedding } from './lexical.ts';
import type { Encoder } from './encoder.ts';
import { type FetchOptions, readMiniLm } from './fetch-encoder.ts';
import { type MiniLmOptions, openMiniLm } from './minilm.ts';

/**
 * Encodes every distinct text once and caches the vectors of the last `capacity` texts. A vector does not depend on
 * other texts, so a cached vector equals a recomputed vector. A resumed run, whose cache is empty, continues with the
 * same values.
 */
export function cached(encoder: Encoder, capacity: number): Encoder {
  /** Vectors in order of last use, the oldest first. A Map preserves the order of insertion. */
  const memory = new Map<string, Float32Array>();
  return {
    name: encoder.name,
    identity: encoder.identity,
    async embed(texts) {
      const byText = new Map<string, Float32Array>();
      const missing: string[] = [];
      for (const text of new Set(texts)) {
        const vector = memory.get(text);
        if (vector) byText.set(text, vector);
        else missing.push(text);
      }
      const vectors = await encoder.embed(missing);
      missing.forEach((text, i) => byText.set(text, vectors[i]!));
      for (const [text, vector] of byText) {
        memory.delete(text);
        memory.set(text, vector);
      }
      for (const text of memory.keys()) {
        if (memory.size <= capacity) break;
        memory.delete(text);
      }
      return texts.map((text) => byText.get(text)!);
    },
    close: () => encoder.close(),
  };
}

/** Encoder by hashes of words and letters, without download and training. Synonyms therefore have unrelated vectors. */
const lexicalEncoder: Encoder = {
  name: 'lexical',
  identity: `lexical-${LEXICAL_VERSION}`,
  embed: (texts) => Promise.resolve(texts.map(lexicalEmbedding)),
  close: () => Promise.resolve(),
};

export interface EncoderConfig {
  encoder: 'lexical' | 'minilm';
  /** Folder with model.onnx and tokenizer.json. Default: downloaded from the Hugging Face Hub. */
  encoder_path?: string | undefined;
}

/** Number of vectors to cache, 25 MB. For MiniLM, enough for all reference answers of a dataset and recent answers. */
const REMEMBERED = { minilm: 16_384, lexical: 1536 };

/**
 * Opens the encoder of a run config. If the config has no folder, `minilm` is downloaded once into a cache.
 * @throws Error with the missing file and instructions
 */
export async function openEncoder(
  config: EncoderConfig,
  options: FetchOptions & MiniLmOptions = {},
): Promise<Encoder> {
  if (config.encoder === 'lexical') return cached(lexicalEncoder, REMEMBERED.lexical);
  const files = await readMiniLm(config.encoder_path, options);
  return cached(await openMiniLm(files, options), REMEMBERED.minilm);
}
