import { spawn, type ChildProcess } from 'node:child_process';
import { delimiter } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

/** The version of the messages that this side speaks. */
const PROTOCOL = 1;
/** The worker shows every five seconds that it lives; it is given up after so many silent looks, ten seconds apart. */
const SILENT_LOOKS = 12;
const LOOK_MS = 10_000;
/** How long a worker that was asked to end may take. */
const END_MS = 10_000;
const LOG_LINES = 12;

/** The folder of the Python package and its requirements: from source beside this file, else where the build copied it. */
export const WORKER_FOLDER = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? './worker/' : './torch-worker/', import.meta.url),
);

/** An error that the worker explains. */
export class WorkerError extends Error {
  constructor(
    /** `out-of-memory`, `missing-package`, `corrupt-image`, `cancelled`, `ended`, …; `failed` for anything else. */
    readonly code: string,
    message: string,
    fix: string | null = null,
  ) {
    super(fix ? `${message} ${fix}` : message);
  }
}

export interface WorkerOptions {
  /** The interpreter, as a path or a name on the PATH. */
  python: string;
  /** How far a long call is. */
  onProgress?: (phase: string, done: number, total: number) => void;
  /** Something that the run's events should tell, such as a fallback. */
  onNote?: (kind: string, message: string) => void;
}

/** What the worker sends: replies to calls, and events of its own. */
type Message =
  | { id: number; result: unknown }
  | { id: number; error: { code: string; message: string; fix: string | null } }
  | { event: 'hello'; protocol: number; python: string; pid: number }
  | { event: 'heartbeat' }
  | { event: 'progress'; phase: string; done: number; total: number }
  | { event: 'note'; kind: string; message: string };

interface Pending {
  resolve: (result: unknown) => void;
  reject: (error: Error) => void;
}

/**
 * The Python process that computes. Requests go to its standard input, one JSON object per line, where needed with
 * bytes behind it; replies come on a pipe of their own. What it and its libraries print goes to our standard error.
 * Calls fail when it ends; it ends when its standard input does, which is also when we die.
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
    createInterface({ input: child.stdio[3] as Readable }).on('line', (line) => {
      this.silent = 0;
      this.receive(JSON.parse(line) as Message);
    });
    createInterface({ input: child.stderr! }).on('line', (line) => {
      process.stderr.write(`${line}\n`);
      this.log.push(line);
      if (this.log.length > LOG_LINES) this.log.shift();
    });
    child.stdin!.on('error', () => undefined);
    child.on('error', (error: NodeJS.ErrnoException) => {
      const missing = error.code === 'ENOENT' ? `There is no ${options.python}.` : error.message;
      this.fail(
        new WorkerError('no-python', missing, '`chirality engine setup torch` installs what is needed.'),
      );
    });
    // Not `exit`: what the process wrote last is read first.
    child.on('close', (code, signal) => this.fail(this.endOf(code, signal)));
    this.watch = setInterval(() => {
      this.silent = this.pending.size > 0 ? this.silent + 1 : 0;
      if (this.silent <= SILENT_LOOKS) return;
      this.fail(new WorkerError('silent', 'The torch engine has not shown a sign of life for two minutes.'));
      child.kill('SIGKILL');
    }, LOOK_MS).unref();
  }

  /** Resolves when the process has said who it is, which is before it imports anything large. */
  static async start(options: WorkerOptions): Promise<Worker> {
    const path = [WORKER_FOLDER, process.env.PYTHONPATH].filter(Boolean).join(delimiter);
    const child = spawn(options.python, ['-m', 'chirality_worker', '--replies', '3'], {
      // Our standard output may be data; the worker sends its own to standard error.
      stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PYTHONPATH: path,
        PYTHONUNBUFFERED: '1',
        // Without compiled files on the disk every start would compile thousands of modules again.
        PYTHONDONTWRITEBYTECODE: '',
        TOKENIZERS_PARALLELISM: 'false',
      },
      windowsHide: true,
    });
    const worker = new Worker(child, options);
    await new Promise((resolve, reject) => (worker.greet = { resolve, reject }));
    return worker;
  }

  /** @param payload bytes that follow the request. */
  call<T>(op: string, args: object = {}, payload?: Uint8Array): Promise<T> {
    if (this.ended) return Promise.reject(this.ended);
    const id = this.calls++;
    return new Promise<T>((resolve, reject) => {
      this.pending.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.write({ id, op, args, ...(payload && { bytes: payload.length }) });
      if (payload) this.child.stdin!.write(payload);
    });
  }

  /** Ends all calls under way with an error of code `cancelled`: sampling between two tokens, training between passes. */
  cancel(): void {
    for (const id of this.pending.keys()) this.write({ op: 'cancel', args: { id } });
  }

  /** Cancels what is under way and resolves when the process has ended. */
  async end(): Promise<void> {
    if (this.ended) return;
    const closed = new Promise((resolve) => this.child.once('close', resolve));
    const kill = setTimeout(() => this.child.kill('SIGKILL'), END_MS);
    this.child.stdin!.end();
    await closed;
    clearTimeout(kill);
  }

  private write(message: object): void {
    this.child.stdin!.write(`${JSON.stringify(message)}\n`);
  }

  private receive(message: Message): void {
    if ('event' in message) {
      if (message.event === 'progress') this.options.onProgress?.(message.phase, message.done, message.total);
      else if (message.event === 'note') this.options.onNote?.(message.kind, message.message);
      else if (message.event === 'hello') this.meet(message.protocol);
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
        new WorkerError('protocol', `The worker speaks protocol ${protocol} instead of ${PROTOCOL}.`),
      );
  }

  private endOf(code: number | null, signal: NodeJS.Signals | null): Error {
    const message =
      signal === 'SIGKILL'
        ? "The torch engine's process was killed; where nobody did that, the system ran out of memory."
        : [`The torch engine's process ended (${signal ?? `exit code ${code}`}).`, ...this.log].join('\n');
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
