import { encodeModel, type DType, type OnnxConstant, type OnnxNode } from './onnx.ts';
import { Tensor, type EmitOptions, type TensorProgram } from './tensor.ts';

/**
 * A tensor program, recorded while its code runs: each operator appends a node. Every operator defines its gradient by
 * the same operators. Therefore, a backward pass consists of more nodes, and a whole training step compiles to one ONNX
 * graph. Shapes are fixed, because one graph per shape is cheap (tens of milliseconds).
 */
export class Graph implements TensorProgram {
  private nodes: { node: OnnxNode; inputs: Tensor[]; output: Tensor }[] = [];
  private inputs: Tensor[] = [];
  private constants = new Map<Tensor, OnnxConstant>();
  private known = new Map<string, Tensor>();
  private count = 0;

  /** Adds a value that is supplied at every run. `trainable`: gradients with respect to this value can be requested. */
  input(
    name: string,
    shape: number[],
    { dtype = 'float' as DType, trainable = false }: { dtype?: DType; trainable?: boolean } = {},
  ): Tensor {
    const tensor = new Tensor(this, name, shape, dtype, trainable);
    this.inputs.push(tensor);
    return tensor;
  }

  /** Adds a constant to the graph. Equal small constants are stored once. */
  constant(values: ArrayLike<number>, shape: number[], dtype: DType = 'float'): Tensor {
    const key = values.length <= 8 ? `${dtype} [${shape.join()}] ${Array.from(values).join()}` : null;
    const seen = key === null ? undefined : this.known.get(key);
    if (seen) return seen;
    const data = arrayOf(values, dtype);
    const tensor = new Tensor(this, `c${this.count++}`, shape, dtype, false);
    this.constants.set(tensor, { name: tensor.name, dtype, shape, data });
    if (key !== null) this.known.set(key, tensor);
    return tensor;
  }

  scalar(value: number): Tensor {
    return this.constant([value], []);
  }

  /** Adds a list of axes, lengths or indices as an ONNX integer constant. */
  integers(values: number[]): Tensor {
    return this.constant(values, [values.length], 'int64');
  }

  /** Appends one ONNX operator. Without a `vjp`, no gradient passes through the operator. */
  emit(op: string, inputs: Tensor[], shape: number[], options: EmitOptions = {}): Tensor {
    const { attributes = {}, domain = '', dtype = 'float', vjp } = options;
    const output = new Tensor(this, `t${this.count++}`, shape, dtype, false);
    const node = { op, domain, attributes, inputs: inputs.map(({ name }) => name), output: output.name };
    this.nodes.push({ node, inputs, output });
    return vjp ? output.withGradient(inputs, vjp) : output;
  }

  /** Returns the gradients of a scalar with respect to `targets`, as new tensors of this graph. */
  gradients(loss: Tensor, targets: Tensor[]): Tensor[] {
    const gradients = new Map([[loss, this.scalar(1)]]);
    for (const { output } of this.nodes.toReversed()) {
      const dy = gradients.get(output);
      if (!dy || !output.gradient) continue;
      const { parents, vjp } = output.gradient;
      vjp(dy).forEach((dx, i) => {
        const parent = parents[i]!;
        if (!dx || !parent.needsGradient) return;
        const soFar = gradients.get(parent);
        gradients.set(parent, soFar ? soFar.add(dx) : dx);
      });
    }
    return targets.map((target) => {
      const gradient = gradients.get(target);
      if (!gradient) throw new Error(`No gradient reaches ${target.name}.`);
      return gradient;
    });
  }

  /** Returns the ONNX file that computes the named outputs, without unused nodes. */
  compile(outputs: Record<string, Tensor>): Uint8Array {
    const named = Object.entries(outputs).map(([name, tensor]) => {
      const output = new Tensor(this, name, tensor.shape, tensor.dtype, false);
      const node = { op: 'Identity', domain: '', attributes: {}, inputs: [tensor.name], output: name };
      return { node, inputs: [tensor], output };
    });
    const live = new Set(named.flatMap(({ inputs }) => inputs));
    const nodes = this.nodes.toReversed().filter(({ inputs, output }) => {
      if (!live.has(output)) return false;
      for (const input of inputs) live.add(input);
      return true;
    });
    return encodeModel({
      nodes: [...nodes.reverse(), ...named].map(({ node }) => node),
      inputs: this.inputs.filter((tensor) => live.has(tensor)),
      outputs: named.map(({ output }) => output),
      constants: [...this.constants].filter(([tensor]) => live.has(tensor)).map(([, constant]) => constant),
    });
  }
}

function arrayOf(values: ArrayLike<number>, dtype: DType): OnnxConstant['data'] {
  if (dtype === 'int64') return BigInt64Array.from(Array.from(values), BigInt);
  return dtype === 'int32' ? Int32Array.from(values) : Float32Array.from(values);
}
