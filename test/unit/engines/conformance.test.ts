import { expect, it } from 'vitest';
import { checkTrainer, trainerChecks } from '../../../src/engines/conformance/trainer-conformance.ts';
import { openEmbedded } from '../../../src/engines/embedded/open-embedded.ts';
import type { Trainer } from '../../../src/engines/trainer.ts';
import type { ImagePart } from '../../../src/core/prompts/message.ts';
import { scratchFolders, TASK, TINY } from './tiny.ts';

const scratch = scratchFolders();

/** How to break each promise: what the engine does instead. */
const sabotage: Record<string, (engine: Trainer) => Partial<Trainer>> = {
  'every prompt has n completions': (engine) => ({
    complete: (prompts, options) => engine.complete(prompts, { ...options, n: 1 }),
  }),
  'greedy decoding is reproducible': (engine) => ({
    complete: (prompts, options) => engine.complete(prompts, { ...options, temperature: 1 }),
  }),
  'a seed determines completions, regardless of other prompts in the call': (engine) => ({
    complete: (prompts, { seed, ...options }) =>
      engine.complete(prompts, seed === undefined ? options : { ...options, seed: seed + prompts.length }),
  }),
  'a cancelled call rejects, and the next call succeeds': (engine) => ({
    complete: (prompts, { n, temperature, topP, maxTokens }) =>
      engine.complete(prompts, { n, temperature, topP, maxTokens }),
  }),
  'a prompt with a missing image is an error': (engine) => ({
    complete: (prompts, options) =>
      engine.complete(
        prompts.map((prompt) =>
          prompt.map((message) => ({
            ...message,
            content: message.content.filter((p) => typeof p === 'string'),
          })),
        ),
        options,
      ),
  }),
  'an overlong prompt is an error, or its completions are truncated': (engine) => ({
    complete: (prompts, { n, temperature, topP, maxTokens }) =>
      engine.complete(prompts, { n, temperature, topP, maxTokens, overlong: 'cut' }),
  }),
  'features that info() does not list are rejected': (engine) => ({
    info: () => ({ ...engine.info(), features: [] }),
  }),
  'later tokens and other completions do not affect earlier log-probabilities': (engine) => ({
    forward: async (groups, options) => {
      const scores = await engine.forward(groups, options);
      const last = groups[0]!.completions.at(-1)!.segments[0]!.tokens.at(-1)!;
      scores[0]![0]![0]!.logprobs[0]! += last / 100;
      return scores;
    },
  }),
  'sampled log-probabilities and entropies equal the forward pass': (engine) => ({
    forward: (groups, options) => engine.forward(groups, { ...options, temperature: 1 }),
  }),
  'a group equals its completions computed separately': (engine) => ({
    forwardBackward: (groups, options) =>
      engine.forwardBackward(
        groups.map((group) => ({ ...group, completions: group.completions.slice(0, 1) })),
        options,
      ),
  }),
  'a run that was saved, loaded and continued equals an uninterrupted run': (engine) => ({
    load: (folder) => engine.load(folder, 'weights'),
  }),
  'zero weights have no effect': (engine) => ({
    forwardBackward: (groups, options) =>
      engine.forwardBackward(
        groups.map(({ prompt, completions }) => ({
          prompt,
          completions: completions.map(({ segments }) => ({
            segments: segments.map((segment) => ({
              ...segment,
              weights: segment.weights.map((w) => w + 0.01),
            })),
          })),
        })),
        options,
      ),
  }),
  'a step with a positive weight makes its tokens likelier': (engine) => ({
    optimStep: (options) => engine.optimStep({ ...options, learningRate: -options.learningRate }),
  }),
  'another image changes log-probabilities': (engine) => ({ putImage: () => engine.putImage(TASK.image) }),
  'mirrored images equal mirrored files': (engine) => ({
    forward: (groups, options) =>
      engine.forward(
        groups.map(({ prompt, completions }) => ({
          prompt: prompt.map((message) => ({
            ...message,
            content: message.content.map((part) =>
              typeof part === 'string' ? part : ({ ...part, view: 'original' } satisfies ImagePart),
            ),
          })),
          completions,
        })),
        options,
      ),
  }),
  'the reference model does not change': (engine) => ({
    forward: (groups, options) => engine.forward(groups, { ...options, model: 'policy' }),
  }),
  'the KL gradient from the engine equals the KL gradient from token weights': (engine) => ({
    info: () => ({ ...engine.info(), features: [...engine.info().features, 'pull'] }),
    forwardBackward: (groups, options) =>
      engine.forwardBackward(
        groups.map(({ prompt, completions }) => ({
          prompt,
          completions: completions.map(({ segments }) => ({
            segments: segments.map(({ pull, ...segment }) => ({
              ...segment,
              weights: segment.weights.map((w) => (pull ? w + pull.factor : w)),
            })),
          })),
        })),
        options,
      ),
  }),
};

it('each conformance check has an engine that violates the check', () => {
  expect(Object.keys(sabotage)).toEqual(trainerChecks.map(({ name }) => name));
});

it.each(Object.keys(sabotage))('the conformance suite detects a violation: %s', async (name) => {
  const folder = scratch();
  const engine = await openEmbedded(TINY);
  const broken = new Proxy<Trainer>(engine, {
    get: (_, key: keyof Trainer) => {
      const own = sabotage[name]!(engine)[key];
      return own ?? (engine[key] as (...args: unknown[]) => unknown).bind(engine);
    },
  });
  const check = trainerChecks.find((check) => check.name === name)!;
  const [result] = await checkTrainer(broken, TASK, folder, [check]);
  expect(result!.reason).not.toBeNull();
  await engine.close();
});
