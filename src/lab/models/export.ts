import { copyFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunConfig } from '../../core/config/run.ts';
import { openTorchUnchecked, type OpeningHooks } from '../torch/open-torch.ts';
import { ifMissing } from '../files/disk-error.ts';
import { writeFolder } from '../files/leftovers.ts';
import { verifyCheckpoint } from '../runs/checkpoints.ts';
import { openFolder } from './open-trainer.ts';

/** The files of an adapter for PEFT, which every checkpoint of an adapter contains. */
const ADAPTER = ['adapter_model.safetensors', 'adapter_config.json'];

/**
 * Writes what a checkpoint has learnt to a new folder, in a form that other programs open: an adapter in PEFT's form,
 * all weights as the engine's own model folder. `merged`: the whole model, with the adapter added to its weights. The
 * folder appears when it is complete.
 * @throws if `out` exists and is not empty, and BrokenCheckpoint.
 */
export async function exportCheckpoint(
  config: RunConfig,
  checkpoint: string,
  out: string,
  merged: boolean,
  hooks: OpeningHooks = {},
): Promise<void> {
  if ((await readdir(out).catch(ifMissing([]))).length > 0)
    throw new Error(`${out} is already there. Name another folder.`);
  await verifyCheckpoint(checkpoint);
  await writeFolder(out, (staging) => write(config, checkpoint, staging, merged, hooks));
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
  // One process is enough for writing. The adapter is added to the weights before their quantization to 4 bits.
  const alone = { ...engine, devices: 1, nodes: 1, quantization: 'none' as const };
  const trainer = await openTorchUnchecked(alone, seed, hooks);
  try {
    await trainer.load(checkpoint, 'weights');
    await trainer.exportModel(out);
  } finally {
    await trainer.close();
  }
}
