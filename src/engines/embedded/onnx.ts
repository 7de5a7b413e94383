// Writes protocol buffers (reader: src/base/read-protobuf.ts). src/base lacks the text encoder for this writer.

export function message(build: (w: Writer) => void): Uint8Array<ArrayBuffer> {
  const w = new Writer();
  build(w);
  return w.finish();
}

class Writer {
  private parts: Uint8Array[] = [];
  private length = 0;

  integer(field: number, value: number): void {
    this.varint(field << 3);
    this.varint(value);
  }

  float(field: number, value: number): void {
    this.varint((field << 3) | 5);
    this.raw(new Uint8Array(Float32Array.of(value).buffer));
  }

  bytes(field: number, value: Uint8Array): void {
    this.varint((field << 3) | 2);
    this.varint(value.length);
    this.raw(value);
  }

  text(field: number, value: string): void {
    this.bytes(field, new TextEncoder().encode(value));
  }

  message(field: number, build: (w: Writer) => void): void {
    this.bytes(field, message(build));
  }

  finish(): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  }

  /** Writes seven bits at a time, lowest first. A negative number is written as its 64-bit two's complement. */
  private varint(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    const out: number[] = [];
    while (rest > 127n) {
      out.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    out.push(Number(rest));
    this.raw(Uint8Array.from(out));
  }

  private raw(bytes: Uint8Array): void {
    this.parts.push(bytes);
    this.length += bytes.length;
  }
}

/** Writes a compute graph as an ONNX file: the few fields of `onnx.proto` that such a graph needs. */

/** Element types of tensors, with ONNX's numbers. */
const DTYPE = { float: 1, int32: 6, int64: 7, bool: 9 } as const;
export type DType = keyof typeof DTYPE;

export type Attribute = number | number[] | { float: number };

export interface OnnxNode {
  op: string;
  /** Operator domain: '' is ONNX, and `com.microsoft` contains the operators of onnxruntime. */
  domain: string;
  inputs: string[];
  output: string;
  attributes: Record<string, Attribute>;
}

interface OnnxValue {
  name: string;
  dtype: DType;
  shape: readonly number[];
}

export interface OnnxConstant extends OnnxValue {
  data: Float32Array | Int32Array | BigInt64Array;
}

interface OnnxGraph {
  nodes: OnnxNode[];
  inputs: OnnxValue[];
  outputs: OnnxValue[];
  constants: OnnxConstant[];
}

/** Encodes a graph with opset 18 and IR version 8, the oldest with these operators, for onnxruntime 1.14 or later. */
export function encodeModel({ nodes, inputs, outputs, constants }: OnnxGraph): Uint8Array {
  return message((model) => {
    model.integer(1, 8);
    model.message(7, (graph) => {
      for (const node of nodes) graph.message(1, (w) => writeNode(w, node));
      graph.text(2, 'graph');
      for (const constant of constants) graph.message(5, (w) => writeConstant(w, constant));
      for (const value of inputs) graph.message(11, (w) => writeValue(w, value));
      for (const value of outputs) graph.message(12, (w) => writeValue(w, value));
    });
    for (const [domain, version] of [['', 18] as const, ['com.microsoft', 1] as const]) {
      model.message(8, (opset) => {
        opset.text(1, domain);
        opset.integer(2, version);
      });
    }
  });
}

function writeNode(w: Writer, node: OnnxNode): void {
  for (const name of node.inputs) w.text(1, name);
  w.text(2, node.output);
  w.text(4, node.op);
  for (const [name, value] of Object.entries(node.attributes))
    w.message(5, (a) => writeAttribute(a, name, value));
  w.text(7, node.domain);
}

/** Writes an attribute. Its last field is the type: 1 float, 2 integer, 7 list of integers. */
function writeAttribute(w: Writer, name: string, value: Attribute): void {
  w.text(1, name);
  if (Array.isArray(value)) {
    for (const v of value) w.integer(8, v);
    w.integer(20, 7);
  } else if (typeof value === 'object') {
    w.float(2, value.float);
    w.integer(20, 1);
  } else {
    w.integer(3, value);
    w.integer(20, 2);
  }
}

function writeValue(w: Writer, { name, dtype, shape }: OnnxValue): void {
  w.text(1, name);
  w.message(2, (type) =>
    type.message(1, (tensor) => {
      tensor.integer(1, DTYPE[dtype]);
      tensor.message(2, (dims) => {
        for (const d of shape) dims.message(1, (dim) => dim.integer(1, d));
      });
    }),
  );
}

function writeConstant(w: Writer, { name, dtype, shape, data }: OnnxConstant): void {
  for (const d of shape) w.integer(1, d);
  w.integer(2, DTYPE[dtype]);
  w.text(8, name);
  w.bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}
