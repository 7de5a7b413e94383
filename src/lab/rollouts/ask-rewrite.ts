import { readFlip, type FlippedPair } from '../../core/answers/flip-json.ts';
import type { Message, Prompt } from '../../core/prompts/message.ts';
import { type PromptFile, type RewritePrompt, rewriteRequest } from '../../core/prompts/prompt-file.ts';
import type { RewriteAttempt, Sample, Variant } from '../../rows/sample/sample.ts';
import type { Sampler } from '../../engines/sampler.ts';
import type { ImageFiles } from '../datasets/image-files.ts';
import { PAIR } from '../../rows/view-list.ts';
import { putImages } from './draw-groups.ts';

/** Language model for rows that the rules defer, with the prompts for rewriting. */
export interface Rewriter {
  sampler: Sampler;
  prompt: RewritePrompt;
  /** Prompt for a second rewrite, which is compared with the first rewrite and used. Null without verification. */
  verify: RewritePrompt | null;
  repair: PromptFile<never>;
  /** Location of images that the model is shown. Null without images. */
  images: ImageFiles | null;
  maxTokens: number;
}

/** Maximum length of stored raw answers, in characters. No rewrite of a question is longer. */
const RAW_KEPT = 20_000;

/**
 * Requests a rewrite, and with verification a second rewrite to compare. `check` examines each rewrite. An unparsed
 * reply is requested once more.
 * @throws DataError if an image is unreadable; EndpointError if the endpoint fails permanently
 */
export async function askForRewrite(
  sample: Sample,
  { sampler, prompt, verify, repair, images, maxTokens }: Rewriter,
  check: (rewrite: FlippedPair) => Variant['checks'],
): Promise<NonNullable<Variant['llm']>> {
  const shown = images ? await picturesOf(sample, sampler, images) : [];
  const ask = async (messages: Prompt) => {
    const options = { n: 1, temperature: 0, topP: 1, maxTokens };
    return (await sampler.complete([messages], options))[0]![0]!;
  };
  const read = (text: string) => usable(readFlip(text), sample);
  const attempt = async (file: RewritePrompt): Promise<RewriteAttempt> => {
    const question: Message = { role: 'user', content: [...shown, rewriteRequest(file, sample)] };
    const first = await ask([question]);
    const raw = first.text.slice(0, RAW_KEPT);
    if (first.error !== undefined) return { prompt: file.name, raw, error: first.error, checks: {} };
    const rewrite = read(first.text);
    if (rewrite)
      return { prompt: file.name, ...rewrite, raw, checks: { answer_read: 'pass', ...check(rewrite) } };
    const second = await ask([
      question,
      { role: 'assistant', content: [raw] },
      { role: 'user', content: [repair.text] },
    ]);
    const mended = read(second.text);
    return {
      prompt: file.name,
      ...mended,
      raw,
      repaired: second.text.slice(0, RAW_KEPT),
      ...(second.error !== undefined && { error: second.error }),
      checks: mended ? { answer_read: 'pass', ...check(mended) } : { answer_read: 'fail' },
    };
  };
  const attempts: RewriteAttempt[] = [];
  for (const file of verify ? [prompt, verify] : [prompt]) attempts.push(await attempt(file));
  return { model: sampler.info().model, images: images !== null, attempts };
}

/** Returns a rewrite if it suits this row: it has no fields that the row lacks, and no excessive length. */
function usable(rewrite: FlippedPair | null, sample: Sample): FlippedPair | null {
  if (!rewrite) return null;
  const { question, answer, reasoning, choices } = rewrite;
  const size = (value: unknown) => JSON.stringify(value ?? '').length;
  const names = ['question', 'answer', 'reasoning', 'choices'] as const;
  if (names.some((name) => size(rewrite[name]) > 4 * size(sample[name]) + 1000)) return null;
  return {
    question,
    answer,
    ...(sample.reasoning && reasoning !== undefined && { reasoning }),
    ...(sample.choices && choices && { choices }),
  };
}

/** Returns each image and its mirror image, each with a label (R46: the paper sends only text). */
async function picturesOf(sample: Sample, sampler: Sampler, files: ImageFiles): Promise<Message['content']> {
  const hashes = await putImages(sampler, sample, files);
  const [original, mirror] = PAIR;
  return hashes.flatMap((image, i) => {
    const which = hashes.length > 1 ? ` ${i + 1}` : '';
    return [
      `Picture${which}: `,
      { image, view: original },
      `\nMirror image${which}: `,
      { image, view: mirror },
      '\n',
    ];
  });
}

/** Whether a reply contained a question and an answer. */
export const isRead = (attempt: RewriteAttempt): attempt is RewriteAttempt & FlippedPair =>
  attempt.question !== undefined && attempt.answer !== undefined;
