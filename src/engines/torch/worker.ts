import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import * as z from 'zod';
import { visible } from '../../base/printable.ts';
import { parseRecord } from '../../base/record.ts';
import {
  WORKER_FOLDER,
  pythonArguments,
  pythonEnvironment,
  type Processes,
  type WorkerEngine,
} from './processes.ts';

/** Version of the message protocol between this program and the worker. */
const PROTOCOL = 1;
/** Number of checks without heartbeat after which a worker counts as failed. Heartbeats arrive every five seconds. */
const MAX_SILENT_CHECKS = 12;
/** Time between two checks of the worker's heartbeat, in ms. */
const CHECK_MS = 10_000;
/** Maximum time for a worker to exit after a request, in ms. */
const END_MS = 10_000;
const LOG_LINES = 12;

export class WorkerError extends Error {
  constructor(
    /** Code: `out-of-memory`, `missing-package`, `corrupt-image`, `cancelled`, `ended`, …; `failed` for the rest. */
    readonly code: string,
    message: string,
    fix: string | null = null,
  ) {
    super(fix ? `${message} ${fix}` : message);
  }
}

export interface WorkerOptions {
  /** Python interpreter, as a path or a name on the PATH. */
  python: string;
  /** Engine of the worker. Default: `torch`. */
  engine?: WorkerEngine;
  /** Environment variables in addition to the variables of this process. */
  environment?: NodeJS.ProcessEnv;
  processes?: Processes;
  /** CPU threads of each process. Null: PyTorch's default. Results are bit-equal only between equal thread counts. */
  threads?: number | null;
  onProgress?: (phase: string, done: number, total: number) => void;
  /** Reports an event of the run, such as a fallback. */
  onNote?: (kind: string, message: string) => void;
  /** Kills the process when the signal aborts. */
  signal?: AbortSignal;
}

/** Messages of the worker: replies to calls, and its own events. */
const messageSchema = z.union([
  z.discriminatedUnion('event', [
    z.object({ event: z.literal('hello'), protocol: z.number() }),
    z.object({ event: z.literal('heartbeat') }),
    z.object({ event: z.literal('progress'), phase: z.string(), done: z.number(), total: z.number() }),
    z.object({ event: z.literal('note'), kind: z.string(), message: z.string() }),
    z.object({ event: z.literal('lost'), process: z.int(), processes: z.int() }),
  ]),
  z.object({
    id: z.int(),
    error: z.object({ code: z.string(), message: z.string(), fix: z.string().nullable() }),
  }),
  // The result is not checked further, because it can contain millions of numbers that only the caller can interpret.
  z.object({ id: z.int(), result: z.unknown() }),
]);
type Message = z.infer<typeof messageSchema>;

interface CallOptions {
  payload?: Uint8Array;
  signal?: AbortSignal | undefined;
}

interface Pending {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

/**
 * The Python process that computes, or the first of several processes. Requests go to its standard input, one JSON
 * object per line, perhaps followed by bytes. Replies come on a separate pipe. Output of the process and its libraries
 * goes to standard error. `Channel` (base/channel.ts) is not used: a cancelled call continues until the end of the step
 * in progress, errors have codes and fixes, and bytes follow a line. Calls fail when the process exits. The process
 * exits when its standard input closes, also at the end of this program.
 */
export class Worker {
  private readonly pending = new Map<number, Pending>();
  private readonly log: string[] = [];
  private readonly watch: NodeJS.Timeout;
  private calls = 0;
  private silent = 0;
  private ended: Error | null = null;
  private greet: Pending | null = null;

  private constructor(
    private readonly child: ChildProcess,
    private readonly options: WorkerOptions,
  ) {
    createInterface({ input: (child.stdio[3] ?? child.stdout) as Readable }).on('line', (line) => {
      this.silent = 0;
      // Python's start-up code can print to standard output before the worker redirects it.
      if (line.startsWith('{')) this.hear(line);
      else this.keep(line);
    });
    createInterface({ input: child.stderr! }).on('line', (line) => this.keep(line));
    child.stdin!.on('error', () => undefined);
    child.on('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT' ? `${options.python} does not exist.` : error.message;
      this.fail(new WorkerError('no-python', missing, `Run \`chirality engine setup ${this.engine}\`.`));
    });
    // Listens to `close`, not `exit`, so that the last output of the process is read first.
    child.on('close', (code, signal) => this.fail(this.endOf(code, signal)));
    this.watch = setInterval(() => {
      this.silent = this.pending.size > 0 ? this.silent + 1 : 0;
      if (this.silent <= MAX_SILENT_CHECKS) return;
      this.giveUp(new WorkerError('silent', `The ${this.engine} engine has not responded for two minutes.`));
    }, CHECK_MS).unref();
  }

  private get engine(): WorkerEngine {
    return this.options.engine ?? 'torch';
  }

  /** Starts the process. Resolves after the worker's first message, which it sends before large imports. */
  static async start(options: WorkerOptions): Promise<Worker> {
    const { python, engine, environment, processes = ONE, threads = null } = options;
    const several = processes.devices * processes.nodes > 1;
    const child = spawn(python, pythonArguments(processes, 0, engine), {
      cwd: WORKER_FOLDER,
      windowsHide: true,
      // Redirects the worker's output to standard error, because standard output can contain data.
      stdio: several ? ['pipe', 'pipe', 'pipe'] : ['pipe', 'ignore', 'pipe', 'pipe'],
      env: { ...pythonEnvironment(threads), ...environment },
      // A detached torchrun receives no Ctrl-C, which would end it before the step in progress is saved.
      detached: several,
      signal: options.signal,
      killSignal: 'SIGKILL',
    });
    const worker = new Worker(child, options);
    try {
      await new Promise((resolve, reject) => (worker.greet = { resolve, reject }));
      return worker;
    } catch (error) {
      await worker.end();
      throw error;
    }
  }

  /**
   * @param payload bytes that follow the request
   * @param signal ends the call with an error of code `cancelled`. Sampling stops before the next token
   */
  async call<T>(op: string, args: object = {}, { payload, signal }: CallOptions = {}): Promise<T> {
    if (this.ended) throw this.ended;
    signal?.throwIfAborted();
    const id = this.calls++;
    const cancel = () => this.write({ op: 'cancel', args: { id } });
    signal?.addEventListener('abort', cancel);
    try {
      const result = await new Promise<T>((resolve, reject) => {
        this.pending.set(id, { resolve: resolve as (result: unknown) => void, reject });
        this.write({ id, op, args, ...(payload && { bytes: payload.length }) });
        if (payload) this.child.stdin!.write(payload);
      });
      // The worker might have replied before it received the cancellation.
      signal?.throwIfAborted();
      return result;
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Cancels the calls in progress and resolves when the process has exited. */
  async end(): Promise<void> {
    if (this.ended) return;
    const closed = new Promise((resolve) => this.child.once('close', resolve));
    const kill = setTimeout(() => this.child.kill('SIGKILL'), END_MS);
    this.child.stdin!.end();
    await closed;
    clearTimeout(kill);
  }

  /** Fails all calls and closes the worker's input. The worker and its processes then exit within seconds. */
  private giveUp(error: Error): void {
    this.fail(error);
    this.child.stdin!.destroy();
    this.child.kill();
    // A stopped process, or a process that hangs in a driver, would keep this program running.
    const kill = setTimeout(() => this.child.kill('SIGKILL'), END_MS);
    this.child.once('close', () => clearTimeout(kill));
  }

  private keep(line: string): void {
    // A program's log, or its terminal.
    // eslint-disable-next-line no-console
    console.error(visible(line));
    this.log.push(line);
    if (this.log.length > LOG_LINES) this.log.shift();
  }

  private write(message: object): void {
    this.child.stdin!.write(`${JSON.stringify(message)}\n`);
  }

  private hear(line: string): void {
    try {
      this.receive(parseRecord(messageSchema, line, { file: "The torch worker's message" }));
    } catch (error) {
      this.giveUp(error as Error);
    }
  }

  private receive(message: Message): void {
    if ('event' in message) {
      if (message.event === 'progress') this.options.onProgress?.(message.phase, message.done, message.total);
      else if (message.event === 'note') this.options.onNote?.(message.kind, message.message);
      else if (message.event === 'hello') this.meet(message.protocol);
      else if (message.event === 'lost') this.giveUp(lost(message.process, message.processes));
      return;
    }
    const call = this.pending.get(message.id);
    this.pending.delete(message.id);
    if ('error' in message) {
      const { code, message: text, fix } = message.error;
      call?.reject(new WorkerError(code, text, fix));
    } else call?.resolve(message.result);
  }

  private meet(protocol: number): void {
    if (protocol === PROTOCOL) this.greet?.resolve(null);
    else
      this.greet?.reject(
        new WorkerError('protocol', `The worker uses protocol ${protocol} instead of ${PROTOCOL}.`),
      );
  }

  private endOf(code: number | null, signal: NodeJS.Signals | null): Error {
    const log = this.log.join('\n');
    // torchrun ends with a list of failed processes. The last process in the list failed first.
    const rank = [...log.matchAll(/rank +: (\d+) \(local_rank: \d+\)/g)].at(-1)?.[1];
    const killed = signal === 'SIGKILL' || log.includes('Signal 9 (SIGKILL)');
    const { devices, nodes } = this.options.processes ?? ONE;
    if (killed && rank !== undefined) return lost(Number(rank) + 1, devices * nodes);
    const message = killed
      ? `The ${this.engine} engine's process was killed, possibly because the system ran out of memory.`
      : `The ${this.engine} engine's process ended (${signal ?? `exit code ${code}`}).\n${log}`;
    return new WorkerError('ended', message);
  }

  private fail(error: Error): void {
    this.ended ??= error;
    clearInterval(this.watch);
    this.greet?.reject(this.ended);
    for (const { reject } of this.pending.values()) reject(this.ended);
    this.pending.clear();
  }
}

const ONE: Processes = { devices: 1, nodes: 1, host: '', port: 0 };

const lost = (process: number, processes: number): Error =>
  new WorkerError(
    'ended',
    `Process ${process} of ${processes} of the torch engine ended, possibly because its machine ran out of memory. Check the run's log.`,
  );
