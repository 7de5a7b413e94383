import type { Random } from '../../core/random.ts';
import type { SamplingOptions } from '../sampler.ts';
import { imageTokens, MASKED, type PackedShape } from './model.ts';
import type { Network } from './network.ts';
import { packPrefix, prefixLength, roundUp, type EncodedPrompt } from './packing.ts';
import type { Value } from './runtime.ts';
import { SPECIAL } from './tokenizer.ts';
import type { Arrays } from './weights.ts';

/** One completion as drawn. */
export interface Draw {
  tokens: number[];
  logprobs: number[];
  entropies: number[];
  stopReason: 'end' | 'stop' | 'length';
}

/**
 * Draws `n` completions of every prompt, all at once, token by token: `[prompt][completion]`. The keys and values of
 * a prompt are computed once and shared by its completions; those of the completions lie in arrays that grow in
 * place. `random` of a completion draws one number per token; `stops` says whether a text ends there.
 */
export async function sampleTokens(
  network: Network,
  weights: Arrays,
  prompts: EncodedPrompt[],
  { n, temperature, topP, maxTokens }: SamplingOptions,
  random: (prompt: number, completion: number) => Random,
  stops: (tokens: number[]) => boolean,
): Promise<Draw[][]> {
  const { shape } = network;
  const packed: PackedShape = {
    groups: roundUp(prompts.length),
    prefix: prefixLength(prompts),
    size: n,
    length: roundUp(maxTokens),
  };
  const prefix = packPrefix(prompts, packed, shape);
  const { caches, keep } = openCaches(
    network,
    packed,
    await network.prefill(packed.groups, packed.prefix, weights, prefix),
  );
  const past = new Float32Array(packed.length).fill(MASKED);
  const rows = packed.groups * n;
  const tokens = new Int32Array(rows).fill(SPECIAL.pad);
  const positions = new Int32Array(rows);
  const feeds: Record<string, Value> = {
    ...caches,
    hidden: prefix.hidden!,
    past: { data: past, dims: [1, packed.length] },
    'completion.tokens': { data: tokens, dims: [rows] },
    'completion.positions': { data: positions, dims: [rows] },
    inverseTemperature: { data: Float32Array.of(temperature > 0 ? 1 / temperature : 1), dims: [1, 1] },
  };
  prompts.forEach((prompt, p) => {
    tokens.fill(prompt.tokens.at(-1)!, p * n, (p + 1) * n);
    positions.fill(prompt.positions.at(-1)!, p * n, (p + 1) * n);
  });

  const draws = prompts.map((_, p) =>
    Array.from({ length: n }, (_, c) => ({
      row: p * n + c,
      random: random(p, c),
      draw: { tokens: [], logprobs: [], entropies: [], stopReason: 'length' } as Draw,
    })),
  );
  let live = draws.flat();
  for (let t = 0; t < maxTokens && live.length > 0; t++) {
    const out = await network.decode(packed, weights, feeds);
    for (const { row, random, draw } of live) {
      const from = row * shape.vocabulary;
      const p = out.probabilities!.subarray(from, from + shape.vocabulary);
      const id = temperature > 0 ? choose(p, topP, random.uniform()) : largest(p);
      draw.tokens.push(id);
      draw.logprobs.push(out.logprobs![from + id]!);
      draw.entropies.push(out.entropies![row]!);
      if (id === SPECIAL.end) draw.stopReason = 'end';
      else if (stops(draw.tokens)) draw.stopReason = 'stop';
      tokens[row] = id;
      positions[row]! += 1;
    }
    live = live.filter(({ draw }) => draw.stopReason === 'length');
    keep(out, t);
    past[t] = 0;
  }
  return draws.map((group) => group.map(({ draw }) => draw));
}

/** The caches that a decoding step reads, and how its own keys and values are added to them. */
function openCaches({ shape }: Network, packed: PackedShape, prefix: Record<string, Float32Array>) {
  const { layers, heads, width } = shape;
  const { groups, size, length } = packed;
  const d = width / heads;
  const caches: Record<string, Value & { data: Float32Array }> = {};
  for (let i = 0; i < layers; i++) {
    const shared = [groups, heads, imageTokens(shape) + packed.prefix, d];
    caches[`prefixKeys${i}`] = { data: prefix[`k${i}`]!, dims: shared };
    caches[`prefixValues${i}`] = { data: prefix[`v${i}`]!, dims: shared };
    for (const name of ['keys', 'values'])
      caches[`${name}${i}`] = {
        data: new Float32Array(groups * heads * size * length * d),
        dims: [groups, heads, size, length, d],
      };
  }
  const keep = (out: Record<string, Float32Array>, t: number) => {
    for (let i = 0; i < layers; i++)
      for (const [name, part] of [
        ['keys', 'k'],
        ['values', 'v'],
      ] as const) {
        const to = caches[`${name}${i}`]!.data;
        const from = out[`${part}${i}`]!;
        for (let at = 0, slot = t * d; at < from.length; at += d, slot += length * d)
          to.set(from.subarray(at, at + d), slot);
      }
  };
  return { caches, keep };
}

/** The id at which the cumulated probability passes u; below top-p 1, only among the likeliest that reach it. */
function choose(p: Float32Array, topP: number, u: number): number {
  if (topP < 1) return chooseFromNucleus(p, topP, u);
  let rest = u;
  for (let id = 0; id < p.length; id++) {
    rest -= p[id]!;
    if (rest < 0) return id;
  }
  // Rounded sums may end just below u.
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
