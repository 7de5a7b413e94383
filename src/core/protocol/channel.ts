/**
 * Typed calls over a message port: host ↔ webview and host ↔ service speak the same way. Each side offers handlers
 * (its *api*) and calls those of the other. Messages are plain values, so that both kinds of ports can carry them;
 * `Uint8Array` crosses as bytes.
 */
export interface Port {
  post(message: unknown): void;
  listen(receive: (message: unknown) => void): void;
}

/** A call as its handler sees it. `P` is what it may report while it works. */
export interface Call<P = never> {
  readonly cancelled: boolean;
  report(progress: P): void;
}

type Handler = (args: never, call: Call) => unknown;
export type Api<T> = Record<keyof T, Handler>;

type Args<H> = H extends (args: infer A, ...rest: never[]) => unknown ? A : never;
type Result<H> = H extends (...args: never[]) => infer R ? Awaited<R> : never;
type Progress<H> = H extends (args: never, call: Call<infer P>) => unknown ? P : never;

export interface CallOptions<P> {
  onProgress?: (progress: P) => void;
  /** Is given the function that cancels the call; a cancellation token's event fits. */
  onCancel?: (cancel: () => void) => unknown;
}

/** The call was cancelled by its caller. */
export class Cancelled extends Error {
  constructor() {
    super('Cancelled.');
  }
}

/** What the other side threw; the stack is its own business. */
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
  reject(error: Error): void;
  onProgress?: ((progress: never) => void) | undefined;
}

/** One end of a conversation. `Theirs` is the api of the other end. */
export class Channel<Theirs extends Api<Theirs>> {
  private readonly waiting = new Map<number, Waiting>();
  private readonly running = new Map<number, { cancelled: boolean }>();
  private next = 0;
  private closed: Error | null = null;

  constructor(
    private readonly port: Port,
    private readonly mine: Record<string, Handler>,
  ) {
    port.listen((message) => void this.receive(message as Message));
  }

  /** Calls a handler of the other side. Rejects with what it threw, or `Cancelled`. */
  call<K extends keyof Theirs & string>(
    name: K,
    args: Args<Theirs[K]>,
    { onProgress, onCancel }: CallOptions<Progress<Theirs[K]>> = {},
  ): Promise<Result<Theirs[K]>> {
    if (this.closed) return Promise.reject(this.closed);
    const id = this.next++;
    const result = new Promise<unknown>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, onProgress });
    });
    this.send({ type: 'call', id, name, args });
    onCancel?.(() => {
      if (!this.waiting.has(id)) return;
      this.settle(id, (waiting) => waiting.reject(new Cancelled()));
      this.send({ type: 'cancel', id });
    });
    return result as Promise<Result<Theirs[K]>>;
  }

  /** Calls a handler of the other side without waiting for it. */
  notify<K extends keyof Theirs & string>(name: K, args: Args<Theirs[K]>): void {
    if (!this.closed) this.send({ type: 'notify', name, args });
  }

  /** Ends the conversation: waiting calls are rejected with `reason`, running handlers are told to stop. */
  close(reason: Error): void {
    this.closed ??= reason;
    for (const id of [...this.waiting.keys()]) this.settle(id, (waiting) => waiting.reject(reason));
    for (const call of this.running.values()) call.cancelled = true;
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
      case 'notify':
        await this.mine[message.name]?.(message.args as never, { cancelled: false, report: () => undefined });
        return;
      case 'cancel': {
        const call = this.running.get(message.id);
        if (call) call.cancelled = true;
        return;
      }
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
    const call = {
      cancelled: false,
      report: (value: never) => {
        if (!call.cancelled) this.send({ type: 'progress', id, value });
      },
    };
    this.running.set(id, call);
    let answer: Message;
    try {
      const handler = this.mine[name];
      if (!handler) throw new Error(`There is no "${name}" to call.`);
      answer = { type: 'result', id, value: await handler(args as never, call) };
    } catch (error) {
      answer = { type: 'error', id, message: (error as Error).message };
    }
    this.running.delete(id);
    if (!call.cancelled) this.send(answer);
  }
}
