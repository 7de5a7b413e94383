import { Graph } from './tensor-graph.ts';
import { attention, entropy, logProbabilities, rmsNorm, type KeyBlock } from './layers.ts';
import {
  imageTokens,
  patchFloats,
  prefixTokens,
  weightShapes,
  type ModelShape,
  type PackedShape,
} from './shape.ts';
import type { Tensor } from './tensor.ts';

/** Score of a masked position: far below every real score, but the sum of two such scores is finite. */
export const MASKED = -1e9;

/** Parts of a sequence, in the order of their computation. */
export type Part = 'prefix' | 'completion';

type PrefixShape = Omit<PackedShape, 'size' | 'length'>;

/** Hooks that read and change values during a forward pass, for inspection only. */
export interface Watch {
  /** Called with the queries [groups, heads, m, d] of a layer, and with the keys of each block. */
  attention(part: Part, layer: number, q: Tensor, keys: Tensor[]): void;
  /** Called with the residual stream [groups · m, width] after a number of layers. The result replaces the stream. */
  stream(part: Part, layers: number, x: Tensor): Tensor;
  /** Called with the bias on the attention scores of the prefix's keys in a layer. The result replaces the bias. */
  bias(part: Part, layer: number, bias: Tensor): Tensor;
}

/**
 * A decoder over image patches and words. The sequence of a group is [images | prompt except its last token], which is
 * computed once. Each completion is [last token of the prompt | completion except its last token], and attends to the
 * prefix and to itself. Training and cached decoding differ only in the number of tokens per completion.
 */
export class Transformer {
  readonly graph = new Graph();
  readonly weights: Record<string, Tensor>;
  private readonly watch: Watch | null;
  private inverseTemperature: Tensor | null = null;

  constructor(
    readonly shape: ModelShape,
    {
      trainable = false,
      watch = null,
    }: { trainable?: boolean; watch?: ((graph: Graph) => Watch) | null } = {},
  ) {
    this.watch = watch?.(this.graph) ?? null;
    this.weights = Object.fromEntries(
      Object.entries(weightShapes(shape)).map(([name, dims]) => [
        name,
        this.graph.input(name, dims, { trainable }),
      ]),
    );
  }

  /**
   * Returns keys and values [groups, heads, images + prefix, d] of every layer. Images attend to each other. A token
   * attends to the images and to tokens up to itself. `paddingBias` [groups, 1, 1, images + prefix] is MASKED where a
   * group has fewer images or a shorter prompt.
   */
  prefix(packed: PrefixShape, paddingBias: Tensor): { k: Tensor; v: Tensor }[] {
    const { graph, shape } = this;
    const { groups, prefix: length } = packed;
    const time = prefixTokens(shape, packed);
    const bias = paddingBias.add(causal(graph, time, time - length));
    const seen = this.patches(packed);
    const read = this.tokens('prefix', groups * length).reshape([groups, length, shape.width]);
    let x = this.stream('prefix', 0, seen.concat([read], 1).reshape([groups * time, shape.width]));
    return Array.from({ length: shape.layers }, (_, i) => {
      const layer = this.layer('prefix', i, x, groups);
      x = layer.finish([{ k: layer.k, v: layer.v, bias: this.watch?.bias('prefix', i, bias) ?? bias }]);
      return { k: layer.k, v: layer.v };
    });
  }

  /**
   * Returns the residual stream [groups · size · length, width] of completions after the last layer, and the keys and
   * values of the completions. `lookAt` returns the key blocks of a layer, from the layer's keys and values [groups,
   * heads, size, length, d].
   */
  completions(
    { groups, size, length }: PackedShape,
    lookAt: (layer: number, own: KeyBlock) => KeyBlock[],
  ): { x: Tensor; blocks: KeyBlock[] } {
    const { heads, width, layers } = this.shape;
    let x = this.stream('completion', 0, this.tokens('completion', groups * size * length));
    const blocks = Array.from({ length: layers }, (_, i) => {
      const layer = this.layer('completion', i, x, groups);
      const [k, v] = [layer.k, layer.v].map((t) => t.reshape([groups, heads, size, length, width / heads]));
      x = layer.finish(lookAt(i, { k: k!, v: v! }));
      return { k: k!, v: v! };
    });
    return { x, blocks };
  }

  /** Returns logits over the vocabulary, multiplied by the inverse temperature, an input [1, 1]. */
  logits(x: Tensor): Tensor {
    this.inverseTemperature ??= this.graph.input('inverseTemperature', [1, 1]);
    const { gain, token } = this.weights;
    return rmsNorm(x).mul(gain!.mul(this.inverseTemperature)).gemm(token!, { transB: 1 });
  }

  private stream(part: Part, layers: number, x: Tensor): Tensor {
    return this.watch?.stream(part, layers, x) ?? x;
  }

  private layer(part: Part, i: number, x: Tensor, groups: number) {
    const { width, heads } = this.shape;
    const time = x.shape[0]! / groups;
    const w = (name: string) => this.weights[`${i}.${name}`]!;
    const normed = rmsNorm(x);
    const [q, k, v] = ['query', 'key', 'value'].map((name) =>
      normed
        .gemm(w(name))
        .reshape([groups, time, heads, width / heads])
        .transpose([0, 2, 1, 3]),
    );
    const finish = (blocks: KeyBlock[]) => {
      this.watch?.attention(
        part,
        i,
        q!,
        blocks.map((block) => block.k),
      );
      const mixed = attention(q!, blocks)
        .transpose([0, 2, 1, 3])
        .reshape([groups * time, width]);
      const y = x.add(mixed.gemm(w('out')));
      return this.stream(part, i + 1, y.add(rmsNorm(y).gemm(w('up')).relu().gemm(w('down'))));
    };
    return { k: k!, v: v!, finish };
  }

  private patches({ groups, pictures }: PrefixShape): Tensor {
    const { shape, weights, graph } = this;
    const image = imageTokens(shape);
    const all = pictures * image;
    const side = Math.sqrt(image);
    const inPicture = weights
      .row!.reshape([side, 1, shape.width])
      .add(weights.column!.reshape([1, side, shape.width]))
      .reshape([image, shape.width]);
    const place = weights.frame
      ? weights.frame
          .slice(0, 0, pictures)
          .reshape([pictures, 1, shape.width])
          .add(inPicture)
          .reshape([all, shape.width])
      : inPicture;
    return graph
      .input('patches', [groups * all, patchFloats(shape)])
      .gemm(weights.patch!)
      .reshape([groups, all, shape.width])
      .add(place);
  }

  /** Returns token embeddings, scaled so that a token's embedding has as much weight as its position. */
  private tokens(name: string, n: number): Tensor {
    const { graph, weights, shape } = this;
    const ids = graph.input(`${name}.tokens`, [n], { dtype: 'int32' });
    const positions = graph.input(`${name}.positions`, [n], { dtype: 'int32' });
    return weights.token!.rows(ids).mul(Math.sqrt(shape.width)).add(weights.position!.rows(positions));
  }
}

/**
 * Builds the graph for log-probabilities of given completions, [rows, 1] with rows ordered by group, completion, token.
 * With `trained` weights, also computes their gradients of −Σ weight·log-probability, otherwise entropies.
 */
export function scoringGraph(shape: ModelShape, packed: PackedShape, trained: readonly string[]): Uint8Array {
  const { groups, size, length } = packed;
  const net = new Transformer(shape, { trainable: trained.length > 0 });
  const { graph } = net;
  const paddingBias = graph.input('paddingBias', [groups, 1, 1, prefixTokens(shape, packed)]);
  const past = causal(graph, length);
  const cache = net.prefix(packed, paddingBias);
  const { x } = net.completions(packed, (i, block) => [
    { ...cache[i]!, bias: paddingBias },
    { ...block, bias: past },
  ]);
  const rows = groups * size * length;
  const targets = graph.input('targets', [rows], { dtype: 'int32' });
  const { chosen, all } = logProbabilities(net.logits(x), targets);
  if (trained.length === 0) return graph.compile({ logprobs: chosen, entropies: entropy(all) });
  const loss = chosen
    .mul(graph.input('weights', [rows, 1]))
    .sum()
    .neg();
  const gradients = graph.gradients(
    loss,
    trained.map((name) => net.weights[name]!),
  );
  return graph.compile({
    logprobs: chosen,
    ...Object.fromEntries(trained.map((name, i) => [`d.${name}`, gradients[i]!])),
  });
}

/** Builds the graph for keys and values of prompts, `k0`, `v0`, … [groups, heads, images + prefix, d]. */
export function prefillGraph(shape: ModelShape, packed: PrefixShape): Uint8Array {
  const net = new Transformer(shape);
  const paddingBias = net.graph.input('paddingBias', [packed.groups, 1, 1, prefixTokens(shape, packed)]);
  return net.graph.compile(cacheOutputs(net.prefix(packed, paddingBias)));
}

/**
 * Builds the graph for one token of each of `size` completions per group: log-probabilities of the next token [rows,
 * vocabulary], probabilities, entropies [rows, 1], and the token's keys and values. `packed.length` is the capacity of
 * the caches (`keys0` … [groups, heads, size, length, d]). `past` [1, length] is MASKED at empty cache positions.
 */
export function decodeGraph(shape: ModelShape, packed: PackedShape): Uint8Array {
  const { groups, size, length } = packed;
  const { heads, width } = shape;
  const net = new Transformer(shape);
  const { graph } = net;
  const time = prefixTokens(shape, packed);
  const paddingBias = graph.input('paddingBias', [groups, 1, 1, time]);
  const past = graph.input('past', [1, length]);
  const cache = (name: string, dims: number[]) => graph.input(name, [...dims, width / heads]);
  const { x, blocks } = net.completions({ ...packed, length: 1 }, (i, block) => [
    {
      k: cache(`prefixKeys${i}`, [groups, heads, time]),
      v: cache(`prefixValues${i}`, [groups, heads, time]),
      bias: paddingBias,
    },
    {
      k: cache(`keys${i}`, [groups, heads, size, length]),
      v: cache(`values${i}`, [groups, heads, size, length]),
      bias: past,
    },
    block,
  ]);
  const logprobs = net.logits(x).logSoftmax();
  return graph.compile({
    logprobs,
    probabilities: logprobs.exp(),
    entropies: entropy(logprobs),
    ...cacheOutputs(blocks),
  });
}

/** Returns the mask [n, n] that lets a token attend to itself, to previous tokens, and to the first `open` tokens. */
export function causal(graph: Graph, n: number, open = 0): Tensor {
  const bias = Array.from({ length: n * n }, (_, i) =>
    i % n <= Math.max(Math.floor(i / n), open - 1) ? 0 : MASKED,
  );
  return graph.constant(bias, [n, n]);
}

function cacheOutputs(layers: { k: Tensor; v: Tensor }[]): Record<string, Tensor> {
  return Object.fromEntries(
    layers.flatMap(({ k, v }, i) => [
      [`k${i}`, k],
      [`v${i}`, v],
    ]),
  );
}
