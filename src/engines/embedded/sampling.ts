import { setImmediate } from 'node:timers/promises';
import type { Random } from '../../base/random.ts';
import type { SamplingOptions } from '../sampler.ts';
import type { Network } from './network.ts';
import { type EncodedPrompt, packPrefix, prefixShape, roundUp, type Feed } from './packing.ts';
import { SPECIAL } from './tokenizer.ts';
import type { Arrays } from './weights.ts';
import { MASKED } from './transformer.ts';
import { prefixTokens, type PackedShape } from './shape.ts';

/** A sampled completion: tokens, log-probabilities, entropies and stop reason. */
export interface Draw {
  tokens: number[];
  logprobs: number[];
  entropies: number[];
  stopReason: 'end' | 'stop' | 'length';
}

/** `random` returns the random stream of a completion. `stops` returns whether the text contains a stop string. */
interface Drawing extends SamplingOptions {
  random(prompt: number, completion: number): Random;
  stops(tokens: number[]): boolean;
}

/** Samples `n` completions of every prompt together, token by token: `[prompt][completion]`. */
export async function sampleTokens(
  network: Network,
  weights: Arrays,
  prompts: EncodedPrompt[],
  { n, temperature, topP, maxTokens, signal, random, stops }: Drawing,
): Promise<Draw[][]> {
  const { vocabulary } = network.shape;
  const inverseTemperature = temperature > 0 ? 1 / temperature : 1;
  const lanes = await Lanes.open(network, weights, prompts, { n, length: maxTokens, inverseTemperature });
  const draws = prompts.map((_, group) =>
    Array.from({ length: n }, (_, slot) => ({
      lane: { group, slot },
      random: random(group, slot),
      draw: { tokens: [], logprobs: [], entropies: [], stopReason: 'length' } as Draw,
    })),
  );
  let live = draws.flat();
  for (let t = 0; t < maxTokens && live.length > 0; t++) {
    if (signal) {
      // The WebAssembly build computes without returning to the event loop, so a cancellation would go unnoticed.
      await setImmediate();
      signal.throwIfAborted();
    }
    const { probabilities, logprobs, entropies } = await lanes.step();
    for (const { lane, random, draw } of live) {
      const row = lanes.row(lane);
      const p = probabilities!.subarray(row * vocabulary, (row + 1) * vocabulary);
      const id = temperature > 0 ? choose(p, topP, random.uniform()) : largest(p);
      draw.tokens.push(id);
      draw.logprobs.push(logprobs![row * vocabulary + id]!);
      draw.entropies.push(entropies![row]!);
      if (id === SPECIAL.end) draw.stopReason = 'end';
      else if (stops(draw.tokens)) draw.stopReason = 'stop';
      lanes.put(lane, id);
    }
    live = live.filter(({ draw }) => draw.stopReason === 'length');
    if (live.length > 0) lanes.narrow(live.map(({ lane }) => lane));
  }
  return draws.map((group) => group.map(({ draw }) => draw));
}

/** Returns the id at which the cumulative probability exceeds u. With top-p below 1, only the likeliest ids count. */
function choose(p: Float32Array, topP: number, u: number): number {
  if (topP < 1) return chooseFromNucleus(p, topP, u);
  let rest = u;
  for (let id = 0; id < p.length; id++) {
    rest -= p[id]!;
    if (rest < 0) return id;
  }
  // Because of rounding, the cumulative probability can end just below u.
  return largest(p);
}

function chooseFromNucleus(p: Float32Array, topP: number, u: number): number {
  const order = Array.from(p.keys()).sort((a, b) => p[b]! - p[a]! || a - b);
  let mass = 0;
  const size = 1 + order.findIndex((id) => (mass += p[id]!) >= topP);
  const nucleus = size > 0 ? order.slice(0, size) : order;
  let rest = u * mass;
  return nucleus.find((id) => (rest -= p[id]!) < 0) ?? nucleus[0]!;
}

function largest(p: Float32Array): number {
  let best = 0;
  for (let id = 1; id < p.length; id++) if (p[id]! > p[best]!) best = id;
  return best;
}

/** Location of a completion: its group (a prompt) and its slot in the group. */
export interface Lane {
  group: number;
  slot: number;
}

type Feeds = Record<string, Feed>;

/**
 * Completions of several prompts, decoded token by token. Keys and values of a prompt are computed once and shared by
 * its completions. Keys and values of completions are in arrays of fixed capacity, filled in place.
 */
export class Lanes {
  private time = 0;

  private constructor(
    private readonly network: Network,
    private readonly weights: Arrays,
    private packed: PackedShape,
    /** [groups, …]: keys, values and masks of the prompts. */
    private prompts: Feeds,
    /** [groups, heads, size, …]: keys and values of the completions' tokens. */
    private caches: Feeds,
    /** [groups · size]: the next token of every lane and its position. */
    private next: Feeds,
    /** Temperature, and mask of empty positions in the caches. */
    private readonly common: Feeds,
  ) {}

  /** Reads the prompts, and reserves space for `n` completions of `length` tokens for each prompt. */
  static async open(
    network: Network,
    weights: Arrays,
    prompts: EncodedPrompt[],
    { n, length, inverseTemperature }: { n: number; length: number; inverseTemperature: number },
  ): Promise<Lanes> {
    const packed: PackedShape = {
      groups: roundUp(prompts.length),
      ...prefixShape(prompts),
      size: n,
      length: roundUp(length),
    };
    const { groups, size } = packed;
    const { layers, heads, width } = network.shape;
    const d = width / heads;
    const read = packPrefix(prompts, packed, network.shape);
    const prefilled = await network.prefill(packed, weights, read);
    const ofPrompts: Feeds = { paddingBias: read.paddingBias! };
    const caches: Feeds = {};
    for (let i = 0; i < layers; i++)
      for (const [name, prefixName, part] of [
        [`keys${i}`, `prefixKeys${i}`, `k${i}`],
        [`values${i}`, `prefixValues${i}`, `v${i}`],
      ] as const) {
        const shared = [groups, heads, prefixTokens(network.shape, packed), d];
        ofPrompts[prefixName] = { data: prefilled[part]!, dims: shared };
        caches[name] = zeros([groups, heads, size, packed.length, d]);
      }
    const next: Feeds = {
      'completion.tokens': { data: new Int32Array(groups * size), dims: [groups * size] },
      'completion.positions': { data: new Int32Array(groups * size), dims: [groups * size] },
    };
    const common: Feeds = {
      past: { data: new Float32Array(packed.length).fill(MASKED), dims: [1, packed.length] },
      inverseTemperature: { data: Float32Array.of(inverseTemperature), dims: [1, 1] },
    };
    const lanes = new Lanes(network, weights, packed, ofPrompts, caches, next, common);
    prompts.forEach(({ tokens, positions }, group) => {
      for (let slot = 0; slot < n; slot++) lanes.put({ group, slot }, tokens.at(-1)!, positions.at(-1)!);
    });
    return lanes;
  }

  /** Returns the index of a lane in the outputs of a step. */
  row({ group, slot }: Lane): number {
    return group * this.packed.size + slot;
  }

  /** Sets the next token of a lane, by default at the position after the lane's last token. */
  put(lane: Lane, token: number, position?: number): void {
    const row = this.row(lane);
    const positions = this.next['completion.positions']!.data;
    this.next['completion.tokens']!.data[row] = token;
    positions[row] = position ?? positions[row]! + 1;
  }

  /** Reads one token in every lane. Returns the outputs of `decodeGraph`, by the index of the lane. */
  async step(): Promise<Arrays> {
    const feeds = { ...this.prompts, ...this.caches, ...this.next, ...this.common };
    const out = await this.network.decode(this.packed, this.weights, feeds);
    const { layers, heads, width } = this.network.shape;
    for (let i = 0; i < layers; i++) {
      this.keep(`keys${i}`, out[`k${i}`]!, width / heads);
      this.keep(`values${i}`, out[`v${i}`]!, width / heads);
    }
    this.common.past!.data[this.time] = 0;
    this.time += 1;
    return out;
  }

  /**
   * Drops finished completions if the next step then needs at most a quarter of the lanes. A smaller gain would not
   * justify compiling another shape. Updates the locations of the lanes in `live`.
   */
  narrow(live: Lane[]): void {
    const byGroup = new Map<number, Lane[]>();
    for (const lane of live) byGroup.set(lane.group, [...(byGroup.get(lane.group) ?? []), lane]);
    const kept = [...byGroup.values()];
    const groups = roundUp(kept.length);
    const size = roundUp(Math.max(...kept.map((lanes) => lanes.length)));
    const before = this.packed;
    if (groups * size * 4 > before.groups * before.size) return;
    const { heads } = this.network.shape;
    const ofPrompts = kept.map(([lane], group): Move => [
      { group: lane!.group, slot: 0 },
      { group, slot: 0 },
    ]);
    const ofLanes = kept.flatMap((lanes, group) =>
      lanes.map((lane, slot): Move => [{ ...lane }, { group, slot }]),
    );
    this.prompts = moved(
      this.prompts,
      ofPrompts,
      { ...before, planes: 1, size: 1 },
      { groups, size: 1 },
      (dims) => [groups, ...dims.slice(1)],
    );
    this.caches = moved(this.caches, ofLanes, { ...before, planes: heads }, { groups, size }, (dims) => [
      groups,
      heads,
      size,
      ...dims.slice(3),
    ]);
    this.next = moved(this.next, ofLanes, { ...before, planes: 1 }, { groups, size }, () => [groups * size]);
    kept.forEach((lanes, group) => lanes.forEach((lane, slot) => Object.assign(lane, { group, slot })));
    this.packed = { ...before, groups, size };
  }

  /** Writes the keys or values [rows, d] of the current token to a cache. */
  private keep(name: string, from: Float32Array, d: number): void {
    const to = this.caches[name]!.data;
    const { length } = this.packed;
    for (let row = 0; row * d < from.length; row++)
      for (let j = 0; j < d; j++) to[(row * length + this.time) * d + j] = from[row * d + j]!;
  }
}

type Move = [Lane, Lane];

/** Copies arrays [groups, planes, size, …] for other groups and another size. Moves lanes to their new locations. */
function moved(
  feeds: Feeds,
  moves: Move[],
  { groups, planes, size }: { groups: number; planes: number; size: number },
  after: { groups: number; size: number },
  newDims: (dims: number[]) => number[],
): Feeds {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, { data, dims }]) => {
      const rest = data.length / (groups * planes * size);
      const next = data.slice(0, after.groups * planes * after.size * rest).fill(0);
      for (const [from, to] of moves)
        for (let plane = 0; plane < planes; plane++) {
          const source = ((from.group * planes + plane) * size + from.slot) * rest;
          const target = ((to.group * planes + plane) * after.size + to.slot) * rest;
          next.set(data.subarray(source, source + rest), target);
        }
      return [name, { data: next, dims: newDims(dims) }];
    }),
  );
}

function zeros(dims: number[]): Feed {
  return { data: new Float32Array(dims.reduce((a, b) => a * b, 1)), dims };
}
