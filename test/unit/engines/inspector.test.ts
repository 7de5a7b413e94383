import { at } from '../../../src/base/numbers.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  inspectorChecks,
  type InspectedTrainer,
} from '../../../src/engines/conformance/inspector-conformance.ts';
import type { InspectCase, Inspected, Wanted } from '../../../src/engines/inspector.ts';
import { openEmbedded } from '../../../src/engines/embedded/open-embedded.ts';
import { ask } from '../../../src/engines/conformance/sampler-conformance.ts';
import { QUESTION, TASK, TINY } from './tiny.ts';

let engine: InspectedTrainer;
beforeAll(async () => {
  engine = await openEmbedded(TINY);
  // Untrained, it hardly looks at the image: a few steps give each check something to see.
  const { hash } = await engine.putImage(TASK.image);
  const prompt = ask(hash, QUESTION);
  const { target } = await engine.encode(prompt, TASK.answers[0]);
  const weights = target.map(() => 1);
  for (let i = 0; i < 5; i++) {
    const segments = [{ tokens: target, trained: true, weights }];
    await engine.forwardBackward([{ prompt, completions: [{ segments }] }], { temperature: 1 });
    await engine.optimStep({
      learningRate: 0.01,
      betas: [0.9, 0.99],
      eps: 1e-8,
      weightDecay: 0,
      gradClip: 1,
    });
  }
});
afterAll(() => engine.close());

it.each(inspectorChecks)('$name', async ({ run }) => {
  expect(await run(engine, TASK)).toBeNull();
});

type Change = (result: Inspected, index: number) => Partial<Inspected>;

/** How to break each promise: what the engine does instead. */
const sabotage: Record<string, (cases: InspectCase[], wanted: Wanted) => [InspectCase[], Wanted, Change?]> = {
  'inspection does not change log-probabilities': (cases, wanted) => [
    cases,
    wanted,
    ({ logprobs }) => ({ logprobs: logprobs.map((x) => x * (1 + 1e-7)) }),
  ],
  'the attention weights of a query sum to 1': (cases, wanted) => [
    cases.map((one) => ({ ...one, parts: [] })),
    wanted,
    ({ sources }) => ({ sources: sources && { ...sources, data: sources.data.map((x) => x * 1.01) } }),
  ],
  'later tokens are not visible': (cases, wanted) => [
    cases,
    wanted,
    ({ weights }, i) => ({ weights: weights && { ...weights, data: weights.data.map((x) => x + i / 100) } }),
  ],
  'the map of the mirror equals the map of a mirrored file': (cases, wanted) => [
    cases.map((one, i) => (i === 1 ? cases[0]! : one)),
    wanted,
  ],
  'the logit lens at the last layer equals the model output': (cases, wanted) => [
    cases.map((one) => ({ ...one, queries: one.queries.map((q) => ({ ...q, at: one.queries[0]!.at })) })),
    wanted,
  ],
  'an empty block has no effect, and the content of a blocked image does not change scores': (
    cases,
    wanted,
  ) => [cases, { ...wanted, block: wanted.block.map((block) => ({ ...block, layers: [0, 0] })) }],
  'a patch from the same case has no effect, and a patch of the whole last layer gives the scores of the other case':
    (cases, wanted) => [
      cases,
      { ...wanted, patch: wanted.patch && { ...wanted.patch, positions: 'picture' } },
    ],
  'invalid requests are rejected': (cases, wanted) => [cases, { ...wanted, layers: 'all' }],
};

it.each(inspectorChecks)('the inspection suite detects a violation: $name', async ({ name, run }) => {
  const broken = new Proxy(engine, {
    get: (_, key: keyof InspectedTrainer) =>
      key === 'inspect'
        ? async (asked: InspectCase[], wish: Wanted) => {
            const [cases, wanted, change] = sabotage[name]!(asked, wish);
            const results = await engine.inspect(cases, wanted);
            return results.map((one, i) => ({ ...one, ...change?.(one, i) }));
          }
        : (engine[key] as (...args: unknown[]) => unknown).bind(engine),
  });
  expect(await run(broken, TASK)).not.toBeNull();
});

it('inspect returns the same values for an image blocked in all layers as for no image', async () => {
  const { hash } = await engine.putImage(TASK.image);
  const of = (prompt: InspectCase['prompt']): InspectCase => ({
    prompt,
    completion: '',
    model: 'policy',
    parts: [],
    boxes: [],
    queries: [{ name: 'last', at: 'last-prompt' }],
  });
  const cases = [of(ask(hash, QUESTION)), of([{ role: 'user', content: [QUESTION] }])];
  const wanted: Wanted = {
    layers: 'all',
    attention: 'none',
    sources: false,
    hidden: [],
    lens: ['red', 'blue'],
    wordsAt: 'last',
    block: [{ keys: 'picture', layers: 'all' }],
    patch: null,
  };
  const [seen, blind] = await engine.inspect(cases, wanted);
  const [blocked, without] = [at(seen!.blocked!, 0), at(blind!.lens!, 1)];
  blocked.forEach((x, i) => expect(x).toBeCloseTo(without[i]!, 5));
});

it('inspect returns the same values for a case alone and in a batch', async () => {
  const { hash } = await engine.putImage(TASK.image);
  const { hash: other } = await engine.putImage(TASK.other);
  const of = (image: string, completion: string): InspectCase => ({
    prompt: ask(image, QUESTION),
    completion,
    model: 'policy',
    parts: [],
    queries: [{ name: 'last', at: 'last-prompt' }],
    boxes: [{ name: 'left', box: [0, 0, 0.5, 1] }],
  });
  const wanted: Wanted = {
    layers: [1],
    attention: 'heads',
    sources: true,
    hidden: ['last', 'left'],
    lens: ['red'],
    wordsAt: 'last',
    block: [{ keys: 'box', name: 'left', layers: 'all' }],
    patch: null,
  };
  const one = of(hash, TASK.answers[0]);
  const [alone] = await engine.inspect([one], wanted);
  const [, among] = await engine.inspect([of(other, 'red'), one, of(other, '')], wanted);
  for (const key of ['weights', 'share', 'mass', 'sources', 'hidden', 'lens', 'blocked'] as const)
    alone![key]!.data.forEach((x, i) => expect(among![key]!.data[i], key).toBeCloseTo(x, 4));
});

it('inspect rejects unknown words and texts of different lengths', async () => {
  const { hash } = await engine.putImage(TASK.image);
  const base = (completion: string): InspectCase => ({
    prompt: ask(hash, QUESTION),
    completion,
    model: 'policy',
    parts: [],
    boxes: [],
    queries: [{ name: 'last', at: 'last-prompt' }],
  });
  const wanted: Wanted = {
    layers: 'all',
    attention: 'none',
    sources: false,
    hidden: [],
    lens: ['violet'],
    wordsAt: 'last',
    block: [],
    patch: null,
  };
  await expect(engine.inspect([base('')], wanted)).rejects.toThrow('violet');
  await expect(
    engine.inspect([base(''), base('red')], {
      ...wanted,
      lens: ['red'],
      patch: { from: 1, positions: 'text' },
    }),
  ).rejects.toThrow('The lengths must be equal');
});
