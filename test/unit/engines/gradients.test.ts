import { describe, expect, it } from 'vitest';
import { Graph } from '../../../src/engines/embedded/tensor-graph.ts';
import {
  attention,
  entropy,
  logProbabilities,
  rmsNorm,
  type KeyBlock,
} from '../../../src/engines/embedded/layers.ts';
import type { Tensor } from '../../../src/engines/embedded/tensor.ts';
import { evaluate, largestDifference, normals, runtime, sizeOf, slopeAt } from './evaluate.ts';

interface Case {
  /** Shapes of the inputs a, b, …; gradients are checked with respect to each. */
  shapes: number[][];
  build: (inputs: Tensor[], graph: Graph) => Tensor;
  /** Moves the random inputs to where the operator is defined and smooth. */
  prepare?: (x: number) => number;
}

const positive = (x: number) => Math.abs(x) + 1;
const awayFromZero = (x: number) => x + 0.3 * Math.sign(x);
const ids = (graph: Graph, values: number[]) => graph.constant(values, [values.length], 'int32');

const cases: Record<string, Case> = {
  add: { shapes: [[2, 3], [3]], build: ([a, b]) => a!.add(b!) },
  'add a number': { shapes: [[2, 3]], build: ([a]) => a!.add(2) },
  sub: { shapes: [[2, 1], [3]], build: ([a, b]) => a!.sub(b!) },
  mul: {
    shapes: [
      [2, 3, 2],
      [3, 1],
    ],
    build: ([a, b]) => a!.mul(b!),
  },
  div: { shapes: [[2, 3], [3]], build: ([a, b]) => a!.div(b!), prepare: positive },
  neg: { shapes: [[4]], build: ([a]) => a!.neg() },
  exp: { shapes: [[4]], build: ([a]) => a!.exp() },
  sqrt: { shapes: [[4]], build: ([a]) => a!.sqrt(), prepare: positive },
  relu: { shapes: [[3, 4]], build: ([a]) => a!.relu(), prepare: awayFromZero },
  'sum over some axes': { shapes: [[2, 3, 4]], build: ([a]) => a!.sum([0, 2]) },
  'sum over all': { shapes: [[2, 3]], build: ([a]) => a!.sum() },
  'sum of squares': { shapes: [[2, 3]], build: ([a]) => a!.sumSquares() },
  expand: { shapes: [[2, 1, 3]], build: ([a]) => a!.expand([2, 4, 3]) },
  softmax: { shapes: [[2, 4]], build: ([a]) => a!.softmax() },
  logSoftmax: { shapes: [[2, 4]], build: ([a]) => a!.logSoftmax() },
  reshape: { shapes: [[2, 3]], build: ([a]) => a!.reshape([3, 2]) },
  transpose: { shapes: [[2, 3, 4]], build: ([a]) => a!.transpose([2, 0, 1]) },
  slice: { shapes: [[2, 5]], build: ([a]) => a!.slice(1, 1, 4) },
  concat: {
    shapes: [
      [2, 3],
      [2, 1],
      [2, 2],
    ],
    build: ([a, b, c]) => a!.concat([b!, c!], 1),
  },
  rows: { shapes: [[4, 3]], build: ([a], g) => a!.rows(ids(g, [2, 0, 2])) },
  pick: { shapes: [[3, 4]], build: ([a], g) => a!.pick(ids(g, [1, 3, 0])) },
  'a value used twice': { shapes: [[3]], build: ([a]) => a!.mul(a!).add(a!.exp()) },
  rmsNorm: { shapes: [[3, 4]], build: ([a]) => rmsNorm(a!) },
  logProbabilities: {
    shapes: [[3, 4]],
    build: ([a], g) => logProbabilities(a!, ids(g, [1, 3, 0])).chosen,
  },
  'entropy of logProbabilities': {
    shapes: [[3, 4]],
    build: ([a]) => entropy(a!.logSoftmax()),
  },
  'attention to one block': {
    shapes: [
      [1, 2, 3, 2],
      [1, 2, 4, 2],
      [1, 2, 4, 2],
    ],
    build: ([q, k, v]) => attention(q!, [{ k: k!, v: v! }]),
  },
  'attention to shared and private blocks': {
    shapes: [
      [2, 1, 4, 3],
      [2, 1, 3, 3],
      [2, 1, 3, 3],
      [2, 1, 2, 2, 3],
      [2, 1, 2, 2, 3],
    ],
    build: ([q, k, v, ownK, ownV], g) =>
      attention(q!, [
        { k: k!, v: v!, bias: g.constant([0, -1e9, 0, 0, 0, -1e9], [2, 1, 1, 3]) },
        { k: ownK!, v: ownV!, bias: g.constant([0, -1e9, 0, 0], [2, 2]) },
      ]),
  },
};
for (const transA of [0, 1])
  for (const transB of [0, 1]) {
    const [a, b] = [transA ? [4, 2] : [2, 4], transB ? [3, 4] : [4, 3]];
    cases[`gemm ${transA}${transB}`] = { shapes: [a, b], build: ([x, y]) => x!.gemm(y!, { transA, transB }) };
    cases[`matmul ${transA}${transB}`] = {
      shapes: [
        [2, ...a],
        [2, ...b],
      ],
      build: ([x, y]) => x!.matmul(y!, { transA, transB, scale: 0.5 }),
    };
  }

/** Compares the gradient of Σ y·u for a random u with central differences in every element of every input. */
async function compareWithDifferences({ shapes, build, prepare = (x) => x }: Case): Promise<void> {
  const names = shapes.map((_, i) => String.fromCharCode(97 + i));
  const feeds = Object.fromEntries(
    shapes.map((shape, i) => {
      const value = normals(shape, `input ${i}`);
      return [names[i]!, { ...value, data: value.data.map(prepare) }];
    }),
  );
  const graph = new Graph();
  const inputs = shapes.map((shape, i) => graph.input(names[i]!, shape, { trainable: true }));
  const y = build(inputs, graph);
  const loss = y.mul(graph.constant(normals(y.shape, 'u').data, y.shape)).sum();
  const gradients = graph.gradients(loss, inputs);
  const session = await (
    await runtime()
  ).compile(graph.compile({ loss, ...Object.fromEntries(gradients.map((d, i) => [`d${names[i]!}`, d])) }));
  const lossNow = async () => (await session.run(feeds)).loss![0]!;
  const analytic = await session.run(feeds);
  // Truncation falls and rounding in float32 grows as the step shrinks; this one balances them.
  const h = 1 / 64;
  for (const [i, shape] of shapes.entries()) {
    const { data } = feeds[names[i]!]!;
    const numeric = new Float32Array(sizeOf(shape));
    for (const at of numeric.keys()) numeric[at] = await slopeAt(data, at, h, lossNow);
    expect(largestDifference(analytic[`d${names[i]!}`]!, numeric)).toBeLessThan(2e-3);
  }
  await session.release();
}

describe('the gradient of every operator agrees with finite differences', () =>
  it.each(Object.keys(cases))('%s', (name) => compareWithDifferences(cases[name]!)));

/** attention() in the plainest form: every query and key in one block, the mask spelled out. */
function plainAttention(q: Tensor, { k, v, bias }: Required<KeyBlock>): Tensor {
  return q
    .matmul(k, { transB: 1, scale: q.shape.at(-1)! ** -0.5 })
    .add(bias)
    .softmax()
    .matmul(v);
}

describe('attention operator', () => {
  it('attention to a shared prompt equals attention in one long sequence', async () => {
    // Two completions of two tokens, a prompt of three: in one block, each query may see the prompt and its own past.
    const feeds = { q: normals([1, 2, 4, 3], 1), k: normals([1, 2, 7, 3], 2), v: normals([1, 2, 7, 3], 3) };
    const u = normals([1, 2, 4, 3], 4).data;
    const outputs = (graph: Graph, y: Tensor, inputs: Tensor[]) => {
      const [dq, dk, dv] = graph.gradients(y.mul(graph.constant(u, y.shape)).sum(), inputs);
      return { y, dq: dq!, dk: dk!, dv: dv! };
    };
    const packed = await evaluate(feeds, (graph, { q, k, v }) => {
      const split = (x: Tensor) => [x.slice(2, 0, 3), x.slice(2, 3, 7).reshape([1, 2, 2, 2, 3])] as const;
      const [[k1, k2], [v1, v2]] = [split(k!), split(v!)];
      const causal = graph.constant([0, -1e9, 0, 0], [2, 2]);
      const y = attention(q!, [
        { k: k1, v: v1 },
        { k: k2, v: v2, bias: causal },
      ]);
      return outputs(graph, y, [q!, k!, v!]);
    });
    const plain = await evaluate(feeds, (graph, { q, k, v }) => {
      const no = -1e9;
      const mask = [
        [0, 0, 0, 0, no, no, no],
        [0, 0, 0, 0, 0, no, no],
        [0, 0, 0, no, no, 0, no],
        [0, 0, 0, no, no, 0, 0],
      ];
      const y = plainAttention(q!, { k: k!, v: v!, bias: graph.constant(mask.flat(), [4, 7]) });
      return outputs(graph, y, [q!, k!, v!]);
    });
    for (const name of ['y', 'dq', 'dk', 'dv'])
      expect(largestDifference(packed[name]!, plain[name]!)).toBeLessThan(1e-5);
  });
});

describe('Graph of operators', () => {
  it('Graph computes only the inputs of the requested outputs', async () => {
    const graph = new Graph();
    const a = graph.input('a', [2]);
    graph.input('unused', [2]).exp();
    const session = await (await runtime()).compile(graph.compile({ y: a.neg() }));
    expect(session.inputNames).toEqual(['a']);
    await session.release();
  });

  it('Graph rejects mismatched shapes and missing gradients', () => {
    const graph = new Graph();
    const a = graph.input('a', [2], { trainable: true });
    const b = graph.input('b', [3], { trainable: true });
    expect(() => a.add(b)).toThrow('Shapes [2] and [3] do not fit');
    expect(() => graph.gradients(a.sum(), [b])).toThrow('No gradient reaches b');
  });
});
