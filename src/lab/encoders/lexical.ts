import { lexicalEmbedding, LEXICAL_VERSION } from '../../core/rewards/lexical.ts';
import type { Encoder } from './encoder.ts';

/** Hashed words and letters: nothing to download, nothing learnt, so that synonyms are strangers to each other. */
export const lexicalEncoder: Encoder = {
  name: 'lexical',
  identity: `lexical-${LEXICAL_VERSION}`,
  embed: (texts) => Promise.resolve(texts.map(lexicalEmbedding)),
  close: () => Promise.resolve(),
};
