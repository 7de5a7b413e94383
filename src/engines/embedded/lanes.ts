import { imageTokens, MASKED, type PackedShape } from './model.ts';
import type { Network } from './network.ts';
import { packPrefix, prefixLength, roundUp, type EncodedPrompt, type Feed } from './packing.ts';
import type { Arrays } from './weights.ts';

/** Where a completion is decoded: its group (a prompt) and its slot among the completions of that group. */
export interface Lane {
  group: number;
  slot: number;
}

/**
 * Completions of several prompts, decoded token by token. Keys and values of a prompt are computed once and shared by
 * its completions; those of the completions lie in arrays of fixed capacity, filled in place.
 */
export class Lanes {
  private time = 0;

  private constructor(
    private readonly network: Network,
    private readonly weights: Arrays,
    private packed: PackedShape,
    private feeds: Record<string, Feed>,
  ) {}

  /** Reads the prompts, and makes room for `n` completions of each, `length` tokens long. */
  static async open(
    network: Network,
    weights: Arrays,
    prompts: EncodedPrompt[],
    { n, length, inverseTemperature }: { n: number; length: number; inverseTemperature: number },
  ): Promise<Lanes> {
    const packed: PackedShape = {
      groups: roundUp(prompts.length),
      prefix: prefixLength(prompts),
      size: n,
      length: roundUp(length),
    };
    const { groups, prefix, size } = packed;
    const { layers, heads, width } = network.shape;
    const d = width / heads;
    const read = packPrefix(prompts, packed, network.shape);
    const cache = await network.prefill(groups, prefix, weights, read);
    const feeds: Record<string, Feed> = {
      hidden: read.hidden!,
      past: { data: new Float32Array(packed.length).fill(MASKED), dims: [1, packed.length] },
      'completion.tokens': { data: new Int32Array(groups * size), dims: [groups * size] },
      'completion.positions': { data: new Int32Array(groups * size), dims: [groups * size] },
      inverseTemperature: { data: Float32Array.of(inverseTemperature), dims: [1, 1] },
    };
    const shared = [groups, heads, imageTokens(network.shape) + prefix, d];
    const own = [groups, heads, size, packed.length, d];
    for (let i = 0; i < layers; i++) {
      feeds[`prefixKeys${i}`] = { data: cache[`k${i}`]!, dims: shared };
      feeds[`prefixValues${i}`] = { data: cache[`v${i}`]!, dims: shared };
      for (const name of [`keys${i}`, `values${i}`])
        feeds[name] = { data: new Float32Array(own.reduce((a, b) => a * b, 1)), dims: own };
    }
    const lanes = new Lanes(network, weights, packed, feeds);
    prompts.forEach(({ tokens, positions }, group) => {
      for (let slot = 0; slot < n; slot++) lanes.put({ group, slot }, tokens.at(-1)!, positions.at(-1)!);
    });
    return lanes;
  }

  /** The number of a lane in outputs. */
  row({ group, slot }: Lane): number {
    return group * this.packed.size + slot;
  }

  /** The token that a lane reads next, at the position after its last one. */
  put(lane: Lane, token: number, position?: number): void {
    const row = this.row(lane);
    const positions = this.feeds['completion.positions']!.data;
    this.feeds['completion.tokens']!.data[row] = token;
    positions[row] = position ?? positions[row]! + 1;
  }

  /** Reads one token in every lane. Outputs are those of `decodeGraph`, by row. */
  async step(): Promise<Record<string, Float32Array>> {
    const out = await this.network.decode(this.packed, this.weights, this.feeds);
    const { length } = this.packed;
    const { layers, heads, width } = this.network.shape;
    const d = width / heads;
    for (let i = 0; i < layers; i++)
      for (const [name, part] of [
        [`keys${i}`, `k${i}`],
        [`values${i}`, `v${i}`],
      ] as const) {
        const [to, from] = [this.feeds[name]!.data, out[part]!];
        for (let row = 0; row * d < from.length; row++)
          for (let j = 0; j < d; j++) to[(row * length + this.time) * d + j] = from[row * d + j]!;
      }
    this.feeds.past!.data[this.time] = 0;
    this.time += 1;
    return out;
  }

  /**
   * Leaves finished completions out where that makes a step a quarter as large or smaller; less would not earn the
   * compiling of another shape. The lanes of `live` get their new places.
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
    const lanes = kept.flatMap((lanes, group) =>
      lanes.map(({ ...from }, slot): Move => ({ from, to: { group, slot } })),
    );
    const prompts = kept.map(([lane], group): Move => ({
      from: { group: lane!.group, slot: 0 },
      to: { group, slot: 0 },
    }));
    for (const [name, { data, dims }] of Object.entries(this.feeds)) {
      if (/^(hidden|prefix)/.test(name)) {
        const next = moved(data, prompts, { ...before, planes: 1, size: 1 }, { groups, size: 1 });
        this.feeds[name] = { data: next, dims: [groups, ...dims.slice(1)] };
      } else if (/^(keys|values)/.test(name)) {
        const next = moved(data, lanes, { ...before, planes: heads }, { groups, size });
        this.feeds[name] = { data: next, dims: [groups, heads, size, ...dims.slice(3)] };
      } else if (/^completion/.test(name)) {
        const next = moved(data, lanes, { ...before, planes: 1 }, { groups, size });
        this.feeds[name] = { data: next, dims: [groups * size] };
      }
    }
    kept.forEach((lanes, group) => lanes.forEach((lane, slot) => Object.assign(lane, { group, slot })));
    this.packed = { ...before, groups, size };
  }
}

interface Move {
  from: Lane;
  to: Lane;
}

/** An array [groups, planes, size, …], made anew for other groups and another size, with lanes at their new places. */
function moved<T extends Feed['data']>(
  data: T,
  moves: Move[],
  { groups, planes, size }: { groups: number; planes: number; size: number },
  after: { groups: number; size: number },
): T {
  const rest = data.length / (groups * planes * size);
  const next = data.slice(0, after.groups * planes * after.size * rest).fill(0) as T;
  for (const { from, to } of moves)
    for (let plane = 0; plane < planes; plane++) {
      const start = ((from.group * planes + plane) * size + from.slot) * rest;
      next.set(
        data.subarray(start, start + rest),
        ((to.group * planes + plane) * after.size + to.slot) * rest,
      );
    }
  return next;
}
