import { fork, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { Prompt } from '../../core/prompts/message.ts';
import type { PutImage, SamplingOptions } from '../sampler.ts';
import type { ForwardOptions, Group, OptimOptions, Trainer, TrainerInfo, WeightedGroup } from '../trainer.ts';
import type { EmbeddedTrainer } from './engine.ts';
import type { DecodeImage } from './images.ts';
import type { EmbeddedOptions } from './open.ts';

/** What the child answers: the engine's methods, and `open` before all others. */
interface Methods extends Omit<EmbeddedTrainer, 'info' | 'imageSize' | 'putImage'> {
  open(options: Omit<EmbeddedOptions, 'decodeImage'>): Promise<{ info: TrainerInfo; imageSize: number }>;
}

/** A message to the child; arguments are cloned, so that pixels stay bytes. */
export interface Call<M extends keyof Methods = keyof Methods> {
  id: number;
  method: M;
  args: Parameters<Methods[M]>;
}

/** Ends a call under way. */
export interface Cancellation {
  cancel: number;
}

export type Reply = { id: number } & ({ result: unknown } | { error: string });

/** The bundle of child.ts: beside this one; from source, the one that `npm run build` made. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/embedded-engine.js' : './embedded-engine.js',
  import.meta.url,
);

/**
 * Opens the embedded engine in a process of its own: the caller's event loop stays free, and a crash of native code
 * becomes an error of the calls under way.
 * @param options.signal ends the process.
 */
export async function openEmbeddedProcess(
  { decodeImage, signal, ...options }: EmbeddedOptions & { signal?: AbortSignal | undefined },
  entry: URL = ENTRY,
): Promise<Trainer> {
  const child = fork(fileURLToPath(entry), {
    signal,
    serialization: 'advanced',
    execArgv: [],
    // The caller's standard output may be data.
    stdio: ['ignore', 2, 2, 'ipc'],
  });
  const channel = new Channel(child);
  try {
    const { info, imageSize } = await channel.call('open', options);
    return new EmbeddedProcess(channel, info, imageSize, decodeImage);
  } catch (error) {
    child.kill();
    throw error;
  }
}

/** Calls under way, by id. They fail when the child ends. */
class Channel {
  private readonly pending = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (error: Error) => void }
  >();
  private calls = 0;
  private ended: Error | null = null;

  constructor(private readonly child: ChildProcess) {
    child.on('message', (reply: Reply) => {
      const call = this.pending.get(reply.id);
      this.pending.delete(reply.id);
      if ('error' in reply) call?.reject(new Error(reply.error));
      else call?.resolve(reply.result);
    });
    child.on('error', (error) => this.fail(error));
    child.on('exit', (code, signal) =>
      this.fail(new Error(`The embedded engine's process ended (${signal ?? `exit code ${code}`}).`)),
    );
  }

  call<M extends keyof Methods>(
    method: M,
    ...args: Parameters<Methods[M]>
  ): Promise<Awaited<ReturnType<Methods[M]>>> {
    return this.cancellable(undefined, method, ...args);
  }

  async cancellable<M extends keyof Methods>(
    signal: AbortSignal | undefined,
    method: M,
    ...args: Parameters<Methods[M]>
  ): Promise<Awaited<ReturnType<Methods[M]>>> {
    if (this.ended) throw this.ended;
    signal?.throwIfAborted();
    const id = this.calls++;
    const cancel = () => this.send({ cancel: id });
    signal?.addEventListener('abort', cancel);
    try {
      return await new Promise<Awaited<ReturnType<Methods[M]>>>((resolve, reject) => {
        this.pending.set(id, { resolve: resolve as (result: unknown) => void, reject });
        this.send({ id, method, args });
      });
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }

  private send(message: Call | Cancellation): void {
    this.child.send(message, (error) => {
      if (error) this.fail(error);
    });
  }

  /** Resolves when the child has ended. */
  async end(): Promise<void> {
    if (this.ended) return;
    const exit = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.disconnect();
    await exit;
  }

  private fail(error: Error): void {
    this.ended ??= error;
    for (const { reject } of this.pending.values()) reject(this.ended);
    this.pending.clear();
  }
}

/** The trainer on this side of the channel, which decodes the images. */
class EmbeddedProcess implements Trainer {
  constructor(
    private readonly channel: Channel,
    private readonly opened: TrainerInfo,
    private readonly imageSize: number,
    private readonly decodeImage: DecodeImage,
  ) {}

  info = () => this.opened;

  async putImage(file: Uint8Array): Promise<PutImage> {
    const hash = createHash('sha256').update(file).digest('hex');
    const known = await this.channel.call('recall', hash);
    if (known) return known;
    const size = { width: this.imageSize, height: this.imageSize };
    return this.channel.call('putPixels', hash, await this.decodeImage(file, size));
  }

  encode = (prompt: Prompt, target?: string) => this.channel.call('encode', prompt, target);
  complete = (prompts: Prompt[], { signal, ...options }: SamplingOptions) =>
    this.channel.cancellable(signal, 'complete', prompts, options);
  sample = (prompts: Prompt[], { signal, ...options }: SamplingOptions) =>
    this.channel.cancellable(signal, 'sample', prompts, options);
  forward = (groups: Group[], options: ForwardOptions) => this.channel.call('forward', groups, options);
  forwardBackward = (groups: WeightedGroup[], options: { temperature: number }) =>
    this.channel.call('forwardBackward', groups, options);
  optimStep = (options: OptimOptions) => this.channel.call('optimStep', options);
  setReference = (reference: Parameters<Trainer['setReference']>[0]) =>
    this.channel.call('setReference', reference);
  save = (folder: string) => this.channel.call('save', folder);
  load = (folder: string, what: 'weights' | 'everything') => this.channel.call('load', folder, what);
  exportAdapter = (folder: string) => this.channel.call('exportAdapter', folder);
  peakMemory = () => this.channel.call('peakMemory');

  close = () => this.channel.end();
}
