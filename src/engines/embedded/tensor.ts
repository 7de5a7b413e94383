import type { Attribute, DType } from './onnx.ts';

/**
 * Vector–Jacobian product: returns the gradient for each input of an operator from the gradient of its output. Null for
 * an input without a gradient.
 */
type Vjp = (dy: Tensor) => (Tensor | null)[];

export interface EmitOptions {
  attributes?: Record<string, Attribute>;
  domain?: string;
  dtype?: DType;
  vjp?: Vjp;
}

export interface TensorProgram {
  constant(values: ArrayLike<number>, shape: number[], dtype?: DType): Tensor;
  scalar(value: number): Tensor;
  integers(values: number[]): Tensor;
  emit(op: string, inputs: Tensor[], shape: number[], options?: EmitOptions): Tensor;
}

/**
 * A value of a traced graph. Each method appends an operator and defines its gradient. Axes count from 0, and binary
 * operators broadcast as in numpy.
 */
export class Tensor {
  /** Inputs that receive a gradient, and the function that computes the gradient. Set by `withGradient`. */
  gradient: { parents: Tensor[]; vjp: Vjp } | null = null;

  constructor(
    readonly graph: TensorProgram,
    readonly name: string,
    readonly shape: number[],
    readonly dtype: DType,
    public needsGradient: boolean,
  ) {}

  /**
   * Replaces the traced gradient from this value to `parents`, because a hand-derived formula for a whole expression
   * needs fewer and smaller operators.
   */
  withGradient(parents: Tensor[], vjp: Vjp): this {
    this.needsGradient = parents.some((parent) => parent.needsGradient);
    this.gradient = this.needsGradient ? { parents, vjp } : null;
    return this;
  }

  // Elementwise operations on tensors

  add(other: Tensor | number): Tensor {
    return this.binary('Add', other, (dy) => [dy, dy]);
  }

  sub(other: Tensor | number): Tensor {
    return this.binary('Sub', other, (dy) => [dy, dy.neg()]);
  }

  mul(other: Tensor | number): Tensor {
    return this.binary('Mul', other, (dy, b) => [dy.mul(b), b.needsGradient ? dy.mul(this) : null]);
  }

  div(other: Tensor | number): Tensor {
    return this.binary('Div', other, (dy, b) => [
      dy.div(b),
      b.needsGradient ? dy.mul(this).div(b.mul(b)).neg() : null,
    ]);
  }

  neg(): Tensor {
    return this.unary('Neg', (dy) => dy.neg());
  }

  exp(): Tensor {
    const y: Tensor = this.unary('Exp', (dy) => dy.mul(y));
    return y;
  }

  sqrt(): Tensor {
    const y: Tensor = this.unary('Sqrt', (dy) => dy.mul(0.5).div(y));
    return y;
  }

  /** The gradient uses the output, not the input, so that onnxruntime can fuse relu with the previous product. */
  relu(): Tensor {
    const y: Tensor = this.unary('Relu', (dy) => {
      const positive = this.graph.emit('Greater', [y, this.graph.scalar(0)], y.shape, { dtype: 'bool' });
      return this.graph.emit('Where', [positive, dy, this.graph.scalar(0)], y.shape);
    });
    return y;
  }

  // Operations along axes of a tensor

  /** Sums the tensor over `axes`, which remain with length 1. */
  sum(axes = this.shape.map((_, i) => i)): Tensor {
    const shape = this.shape.map((d, i) => (axes.includes(i) ? 1 : d));
    return this.graph.emit('ReduceSum', [this, this.graph.integers(axes)], shape, {
      attributes: { keepdims: 1 },
      vjp: (dy) => [dy.expand(this.shape), null],
    });
  }

  /** Sums the squares of the tensor over the last axis, which remains with length 1. */
  sumSquares(): Tensor {
    const axis = this.shape.length - 1;
    return this.graph.emit(
      'ReduceSumSquare',
      [this, this.graph.integers([axis])],
      [...this.shape.slice(0, -1), 1],
      { attributes: { keepdims: 1 }, vjp: (dy) => [this.mul(dy.mul(2)), null] },
    );
  }

  expand(shape: number[]): Tensor {
    return this.graph.emit('Expand', [this, this.graph.integers(shape)], shape, {
      vjp: (dy) => [dy.sumTo(this.shape), null],
    });
  }

  softmax(): Tensor {
    const y: Tensor = this.alongLast('Softmax', (dy) => {
      const dyy = dy.mul(y);
      return dyy.sub(y.mul(dyy.sum([y.shape.length - 1])));
    });
    return y;
  }

  logSoftmax(): Tensor {
    const y: Tensor = this.alongLast('LogSoftmax', (dy) => dy.sub(y.exp().mul(dy.sum([y.shape.length - 1]))));
    return y;
  }

  // Operations that change the shape of a tensor

  reshape(shape: number[]): Tensor {
    return this.graph.emit('Reshape', [this, this.graph.integers(shape)], shape, {
      dtype: this.dtype,
      vjp: (dy) => [dy.reshape(this.shape), null],
    });
  }

  transpose(order: number[]): Tensor {
    const inverse = order.map((_, i) => order.indexOf(i));
    return this.graph.emit(
      'Transpose',
      [this],
      order.map((i) => this.shape[i]!),
      { attributes: { perm: order }, vjp: (dy) => [dy.transpose(inverse)] },
    );
  }

  slice(axis: number, start: number, end: number): Tensor {
    const { graph, shape } = this;
    const parts = [[start], [end], [axis]].map((part) => graph.integers(part));
    return graph.emit(
      'Slice',
      [this, ...parts],
      shape.map((d, i) => (i === axis ? end - start : d)),
      {
        vjp: (dy) => {
          const before = shape.map((_, i) => (i === axis ? start : 0));
          const after = shape.map((d, i) => (i === axis ? d - end : 0));
          return [graph.emit('Pad', [dy, graph.integers([...before, ...after])], shape), null, null, null];
        },
      },
    );
  }

  concat(others: Tensor[], axis: number): Tensor {
    const all = [this as Tensor, ...others];
    const lengths = all.map(({ shape }) => shape[axis]!);
    const total = lengths.reduce((a, b) => a + b);
    return this.graph.emit(
      'Concat',
      all,
      this.shape.map((d, i) => (i === axis ? total : d)),
      {
        attributes: { axis },
        vjp: (dy) => {
          let end = 0;
          return lengths.map((length) => dy.slice(axis, end, (end += length)));
        },
      },
    );
  }

  // Matrix products of tensors

  /** Computes [m, k] · [k, n]. Each matrix can be transposed first. */
  gemm(other: Tensor, { transA = 0, transB = 0 } = {}): Tensor {
    const m = this.shape[transA ? 1 : 0]!;
    const n = other.shape[transB ? 0 : 1]!;
    return this.graph.emit('Gemm', [this, other], [m, n], {
      attributes: { transA, transB },
      vjp: (dy) => productVjp(this, other, dy, { transA, transB }, (a, b, t) => a.gemm(b, t)),
    });
  }

  /** Computes scale · a · b over the last two axes, optionally with a or b transposed. Leading axes must be equal. */
  matmul(other: Tensor, { transA = 0, transB = 0, scale = 1 } = {}): Tensor {
    const m = this.shape.at(transA ? -1 : -2)!;
    const n = other.shape.at(transB ? -2 : -1)!;
    return this.graph.emit('FusedMatMul', [this, other], [...this.shape.slice(0, -2), m, n], {
      domain: 'com.microsoft',
      attributes: { transA, transB, alpha: { float: scale } },
      vjp: (dy) => productVjp(this, other, dy, { transA, transB }, (a, b, t) => a.matmul(b, { ...t, scale })),
    });
  }

  // Access to tensor entries by index

  /** Returns the rows of this [v, d] table at the int32 `ids` [n] → [n, d]. */
  rows(ids: Tensor): Tensor {
    const [v, d] = this.shape as [number, number];
    return this.graph.emit('Gather', [this, ids], [...ids.shape, d], {
      attributes: { axis: 0 },
      // A product with one-hot rows adds gradients in a fixed order, whatever the thread count. A scatter does not.
      vjp: (dy) => [ids.oneHot(v).gemm(dy, { transA: 1 }), null],
    });
  }

  /** Returns the entry at int32 `ids` [n] of each row of this [n, v] → [n, 1]. */
  pick(ids: Tensor): Tensor {
    const column = ids.reshape([ids.shape[0]!, 1]);
    return this.graph.emit('GatherElements', [this, column], column.shape, {
      attributes: { axis: 1 },
      vjp: (dy) => [dy.mul(ids.oneHot(this.shape[1]!)), null],
    });
  }

  /** Returns this [n, v] with the entry at int32 `ids` [n] of each row replaced by `values` [n, 1]. No gradient. */
  put(ids: Tensor, values: Tensor): Tensor {
    const column = ids.reshape(values.shape);
    return this.graph.emit('ScatterElements', [this, column, values], this.shape, {
      attributes: { axis: 1 },
    });
  }

  /** Returns one-hot rows [n, depth], with a 1 at each of these int32 ids [n]. */
  oneHot(depth: number): Tensor {
    const { graph } = this;
    return graph.emit(
      'OneHot',
      [this, graph.constant([depth], [], 'int32'), graph.constant([0, 1], [2])],
      [...this.shape, depth],
    );
  }

  private unary(op: string, vjp: (dy: Tensor) => Tensor): Tensor {
    return this.graph.emit(op, [this], this.shape, { vjp: (dy) => [vjp(dy)] });
  }

  private alongLast(op: string, vjp: (dy: Tensor) => Tensor): Tensor {
    return this.graph.emit(op, [this], this.shape, { attributes: { axis: -1 }, vjp: (dy) => [vjp(dy)] });
  }

  private binary(
    op: string,
    other: Tensor | number,
    vjp: (dy: Tensor, b: Tensor) => (Tensor | null)[],
  ): Tensor {
    const b = typeof other === 'number' ? this.graph.scalar(other) : other;
    return this.graph.emit(op, [this, b], broadcast(this.shape, b.shape), {
      vjp: (dy) => {
        const [da, db] = vjp(dy, b);
        return [da?.sumTo(this.shape) ?? null, db?.sumTo(b.shape) ?? null];
      },
    });
  }

  /** Reverses a broadcast: sums a gradient over the broadcast axes, so that it has the shape `shape`. */
  private sumTo(shape: number[]): Tensor {
    const lead = this.shape.length - shape.length;
    const axes = this.shape
      .map((_, i) => i)
      .filter((i) => i < lead || (shape[i - lead] === 1 && this.shape[i] !== 1));
    return axes.length === 0 ? this : this.sum(axes).reshape(shape);
  }
}

/** Returns the gradients of op(a)·op(b), where op can transpose its matrix. Each gradient is a matrix product. */
function productVjp(
  a: Tensor,
  b: Tensor,
  dy: Tensor,
  { transA, transB }: { transA: number; transB: number },
  product: (a: Tensor, b: Tensor, transposes: { transA: number; transB: number }) => Tensor,
): Tensor[] {
  return [
    transA
      ? product(b, dy, { transA: transB, transB: 1 })
      : product(dy, b, { transA: 0, transB: 1 - transB }),
    transB
      ? product(dy, a, { transA: 1, transB: transA })
      : product(a, dy, { transA: 1 - transA, transB: 0 }),
  ];
}

function broadcast(a: number[], b: number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) throw new Error(`Shapes [${a.join()}] and [${b.join()}] do not fit.`);
    return Math.max(x, y);
  });
}
