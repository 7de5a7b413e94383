import { expect, it } from 'vitest';
import { Random } from '../../../src/base/random.ts';
import { Lanes, type Lane } from '../../../src/engines/embedded/sampling.ts';
import { initialWeights, type ModelShape } from '../../../src/engines/embedded/shape.ts';
import { Network } from '../../../src/engines/embedded/network.ts';
import { largestDifference, runtime } from './evaluate.ts';

const shape: ModelShape = {
  vocabulary: 20,
  width: 12,
  layers: 2,
  heads: 3,
  imageSize: 4,
  patchSize: 2,
  promptTokens: 6,
  completionTokens: 8,
};

it('Lanes: returns the same log-probabilities when other completions leave the decoder', async () => {
  const random = Random.from(1);
  const network = new Network(shape, await runtime());
  const weights = initialWeights(shape, random);
  const prompts = Array.from({ length: 8 }, (_, i) => ({
    pictures: i % 3 === 0 ? [] : [Float32Array.from({ length: 48 }, () => random.normal())],
    tokens: Array.from({ length: 2 + (i % 4) }, () => random.below(shape.vocabulary)),
    positions: Array.from({ length: 2 + (i % 4) }, (_, at) => at),
  }));
  const options = { n: 4, length: 6, inverseTemperature: 1 };
  const all = await Lanes.open(network, weights, prompts, options);
  const few = await Lanes.open(network, weights, prompts, options);
  const live: Lane[] = [
    { group: 6, slot: 3 },
    { group: 1, slot: 0 },
    { group: 6, slot: 1 },
  ];
  const places = live.map((lane) => ({ ...lane }));
  const logprobs = async (lanes: Lanes, at: Lane[]) => {
    const out = await lanes.step();
    return at.flatMap((lane) => {
      const from = lanes.row(lane) * shape.vocabulary;
      return Array.from(out.logprobs!.subarray(from, from + shape.vocabulary));
    });
  };
  for (let t = 0; t < 6; t++) {
    expect(largestDifference(await logprobs(few, live), await logprobs(all, places))).toBeLessThan(1e-5);
    live.forEach((lane, i) => {
      const token = 7 + t + i;
      few.put(lane, token);
      all.put(places[i]!, token);
    });
    if (t === 2) few.narrow(live);
  }
  expect(live).toEqual([
    { group: 0, slot: 0 },
    { group: 1, slot: 0 },
    { group: 0, slot: 1 },
  ]);
  await network.close();
});
