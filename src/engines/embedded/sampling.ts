import { setImmediate } from 'node:timers/promises';
import type { Random } from '../../core/random.ts';
import type { SamplingOptions } from '../sampler.ts';
import { Lanes } from './lanes.ts';
import type { Network } from './network.ts';
import type { EncodedPrompt } from './packing.ts';
import { SPECIAL } from './tokenizer.ts';
import type { Arrays } from './weights.ts';

/** A completion as drawn. */
export interface Draw {
  tokens: number[];
  logprobs: number[];
  entropies: number[];
  stopReason: 'end' | 'stop' | 'length';
}

/** `random` gives the random stream of a completion, `stops` says whether the text of the tokens ends there. */
interface Drawing extends SamplingOptions {
  random(prompt: number, completion: number): Random;
  stops(tokens: number[]): boolean;
}

/** Draws `n` completions of every prompt, all at once, token by token: `[prompt][completion]`. */
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

/**
 * The id at which the cumulative probability passes u; with top-p below 1, only among the likeliest ids that reach it.
 */
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
