import { imagesOf, type Prompt } from '../core/prompts/message.ts';
import type { Problem } from '../base/problem.ts';
import {
  type Feature,
  FEATURES,
  OF_CHAT,
  OF_PICTURES,
  OF_SAMPLING,
  type SamplerInfo,
  type SamplingOptions,
  type TextCompletion,
} from './sampler.ts';
import type { SampledCompletion } from './trainer.ts';
import { vocabularyOf } from './embedded/tokenizer.ts';
import { MIRROR, ORIGINAL } from '../rows/view-list.ts';

export function featuresOfPrompt(prompt: Prompt): Feature[] {
  const roles = prompt.map(({ role }) => role);
  const images = imagesOf(prompt);
  return [
    ...wanted('system-message', roles.includes('system')),
    ...wanted('several-turns', roles.filter((role) => role === 'user').length > 1),
    ...wanted('assistant-prefix', roles.at(-1) === 'assistant'),
    ...wanted('image', images.length > 0),
    ...wanted('several-images', images.length > 1),
    ...wanted(
      'view-mirror',
      images.some(({ view }) => view === MIRROR),
    ),
    ...wanted(
      'view-rotate',
      images.some(({ view }) => view !== ORIGINAL && view !== MIRROR),
    ),
  ];
}

export function featuresOfSampling(options: SamplingOptions): Feature[] {
  return [
    ...wanted('temperature', options.temperature !== 1 && options.temperature !== 0),
    ...wanted('top-p', options.topP < 1),
    ...wanted('stop', (options.stop ?? []).length > 0),
    ...wanted('seed', options.seed !== undefined),
  ];
}

/**
 * Returns one problem for each requested feature that the engine lacks. A run checks its features before it starts, and
 * an engine at every call, so that no request is silently changed.
 */
export function unsupported(info: Pick<SamplerInfo, 'engine' | 'features'>, needed: Feature[]): Problem[] {
  return [...new Set(needed)]
    .filter((feature) => !info.features.includes(feature))
    .map((feature) => ({
      severity: 'error',
      code: `unsupported-${feature}`,
      message:
        feature === 'several-images' && info.engine === 'embedded'
          ? 'This embedded model accepts one image per prompt. To raise the limit, set engine.frames for a new model.'
          : `The ${info.engine} engine does not support ${FEATURES[feature]}.`,
    }));
}

/** Whether an engine accepts any words, and any prompt of an evaluation, none of which begins the completion. */
export const acceptsAll = ({ features, vocabulary }: SamplerInfo): boolean =>
  vocabulary === null &&
  [...OF_CHAT, ...OF_PICTURES, ...OF_SAMPLING].every(
    (feature) => feature === 'assistant-prefix' || features.includes(feature),
  );

/** Throws one error with all problems of `unsupported`. */
export function assertSupported(info: Pick<SamplerInfo, 'engine' | 'features'>, needed: Feature[]): void {
  const problems = unsupported(info, needed);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join(' '));
}

/** Throws if a number in the options is out of range. */
export function checkSampling({ n, temperature, topP, maxTokens }: SamplingOptions): void {
  if (!Number.isInteger(n) || n < 1) throw new Error('Sampling requires n ≥ 1 completions.');
  if (!Number.isInteger(maxTokens) || maxTokens < 1) throw new Error('Sampling requires maxTokens ≥ 1.');
  if (!(temperature >= 0)) throw new Error('The sampling temperature must not be negative.');
  if (!(topP > 0 && topP <= 1)) throw new Error('Top-p must be above 0 and at most 1.');
}

/** Error for a prompt that leaves no room for its completion. */
export class NoRoom extends Error {}

/** Runs `work`. Returns null if a prompt leaves no room and the options allow truncated completions. */
export async function ifRoom<T>(
  { overlong }: Pick<SamplingOptions, 'overlong'>,
  work: () => T | Promise<T>,
): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (overlong === 'cut' && error instanceof NoRoom) return null;
    throw error;
  }
}

/** Returns the texts of completions. A completion without tokens is marked `noRoom`. */
export const textsOf = (groups: SampledCompletion[][]): TextCompletion[][] =>
  groups.map((group) =>
    group.map(({ text, stopReason, tokens }) => ({
      text,
      stopReason,
      ...(tokens.length === 0 && { noRoom: true }),
    })),
  );

/** Returns `n` empty completions, for a prompt that leaves no room. */
export const cutOff = (n: number): SampledCompletion[] =>
  Array.from({ length: n }, () => ({
    text: '',
    tokens: [],
    logprobs: [],
    entropies: [],
    stopReason: 'length',
  }));

function wanted(feature: Feature, condition: boolean): Feature[] {
  return condition ? [feature] : [];
}

/**
 * Returns the words in prompts that are not in the vocabulary, without duplicates, in code-point order. Empty if the
 * vocabulary is open.
 */
export function unknownWords({ vocabulary }: SamplerInfo, prompts: Iterable<Prompt>): string[] {
  if (vocabulary === null) return [];
  const words = new Set(vocabulary);
  const missing = new Set<string>();
  for (const prompt of prompts) {
    const texts = prompt.flatMap(({ content }) => content.filter((part) => typeof part === 'string'));
    for (const word of vocabularyOf(texts)) if (!words.has(word)) missing.add(word);
  }
  return [...missing].sort();
}
