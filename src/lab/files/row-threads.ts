import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { type MessagePort, Worker } from 'node:worker_threads';
import { Channel } from '../../base/channel.ts';
import { explainError } from './disk-error.ts';
import { inOrder } from './in-order.ts';
import { lineChunks, type LineChunk } from './lines.ts';
import { isShellStream, streamFile } from './regular.ts';

// Reads rows of large files in worker threads, chunk by chunk, and yields the results in the order of the file. piscina
// is not used because its threads start from piscina's own files, which a bundle lacks.

/**
 * Computes plain values, to be copied between threads, from a chunk's rows. @param wants value that comes with the
 * chunk
 */
export type RowJob<Made, Wants = unknown> = (
  chunk: LineChunk,
  wants: Wants,
) => AsyncIterable<Made> | Iterable<Made>;

interface ThreadApi extends Record<string, (args: never) => unknown> {
  make(args: { chunk: LineChunk | null; wants: unknown }): Promise<unknown[]>;
}

export interface ThreadedRows<Wants = unknown> {
  path: string;
  /** Name of a job in the worker script. */
  job: string;
  /** Parameters of the job, as plain values. */
  setup: unknown;
  /** Returns a parameter to pass to the job with the next chunk. */
  wants?: () => Wants;
}

/** Minimum size of a file for worker threads, in bytes. Smaller files are read before a thread has started. */
const LEAST_BYTES = 4 * 2 ** 20;
/** Number of rows that the calling thread reads, while worker threads start and the file's properties are detected. */
const HEAD = 64;
/** Maximum number of worker threads. Further threads would only wait for the thread that writes. */
const MOST_THREADS = 16;

let script: URL | null = null;

/** Sets the worker script. Without a script, all rows are read in the calling thread. */
export const readRowsWith = (url: URL): void => void (script = url);

/**
 * Yields the result of `work` for each row, in order. If the rows are lines of a large file, the calling thread reads
 * only the first rows. Worker threads read all later rows; each worker holds at most two chunks.
 * @param threaded rows to read in worker threads; absent if the calling thread reads all rows
 * @throws Error if a worker thread stops
 */
export async function* onThreads<Row extends { line?: number | undefined }, Made>(
  rows: AsyncIterable<Row>,
  work: (row: Row) => Made | Promise<Made>,
  threaded?: ThreadedRows | null,
): AsyncGenerator<Made> {
  const pool = threaded && (await ThreadPool.open(threaded.path, threaded));
  if (!pool) {
    for await (const row of rows) yield await work(row);
    return;
  }
  const { path, wants = () => null } = threaded;
  try {
    const head = { lines: 0, rows: 0 };
    for await (const row of rows) {
      yield await work(row);
      head.lines = row.line!;
      head.rows += 1;
      if (head.rows === HEAD) break;
    }
    if (head.rows < HEAD) return;
    const chunks = lineChunks(await streamFile(path), head);
    const made = inOrder(chunks, 2 * pool.size, (chunk) => pool.make({ chunk, wants: wants() }));
    for await (const ofChunk of made) yield* ofChunk as Made[];
  } finally {
    pool.close();
  }
}

/** Returns the number of worker threads for a file, 0 for a small file. CHIRALITY_THREADS sets it for any file. */
async function threadsFor(path: string, leastBytes: number, spare: number): Promise<number> {
  if (!script || isShellStream(path)) return 0;
  const set = process.env.CHIRALITY_THREADS;
  if (set !== undefined) return Math.min(MOST_THREADS, Math.max(0, Math.floor(Number(set)) || 0));
  const { size } = await stat(path);
  return size < leastBytes ? 0 : Math.max(1, Math.min(MOST_THREADS, availableParallelism() - spare));
}

/** Worker threads for a job on the rows of a large file. */
export class ThreadPool {
  private readonly threads: { worker: Worker; channel: Channel<ThreadApi>; calls: number }[];

  /**
   * Starts the threads; null if the calling thread reads all rows.
   * @param leastBytes minimum size of the file
   * @param spare number of cores for other threads
   */
  static async open(
    path: string,
    { job, setup }: Pick<ThreadedRows, 'job' | 'setup'>,
    { leastBytes = LEAST_BYTES, spare = 0 } = {},
  ): Promise<ThreadPool | null> {
    const threads = await threadsFor(path, leastBytes, spare);
    return threads > 0 ? new ThreadPool(threads, { job, setup }) : null;
  }

  private constructor(
    readonly size: number,
    workerData: { job: string; setup: unknown },
  ) {
    this.threads = Array.from({ length: size }, () => {
      const worker = new Worker(script!, { workerData });
      const channel = new Channel<ThreadApi>(
        {
          post: (message) => worker.postMessage(message),
          listen: (receive) => worker.on('message', receive),
        },
        {},
      );
      let why = '';
      worker.once('error', (error) => (why = `: ${error.message}`));
      worker.once('exit', () =>
        channel.close(new Error(`A thread that reads rows stopped${why}. Run the command again.`)),
      );
      return { worker, channel, calls: 0 };
    });
  }

  /** Sends a chunk to the worker thread with the least work. */
  async make(args: { chunk: LineChunk | null; wants: unknown }): Promise<unknown[]> {
    const thread = this.threads.reduce((a, b) => (b.calls < a.calls ? b : a));
    thread.calls += 1;
    try {
      return await thread.channel.call('make', args);
    } finally {
      thread.calls -= 1;
    }
  }

  close(): void {
    for (const { worker } of this.threads) void worker.terminate();
  }
}

/** Makes a worker thread serve the job that its `workerData` specifies. */
export function serveRows(
  port: MessagePort,
  { job, setup }: { job: string; setup: unknown },
  jobs: Readonly<Record<string, () => Promise<(setup: never) => RowJob<unknown, never> | Promise<unknown>>>>,
): void {
  const ready = jobs[job]!().then((make) => make(setup as never)) as Promise<RowJob<unknown>>;
  ready.catch(() => undefined); // The first call to the job reports this error.
  new Channel(
    { post: (message) => port.postMessage(message), listen: (receive) => port.on('message', receive) },
    {
      make: async ({ chunk, wants }: { chunk: LineChunk; wants: unknown }) => {
        const made: unknown[] = [];
        for await (const each of (await ready)(chunk, wants)) made.push(each);
        return made;
      },
    },
    explainError,
  );
}
