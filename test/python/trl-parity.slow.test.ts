import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { weighCompletion, type Aggregation } from '../../src/core/rewards/token-weights.ts';
import { ask } from '../../src/engines/conformance/sampler-conformance.ts';
import { readTensors } from '../../src/engines/embedded/weights.ts';
import type { TorchTrainer } from '../../src/engines/torch/torch-engine.ts';
import type { OptimOptions } from '../../src/engines/trainer.ts';
import { BLUE, GREEN, halves, openTiny, RED, scratch, torch } from './open.ts';

/** What trl_gradients.py writes. Completions stand group by group. */
interface Rollouts {
  question: string;
  cases: { name: string; loss: 'grpo' | 'dr_grpo' | 'dapo'; beta: number; on_policy: boolean }[];
  max_tokens: number;
  advantages: number[];
  tokens: number[][];
  logprobs: number[][];
  old: number[][];
  reference: number[][];
}

const AGGREGATION: Record<string, Aggregation> = {
  grpo: 'sequence-mean',
  dr_grpo: 'dr-grpo',
  dapo: 'token-mean',
};
const GROUPS = 2;
const CASES = Object.keys(AGGREGATION).flatMap((loss) =>
  ['0.0', '0.04'].flatMap((beta) => ['on', 'off'].map((policy) => `${loss}-${beta}-${policy}`)),
);
/** With an epsilon far above every gradient, Adam's first step is the gradient itself. */
const PLAIN: OptimOptions = {
  learningRate: 1e4,
  eps: 1e4,
  betas: [0.9, 0.999],
  weightDecay: 0,
  gradClip: null,
};

describe.skipIf(!torch)('policy gradients match TRL', () => {
  const folder = scratch();
  let trainer: TorchTrainer;
  let rollouts: Rollouts;
  let hashes: string[];

  beforeAll(async () => {
    const images = [await halves(RED, BLUE), await halves(GREEN, RED)];
    for (const [i, image] of images.entries()) await writeFile(join(folder, `${i}.png`), image);
    const model = join(torch!.models, 'qwen2_5_vl');
    await promisify(execFile)(torch!.python, ['test/python/trl_gradients.py', model, folder]);
    rollouts = JSON.parse(await readFile(join(folder, 'rollouts.json'), 'utf8')) as Rollouts;
    trainer = await openTiny('qwen2_5_vl', { maxPixels: null });
    hashes = [];
    for (const image of images) hashes.push((await trainer.putImage(image)).hash);
  });
  afterAll(() => trainer.close());

  /** Groups with a value per completion. */
  const grouped = <T>(values: (completion: number) => T): T[][] => {
    const size = rollouts.tokens.length / GROUPS;
    return Array.from({ length: GROUPS }, (_, g) =>
      Array.from({ length: size }, (_, i) => values(g * size + i)),
    );
  };

  it('log-probabilities match TRL at temperature 0.9', async () => {
    await trainer.load(join(folder, 'adapter'), 'weights');
    const groups = grouped((i) => ({ segments: [{ tokens: rollouts.tokens[i]!, trained: true }] })).map(
      (completions, g) => ({ prompt: ask(hashes[g]!, rollouts.question), completions }),
    );
    const scores = await trainer.forward(groups, { model: 'policy', temperature: 0.9 });
    const found = scores.flat(2).flatMap(({ logprobs }) => logprobs);
    const gap = Math.max(...found.map((x, i) => Math.abs(x - rollouts.logprobs.flat()[i]!)));
    expect(gap).toBeLessThan(1e-5);
  });

  it.each(CASES)('policy gradients match TRL for %s', async (name) => {
    const { loss, beta, on_policy } = rollouts.cases.find((found) => found.name === name)!;
    const objective = {
      aggregation: AGGREGATION[loss]!,
      beta,
      clip_low: 0.2,
      clip_high: 0.2,
      max_tokens: rollouts.max_tokens,
    };
    const counts = { completions: rollouts.tokens.length, tokens: rollouts.tokens.flat().length };
    const weighted = rollouts.tokens.map((_, i) =>
      weighCompletion(
        {
          advantage: rollouts.advantages[i]!,
          logprobs: rollouts.logprobs[i]!,
          oldLogprobs: (on_policy ? rollouts.logprobs : rollouts.old)[i]!,
          ...(beta > 0 && { referenceLogprobs: rollouts.reference[i]! }),
        },
        objective,
        counts,
      ),
    );
    if (!on_policy) {
      expect(weighted.some(({ clippedLow }) => clippedLow > 0)).toBe(true);
      expect(weighted.some(({ clippedHigh }) => clippedHigh > 0)).toBe(true);
    }
    await trainer.load(join(folder, 'adapter'), 'weights');
    const groups = grouped((i) => ({
      segments: [{ tokens: rollouts.tokens[i]!, trained: true, weights: weighted[i]!.weights }],
    })).map((completions, g) => ({ prompt: ask(hashes[g]!, rollouts.question), completions }));
    await trainer.forwardBackward(groups, { temperature: 0.9 });
    await trainer.optimStep(PLAIN);
    await trainer.exportAdapter(join(folder, name));

    const { arrays: before } = await readTensors(join(folder, 'adapter/adapter_model.safetensors'));
    const { arrays: after } = await readTensors(join(folder, name, 'adapter_model.safetensors'));
    const { arrays: wanted } = await readTensors(join(folder, `${name}.safetensors`));
    expect(Object.keys(after).sort()).toEqual(Object.keys(wanted).sort());
    for (const [weight, gradient] of Object.entries(wanted)) {
      const error = gradient.map((g, i) => before[weight]![i]! - after[weight]![i]! - g);
      expect(norm(error), weight).toBeLessThan(1e-4 * norm(gradient));
    }
  });
});

const norm = (x: Float32Array): number => Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));
