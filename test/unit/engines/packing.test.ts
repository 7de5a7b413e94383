import { describe, expect, it } from 'vitest';
import { batches, packedShape, type EncodedGroup } from '../../../src/engines/embedded/packing.ts';
import { imageTokens, type ModelShape } from '../../../src/engines/embedded/shape.ts';

const shape: ModelShape = {
  vocabulary: 60,
  width: 96,
  layers: 3,
  heads: 4,
  imageSize: 64,
  patchSize: 16,
  promptTokens: 24,
  completionTokens: 32,
};

const PROMPT = 11;

/** A group of completions of these lengths. */
const group = (lengths: number[]): EncodedGroup => ({
  prompt: { pictures: [], tokens: Array<number>(PROMPT).fill(0), positions: Array<number>(PROMPT).fill(0) },
  rows: lengths.map((n) => ({ tokens: Array<number>(n).fill(0), weights: Array<number>(n).fill(0) })),
});

/** Tokens that a batch computes, padding included. */
function tokensOf(groups: EncodedGroup[]): number {
  const { groups: n, prefix, size, length } = packedShape(groups);
  return n * (imageTokens(shape) + prefix + size * length);
}

describe('batches of groups', () => {
  it('batches pad only the batch with a long completion', () => {
    // A step of the demo: half of the completions have 15 tokens, the others 17, and one has run on to 32.
    const groups = Array.from({ length: 32 }, (_, g) => group(Array<number>(8).fill(g % 2 ? 17 : 15)));
    groups[5]!.rows[3]!.tokens.length = 32;
    const computed = batches(groups, shape)
      .map((batch) => tokensOf(batch.map((i) => groups[i]!)))
      .reduce((a, b) => a + b);
    const real = groups
      .map(
        ({ rows }) => imageTokens(shape) + PROMPT - 1 + rows.reduce((n, { tokens }) => n + tokens.length, 0),
      )
      .reduce((a, b) => a + b);
    expect(tokensOf(groups) / real).toBeGreaterThan(1.7);
    expect(computed / real).toBeLessThan(1.3);
  });

  it('batches contain every group exactly once', () => {
    const groups = Array.from({ length: 40 }, (_, g) => group(Array<number>(1 + (g % 9)).fill(1 + (g % 31))));
    expect(
      batches(groups, shape)
        .flat()
        .toSorted((a, b) => a - b),
    ).toEqual(groups.map((_, i) => i));
  });

  it('batches keep the order of groups that fit into one batch', () => {
    const groups = [20, 3, 12].map((n) => group([n]));
    expect(batches(groups, shape)).toEqual([[0, 1, 2]]);
  });
});
