import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import type { TorchEngine } from '../../core/config/engine-config.ts';
import type { StopReason } from '../../core/prompts/message.ts';
import type { BoxFormat } from '../../rows/sample/boxes.ts';
import { type Feature, OF_CHAT, OF_INSPECTION, OF_PICTURES, OF_SAMPLING, type PutImage } from '../sampler.ts';
import {
  assertSupported,
  checkSampling,
  featuresOfPrompt,
  featuresOfSampling,
  textsOf,
} from '../features.ts';
import { featuresOfWeights, flatten, scoresOf, unflatten, type FlatGroup } from '../segments.ts';
import type { Group, ModelSizes, SampledCompletion, Scores, Trainer, TrainerInfo } from '../trainer.ts';
import type { Inspector } from '../inspector.ts';
import { inspectInWorker } from './torch-inspect.ts';
import { Worker, type WorkerOptions } from './worker.ts';

const FEATURES: Feature[] = [
  ...OF_CHAT,
  ...OF_PICTURES,
  ...OF_SAMPLING,
  'reference',
  'pull',
  ...OF_INSPECTION,
];

export interface TorchOptions extends WorkerOptions {
  /** Id of a model on the Hugging Face Hub, or a folder. */
  model: string;
  /** Fields of the worker's `Adapter` (loading.py). Null trains all weights. */
  adapter: Omit<TorchEngine['adapter'], 'kind'> | null;
  precision: 'float32' | 'bfloat16';
  /** Whether images are padded so that original and mirror are processed alike. Default: no. */
  symmetric?: boolean;
  /** Maximum number of pixels of an image; larger images are downscaled. Null: the engine's default. */
  maxPixels: number | null;
  seed: number;
  /** `4bit`: the frozen weights of the language model take a quarter of their size in bfloat16. */
  quantization: 'none' | '4bit';
  device: 'auto' | 'cpu' | 'cuda';
  threads: number | null;
  /** Whether to recompute activations in the backward pass. Null: only if no single completion would fit otherwise. */
  gradientCheckpointing: boolean | null;
  /** Maximum number of tokens per pass. Null: as many as fit. The engine halves it when memory runs out. */
  microTokens: number | null;
  /** Whether to capture decoding steps as CUDA graphs on a GPU. */
  captured: 'auto' | 'off';
  /** Whether gradient sums and the optimiser are in CPU memory, so that optimiser steps run on the CPU. */
  offload: 'none' | 'optimizer';
  /** Running worker that opens this model instead of its own. Default: a new worker that ends with the trainer. */
  worker?: Worker;
}

/** Rates of a device per second, and minimum work of a training step with a given shape. */
export interface Rates {
  /** Floating-point operations in large matrix products. A multiplication and an addition are two operations. */
  products: number;
  /** Bytes read and written by a large copy. */
  copies: number;
  /** Bytes of the weights that one decoding step reads. */
  token_step: number;
  /** Floating-point operations for log-probabilities without gradients. */
  reference: number;
  update: number;
}

/** The worker's report about an opened model. */
interface Opened {
  parameters: number;
  trainable_parameters: number;
  layers: number;
  folder: string | null;
  sizes: ModelSizes;
  context_tokens: number;
  images_kept: number;
  completions_at_once: number;
  coordinates: BoxFormat | null;
  /** Features that this model family does not support. */
  refuses: Feature[];
  runtime: string;
  exact_resume: boolean;
  rounding: number;
}

export async function openTorch(options: TorchOptions): Promise<TorchTrainer> {
  const { model, adapter, precision, quantization, seed, device, threads } = options;
  const worker = options.worker ?? (await Worker.start(options));
  const end = options.worker ? () => Promise.resolve() : () => worker.end();
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
      offload: options.offload,
      symmetric: options.symmetric ?? false,
    });
    return new TorchTrainer(
      worker,
      opened.layers,
      {
        engine: 'torch',
        model,
        features: [
          ...FEATURES.filter((feature) => !opened.refuses.includes(feature)),
          ...(opened.exact_resume ? (['exact-resume'] as const) : []),
        ],
        contextTokens: opened.context_tokens,
        imagesKept: opened.images_kept,
        completionsAtOnce: opened.completions_at_once,
        vocabulary: null,
        coordinates: opened.coordinates,
        symmetric: options.symmetric ?? false,
        runtime: opened.runtime,
        precision,
        rounding: opened.rounding,
        parameters: opened.parameters,
        trainableParameters: opened.trainable_parameters,
        ...(opened.folder !== null && { folder: opened.folder }),
        sizes: opened.sizes,
      },
      end,
    );
  } catch (error) {
    await end();
    throw error;
  }
}

/** A vision-language model in a Python process, or on a server that this process connects to (docs/engines.md). */
export class TorchTrainer implements Trainer, Inspector {
  constructor(
    private readonly worker: Worker,
    private readonly layers: number,
    private readonly opened: TrainerInfo,
    /** Ends the worker, unless other trainers use the worker. */
    readonly close: () => Promise<void> = () => worker.end(),
  ) {}

  info = () => this.opened;

  async putImage(file: Uint8Array): Promise<PutImage> {
    const hash = createHash('sha256').update(file).digest('hex');
    const recalled = await this.worker.call<PutImage | null>('recall_image', { hash });
    return recalled ?? this.worker.call<PutImage>('put_image', { hash }, { payload: file });
  }

  encode: Trainer['encode'] = async (prompt, target) => {
    this.require(featuresOfPrompt(prompt));
    return this.worker.call('encode', { prompt, target });
  };

  complete: Trainer['complete'] = async (...args) => textsOf(await this.sample(...args));

  sample: Trainer['sample'] = async (prompts, options) => {
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
  };

  forward: Trainer['forward'] = async (groups, { model, temperature }) => {
    const flat = this.flat(groups);
    if (flat.length === 0) return unflatten<Scores>(groups, [], [], NO_SCORES);
    const { logprobs, entropies } = await this.worker.call<{
      logprobs: number[][][];
      entropies: number[][][] | null;
    }>('forward', { groups: flat, model, temperature });
    return unflatten(groups, flat, scoresOf(logprobs, entropies), NO_SCORES);
  };

  forwardBackward: Trainer['forwardBackward'] = async (groups, { temperature }) => {
    const flat = this.flat(groups);
    if (flat.length === 0) return { logprobs: unflatten(groups, [], [], []), loss: 0 };
    const { logprobs, loss } = await this.worker.call<{ logprobs: number[][][]; loss: number }>(
      'forward_backward',
      { groups: flat, temperature },
    );
    return { logprobs: unflatten(groups, flat, logprobs, []), loss };
  };

  optimStep: Trainer['optimStep'] = async ({ learningRate, betas, eps, weightDecay, gradClip }) => {
    const taken = await this.worker.call<{ grad_norm: number | null; skipped: boolean }>('optim_step', {
      learning_rate: learningRate,
      betas,
      eps,
      weight_decay: weightDecay,
      grad_clip: gradClip,
    });
    return { gradNorm: taken.grad_norm, skipped: taken.skipped };
  };

  inspect: Inspector['inspect'] = (...args) =>
    inspectInWorker(this.worker, this.opened, this.layers, ...args);

  setReference: Trainer['setReference'] = (reference) =>
    this.worker.call(
      'set_reference',
      typeof reference === 'string' ? { reference } : { reference: 'folder', ...reference },
    );

  save: Trainer['save'] = (folder) => this.worker.call('save', { folder: resolve(folder) });
  load: Trainer['load'] = (folder, what) =>
    this.worker.call('load', { folder: resolve(folder), everything: what === 'everything' });
  exportAdapter: Trainer['exportAdapter'] = (folder) =>
    this.worker.call('export', { folder: resolve(folder), merged: false });
  usage: Trainer['usage'] = async () => {
    const measured = await this.worker.call<{ peak_memory: number | null; gpu_use: number | null }>('usage');
    return { peakMemory: measured.peak_memory, gpuUse: measured.gpu_use };
  };

  /** Returns the attention method for image windows. Null if the vision tower has no windows or has not run. */
  windows = async (): Promise<string | null> =>
    (await this.worker.call<{ windows: string | null }>('usage')).windows;

  /** @param shape number of prompts, tokens per prompt, completions per prompt, and tokens per completion */
  rates = (shape: { prompts: number; prompt: number; n: number; completion: number }): Promise<Rates> =>
    this.worker.call('rates', shape);

  /** Writes the whole model, with the adapter merged, to a folder that transformers can load. */
  exportModel = (folder: string): Promise<void> =>
    this.worker.call('export', { folder: resolve(folder), merged: true });

  private flat(groups: Group[]): FlatGroup[] {
    const flat = flatten(groups);
    this.require([...flat.flatMap(({ prompt }) => featuresOfPrompt(prompt)), ...featuresOfWeights(flat)]);
    return flat;
  }

  private require(features: Feature[]): void {
    assertSupported(this.opened, features);
  }
}

const NO_SCORES: Scores = { logprobs: [], entropies: [] };
