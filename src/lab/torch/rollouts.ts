import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import type { GrpoConfig } from '../../core/config/run.ts';
import type { Trainer } from '../../engines/trainer.ts';
import { withRollouts } from '../../engines/vllm/rollouts.ts';
import { imageCodec, keyForConfig } from '../endpoint.ts';
import type { OpeningHooks } from './open.ts';

/** The trainer of a run whose completions the vLLM server at `url` draws. */
export function drawnByServer(
  trainer: Trainer,
  { engine, sampling }: GrpoConfig,
  url: string,
  { signal }: OpeningHooks,
): Trainer {
  return withRollouts(trainer, {
    url,
    key: keyForConfig(url, process.env),
    folder: resolve(sampling.adapters ?? tmpdir()),
    // The server scales as the trainer does, so it gets every pixel.
    codec: imageCodec({ format: 'png', maxPixels: null }),
    maxPixels: engine.kind === 'torch' ? engine.max_pixels : null,
    signal,
  });
}
