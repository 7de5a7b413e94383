import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../../src/engines/conformance/sampler-conformance.ts';
import { checkTrainer, trainerChecks } from '../../../src/engines/conformance/trainer-conformance.ts';
import type { EmbeddedTrainer } from '../../../src/engines/embedded/embedded-engine.ts';
import { openEmbedded } from '../../../src/engines/embedded/open-embedded.ts';
import type { OptimOptions, WeightedGroup } from '../../../src/engines/trainer.ts';
import {
  answerOf,
  COLOURS,
  halves,
  hashOf,
  QUESTION,
  scratchFolders,
  TASK,
  TINY,
  type Colour,
  SIDE,
} from './tiny.ts';

const scratch = scratchFolders();

const STEP: OptimOptions = { learningRate: 1e-3, betas: [0.9, 0.99], eps: 1e-8, weightDecay: 0, gradClip: 1 };
const SAMPLING = { n: 1, temperature: 0, topP: 1, maxTokens: 20 };

describe.each(['native', 'wasm'] as const)('embedded engine on %s', (runtime) => {
  let engine: EmbeddedTrainer;
  beforeAll(async () => (engine = await openEmbedded({ ...TINY, runtime })));
  afterAll(() => engine.close());

  const folder = scratch();
  it.each(trainerChecks.map((check) => [check.name, check] as const))('trainer: %s', async (_, check) => {
    const [result] = await checkTrainer(engine, TASK, folder, [check]);
    expect(result!.reason).toBeNull();
  });

  it('reports its runtime and number of threads', () => {
    expect(engine.info().runtime).toMatch(
      runtime === 'wasm' ? /WebAssembly.*1 thread/ : /onnxruntime-node.*1 thread/,
    );
  });
});

describe('embedded engine', () => {
  let engine: EmbeddedTrainer;
  let hash: string;
  beforeAll(async () => {
    engine = await openEmbedded(TINY);
    ({ hash } = await engine.putImage(TASK.image));
  });
  afterAll(() => engine.close());

  const group = (tokens: number[], weight: number): WeightedGroup => ({
    prompt: ask(hash, QUESTION),
    completions: [{ segments: [{ tokens, trained: true, weights: tokens.map(() => weight) }] }],
  });

  it('trains a later segment on its own prompt, and skips a masked segment', async () => {
    const { target } = await engine.encode(ask(hash, QUESTION), 'red');
    const later = { prompt: ask(hash, 'Look first.'), tokens: target, trained: true };
    const options = { model: 'policy', temperature: 1 } as const;
    const [first] = await engine.forward(
      [{ prompt: ask(hash, QUESTION), completions: [{ segments: [{ tokens: [], trained: false }, later] }] }],
      options,
    );
    const [second] = await engine.forward(
      [{ prompt: later.prompt, completions: [{ segments: [{ tokens: target, trained: true }] }] }],
      options,
    );
    expect(first![0]).toEqual([{ logprobs: [], entropies: [] }, second![0]![0]]);
  });

  it('skips a step with a non-finite gradient, and reports the step', async () => {
    const { target } = await engine.encode(ask(hash, QUESTION), 'red');
    const scores = () => engine.forward([group(target, 0)], { model: 'policy', temperature: 1 });
    const before = await scores();
    await engine.forwardBackward([group(target, 1e39)], { temperature: 1 });
    expect(await engine.optimStep(STEP)).toEqual({ gradNorm: null, skipped: true });
    expect(await scores()).toEqual(before);
    await engine.forwardBackward([group(target, 1)], { temperature: 1 });
    expect((await engine.optimStep(STEP)).gradNorm).toBeGreaterThan(0);
  });

  it('returns the loss for the given weights', async () => {
    const { target } = await engine.encode(ask(hash, QUESTION), 'red');
    const { loss, logprobs } = await engine.forwardBackward([group(target, 0.5)], { temperature: 1 });
    expect(loss).toBeCloseTo(-0.5 * logprobs[0]![0]![0]!.reduce((a, b) => a + b), 10);
    await engine.optimStep({ ...STEP, learningRate: 0 });
  });

  it('continues an assistant prefix, and counts image tokens in encode', async () => {
    const prompt = [...ask(hash, QUESTION), { role: 'assistant' as const, content: ['<think>red'] }];
    const plain = await engine.encode(ask(hash, QUESTION));
    expect((await engine.encode(prompt)).prompt).toHaveLength(plain.prompt.length + 2);
    const [group] = await engine.complete([prompt], { ...SAMPLING, maxTokens: 3 });
    expect(group![0]!.stopReason).toBe('length');
  });

  it.each([
    ['an unknown word', () => engine.encode(ask(hash, 'purple')), 'no word for "purple"'],
    [
      'two images',
      () => engine.encode([{ role: 'user', content: [...image(), ...image()] }]),
      'accepts one image per prompt. To raise the limit, set engine.frames',
    ],
    ['a question that is too long', () => engine.encode(ask(hash, QUESTION.repeat(2))), 'the maximum of 12'],
    [
      'an answer that is too long',
      () => engine.sample([ask(hash, QUESTION)], { ...SAMPLING, maxTokens: 25 }),
      'the maximum of 24',
    ],
    [
      'token ids out of range',
      () => engine.forwardBackward([group([999], 1)], { temperature: 1 }),
      'ids from 0 to',
    ],
    [
      'weights that are not finite',
      () => engine.forwardBackward([group([9], NaN)], { temperature: 1 }),
      'not a finite',
    ],
    [
      'temperature 0 in scoring',
      () => engine.forwardBackward([group([9], 1)], { temperature: 0 }),
      'above 0',
    ],
    [
      'a missing reference model',
      () => engine.forward([], { model: 'reference', temperature: 1 }),
      'setReference',
    ],
  ])('the embedded engine rejects %s', async (_, work, message) => {
    await expect(work()).rejects.toThrow(message);
  });
  const image = () => ask(hash, '')[0]!.content.slice(0, 1);

  it('the embedded engine evicts the oldest images first', async () => {
    const small = await openEmbedded(TINY);
    await small.putImage(TASK.image);
    await small.putImage(TASK.other);
    const pixels = { width: SIDE, height: SIDE, data: TASK.other };
    for (let i = 0; i < small.info().imagesKept! - 2; i++) await small.putPixels(`${i}`, pixels);
    await small.putImage(TASK.image);
    await small.putPixels('one more', pixels);
    await small.encode(ask(hashOf(TASK.image), QUESTION));
    await expect(small.encode(ask(hashOf(TASK.other), QUESTION))).rejects.toThrow('is not loaded');
  });
});

describe('a folder with an embedded model', () => {
  it('a folder with an embedded model opens as the exported model', async () => {
    const folder = join(scratch(), 'model');
    const first = await openEmbedded(TINY);
    await first.exportAdapter(folder);
    const second = await openEmbedded({ ...TINY, model: { folder }, seed: 99 });
    const answers = async (engine: EmbeddedTrainer) => {
      const { hash } = await engine.putImage(TASK.image);
      return engine.sample([ask(hash, QUESTION)], { ...SAMPLING, temperature: 1, seed: 1 });
    };
    expect(await answers(second)).toEqual(await answers(first));
  });

  it('rejects a model folder that is damaged or has another shape or vocabulary', async () => {
    const folder = scratch();
    const engine = await openEmbedded(TINY);
    const other = await openEmbedded({ ...TINY, model: { ...newModel(), words: ['hello'] } });
    await other.save(join(folder, 'other'));
    await expect(engine.load(join(folder, 'other'), 'everything')).rejects.toThrow('in shape or vocabulary');

    await engine.save(join(folder, 'cut'));
    const path = join(folder, 'cut', 'model.safetensors');
    truncateSync(path, readFileSync(path).length - 4);
    await expect(engine.load(join(folder, 'cut'), 'weights')).rejects.toThrow('truncated');

    mkdirSync(join(folder, 'foreign'));
    writeFileSync(join(folder, 'foreign', 'config.json'), '{"model_type": "qwen2_5_vl"}');
    await expect(engine.setReference({ folder: join(folder, 'foreign') })).rejects.toThrow('embedded model');

    await engine.save(join(folder, 'odd'));
    const config = join(folder, 'odd', 'config.json');
    writeFileSync(config, readFileSync(config, 'utf8').replace(/"layers":\d+/, '"layers":"2"'));
    await expect(engine.load(join(folder, 'odd'), 'weights')).rejects.toThrow(
      `${config} cannot be read: "layers" must be a number, not "2".`,
    );

    const claims = JSON.parse(readFileSync(config, 'utf8').replace('"2"', '2')) as object;
    for (const [claim, words] of [
      [{ layers: 2 ** 31 }, 'declares 2147483648 layers, but the model has'],
      [{ width: 2 ** 31 }, 'is not a multiple of|values instead of'],
      [{ heads: 2 ** 31 }, 'is not a multiple of 2147483648 heads'],
      [{ patch_size: 2 ** 31 }, 'patch size 2147483648 does not divide'],
      [{ image_size: 2 ** 31 }, 'values instead of|does not divide'],
      [{ prompt_tokens: 2 ** 31 }, 'values instead of'],
      [{ frames: 2 ** 31 }, '"frame" has no values instead of'],
    ] as const) {
      writeFileSync(config, JSON.stringify({ ...claims, ...claim }));
      await expect(engine.load(join(folder, 'odd'), 'weights')).rejects.toThrow(new RegExp(words));
    }
  });
  const newModel = () => {
    if ('folder' in TINY.model) throw new Error('unreachable');
    return TINY.model;
  };
});

describe('training of the embedded engine', () => {
  it('training learns to answer from the image in 150 steps', async () => {
    const engine = await openEmbedded(TINY);
    const colours = Object.keys(COLOURS) as Colour[];
    const pairs = colours.flatMap((left) => colours.map((right) => [left, right] as const));
    const prompts = [];
    for (const [left, right] of pairs)
      prompts.push(ask((await engine.putImage(halves(left, right))).hash, QUESTION));
    const groups: WeightedGroup[] = [];
    for (const [i, [left, right]] of pairs.entries()) {
      const { target } = await engine.encode(prompts[i]!, answerOf(left, right));
      const weights = target.map(() => 1 / (pairs.length * target.length));
      groups.push({
        prompt: prompts[i]!,
        completions: [{ segments: [{ tokens: target, trained: true, weights }] }],
      });
    }
    for (let step = 0; step < 150; step++) {
      await engine.forwardBackward(groups, { temperature: 1 });
      await engine.optimStep({ ...STEP, learningRate: 1e-2 });
    }
    const texts = (await engine.complete(prompts, SAMPLING)).map(([completion]) => completion!.text);
    expect(texts).toEqual(pairs.map(([left, right]) => answerOf(left, right)));

    // What is sampled from it ends, so that stop texts and top-p have something to act on.
    const [stopped] = await engine.sample([prompts[1]!], { ...SAMPLING, stop: ['</think>'] });
    expect(stopped!.map(({ text, stopReason }) => [text, stopReason])).toEqual([
      ['<think>red and green', 'stop'],
    ]);
    const nucleus = { ...SAMPLING, n: 32, temperature: 3, topP: 0.01, seed: 5 };
    const [likeliest] = await engine.complete([prompts[1]!], nucleus);
    expect(new Set(likeliest!.map(({ text }) => text))).toEqual(new Set([texts[1]]));
    await engine.close();
  });
});
