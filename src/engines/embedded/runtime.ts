import type { InferenceSession, Tensor } from 'onnxruntime-web';

/** About what it takes to wake a thread. */
const AWAKE_US = 20;

/** The part of onnxruntime that both of its packages share. */
type Ort = typeof import('onnxruntime-web');

export interface Value {
  data: Float32Array | Int32Array | BigInt64Array;
  dims: number[];
}

/** Runs ONNX files on the CPU. */
export interface Runtime {
  /** Library, version and threads, for people and manifests. */
  name: string;
  threads: number;
  compile(model: Uint8Array): Promise<Session>;
}

export interface Session {
  inputNames: readonly string[];
  /** Inputs are read in place, so that an array may be refilled between runs; outputs are new. */
  run(feeds: Record<string, Value>): Promise<Record<string, Float32Array>>;
  release(): Promise<void>;
}

export type RuntimeKind = 'auto' | 'native' | 'wasm';

/**
 * onnxruntime's native binary, or its WebAssembly build, which is three to four times slower. `auto` uses WebAssembly
 * if the native binary is not installed or does not load. Results are bit-equal only between equal counts of threads.
 */
export async function openRuntime(kind: RuntimeKind, threads: number): Promise<Runtime> {
  if (kind !== 'wasm') {
    try {
      const ort = (await import('onnxruntime-node')) as unknown as Ort & { default?: Ort };
      return runtime(ort.default ?? ort, 'onnxruntime-node', threads);
    } catch (error) {
      if (kind === 'native') throw error;
    }
  }
  const ort = await import('onnxruntime-web');
  ort.env.wasm.numThreads = threads;
  return runtime(ort, 'onnxruntime-web (WebAssembly)', threads);
}

function runtime(ort: Ort, name: string, threads: number): Runtime {
  const version = ort.env.versions.node ?? ort.env.versions.web ?? ort.env.versions.common;
  return {
    name: `${name} ${version}, CPU, ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    threads,
    async compile(model) {
      const session = await ort.InferenceSession.create(model, {
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        // Memory patterns reserve a graph's whole working memory at once, which takes twice the memory and gains no
        // speed.
        enableMemPattern: false,
        // Between operators, a thread waits awake for as long as it takes to wake one, then sleeps: threads that spin
        // on slow down a busy machine, including this program, and those that sleep at once are late for every operator.
        extra: { session: { intra_op: { spin_duration_us: String(AWAKE_US) } } },
      });
      return open(ort, session);
    },
  };
}

function open(ort: Ort, session: InferenceSession): Session {
  const tensor = ({ data, dims }: Value): Tensor => {
    if (data instanceof Float32Array) return new ort.Tensor('float32', data, dims);
    if (data instanceof Int32Array) return new ort.Tensor('int32', data, dims);
    return new ort.Tensor('int64', data, dims);
  };
  return {
    inputNames: session.inputNames,
    async run(feeds) {
      const results = await session.run(
        Object.fromEntries(session.inputNames.map((name) => [name, tensor(feeds[name]!)])),
      );
      return Object.fromEntries(
        Object.entries(results).map(([name, { data }]) => [name, data as Float32Array]),
      );
    },
    release: () => session.release(),
  };
}
