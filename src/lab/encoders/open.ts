import { cached } from './cached.ts';
import type { Encoder } from './encoder.ts';
import { lexicalEncoder } from './lexical.ts';
import { openMiniLm, type MiniLmOptions } from './minilm.ts';
import type { FetchOptions } from './hub.ts';
import { readMiniLm } from './source.ts';

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
