import { imagesOf, type Prompt } from '../../core/prompts/message.ts';
import type { Sampler, SamplingOptions } from '../sampler.ts';
import { ORIGINAL, type PixelView } from '../../rows/view-list.ts';

const OPTIONS: SamplingOptions = { n: 1, temperature: 0, topP: 1, maxTokens: 8 };

/** What every sampler promises, judged only by its texts. */
export const samplerChecks: Check<Sampler>[] = [
  {
    name: 'every prompt gets n completions',
    async run(sampler, task) {
      const prompts = await twoPrompts(sampler, task);
      const groups = await sampler.complete(prompts, { ...OPTIONS, n: 3, temperature: 1 });
      const sizes = groups.map((group) => group.length).join();
      return sizes === '3,3' ? null : `Two prompts with n = 3 gave groups of ${sizes}.`;
    },
  },
  {
    name: 'greedy texts repeat',
    async run(sampler, task) {
      const prompts = await twoPrompts(sampler, task);
      const texts = async () => JSON.stringify(await sampler.complete(prompts, OPTIONS));
      return (await texts()) === (await texts()) ? null : 'Two greedy calls gave different texts.';
    },
  },
  {
    name: 'a seed names its completions, whatever else is asked in the call',
    async run(sampler, task) {
      if (!sampler.info().features.includes('seed')) return null;
      const [first, second] = await twoPrompts(sampler, task);
      const options = { ...OPTIONS, n: 4, temperature: 1, seed: 7 };
      const [alone] = await sampler.complete([first!], options);
      const [together] = await sampler.complete([first!, second!], options);
      return JSON.stringify(alone) === JSON.stringify(together)
        ? null
        : 'The completions of a prompt changed when another prompt was asked in the same call.';
    },
  },
  {
    name: 'a call that is cancelled rejects, and the next one is answered',
    async run(sampler, task) {
      const prompts = await twoPrompts(sampler, task);
      const stop = new AbortController();
      const options = { ...OPTIONS, n: 4, temperature: 1, signal: stop.signal };
      const call = mustThrow(() => sampler.complete(prompts, options), 'A cancelled call was answered.');
      stop.abort();
      const reason = await call;
      if (reason) return reason;
      const again = mustThrow(() => sampler.complete(prompts, options), 'A call cancelled before was made.');
      const [group] = await sampler.complete(prompts, OPTIONS);
      return group?.length === 1 ? again : 'Nothing was answered after a cancelled call.';
    },
  },
  {
    name: 'a prompt with an image that was never put is an error',
    run: (sampler, task) =>
      mustThrow(
        () => sampler.complete([ask('0'.repeat(64), task.question)], OPTIONS),
        'The engine answered about an image that it does not have.',
      ),
  },
  {
    name: 'a prompt that leaves no room is an error, or its completions are truncated',
    async run(sampler, task) {
      const { contextTokens } = sampler.info();
      if (contextTokens === null) return null;
      const [first, second] = await twoPrompts(sampler, task);
      const long: Prompt = [{ role: 'user', content: [`${task.question} `.repeat(contextTokens)] }];
      const options = { ...OPTIONS, n: 2 };
      const reason = await mustThrow(() => sampler.complete([long], options), 'It was answered.');
      if (reason) return reason;
      const beside = JSON.stringify(await sampler.complete([first!, second!], options));
      const cut = { ...options, overlong: 'cut' as const };
      const [one, none, two] = await sampler.complete([first!, long, second!], cut);
      if (
        none!.length !== 2 ||
        none!.some((each) => each.text !== '' || each.stopReason !== 'length' || !each.noRoom)
      )
        return `Its completions were not empty and truncated: ${JSON.stringify(none)}`;
      return JSON.stringify([one, two]) === beside ? null : 'It changed the completions of other prompts.';
    },
  },
  {
    name: 'what info() does not list is refused',
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
        const reason = await mustThrow(work, `"${feature}" is not listed, but was not refused.`);
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

/** What an engine is tested on. The files must be in a format that its decoder reads without loss (PNG, not JPEG). */
export interface ConformanceTask {
  /** An image that is not its own mirror image. */
  image: Uint8Array;
  /** The same image, mirrored. */
  mirrored: Uint8Array;
  /** Another image of the same size. */
  other: Uint8Array;
  question: string;
  /** Two different answers of at least two tokens each. */
  answers: [string, string];
}

/** One promise of the contract. `run` returns null if it is kept, otherwise the reason. */
export interface Check<Engine> {
  name: string;
  run(engine: Engine, task: ConformanceTask): Promise<string | null>;
}

export interface CheckResult {
  name: string;
  /** Why the check failed; null: passed. */
  reason: string | null;
}

/** Builds the prompt that asks the task's question about an image given to the engine. */
export function ask(hash: string, question: string, view: PixelView = ORIGINAL): Prompt {
  return [{ role: 'user', content: [{ image: hash, view }, question] }];
}

/** Returns null if `work` throws, otherwise `reason`. */
export async function mustThrow(work: () => Promise<unknown>, reason: string): Promise<string | null> {
  try {
    await work();
  } catch {
    return null;
  }
  return reason;
}
