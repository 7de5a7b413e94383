/**
 * The embedded engine against the machine it runs on: a training step as a share of the matrix product that the same
 * run reaches, a step against PyTorch's, decoding, and a step with four frames against one with one. Rounds are
 * interleaved and measured in processor time, so that other load disturbs both sides, and little; with one thread on a
 * free machine it is wall time.
 *
 *     node scripts/bench.mjs engine [threads] [python with torch]
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Graph } from '../../src/engines/embedded/tensor-graph.ts';
import {
  imageTokens,
  initialWeights,
  mostPictures,
  type ModelShape,
} from '../../src/engines/embedded/shape.ts';
import { Network, scoreGroups } from '../../src/engines/embedded/network.ts';
import type { EncodedGroup } from '../../src/engines/embedded/packing.ts';
import { openRuntime, type RuntimeKind } from '../../src/engines/embedded/runtime.ts';
import { sampleTokens } from '../../src/engines/embedded/sampling.ts';
import { Random } from '../../src/base/random.ts';

const threads = Number(process.argv[2] ?? 1);
const python = process.argv[3];

/** A model, and how many tokens its prompts and completions have. */
interface Case {
  shape: ModelShape;
  prompt: number;
  completion: number;
}

const LARGE: Case = {
  shape: {
    vocabulary: 512,
    width: 128,
    layers: 4,
    heads: 4,
    imageSize: 64,
    patchSize: 8,
    promptTokens: 64,
    completionTokens: 64,
  },
  prompt: 65,
  completion: 64,
};

/** The model that a config of the embedded engine makes by default, as in the demo. */
const DEFAULT: Case = {
  shape: {
    vocabulary: 128,
    width: 96,
    layers: 3,
    heads: 4,
    imageSize: 64,
    patchSize: 16,
    promptTokens: 24,
    completionTokens: 32,
  },
  prompt: 16,
  completion: 24,
};

const random = Random.from(1);
const list = (n: number, f: (i: number) => number) => Array.from({ length: n }, (_, i) => f(i));

const patchDims = ({ patchSize }: ModelShape): number => 3 * patchSize ** 2;

function group({ shape, prompt, completion }: Case, size: number): EncodedGroup {
  const id = () => 8 + random.below(shape.vocabulary - 8);
  return {
    prompt: {
      pictures: Array.from({ length: mostPictures(shape) }, () =>
        Float32Array.from({ length: imageTokens(shape) * patchDims(shape) }, () => random.normal()),
      ),
      tokens: list(prompt, id),
      positions: list(prompt, (i) => i),
    },
    rows: list(size, (i) => i).map(() => ({
      tokens: list(completion, id),
      weights: list(completion, () => 1e-3),
    })),
  };
}

/** Multiply–adds of one step counted twice (forward), times three (with the backward pass), in GFLOP. */
function stepGflop({ shape, prompt, completion }: Case, groups: number, size: number): number {
  const { width: d, layers, vocabulary } = shape;
  const prefix = imageTokens(shape) + prompt - 1;
  const [p, c] = [groups * prefix, groups * size * completion];
  const linear = 12 * d * d * (p * (layers - 1) + c * layers) + 2 * d * d * p;
  const attention = 2 * d * (p * prefix * (layers - 1) + c * (prefix + completion) * layers);
  const ends = groups * imageTokens(shape) * patchDims(shape) * d + c * d * vocabulary;
  return (6 * (linear + attention + ends)) / 1e9;
}

const median = (x: number[]) => x.toSorted((a, b) => a - b)[Math.floor(x.length / 2)]!;

/** Milliseconds of processor time, over all threads of this process. */
async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e3;
}

/** A PyTorch process that takes one training step per line and answers with its milliseconds. */
function torchSteps(groups: number, size: number): (() => Promise<number>) | null {
  if (!python) return null;
  const child = spawn(python, ['test/bench/engine_torch.py', String(threads), String(groups), String(size)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  process.on('exit', () => child.kill());
  return async () => {
    child.stdin.write('step\n');
    return Number((await lines.next()).value);
  };
}

async function bench(kind: RuntimeKind, one: Case): Promise<void> {
  const { shape } = one;
  const runtime = await openRuntime(kind, threads);
  const network = new Network(shape, runtime);
  const weights = initialWeights(shape, random);
  console.log(`\n${runtime.name}, width ${shape.width}`);

  const graph = new Graph();
  const n = 1024;
  const square = { data: Float32Array.from({ length: n * n }, () => random.uniform()), dims: [n, n] };
  const product = await runtime.compile(
    graph.compile({ y: graph.input('a', [n, n]).gemm(graph.input('b', [n, n])) }),
  );
  const gemm = () => product.run({ a: square, b: square });
  const gemmGflop = (2 * n ** 3) / 1e9;

  for (const [groups, size] of [
    [32, 1],
    [8, 8],
  ] as const) {
    const batch = list(groups, (i) => i).map(() => group(one, size));
    const step = () => scoreGroups(network, weights, batch, { temperature: 1, train: true }, (_, b) => b);
    const torch = kind === 'native' && one === LARGE ? torchSteps(groups, size) : null;
    for (const work of [step, gemm, torch]) await work?.();
    const times: Record<'step' | 'gemm' | 'torch', number[]> = { step: [], gemm: [], torch: [] };
    for (let i = 0; i < 8; i++) {
      for (let j = 0; j < 4; j++) times.gemm.push(await timed(gemm));
      times.step.push(await timed(step));
      if (torch) times.torch.push(await torch());
    }
    const gflop = stepGflop(one, groups, size);
    const [rate, peak] = [gflop / median(times.step), gemmGflop / median(times.gemm)].map((x) => x * 1e3);
    console.log(
      `training step, ${groups} groups of ${size}: ${median(times.step).toFixed(0)} ms for ${gflop.toFixed(1)} GFLOP, ` +
        `${((100 * rate!) / peak!).toFixed(0)}% of the ${peak!.toFixed(0)} GFLOP/s of a ${n}³ product` +
        (torch
          ? `; PyTorch eager ${median(times.torch).toFixed(0)} ms, ${(median(times.torch) / median(times.step)).toFixed(2)} × ours`
          : ''),
    );
  }

  const prompts = list(8, (i) => i).map(() => group(one, 1).prompt);
  const rates: number[] = [];
  for (let i = 0; i < 5; i++) {
    let tokens = 0;
    const ms = await timed(async () => {
      const draws = await sampleTokens(network, weights, prompts, {
        n: 8,
        temperature: 1,
        topP: 1,
        maxTokens: one.completion,
        random: (p, c) => Random.from(`${p}/${c}`),
        stops: () => false,
      });
      tokens = draws.flat().reduce((sum, draw) => sum + draw.tokens.length, 0);
    });
    rates.push((tokens / ms) * 1e3);
  }
  console.log(
    `decoding 8 prompts × 8: ${median(rates.slice(1)).toFixed(0)} tokens per second, prefill included`,
  );
  await network.close();
}

/** Steps of a model of small clips on prompts of four frames, against steps of the same model on one frame of each. */
async function benchFrames(): Promise<void> {
  const runtime = await openRuntime('native', threads);
  const shape = { ...DEFAULT.shape, imageSize: 48, patchSize: 16, frames: 4 };
  const network = new Network(shape, runtime);
  const weights = initialWeights(shape, random);
  const four = list(64, (i) => i).map(() => group({ shape, prompt: 12, completion: 4 }, 1));
  const one = four.map(({ prompt, rows }) => ({
    prompt: { ...prompt, pictures: prompt.pictures.slice(0, 1) },
    rows,
  }));
  const step = (batch: EncodedGroup[]) => () =>
    scoreGroups(network, weights, batch, { temperature: 1, train: true }, (_, b) => b);
  const times: Record<'four' | 'one', number[]> = { four: [], one: [] };
  for (let i = 0; i < 9; i++) {
    const [ofFour, ofOne] = [await timed(step(four)), await timed(step(one))];
    if (i === 0) continue; // compiles
    times.four.push(ofFour);
    times.one.push(ofOne);
  }
  const [ofFour, ofOne] = [median(times.four), median(times.one)];
  console.log(
    `\ntraining step, 64 clips of 4 frames of ${imageTokens(shape)} patches: ${ofFour.toFixed(0)} ms, ` +
      `${(ofFour / ofOne).toFixed(2)} × that of one frame (${ofOne.toFixed(0)} ms)`,
  );
  await network.close();
}

for (const one of [LARGE, DEFAULT]) for (const kind of ['native', 'wasm'] as const) await bench(kind, one);
await benchFrames();
process.exit(0);
