import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AdamW } from '../../../src/engines/embedded/adamw.ts';
import { weightShapes, type ModelShape } from '../../../src/engines/embedded/shape.ts';
import { Network, scoreGroups } from '../../../src/engines/embedded/network.ts';
import { unpackRows, type EncodedGroup } from '../../../src/engines/embedded/packing.ts';
import type { Arrays } from '../../../src/engines/embedded/weights.ts';
import type { OptimOptions } from '../../../src/engines/trainer.ts';
import { largestDifference, runtime } from './evaluate.ts';

type Lists = Record<string, number[]>;

/** What test/fixtures/parity/embedded-model/make.py recorded. */
interface Recorded {
  shape: ModelShape;
  temperature: number;
  weights: Lists;
  groups: {
    patches: number[] | null;
    tokens: number[];
    positions: number[];
    rows: { tokens: number[]; weights: number[]; logprobs: number[]; entropies: number[] }[];
  }[];
  gradients: Lists;
  adamw: {
    options: Omit<OptimOptions, 'gradClip'>;
    clips: (number | null)[];
    norms: number[];
    weights: Lists;
  };
}

const torch = JSON.parse(
  readFileSync(new URL('../../fixtures/parity/embedded-model/torch.json', import.meta.url), 'utf8'),
) as Recorded;

const float32 = (lists: Lists): Arrays =>
  Object.fromEntries(Object.entries(lists).map(([name, list]) => [name, Float32Array.from(list)]));

const { shape, temperature } = torch;
const weights = float32(torch.weights);
const groups: EncodedGroup[] = torch.groups.map(({ patches, tokens, positions, rows }) => ({
  prompt: { pictures: patches ? [Float32Array.from(patches)] : [], tokens, positions },
  rows,
}));
const rowsOf = (name: 'logprobs' | 'entropies') =>
  torch.groups.flatMap(({ rows }) => rows.flatMap((row) => row[name]));

describe('the embedded model agrees with PyTorch', () => {
  it('log-probabilities and entropies agree with PyTorch', async () => {
    const network = new Network(shape, await runtime());
    const scores = await scoreGroups(
      network,
      weights,
      groups,
      { temperature, train: false },
      (out, batch, packed) =>
        unpackRows(out.logprobs!, batch, packed).map((logprobs, i) => ({
          logprobs,
          entropies: unpackRows(out.entropies!, batch, packed)[i]!,
        })),
    );
    expect(
      largestDifference(
        scores.flatMap((s) => s.logprobs.flat()),
        rowsOf('logprobs'),
      ),
    ).toBeLessThan(1e-5);
    expect(
      largestDifference(
        scores.flatMap((s) => s.entropies.flat()),
        rowsOf('entropies'),
      ),
    ).toBeLessThan(1e-5);
  });

  it('the gradient of every weight agrees with PyTorch', async () => {
    const network = new Network(shape, await runtime());
    const sums: Arrays = {};
    const logprobs = await scoreGroups(
      network,
      weights,
      groups,
      { temperature, train: true },
      (out, batch, packed) => {
        for (const name of Object.keys(weights))
          sums[name] = out[`d.${name}`]!.map((x, i) => x + (sums[name]?.[i] ?? 0));
        return unpackRows(out.logprobs!, batch, packed);
      },
    );
    expect(largestDifference(logprobs.flat(2), rowsOf('logprobs'))).toBeLessThan(1e-5);
    for (const [name, expected] of Object.entries(torch.gradients))
      expect(largestDifference(sums[name]!, expected), name).toBeLessThan(2e-5);
  });

  it('AdamW steps agree with PyTorch, with and without clipping', () => {
    const { options, clips, norms } = torch.adamw;
    const stepped = float32(torch.weights);
    const adamw = new AdamW(stepped);
    const shapes = weightShapes(shape);
    clips.forEach((gradClip, i) => {
      const norm = adamw.update(
        stepped,
        float32(torch.gradients),
        { ...options, gradClip },
        (name) => shapes[name]!.length > 1,
      );
      expect(norm).toBeCloseTo(norms[i]!, 4);
    });
    for (const [name, expected] of Object.entries(torch.adamw.weights))
      expect(largestDifference(stepped[name]!, expected), name).toBeLessThan(1e-6);
  });
});
