import { copyFile, readdir, rename, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { RunConfig } from '../../core/config/run.ts';
import { openTorchUnchecked, type OpeningHooks } from '../torch/open.ts';
import { makeFolder } from '../files/folders.ts';
import { withStaging } from '../files/leftovers.ts';
import { verifyCheckpoint } from '../runs/checkpoints.ts';
import { openFolder } from './open-trainer.ts';

/** What PEFT opens, as every checkpoint of an adapter has it. */
const ADAPTER = ['adapter_model.safetensors', 'adapter_config.json'];

/**
 * Writes what a checkpoint has learnt into a new folder, in the form that other programs open: an adapter as PEFT's,
 * all weights as the engine's own model folder. `merged`: the whole model, the adapter added to its weights.
 * The folder appears at once, when all is in it.
 * @throws where `out` is already there and holds something, and BrokenCheckpoint.
 */
export async function exportCheckpoint(
  config: RunConfig,
  checkpoint: string,
  out: string,
  merged: boolean,
  hooks: OpeningHooks = {},
): Promise<void> {
  if ((await readdir(out).catch(() => [])).length > 0)
    throw new Error(`${out} is already there. Name another folder.`);
  await verifyCheckpoint(checkpoint);
  await makeFolder(dirname(out));
  await withStaging(out, async (staging) => {
    await write(config, checkpoint, staging, merged, hooks);
    // Only an empty folder gives way: what came there meanwhile is somebody's.
    await rmdir(out).catch(() => undefined);
    await rename(staging, out);
  });
}

async function write(
  config: RunConfig,
  checkpoint: string,
  out: string,
  merged: boolean,
  hooks: OpeningHooks,
): Promise<void> {
  const { engine, seed } = config;
  if (engine.kind !== 'torch') {
    const trainer = await openFolder(config, checkpoint);
    return trainer.exportAdapter(out).finally(() => trainer.close());
  }
  if (engine.adapter.kind === 'lora' && !merged) {
    for (const file of ADAPTER) await copyFile(join(checkpoint, file), join(out, file));
    return;
  }
  // One process is enough to write; the weights to be added to are those before they were put into 4 bits.
  const alone = { ...engine, devices: 1, nodes: 1, quantization: 'none' as const };
  const trainer = await openTorchUnchecked(alone, seed, hooks);
  try {
    await trainer.load(checkpoint, 'weights');
    await trainer.exportModel(out);
  } finally {
    await trainer.close();
  }
}
