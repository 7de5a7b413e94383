import type { Call, CallOptions } from './call.ts';

/**
 * Typed calls over a message port, used between host and webview, host and service, and process and engine. Each side
 * offers handlers (its *api*) and calls the handlers of the other side. Messages are plain values, and `Uint8Array` is
 * sent as bytes if the port supports it. birpc is not used because it has neither cancellation nor progress.
 */
export interface Port {
  post(message: unknown): void;
  listen(receive: (message: unknown) => void): void;
}

type Handler = (args: never, call: Call) => unknown;
export type Api<T> = Record<keyof T, Handler>;

/** Type of a handler's arguments. */
export type Args<H> = H extends (args: infer A, ...rest: never[]) => unknown ? A : never;
type Result<H> = H extends (...args: never[]) => infer R ? Awaited<R> : never;
type Progress<H> = H extends (args: never, call: Call<infer P>) => unknown ? P : never;

/** Error that the other side threw, without its stack trace. */
export class RemoteError extends Error {}

type Message =
  | { type: 'call'; id: number; name: string; args: unknown }
  | { type: 'notify'; name: string; args: unknown }
  | { type: 'cancel'; id: number }
  | { type: 'progress'; id: number; value: unknown }
  | { type: 'result'; id: number; value: unknown }
  | { type: 'error'; id: number; message: string };

interface Waiting {
  resolve(value: unknown): void;
  reject(reason: unknown): void;
  onProgress?: ((progress: never) => void) | undefined;
}

/** One end of a channel. `Theirs` is the api of the other end. */
export class Channel<Theirs extends Api<Theirs>> {
  private readonly waiting = new Map<number, Waiting>();
  private readonly running = new Map<number, AbortController>();
  private next = 0;
  private closed: Error | null = null;

  /** @param words returns the message that the other side receives for a handler's error */
  constructor(
    private readonly port: Port,
    private readonly mine: Record<string, Handler>,
    private readonly words: (error: Error) => string = ({ message }) => message,
  ) {
    port.listen((message) => void this.receive(message as Message));
  }

  /** Calls a handler of the other side. Rejects with the error that the handler threw, or with the signal's reason. */
  async call<K extends keyof Theirs & string>(
    name: K,
    args: Args<Theirs[K]>,
    { signal, onProgress }: CallOptions<Progress<Theirs[K]>> = {},
  ): Promise<Result<Theirs[K]>> {
    if (this.closed) throw this.closed;
    signal?.throwIfAborted();
    const id = this.next++;
    const cancel = () => {
      this.settle(id, (waiting) => waiting.reject(signal!.reason));
      this.send({ type: 'cancel', id });
    };
    const result = new Promise<unknown>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, onProgress });
    });
    signal?.addEventListener('abort', cancel);
    try {
      this.send({ type: 'call', id, name, args });
      return (await result) as Result<Theirs[K]>;
    } finally {
      this.waiting.delete(id);
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** Calls a handler of the other side without waiting for a result. */
  notify<K extends keyof Theirs & string>(name: K, args: Args<Theirs[K]>): void {
    if (!this.closed) this.send({ type: 'notify', name, args });
  }

  /** Closes the channel: rejects waiting calls with `reason` and aborts running handlers. */
  close(reason: Error): void {
    this.closed ??= reason;
    for (const id of [...this.waiting.keys()]) this.settle(id, (waiting) => waiting.reject(reason));
    for (const running of this.running.values()) running.abort(reason);
  }

  private send(message: Message): void {
    this.port.post(message);
  }

  private settle(id: number, how: (waiting: Waiting) => void): void {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    if (waiting) how(waiting);
  }

  private async receive(message: Message): Promise<void> {
    if (this.closed) return;
    switch (message.type) {
      case 'call':
        return this.answer(message.id, message.name, message.args);
      case 'notify': {
        const { signal } = new AbortController();
        await this.mine[message.name]?.(message.args as never, { signal, onProgress: () => undefined });
        return;
      }
      case 'cancel':
        this.running.get(message.id)?.abort();
        return;
      case 'progress':
        this.waiting.get(message.id)?.onProgress?.(message.value as never);
        return;
      case 'result':
        this.settle(message.id, (waiting) => waiting.resolve(message.value));
        return;
      case 'error':
        this.settle(message.id, (waiting) => waiting.reject(new RemoteError(message.message)));
    }
  }

  private async answer(id: number, name: string, args: unknown): Promise<void> {
    const running = new AbortController();
    const { signal } = running;
    const onProgress = (value: never) => {
      if (!signal.aborted) this.send({ type: 'progress', id, value });
    };
    this.running.set(id, running);
    let answer: Message;
    try {
      const handler = this.mine[name];
      if (!handler) throw new Error(`Method "${name}" does not exist.`);
      answer = { type: 'result', id, value: await handler(args as never, { signal, onProgress }) };
    } catch (error) {
      answer = { type: 'error', id, message: this.words(error as Error) };
    }
    this.running.delete(id);
    if (!signal.aborted) this.send(answer);
  }
}

/** Calls that the host of every panel handles, in addition to the calls of its own panel type. */
export interface PanelHost {
  /** Reports that the page has started. Replaces any earlier connection to the page. */
  ready(args: null): void;
  /** Stores the part of the panel's state that is restored after a reload, or when its tab is reopened. */
  remember(memory: unknown): void;
  /** Opens VS Code's page for workspace trust. */
  manageTrust(args: null): void;
}
