import { at } from '../../../src/base/numbers.ts';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ImagePart, type Prompt } from '../../../src/core/prompts/message.ts';
import { Random } from '../../../src/base/random.ts';
import { MIRROR } from '../../../src/rows/view-list.ts';
import { allChecks } from '../../../src/engines/conformance/inspector-conformance.ts';
import { checkTrainer, trainerChecks } from '../../../src/engines/conformance/trainer-conformance.ts';
import type { EmbeddedTrainer } from '../../../src/engines/embedded/embedded-engine.ts';
import { openEmbedded, type EmbeddedOptions } from '../../../src/engines/embedded/open-embedded.ts';
import { initialWeights, weightShapes } from '../../../src/engines/embedded/shape.ts';
import type { InspectCase, Wanted } from '../../../src/engines/inspector.ts';
import type { WeightedGroup } from '../../../src/engines/trainer.ts';
import { answerOf, halves, QUESTION, scratchFolders, TASK, TINY, type Colour } from './tiny.ts';

const scratch = scratchFolders();

const NEW = TINY.model as Exclude<EmbeddedOptions['model'], { folder: string }>;
/** The tiny model with room for three images. */
const THREE: EmbeddedOptions = { ...TINY, model: { ...NEW, shape: { ...NEW.shape, frames: 3 } } };
const FULL = { ...NEW.shape, vocabulary: 40 };

const SCORING = { model: 'policy', temperature: 1 } as const;
const GREEDY = { n: 1, temperature: 0, topP: 1, maxTokens: 20 };

let engine: EmbeddedTrainer;
let red: ImagePart;
let green: ImagePart;
let blue: ImagePart;
beforeAll(async () => {
  engine = await openEmbedded(THREE);
  const put = async (left: Colour, right: Colour): Promise<ImagePart> => ({
    image: (await engine.putImage(halves(left, right))).hash,
    view: 'original',
  });
  [red, green, blue] = [await put('red', 'blue'), await put('green', 'blue'), await put('blue', 'red')];
});
afterAll(() => engine.close());

const about = (...images: ImagePart[]): Prompt => [{ role: 'user', content: [...images, QUESTION] }];

async function scores(prompts: Prompt[]): Promise<number[][]> {
  const { target } = await engine.encode(prompts[0]!, answerOf('red', 'blue'));
  const groups = prompts.map((prompt) => ({
    prompt,
    completions: [{ segments: [{ tokens: target, trained: true }] }],
  }));
  return (await engine.forward(groups, SCORING)).map(([completion]) => completion![0]!.logprobs);
}

const apart = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));

describe('a model with several images', () => {
  const folder = scratch();
  it.each(allChecks)('passes conformance with one image: $name', async (check) => {
    const [result] = await checkTrainer(engine, TASK, folder, [check]);
    expect(result!.reason).toBeNull();
  });

  // Every prompt gets a second image after its words, so that no other part moves.
  it.each(trainerChecks)('passes conformance with two images: $name', async (check) => {
    const { hash } = await engine.putImage(TASK.other);
    const [image] = about({ image: hash, view: 'original' })[0]!.content;
    const doubled = (prompt: Prompt): Prompt =>
      prompt.map((message) => ({
        ...message,
        content: message.content.some((part) => typeof part !== 'string')
          ? [...message.content, image!]
          : message.content,
      }));
    const ofGroups = <G extends { prompt: Prompt }>(groups: G[]): G[] =>
      groups.map((group) => ({ ...group, prompt: doubled(group.prompt) }));
    const two = new Proxy(engine, {
      get: (_, key: keyof EmbeddedTrainer) => {
        const calls: Partial<EmbeddedTrainer> = {
          encode: (prompt, target) => engine.encode(doubled(prompt), target),
          complete: (prompts, options) => engine.complete(prompts.map(doubled), options),
          sample: (prompts, options) => engine.sample(prompts.map(doubled), options),
          forward: (groups, options) => engine.forward(ofGroups(groups), options),
          forwardBackward: (groups, options) => engine.forwardBackward(ofGroups(groups), options),
        };
        return calls[key] ?? (engine[key] as (...args: unknown[]) => unknown).bind(engine);
      },
    });
    const [result] = await checkTrainer(two, TASK, folder, [check]);
    expect(result!.reason).toBeNull();
  });

  it('a model with several images distinguishes order, identity and view of its images', async () => {
    const turned = { ...blue, view: MIRROR } as const;
    const [ab, ba, aa, a, turn] = await scores([
      about(red, blue),
      about(blue, red),
      about(red, red),
      about(red),
      about(red, turned),
    ]);
    for (const other of [ba, aa, a, turn]) expect(apart(ab!, other!)).toBeGreaterThan(1e-4);
    // Blue and red, mirrored, is red and blue.
    expect(apart(turn!, aa!)).toBeLessThan(1e-5);
  });

  it('encodes all images before the words, regardless of their position in the prompt', async () => {
    const words = QUESTION.split(' ');
    const between: Prompt = [
      { role: 'user', content: [words.slice(0, 2).join(' '), red, words.slice(2).join(' '), blue] },
    ];
    const [first, second] = await scores([about(red, blue), between]);
    expect(second).toEqual(first);
  });

  it('scores a prompt with fewer images the same in a batch as alone', async () => {
    const prompts = [about(red), about(red, green, blue), about(), about(green, blue)];
    const together = await scores(prompts);
    for (const [i, prompt] of prompts.entries())
      expect(apart(together[i]!, (await scores([prompt]))[0]!)).toBeLessThan(1e-5);
  });

  it('samples from a prompt with fewer images the same in a batch as alone', async () => {
    const prompts = [about(red), about(red, green, blue)];
    const options = { ...GREEDY, temperature: 1, seed: 3, n: 3 };
    const [together] = await engine.complete(prompts, options);
    expect((await engine.complete([prompts[0]!], options))[0]).toEqual(together);
  });

  it('counts image tokens, and rejects more images than the model accepts', async () => {
    const cells = (NEW.shape.imageSize / NEW.shape.patchSize) ** 2;
    const [none, three] = [await engine.encode(about()), await engine.encode(about(red, green, blue))];
    expect(three.prompt.length - none.prompt.length).toBe(3 * cells);
    const one = await openEmbedded(TINY);
    expect(engine.info().contextTokens! - one.info().contextTokens!).toBe(2 * cells);
    expect(one.info().features).not.toContain('several-images');
    await one.close();
    await expect(engine.encode(about(red, red, red, red))).rejects.toThrow(
      'has 4 images, but the model accepts at most 3. To raise the limit, set engine.frames',
    );
  });

  it('restores a model from its export, and rejects weights of another shape', async () => {
    const folder = join(scratch(), 'model');
    await engine.exportAdapter(folder);
    expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))).toMatchObject({ frames: 3 });
    const again = await openEmbedded({ ...TINY, model: { folder } });
    for (const image of [TASK.image, TASK.other]) await again.putImage(image);
    const prompt = about(red, green);
    expect(await again.complete([prompt], GREEDY)).toEqual(await engine.complete([prompt], GREEDY));
    await again.close();
    const one = await openEmbedded(TINY);
    await expect(one.load(folder, 'weights')).rejects.toThrow('differs from the open model in shape');
    await one.close();
  });
});

describe('a model with one image', () => {
  it('a model with one image has the same weights and config as in earlier versions', async () => {
    expect(weightShapes(FULL)).toEqual(weightShapes({ ...FULL, frames: 1 }));
    expect(Object.keys(weightShapes(FULL))).not.toContain('frame');
    expect(initialWeights({ ...FULL, frames: 1 }, Random.from(1))).toEqual(
      initialWeights(FULL, Random.from(1)),
    );
    const folder = join(scratch(), 'one');
    const one = await openEmbedded(TINY);
    await one.exportAdapter(folder);
    await one.close();
    expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))).not.toHaveProperty('frames');
  });
});

describe('inspect with several images', () => {
  const caseOf = (...images: ImagePart[]): InspectCase => ({
    prompt: about(...images),
    completion: 'red',
    model: 'policy',
    parts: [],
    queries: [{ name: 'last', at: 'last-prompt' }],
    boxes: [{ name: 'first', box: [0, 0, 1, 1] }],
  });
  const wanted: Wanted = {
    layers: 'all',
    attention: 'heads',
    sources: true,
    hidden: ['first'],
    lens: ['red', 'blue'],
    wordsAt: 'last',
    block: [],
    patch: null,
  };

  it('inspect assigns each image a grid, and looks for boxes in the first image', async () => {
    const [two, one] = await engine.inspect([caseOf(red, blue), caseOf(red)], wanted);
    expect(two!.grid).toMatchObject({ rows: 2, cols: 2, pictures: 2 });
    expect(one!.grid).not.toHaveProperty('pictures');
    expect([two!.weights!.shape[3], one!.weights!.shape[3]]).toEqual([8, 4]);
    const weights = at(two!.weights!, 1, 0, 0);
    const [first, all] = [weights.subarray(0, 4), weights].map((part) => part.reduce((a, b) => a + b));
    expect(two!.share!.data[2]).toBeCloseTo(all!, 5);
    expect(two!.mass!.data[2]).toBeCloseTo(first! / all!, 5);
    expect(one!.mass!.data[2]).toBeCloseTo(1, 5);
    // The hidden state of the box is that of the first image's cells: at the start it knows nothing of the second.
    expect(apart([...at(two!.hidden!, 0, 0)], [...at(one!.hidden!, 0, 0)])).toBeLessThan(1e-5);
  });

  it('inspect blocks all images, or everything outside a box', async () => {
    const keys = [
      { keys: 'picture', layers: 'all' },
      { keys: 'rest', name: 'first', layers: 'all' },
    ] as const;
    const cases = [caseOf(red, blue), caseOf(red, green), caseOf(blue, red)];
    const blocked = await engine.inspect(cases, { ...wanted, block: [...keys] });
    const [hidden, otherSecond, otherFirst] = blocked.map(({ blocked }) => [...at(blocked!, 0)]);
    expect(apart(hidden!, otherSecond!)).toBeLessThan(1e-5);
    expect(apart(hidden!, otherFirst!)).toBeLessThan(1e-5);
    const rest = blocked.map(({ blocked }) => [...at(blocked!, 1)]);
    expect(apart(rest[0]!, rest[2]!)).toBeGreaterThan(1e-5);
  });

  it('inspect patches the states of all images between cases with equal numbers of images', async () => {
    const patch = { from: 1, positions: 'all' } as const;
    const [one, other] = await engine.inspect([caseOf(red, blue), caseOf(blue, green)], { ...wanted, patch });
    const last = one!.lens!.shape[0]! - 1;
    expect(apart([...at(one!.patched!, last)], [...at(other!.lens!, last)])).toBeLessThan(1e-4);
    await expect(engine.inspect([caseOf(red, blue), caseOf(red)], { ...wanted, patch })).rejects.toThrow(
      'between images of 2 × 2 × 2 and 2 × 2 cells',
    );
  });
});

it('the embedded engine learns answers that depend only on the order of its images', async () => {
  const learner = await openEmbedded(THREE);
  const colours: Colour[] = ['red', 'green', 'blue'];
  const pairs = colours.flatMap((first) =>
    colours.flatMap((second) => (first === second ? [] : [[first, second] as const])),
  );
  const prompts: Prompt[] = [];
  const groups: WeightedGroup[] = [];
  for (const pair of pairs) {
    const images: ImagePart[] = [];
    for (const colour of pair)
      images.push({ image: (await learner.putImage(halves(colour, colour))).hash, view: 'original' });
    const prompt = about(...images);
    const { target } = await learner.encode(prompt, answerOf(...pair));
    const weights = target.map(() => 1 / (pairs.length * target.length));
    prompts.push(prompt);
    groups.push({ prompt, completions: [{ segments: [{ tokens: target, trained: true, weights }] }] });
  }
  for (let step = 0; step < 150; step++) {
    await learner.forwardBackward(groups, { temperature: 1 });
    await learner.optimStep({
      learningRate: 1e-2,
      betas: [0.9, 0.99],
      eps: 1e-8,
      weightDecay: 0,
      gradClip: 1,
    });
  }
  const texts = (await learner.complete(prompts, GREEDY)).map(([completion]) => completion!.text);
  expect(texts).toEqual(pairs.map((pair) => answerOf(...pair)));
  await learner.close();
});
