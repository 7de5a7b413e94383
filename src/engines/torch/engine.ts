import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { Prompt, StopReason } from '../../core/prompts/message.ts';
import type { BoxFormat } from '../../core/sample/boxes.ts';
import type { Feature, PutImage, SamplingOptions, TextCompletion } from '../sampler.ts';
import { assertSupported, checkSampling, featuresOfPrompt, featuresOfSampling, textOf } from '../features.ts';
import { flatten, scoresOf, unflatten, type FlatGroup } from '../segments.ts';
import type {
  BackwardResult,
  Encoded,
  ForwardOptions,
  Group,
  LoraOptions,
  OpenOptions,
  OptimOptions,
  OptimResult,
  SampledCompletion,
  Scores,
  Trainer,
  TrainerInfo,
  WeightedGroup,
  Usage,
} from '../trainer.ts';
import type { InspectCase, Inspected, Inspector, Wanted } from '../inspector.ts';
import { inspectInWorker } from './inspect.ts';
import { Worker, type WorkerOptions } from './worker.ts';

const FEATURES: Feature[] = [
  'system-message',
  'several-turns',
  'assistant-prefix',
  'image',
  'several-images',
  'view-mirror',
  'view-rotate',
  'temperature',
  'top-p',
  'stop',
  'seed',
  'reference',
  'inspect-attention',
  'inspect-hidden',
  'inspect-lens',
  'inspect-block',
  'inspect-patch',
];

export interface TorchOptions extends OpenOptions, WorkerOptions {
  /** `excludes`: modules that get no adapter, whatever the targets say. */
  adapter: (LoraOptions & { excludes: string[] }) | null;
  /** `4bit`: the frozen weights of the language model take a quarter of their size in bfloat16. */
  quantization: 'none' | '4bit';
  device: 'auto' | 'cpu' | 'cuda';
  threads: number | null;
  /** Recomputes activations in the backward pass. */
  gradientCheckpointing: boolean;
  /**
   * Most tokens in one pass, prompts and completions together; null: as many as memory holds. Halved if it runs out.
   */
  microTokens: number | null;
  /** Whether steps of decoding are captured as CUDA graphs on a GPU. */
  captured: 'auto' | 'off';
}

/** What the worker reports about an opened model. */
interface Opened {
  parameters: number;
  trainable_parameters: number;
  layers: number;
  context_tokens: number;
  images_kept: number;
  coordinates: BoxFormat | null;
  /** Features that prompts for this model family cannot use. */
  refuses: Feature[];
  runtime: string;
  exact_resume: boolean;
  rounding: number;
}

/** Starts a worker and opens a model in it. */
export async function openTorch(options: TorchOptions): Promise<TorchTrainer> {
  const { model, adapter, precision, quantization, seed, device, threads } = options;
  const worker = await Worker.start(options);
  try {
    const opened = await worker.call<Opened>('open', {
      model,
      adapter,
      precision,
      quantization,
      max_pixels: options.maxPixels,
      seed,
      device,
      threads,
      gradient_checkpointing: options.gradientCheckpointing,
      micro_tokens: options.microTokens,
      captured: options.captured,
    });
    return new TorchTrainer(worker, opened.layers, {
      engine: 'torch',
      model,
      features: [
        ...FEATURES.filter((feature) => !opened.refuses.includes(feature)),
        ...(opened.exact_resume ? (['exact-resume'] as const) : []),
      ],
      contextTokens: opened.context_tokens,
      imagesKept: opened.images_kept,
      vocabulary: null,
      coordinates: opened.coordinates,
      runtime: opened.runtime,
      precision,
      rounding: opened.rounding,
      parameters: opened.parameters,
      trainableParameters: opened.trainable_parameters,
    });
  } catch (error) {
    await worker.end();
    throw error;
  }
}

/** A vision-language model in a Python process (docs/engines.md). */
export class TorchTrainer implements Trainer, Inspector {
  constructor(
    private readonly worker: Worker,
    private readonly layers: number,
    private readonly opened: TrainerInfo,
  ) {}

  info = () => this.opened;

  async putImage(file: Uint8Array): Promise<PutImage> {
    const hash = createHash('sha256').update(file).digest('hex');
    const recalled = await this.worker.call<PutImage | null>('recall_image', { hash });
    return recalled ?? this.worker.call<PutImage>('put_image', { hash }, { payload: file });
  }

  async encode(prompt: Prompt, target?: string): Promise<Encoded> {
    this.require(featuresOfPrompt(prompt));
    return this.worker.call('encode', { prompt, target });
  }

  async complete(prompts: Prompt[], options: SamplingOptions): Promise<TextCompletion[][]> {
    const groups = await this.sample(prompts, options);
    return groups.map((group) => group.map(textOf));
  }

  async sample(prompts: Prompt[], options: SamplingOptions): Promise<SampledCompletion[][]> {
    checkSampling(options);
    this.require([...featuresOfSampling(options), ...prompts.flatMap(featuresOfPrompt)]);
    const { n, temperature, topP, maxTokens, stop = [], seed, overlong, signal } = options;
    const groups = await this.worker.call<(SampledCompletion & { stop_reason: StopReason })[][]>(
      'sample',
      { prompts, n, temperature, top_p: topP, max_tokens: maxTokens, stop, seed, cut: overlong === 'cut' },
      { signal },
    );
    return groups.map((group) =>
      group.map(({ stop_reason: stopReason, ...completion }) => ({ ...completion, stopReason })),
    );
  }

  async forward(groups: Group[], { model, temperature }: ForwardOptions): Promise<Scores[][][]> {
    const flat = this.flat(groups);
    if (flat.length === 0) return unflatten<Scores>(groups, [], [], NO_SCORES);
    const { logprobs, entropies } = await this.worker.call<{
      logprobs: number[][][];
      entropies: number[][][];
    }>('forward', { groups: flat, model, temperature });
    return unflatten(groups, flat, scoresOf(logprobs, entropies), NO_SCORES);
  }

  async forwardBackward(
    groups: WeightedGroup[],
    { temperature }: { temperature: number },
  ): Promise<BackwardResult> {
    const flat = this.flat(groups);
    if (flat.length === 0) return { logprobs: unflatten(groups, [], [], []), loss: 0 };
    const { logprobs, loss } = await this.worker.call<{ logprobs: number[][][]; loss: number }>(
      'forward_backward',
      { groups: flat, temperature },
    );
    return { logprobs: unflatten(groups, flat, logprobs, []), loss };
  }

  async optimStep({ learningRate, betas, eps, weightDecay, gradClip }: OptimOptions): Promise<OptimResult> {
    const { grad_norm } = await this.worker.call<{ grad_norm: number | null }>('optim_step', {
      learning_rate: learningRate,
      betas,
      eps,
      weight_decay: weightDecay,
      grad_clip: gradClip,
    });
    return { gradNorm: grad_norm };
  }

  inspect = (cases: InspectCase[], wanted: Wanted, signal?: AbortSignal): Promise<Inspected[]> =>
    inspectInWorker(this.worker, this.opened, this.layers, cases, wanted, signal);

  setReference(reference: 'base' | 'current' | { folder: string }): Promise<void> {
    const args =
      typeof reference === 'string' ? { reference } : { reference: 'folder', folder: reference.folder };
    return this.worker.call('set_reference', args);
  }

  save = (folder: string): Promise<void> => this.worker.call('save', { folder: resolve(folder) });
  load = (folder: string, what: 'weights' | 'everything'): Promise<void> =>
    this.worker.call('load', { folder: resolve(folder), everything: what === 'everything' });
  exportAdapter = (folder: string): Promise<void> =>
    this.worker.call('export', { folder: resolve(folder), merged: false });
  async usage(): Promise<Usage> {
    const measured = await this.worker.call<{ peak_memory: number; gpu_use: number | null }>('usage');
    return { peakMemory: measured.peak_memory, gpuUse: measured.gpu_use };
  }

  /** How the tower attended within windows of pictures; null if it has none, or has not seen a picture. */
  windows = async (): Promise<string | null> =>
    (await this.worker.call<{ windows: string | null }>('usage')).windows;

  /** Writes the whole model, with the adapter merged in, as a folder that transformers opens. */
  exportModel = (folder: string): Promise<void> =>
    this.worker.call('export', { folder: resolve(folder), merged: true });

  close = () => this.worker.end();

  private flat(groups: Group[]): FlatGroup[] {
    const flat = flatten(groups);
    for (const { rows } of flat)
      for (const { weights } of rows)
        if (!weights.every(Number.isFinite)) throw new Error('A weight is not a finite number.');
    this.require(flat.flatMap(({ prompt }) => featuresOfPrompt(prompt)));
    return flat;
  }

  private require(features: Feature[]): void {
    assertSupported(this.opened, features);
  }
}

const NO_SCORES: Scores = { logprobs: [], entropies: [] };
