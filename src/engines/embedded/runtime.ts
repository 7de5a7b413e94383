import type { InferenceSession, Tensor } from 'onnxruntime-web';

/** Approximate time until a sleeping thread runs again, in µs. */
const AWAKE_US = 20;

/** Interface that both npm packages of onnxruntime share. */
type Ort = typeof import('onnxruntime-web');

export interface Value {
  data: Float32Array | Int32Array | BigInt64Array;
  dims: number[];
}

/** Runs ONNX files on the CPU. */
export interface Runtime {
  /** Name and version of the library and number of threads, for display and manifests. */
  name: string;
  compile(model: Uint8Array): Promise<Session>;
}

export interface Session {
  inputNames: readonly string[];
  /** Runs the ONNX file. Reads inputs in place, so an array can be refilled after a run. Returns new output arrays. */
  run(feeds: Record<string, Value>): Promise<Record<string, Float32Array>>;
  release(): Promise<void>;
}

export type RuntimeKind = 'auto' | 'native' | 'wasm';

/**
 * Opens onnxruntime's native binary, or its WebAssembly build, which is three to four times slower. `auto` uses
 * WebAssembly if the native binary does not load. Results are bit-equal only between equal numbers of threads.
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
    async compile(model) {
      const session = await ort.InferenceSession.create(model, {
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        // Memory patterns reserve a graph's whole working memory at once, which takes twice the memory without being
        // faster.
        enableMemPattern: false,
        // Between operators, a thread spins for as long as waking takes, and then sleeps. Longer spinning slows down a
        // busy machine, and immediate sleep delays every operator.
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
