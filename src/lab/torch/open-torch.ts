import { hostname, tmpdir } from 'node:os';
import { resolve } from 'node:path';
import type { TorchEngine } from '../../core/config/engine-config.ts';
import type { GrpoConfig, RunConfig } from '../../core/config/run-config.ts';
import { openTorch, type TorchTrainer } from '../../engines/torch/torch-engine.ts';
import type { Worker } from '../../engines/torch/worker.ts';
import type { Trainer } from '../../engines/trainer.ts';
import { withRollouts } from '../../engines/vllm/rollouts.ts';
import { imageCodec, keyForConfig } from '../endpoint.ts';
import { findPython } from './python.ts';
import { requirePromises } from './quick-check.ts';

/** Callbacks for the progress of opening a model. */
export interface OpeningHooks {
  onPhase?: (phase: string) => Promise<void> | void;
  onNote?: (kind: string, message: string) => void;
  /** Aborts the opening, and all later operations of the engine. */
  signal?: AbortSignal;
  /** Worker that opens the model, and stays open when the model is closed. Default: a new worker. */
  worker?: Worker;
}

/** Fields of a run config that determine the model. */
export interface TorchModel {
  engine: TorchEngine;
  seed: number;
  /** Padding for symmetric pairs. Default: not symmetric. */
  pairs?: RunConfig['pairs'];
}

/**
 * Opens the model of a run config in a Python process, checks the contracts on which training depends, and loads the
 * weights in `folder`, if given.
 * @throws if no suitable Python exists, the model is not available, or a check fails
 */
export async function openTorchModel(
  model: TorchModel,
  folder: string | null,
  hooks: OpeningHooks,
): Promise<Trainer> {
  const trainer = await openTorchUnchecked(model, hooks);
  try {
    await hooks.onPhase?.('checking the engine');
    await requirePromises(trainer, CHECKS);
    if (folder !== null) await trainer.load(folder, 'weights');
    return trainer;
  } catch (error) {
    await trainer.close();
    throw error;
  }
}

/** Opens a model without the checks, for work that computes nothing. */
export async function openTorchUnchecked(
  { engine, seed, pairs }: TorchModel,
  { onPhase, onNote, signal, worker }: OpeningHooks,
): Promise<TorchTrainer> {
  const { kind, ...adapter } = engine.adapter;
  const processes = processesOf(engine);
  if (engine.nodes > 1)
    await onPhase?.(
      `waiting for ${engine.nodes - 1} more machines at ${processes.host}:${processes.port} (chirality engine join)`,
    );
  return openTorch({
    python: await findPython(),
    model: engine.model,
    adapter: kind === 'lora' ? adapter : null,
    precision: engine.precision === 'bf16' ? 'bfloat16' : 'float32',
    quantization: engine.quantization,
    symmetric: pairs?.symmetric ?? false,
    maxPixels: engine.max_pixels,
    seed,
    device: engine.device,
    threads: engine.threads ?? null,
    processes,
    gradientCheckpointing: engine.gradient_checkpointing === 'auto' ? null : engine.gradient_checkpointing,
    microTokens: engine.micro_tokens === 'auto' ? null : engine.micro_tokens,
    captured: engine.captured,
    offload: engine.offload,
    onProgress: (phase, done, total) => void onPhase?.(`${phase} ${done}/${total}`),
    ...(onNote && { onNote }),
    ...(signal && { signal }),
    ...(worker && { worker }),
  });
}

/** Returns the trainer of a run whose completions the vLLM server at `url` samples. */
export const drawnByServer = (
  trainer: Trainer,
  { sampling }: GrpoConfig,
  url: string,
  { signal }: OpeningHooks,
): Trainer =>
  withRollouts(trainer, {
    url,
    key: keyForConfig(url, process.env),
    folder: resolve(sampling.adapters ?? tmpdir()),
    // The server downscales images like the trainer, so the server gets every pixel.
    codec: imageCodec({ format: 'png', maxPixels: null }),
    signal,
  });

export const processesOf = ({ devices, nodes, host, port }: TorchEngine) => ({
  devices,
  nodes,
  host: host ?? hostname(),
  port,
});

/** Names of checks for contracts that a model's code can violate without an error. No check changes the model. */
const CHECKS = [
  'later tokens and other completions do not affect earlier log-probabilities',
  'sampled log-probabilities and entropies equal the forward pass',
  'another image changes log-probabilities',
  'mirrored images equal mirrored files',
];
