import type { Tensor } from './tensor.ts';

/** Layers with a hand-derived gradient, which reads and writes the large arrays only a few times, not ten times. */

/** Computes x / √(mean x² + ε) over the last axis, without a learned gain, because a matrix always follows. */
export function rmsNorm(x: Tensor): Tensor {
  const d = x.shape.at(-1)!;
  const inverse = x.graph.scalar(1).div(
    x
      .sumSquares()
      .mul(1 / d)
      .add(1e-5)
      .sqrt(),
  );
  const y: Tensor = x.mul(inverse);
  // With r = inverse, the gradient is dx = r·(dy − y·mean(dy·y)).
  return y.withGradient([x], (dy) => {
    const along = dy
      .mul(y)
      .sum([x.shape.length - 1])
      .mul(1 / d);
    return [dy.sub(y.mul(along)).mul(inverse)];
  });
}

/**
 * Keys and values [...lead, n, d] for attention. The leading axes determine how queries are divided: if keys have one
 * more leading axis than the queries, each slice of keys belongs to one part of the queries.
 */
export interface KeyBlock {
  k: Tensor;
  v: Tensor;
  /** Bias of the scores [...lead, m, n]: 0 where attention is allowed, a large negative number elsewhere. */
  bias?: Tensor;
}

/**
 * Computes softmax(q·kᵀ/√d + bias)·v for queries [batch, heads, m, d], over all blocks of keys together. Completions of
 * a group attend to the prompt's keys, which are stored once, and to their own keys.
 */
export function attention(q: Tensor, blocks: KeyBlock[]): Tensor {
  const scale = q.shape[3]! ** -0.5;
  // Scales `q` before the product, because onnxruntime's path for a single query (in decoding) needs a plain product.
  const scaled = q.mul(scale);
  const divide = (x: Tensor, block: KeyBlock) => divided(x, q, block);
  const join = (x: Tensor) => x.reshape([...q.shape.slice(0, 3), x.shape.at(-1)!]);
  const p = attentionWeights(scaled, blocks);
  let end = 0;
  const shares = blocks.map((block) => {
    const n = block.k.shape.at(-2)!;
    return divide(blocks.length === 1 ? p : p.slice(3, end, (end += n)), block);
  });
  const seen = blocks.map(({ v }, i) =>
    join(v.shape.at(-2) === 1 ? shares[i]!.mul(v) : shares[i]!.matmul(v)),
  );
  const y = seen.reduce((a, b) => a.add(b));

  // Σ_n dp·p equals Σ_d dy·y, whose array is far smaller than the scores (the identity in FlashAttention).
  return y.withGradient([q, ...blocks.flatMap(({ k, v }) => [k, v])], (dy) => {
    const along = dy.mul(y).sum([3]);
    const gradients = blocks.map((block, i) => {
      const share = shares[i]!;
      const dyPart = divide(dy, block);
      const ds = product(dyPart, block.v).sub(divide(along, block)).mul(share);
      return {
        q: join(ds.matmul(block.k, { scale })),
        k: ds.matmul(divide(scaled, block), { transA: 1 }),
        v: share.matmul(dyPart, { transA: 1 }),
      };
    });
    return [gradients.map((g) => g.q).reduce((a, b) => a.add(b)), ...gradients.flatMap((g) => [g.k, g.v])];
  });
}

/** Computes softmax(q·kᵀ + bias) [batch, heads, m, all keys], for the queries of `attention` divided by √d. */
export function attentionWeights(q: Tensor, blocks: Omit<KeyBlock, 'v'>[]): Tensor {
  const [first, ...others] = blocks.map((block) => {
    const s = product(divided(q, q, block), block.k);
    return (block.bias ? s.add(block.bias) : s).reshape([...q.shape.slice(0, 3), block.k.shape.at(-2)!]);
  });
  return (others.length === 0 ? first! : first!.concat(others, 3)).softmax();
}

/** Returns `x`, with one row per query of `q`, divided as a block requires: [...lead, m / parts, width]. */
function divided(x: Tensor, q: Tensor, { k }: Pick<KeyBlock, 'k'>): Tensor {
  const [batch, heads, m] = q.shape as [number, number, number];
  const lead = k.shape.slice(0, -2);
  const parts = lead.reduce((a, b) => a * b, 1) / (batch * heads);
  return x.reshape([...lead, m / parts, x.shape.at(-1)!]);
}

/** Computes a·bᵀ over the last two axes. Single rows are summed directly, to avoid many products of one number each. */
function product(a: Tensor, b: Tensor): Tensor {
  const single = a.shape.at(-2) === 1 && b.shape.at(-2) === 1;
  return single ? a.mul(b).sum([a.shape.length - 1]) : a.matmul(b, { transB: 1 });
}

/** Returns log-probabilities under logits [n, v]: for each target id [n] as [n, 1], and for every id as [n, v]. */
export function logProbabilities(logits: Tensor, targets: Tensor): { chosen: Tensor; all: Tensor } {
  const all = logits.logSoftmax();
  const chosen = all.pick(targets);
  // The gradient dy·(one-hot(target) − p) is −dy·p, and dy·(1 − p) at the target.
  chosen.withGradient([logits], (dy) => {
    const there = dy.sub(dy.mul(chosen.exp()));
    return [all.exp().mul(dy.neg()).put(targets, there)];
  });
  return { chosen, all };
}

/** Returns the entropy in nats [n, 1] of each row of log-probabilities [n, v]. */
export function entropy(logProbabilities: Tensor): Tensor {
  return logProbabilities.exp().mul(logProbabilities).sum([1]).neg();
}
