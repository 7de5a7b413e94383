import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { RecentMap } from '../../base/recent-map.ts';
import { Channel } from '../../base/channel.ts';
import type { Call } from '../../base/call.ts';
import type { Inspector } from '../inspector.ts';
import type { PutImage } from '../sampler.ts';
import type { Encoded, Trainer, TrainerInfo } from '../trainer.ts';
import type { EmbeddedTrainer } from './embedded-engine.ts';
import type { DecodeImage, ImageForm } from './image-reader.ts';
import type { EmbeddedOptions } from './open-embedded.ts';

type Methods = Omit<EmbeddedTrainer, 'info' | 'imageForm' | 'putImage' | 'close'>;

/** Calls to the child process: `open` first, then the engine's methods, with their arguments as a list. */
export type EmbeddedApi = {
  [M in keyof Methods]: (args: Parameters<Methods[M]>, call: Call) => ReturnType<Methods[M]>;
} & {
  open(options: Omit<EmbeddedOptions, 'decodeImage'>): Promise<{ info: TrainerInfo; form: ImageForm }>;
};

/** Bundle of child.ts: next to this bundle, or, when this file runs from source, in the output of `npm run build`. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? '../../../dist/embedded-engine.js' : './embedded-engine.js',
  import.meta.url,
);

/**
 * Opens the embedded engine in a separate process, so that the caller's event loop stays free and a crash of native
 * code only fails the calls in progress.
 * @param options.signal ends the process when it aborts
 */
export async function openEmbeddedProcess(
  { decodeImage, signal, ...options }: EmbeddedOptions & { signal?: AbortSignal | undefined },
  entry: URL = ENTRY,
): Promise<Trainer & Inspector> {
  // `fork` cannot prevent a console window on Windows.
  const child = spawn(process.execPath, [fileURLToPath(entry)], {
    signal,
    killSignal: 'SIGKILL',
    serialization: 'advanced',
    // Redirects the child's output to standard error, because the caller's standard output can contain data.
    stdio: ['ignore', 2, 2, 'ipc'],
    windowsHide: true,
  });
  const channel = new Channel<EmbeddedApi>(
    {
      post: (message) => child.send(message as object, (error) => error && channel.close(error)),
      listen: (receive) => child.on('message', receive),
    },
    {},
  );
  child.on('error', (error) => channel.close(error));
  const exited = new Promise<void>((resolve) => {
    child.on('exit', (code, killed) => {
      channel.close(new Error(`The embedded engine's process ended (${killed ?? `exit code ${code}`}).`));
      resolve();
    });
  });
  const close = async () => {
    if (child.connected) child.disconnect();
    await exited;
  };
  try {
    const { info, form } = await channel.call('open', options);
    return new EmbeddedProcess(channel, info, form, decodeImage, close);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
}

/** Maximum number of cached texts, each with a few dozen tokens. */
const TEXTS_KEPT = 8192;

/** Trainer in the parent process. Decodes the images, and passes all other work to the child process. */
class EmbeddedProcess implements Trainer, Inspector {
  /** Images in the engine. When its cache is full, the engine drops the oldest image. */
  private readonly given = new Map<string, PutImage>();
  /** Tokens of texts, cached because texts have the same tokens at every step. */
  private readonly encoded = new RecentMap<string, Encoded>(TEXTS_KEPT);

  constructor(
    private readonly channel: Channel<EmbeddedApi>,
    private readonly opened: TrainerInfo,
    private readonly form: ImageForm,
    private readonly decodeImage: DecodeImage,
    readonly close: () => Promise<void>,
  ) {}

  info = () => this.opened;

  async putImage(file: Uint8Array): Promise<PutImage> {
    const hash = createHash('sha256').update(file).digest('hex');
    const given = this.given.get(hash);
    // Up to 80% of the cache size, the engine has not dropped an image, and will not drop one before the next call.
    if (given && this.given.size <= 0.8 * this.opened.imagesKept!) return given;
    const recalled = given && (await this.channel.call('recall', [hash]));
    if (recalled) return recalled;
    const put = await this.channel.call('putPixels', [hash, await this.decodeImage(file, this.form)]);
    this.given.set(hash, put);
    return put;
  }

  encode: Trainer['encode'] = async (...args) => {
    // The tokens are the same for all images that the engine has.
    const key = JSON.stringify(args, (name, value: unknown) =>
      name === 'image' && this.given.has(value as string) ? '' : value,
    );
    const tokens = this.encoded.get(key) ?? (await this.channel.call('encode', args));
    this.encoded.set(key, tokens);
    return tokens;
  };

  complete: Trainer['complete'] = (prompts, { signal, ...options }) =>
    this.channel.call('complete', [prompts, options], { signal });
  sample: Trainer['sample'] = (prompts, { signal, ...options }) =>
    this.channel.call('sample', [prompts, options], { signal });
  inspect: Inspector['inspect'] = (cases, wanted, signal) =>
    this.channel.call('inspect', [cases, wanted], { signal });
  forward: Trainer['forward'] = (...args) => this.channel.call('forward', args);
  forwardBackward: Trainer['forwardBackward'] = (...args) => this.channel.call('forwardBackward', args);
  optimStep: Trainer['optimStep'] = (...args) => this.channel.call('optimStep', args);
  setReference: Trainer['setReference'] = (...args) => this.channel.call('setReference', args);
  save: Trainer['save'] = (...args) => this.channel.call('save', args);
  load: Trainer['load'] = (...args) => this.channel.call('load', args);
  exportAdapter: Trainer['exportAdapter'] = (...args) => this.channel.call('exportAdapter', args);
  usage: Trainer['usage'] = () => this.channel.call('usage', []);
}
