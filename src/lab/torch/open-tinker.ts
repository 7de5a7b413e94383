import { resolve } from 'node:path';
import type { TinkerEngine } from '../../core/config/engine-config.ts';
import { openTinker } from '../../engines/tinker/tinker-engine.ts';
import type { Trainer } from '../../engines/trainer.ts';
import { keyForConfig } from '../endpoint.ts';
import type { OpeningHooks } from './open-torch.ts';
import { findPython } from './python.ts';
import { requirePromises } from './quick-check.ts';

/** Names of checks for contracts that a server can violate without any error, for example by ignoring images. */
const CHECKS = ['another image changes log-probabilities', 'mirrored images equal mirrored files'];

/**
 * Connects to the server of a run config. If `folder` is given, loads the weights of the checkpoint in this folder.
 * Checks that the server uses images.
 * @throws if the server is unreachable, lacks the model, or ignores images
 */
export async function openTinkerModel(
  engine: TinkerEngine,
  seed: number,
  folder: string | null,
  { onPhase, onNote, signal }: OpeningHooks,
): Promise<Trainer> {
  const python = await findPython('tinker');
  await onPhase?.('connecting to the server');
  const server = (url: string) => ({ url, key: keyForConfig(url, process.env) });
  const trainer = await openTinker({
    python,
    server: server(engine.url),
    baseModel: engine.base_model,
    rank: engine.rank,
    seed,
    processor: resolve(engine.processor),
    maxPixels: engine.max_pixels,
    reference: engine.reference_url === undefined ? null : server(engine.reference_url),
    ...(onNote && { onNote }),
    ...(signal && { signal }),
  });
  try {
    if (folder !== null) await trainer.load(folder, 'weights');
    await onPhase?.('checking the engine');
    if (trainer.info().features.includes('image')) await requirePromises(trainer, CHECKS);
    return trainer;
  } catch (error) {
    await trainer.close();
    throw error;
  }
}
