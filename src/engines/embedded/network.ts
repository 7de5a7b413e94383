import { inspectGraph, type InspectShape } from './inspect-graph.ts';
import { decodeGraph, prefillGraph, scoringGraph } from './transformer.ts';
import { batches, type EncodedGroup, packedShape, packPrefix, packRows } from './packing.ts';
import type { Runtime, Session, Value } from './runtime.ts';
import { type ModelShape, type PackedShape, weightShapes } from './shape.ts';
import type { Arrays } from './weights.ts';

interface ScoringOptions {
  temperature: number;
  /** Whether to compute the gradient of −Σ weight·log-probability. */
  train: boolean;
}

/**
 * Runs groups through the model in batches of similar shapes. `read` converts a batch's outputs to one result per
 * group. Results are in the order of the groups.
 */
export async function scoreGroups<T>(
  network: Network,
  weights: Arrays,
  groups: EncodedGroup[],
  { temperature, train }: ScoringOptions,
  read: (out: Arrays, batch: EncodedGroup[], packed: PackedShape) => T[],
): Promise<T[]> {
  if (!(temperature > 0)) throw new Error('Log-probabilities require a temperature above 0.');
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

type Feeds = Record<string, Value>;

/** Maximum number of sessions. A run needs about twenty shapes, each with tens of megabytes for a tiny model. */
const SESSIONS_KEPT = 24;

/** Compiled graphs of one model, cached by their shape, like a jit cache. */
export class Network {
  private readonly sessions = new Map<string, Promise<Session>>();
  private readonly shapes: Record<string, number[]>;

  constructor(
    readonly shape: ModelShape,
    private readonly runtime: Runtime,
    /** Weights whose gradients are computed. */
    private readonly trained: readonly string[] = Object.keys(weightShapes(shape)),
  ) {
    this.shapes = weightShapes(shape);
  }

  /** Returns log-probabilities and entropies. With `train`, returns gradients `d.<weight>` instead of entropies. */
  score(packed: PackedShape, weights: Arrays, feeds: Feeds, { train }: { train: boolean }): Promise<Arrays> {
    const key = `${train ? 'train' : 'score'} ${Object.values(packed).join()}`;
    return this.run(key, () => scoringGraph(this.shape, packed, train ? this.trained : []), weights, feeds);
  }

  /** Scores completions, and reads or changes values in the pass (see `inspectGraph`). */
  inspect(shape: InspectShape, weights: Arrays, feeds: Feeds): Promise<Arrays> {
    const key = `inspect ${JSON.stringify(shape)}`;
    return this.run(key, () => inspectGraph(this.shape, shape), weights, feeds);
  }

  prefill({ groups, pictures, prefix }: PackedShape, weights: Arrays, feeds: Feeds): Promise<Arrays> {
    const sizes = { groups, pictures, prefix };
    return this.run(
      `prefill ${Object.values(sizes).join()}`,
      () => prefillGraph(this.shape, sizes),
      weights,
      feeds,
    );
  }

  decode(packed: PackedShape, weights: Arrays, feeds: Feeds): Promise<Arrays> {
    const key = `decode ${Object.values(packed).join()}`;
    return this.run(key, () => decodeGraph(this.shape, packed), weights, feeds);
  }

  async close(): Promise<void> {
    for (const session of this.sessions.values()) await (await session).release();
    this.sessions.clear();
  }

  private async run(key: string, build: () => Uint8Array, weights: Arrays, feeds: Feeds): Promise<Arrays> {
    const session = await this.session(key, build);
    const all = Object.fromEntries(
      session.inputNames.map((name) => [
        name,
        feeds[name] ?? { data: weights[name]!, dims: this.shapes[name]! },
      ]),
    );
    return session.run(all);
  }

  /** Drops the least recently used session to make room for a new session. */
  private async session(key: string, build: () => Uint8Array): Promise<Session> {
    const session = this.sessions.get(key) ?? this.runtime.compile(build());
    this.sessions.delete(key);
    this.sessions.set(key, session);
    if (this.sessions.size > SESSIONS_KEPT) {
      const [oldest, unused] = this.sessions.entries().next().value!;
      this.sessions.delete(oldest);
      await (await unused).release();
    }
    return session;
  }
}
