import { imagesOf, type Prompt } from '../../core/prompts/message.ts';
import type { Sampler, SamplingOptions } from '../sampler.ts';
import { ORIGINAL, type PixelView } from '../../rows/view-list.ts';

const OPTIONS: SamplingOptions = { n: 1, temperature: 0, topP: 1, maxTokens: 8 };

/** Checks for every sampler. The checks use only texts that the sampler samples. */
export const samplerChecks: Check<Sampler>[] = [
  {
    name: 'every prompt has n completions',
    async run(sampler, task) {
      const prompts = await twoPrompts(sampler, task);
      const groups = await sampler.complete(prompts, { ...OPTIONS, n: 3, temperature: 1 });
      const sizes = groups.map((group) => group.length).join();
      return sizes === '3,3' ? null : `Two prompts with n = 3 gave groups of ${sizes}.`;
    },
  },
  {
    name: 'greedy decoding is reproducible',
    async run(sampler, task) {
      const prompts = await twoPrompts(sampler, task);
      const texts = async () => JSON.stringify(await sampler.complete(prompts, OPTIONS));
      return (await texts()) === (await texts()) ? null : 'Two greedy calls returned different texts.';
    },
  },
  {
    name: 'a seed determines completions, regardless of other prompts in the call',
    async run(sampler, task) {
      if (!sampler.info().features.includes('seed')) return null;
      const [first, second] = await twoPrompts(sampler, task);
      const options = { ...OPTIONS, n: 4, temperature: 1, seed: 7 };
      const [alone] = await sampler.complete([first!], options);
      const [together] = await sampler.complete([first!, second!], options);
      return JSON.stringify(alone) === JSON.stringify(together)
        ? null
        : 'The completions of a prompt changed with another prompt in the same call.';
    },
  },
  {
    name: 'a cancelled call rejects, and the next call succeeds',
    async run(sampler, task) {
      const prompts = await twoPrompts(sampler, task);
      const stop = new AbortController();
      const options = { ...OPTIONS, n: 4, temperature: 1, signal: stop.signal };
      const call = mustThrow(() => sampler.complete(prompts, options), 'A cancelled call succeeded.');
      stop.abort();
      const reason = await call;
      if (reason) return reason;
      const again = mustThrow(
        () => sampler.complete(prompts, options),
        'A call that was cancelled before its start succeeded.',
      );
      const [group] = await sampler.complete(prompts, OPTIONS);
      return group?.length === 1 ? again : 'The call after a cancelled call failed.';
    },
  },
  {
    name: 'a prompt with a missing image is an error',
    run: (sampler, task) =>
      mustThrow(
        () => sampler.complete([ask('0'.repeat(64), task.question)], OPTIONS),
        'The engine accepted a missing image.',
      ),
  },
  {
    name: 'an overlong prompt is an error, or its completions are truncated',
    async run(sampler, task) {
      const { contextTokens } = sampler.info();
      if (contextTokens === null) return null;
      const [first, second] = await twoPrompts(sampler, task);
      const long: Prompt = [{ role: 'user', content: [`${task.question} `.repeat(contextTokens)] }];
      const options = { ...OPTIONS, n: 2 };
      const reason = await mustThrow(
        () => sampler.complete([long], options),
        'The engine accepted an overlong prompt.',
      );
      if (reason) return reason;
      const beside = JSON.stringify(await sampler.complete([first!, second!], options));
      const cut = { ...options, overlong: 'cut' as const };
      const [one, none, two] = await sampler.complete([first!, long, second!], cut);
      if (
        none!.length !== 2 ||
        none!.some((each) => each.text !== '' || each.stopReason !== 'length' || !each.noRoom)
      )
        return `The completions of an overlong prompt were not empty and truncated: ${JSON.stringify(none)}`;
      return JSON.stringify([one, two]) === beside
        ? null
        : 'An overlong prompt changed the completions of other prompts.';
    },
  },
  {
    name: 'features that info() does not list are rejected',
    async run(sampler, task) {
      const { features } = sampler.info();
      const [prompt] = await twoPrompts(sampler, task);
      const image = imagesOf(prompt!)[0]!;
      const refused: [string, () => Promise<unknown>][] = [
        ['stop', () => sampler.complete([prompt!], { ...OPTIONS, stop: ['.'] })],
        ['top-p', () => sampler.complete([prompt!], { ...OPTIONS, temperature: 1, topP: 0.5 })],
        ['seed', () => sampler.complete([prompt!], { ...OPTIONS, seed: 1 })],
        [
          'several-images',
          () => sampler.complete([[{ role: 'user', content: [image, image, task.question] }]], OPTIONS),
        ],
      ];
      for (const [feature, work] of refused) {
        if ((features as string[]).includes(feature)) continue;
        const reason = await mustThrow(work, `"${feature}" is not listed, but was not rejected.`);
        if (reason) return reason;
      }
      return null;
    },
  },
];

async function twoPrompts(sampler: Sampler, task: ConformanceTask) {
  const [image, other] = [await sampler.putImage(task.image), await sampler.putImage(task.other)];
  return [ask(image.hash, task.question), ask(other.hash, task.question)];
}

/** Inputs for testing an engine. The engine's decoder must read the files without loss (PNG, not JPEG). */
export interface ConformanceTask {
  /** An image that differs from its mirror image. */
  image: Uint8Array;
  /** Mirror image of `image`. */
  mirrored: Uint8Array;
  /** Another image of the same size as `image`. */
  other: Uint8Array;
  question: string;
  /** Two different answers of at least two tokens each. */
  answers: [string, string];
}

/** One check of the engine contract. `run` returns null if the check passes, otherwise the reason of the failure. */
export interface Check<Engine> {
  name: string;
  run(engine: Engine, task: ConformanceTask): Promise<string | null>;
}

export interface CheckResult {
  name: string;
  /** Reason of the failure, or null if the check passed. */
  reason: string | null;
}

/** Returns a prompt with the question about an image that the engine has stored. */
export function ask(hash: string, question: string, view: PixelView = ORIGINAL): Prompt {
  return [{ role: 'user', content: [{ image: hash, view }, question] }];
}

/** Runs `work`. Returns null if `work` throws, otherwise `reason`. */
export async function mustThrow(work: () => Promise<unknown>, reason: string): Promise<string | null> {
  try {
    await work();
  } catch {
    return null;
  }
  return reason;
}
