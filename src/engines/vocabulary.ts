import type { Prompt } from '../core/prompts/message.ts';
import { vocabularyOf } from './embedded/tokenizer.ts';
import type { SamplerInfo } from './sampler.ts';

/**
 * The words in some prompts that a model does not know, once each, in code-point order. Empty if the model reads any
 * text.
 */
export function unknownWords({ vocabulary }: SamplerInfo, prompts: Iterable<Prompt>): string[] {
  if (vocabulary === null) return [];
  const known = new Set(vocabulary);
  const missing = new Set<string>();
  for (const prompt of prompts) {
    const texts = prompt.flatMap(({ content }) => content.filter((part) => typeof part === 'string'));
    for (const word of vocabularyOf(texts)) if (!known.has(word)) missing.add(word);
  }
  return [...missing].sort();
}
