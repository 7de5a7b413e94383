import type { PackedShape } from './shape.ts';
import type { Network } from './network.ts';
import { batches, packedShape, packPrefix, packRows, type EncodedGroup } from './packing.ts';
import type { Arrays } from './weights.ts';

export interface ScoringOptions {
  temperature: number;
  /** Also compute the gradient of −Σ weight·log-probability. */
  train: boolean;
}

/**
 * Runs groups through the model in batches of like shapes. What `read` makes of a batch's outputs, one result per
 * group, comes back in the order of the groups.
 */
export async function scoreGroups<T>(
  network: Network,
  weights: Arrays,
  groups: EncodedGroup[],
  { temperature, train }: ScoringOptions,
  read: (out: Arrays, batch: EncodedGroup[], packed: PackedShape) => T[],
): Promise<T[]> {
  if (!(temperature > 0)) throw new Error('Log-probabilities need a temperature above 0.');
  const results: T[] = [];
  for (const indices of batches(groups, network.shape)) {
    const batch = indices.map((i) => groups[i]!);
    const prompts = batch.map(({ prompt }) => prompt);
    const packed = packedShape(batch);
    const feeds = {
      ...packPrefix(prompts, packed, network.shape),
      ...packRows(batch, packed),
      inverseTemperature: { data: Float32Array.of(1 / temperature), dims: [1, 1] },
    };
    const out = await network.score(packed, weights, feeds, { train });
    read(out, batch, packed).forEach((result, i) => (results[indices[i]!] = result));
  }
  return results;
}
