import { copyFile, readdir, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join } from 'node:path';
import { parse } from 'yaml';
import { adapterOf } from '../../core/config/engine-config.ts';
import type { RunConfig } from '../../core/config/run-config.ts';
import { isRecord } from '../../base/json.ts';
import { modelCard, type BaseModel } from './model-card.ts';
import { stepName } from '../runs/run-folder.ts';
import { readResults } from '../evaluation/evaluation-folders.ts';
import { readText } from '../files/regular.ts';
import { openTorchUnchecked, type OpeningHooks } from '../torch/open-torch.ts';
import { ifMissing } from '../files/disk-error.ts';
import { writeFolder } from '../files/leftovers.ts';
import { checkpointFolder, verifyCheckpoint } from '../runs/checkpoints.ts';
import { requireSameModel } from './model-identity.ts';
import { openFolder } from './open-trainer.ts';

/** Files of an adapter in PEFT's format. Every checkpoint of an adapter contains these files. */
const ADAPTER = ['adapter_model.safetensors', 'adapter_config.json'];

/**
 * Exports the weights of a checkpoint to a new folder for other programs: an adapter in PEFT's format, or all weights
 * as the engine's own model folder. With `merged`, the adapter is added to the weights of the whole model. The folder
 * has a model card, and no file contains the path of the base model. The folder appears when all files are complete.
 * @throws if `out` exists and is not empty, or BrokenCheckpoint
 */
export async function exportCheckpoint(
  config: RunConfig,
  run: string,
  step: number,
  out: string,
  merged: boolean,
  hooks: OpeningHooks = {},
): Promise<void> {
  if ((await readdir(out).catch(ifMissing([]))).length > 0)
    throw new Error(`${out} already exists. Choose another folder.`);
  const checkpoint = checkpointFolder(run, step);
  await verifyCheckpoint(checkpoint);
  const base = await baseOf(config);
  const results = (await readResults(join(run, 'eval', stepName(step)))) ?? [];
  const isAdapter = adapterOf(config.engine) !== null && !merged;
  await writeFolder(out, async (staging) => {
    await write(config, checkpoint, staging, merged, hooks);
    if (base) await nameBase(staging, modelOf(config)!, base.name);
    const card = modelCard(config, { run: basename(run), step, isAdapter, base, results });
    await writeFile(join(staging, 'README.md'), card);
  });
}

/** Returns the model in a config: a Hugging Face Hub id, a path, or a server's name. Null for random weights. */
const modelOf = ({ engine }: RunConfig): string | null =>
  engine.kind === 'embedded' ? null : engine.kind === 'torch' ? engine.model : engine.base_model;

async function baseOf(config: RunConfig): Promise<BaseModel | null> {
  const model = modelOf(config);
  if (model === null) return null;
  const isFolder = isAbsolute(model) || model.startsWith('.');
  if (!isFolder) return { name: model, onHub: true, licence: null };
  const card = await readText(join(model, 'README.md')).catch(ifMissing(''));
  return { name: basename(model), onHub: false, licence: licenceIn(card) };
}

/** Returns the licence fields of a model card. Null if the card is unreadable or has no such fields. */
export function licenceIn(card: string): Record<string, string> | null {
  const head = /^---\r?\n(.*?)\r?\n---/s.exec(card)?.[1];
  try {
    const fields: unknown = head === undefined ? null : parse(head);
    const entries = isRecord(fields)
      ? Object.entries(fields).filter(
          (field): field is [string, string] =>
            /^license(?:_name|_link)?$/.test(field[0]) && typeof field[1] === 'string',
        )
      : [];
    return entries.length > 0 ? Object.fromEntries(entries) : null;
  } catch {
    return null;
  }
}

/** Replaces the base model's path in the settings files by its name, because other machines lack the path. */
async function nameBase(folder: string, path: string, name: string): Promise<void> {
  for (const file of (await readdir(folder)).filter((each) => each.endsWith('config.json'))) {
    const text = await readText(join(folder, file));
    const named = text.replaceAll(JSON.stringify(path), JSON.stringify(name));
    if (named !== text) await writeFile(join(folder, file), named);
  }
}

async function write(
  config: RunConfig,
  checkpoint: string,
  out: string,
  merged: boolean,
  hooks: OpeningHooks,
): Promise<void> {
  const { engine, seed } = config;
  if (adapterOf(engine) && !merged) {
    for (const file of ADAPTER) await copyFile(join(checkpoint, file), join(out, file));
    return;
  }
  if (engine.kind !== 'torch') {
    // If an embedded model is opened to train all weights, its adapter is merged into the weights.
    const whole = engine.kind === 'embedded' ? { ...engine, adapter: undefined } : engine;
    const trainer = await openFolder({ ...config, engine: whole }, checkpoint);
    return trainer.exportAdapter(out).finally(() => trainer.close());
  }
  // One process suffices for writing. The adapter is added to the weights before 4-bit quantization.
  const alone = { ...engine, devices: 1, nodes: 1, quantization: 'none' as const };
  const trainer = await openTorchUnchecked({ engine: alone, seed }, hooks);
  try {
    await requireSameModel(dirname(dirname(checkpoint)), config, trainer);
    await trainer.load(checkpoint, 'weights');
    await trainer.exportModel(out);
  } finally {
    await trainer.close();
  }
}
