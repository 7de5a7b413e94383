import { LEXICAL_VERSION, lexicalEmbedding } from '../../core/rewards/lexical.ts';
import type { Encoder } from './encoder.ts';
import { type FetchOptions, readMiniLm } from './source.ts';
import { type MiniLmOptions, openMiniLm } from './minilm.ts';

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

/** Hashed words and letters: nothing to download, nothing learnt, so that synonyms are strangers to each other. */
const lexicalEncoder: Encoder = {
  name: 'lexical',
  identity: `lexical-${LEXICAL_VERSION}`,
  embed: (texts) => Promise.resolve(texts.map(lexicalEmbedding)),
  close: () => Promise.resolve(),
};

export interface EncoderConfig {
  encoder: 'lexical' | 'minilm';
  /** Folder with model.onnx and tokenizer.json; without it the hub is asked. */
  encoder_path?: string | undefined;
}

/** 25 MB of vectors: with MiniLM all references of a data set and the recent answers. */
const REMEMBERED = { minilm: 16_384, lexical: 1536 };

/**
 * Opens the encoder that a run config names. `minilm` without a folder is downloaded once into a cache.
 * @throws Error that says what is missing and how to provide it.
 */
export async function openEncoder(
  config: EncoderConfig,
  options: FetchOptions & MiniLmOptions = {},
): Promise<Encoder> {
  if (config.encoder === 'lexical') return cached(lexicalEncoder, REMEMBERED.lexical);
  const files = await readMiniLm(config.encoder_path, options);
  return cached(await openMiniLm(files, options), REMEMBERED.minilm);
}
