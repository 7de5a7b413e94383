import { Graph } from '../../../src/engines/embedded/tensor-graph.ts';
import { openRuntime, type Runtime, type Value } from '../../../src/engines/embedded/runtime.ts';
import type { Tensor } from '../../../src/engines/embedded/tensor.ts';
import { Random } from '../../../src/base/random.ts';

let opened: Promise<Runtime> | undefined;

/** One runtime for all tests of a file; one thread, since the graphs are tiny. */
export const runtime = () => (opened ??= openRuntime('auto', 1));

export const sizeOf = (shape: number[]) => shape.reduce((a, b) => a * b, 1);

export function normals(shape: number[], seed: number | string): { data: Float32Array; dims: number[] } {
  const random = Random.from(seed);
  return { data: Float32Array.from({ length: sizeOf(shape) }, () => random.normal()), dims: shape };
}

/** Builds a graph, compiles it and runs it once. */
export async function evaluate(
  feeds: Record<string, Value>,
  build: (graph: Graph, inputs: Record<string, Tensor>) => Record<string, Tensor>,
): Promise<Record<string, Float32Array>> {
  const graph = new Graph();
  const inputs = Object.fromEntries(
    Object.entries(feeds).map(([name, { data, dims }]) => [
      name,
      data instanceof Float32Array
        ? graph.input(name, dims, { trainable: true })
        : graph.input(name, dims, { dtype: 'int32' }),
    ]),
  );
  const session = await (await runtime()).compile(graph.compile(build(graph, inputs)));
  const out = await session.run(feeds);
  await session.release();
  return out;
}

/** The largest difference between two lists of numbers. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  return Math.max(...Array.from(a, (x, i) => Math.abs(x - b[i]!)));
}

/** The slope of a loss along one of its numbers, by a central difference of step h; the number stays as it was. */
export async function slopeAt(
  data: Float32Array,
  at: number,
  h: number,
  loss: () => Promise<number>,
): Promise<number> {
  const x = data[at]!;
  data[at] = x + h;
  const above = await loss();
  data[at] = x - h;
  const below = await loss();
  data[at] = x;
  return (above - below) / (2 * h);
}
