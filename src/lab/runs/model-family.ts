import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import * as z from 'zod';
import { isRecord } from '../../base/json.ts';
import { checkRecord, decodeRecord } from '../../base/record.ts';
import { modelFolderSchema } from '../../core/config/engine-config.ts';
import type { RunConfig } from '../../core/config/run-config.ts';
import { familyByProcessor } from '../../core/seen/families.ts';
import { ifMissing } from '../files/disk-error.ts';
import { readText } from '../files/regular.ts';
import { readRunConfig } from './make-run.ts';

/** Schema of numbers by name. Removes nulls. */
const numbers = z
  .record(z.string(), z.unknown())
  .transform((record) =>
    Object.fromEntries(
      Object.entries(record).flatMap(([name, value]) => (typeof value === 'number' ? [[name, value]] : [])),
    ),
  )
  .optional()
  .catch(undefined);
const number = z.number().optional().catch(undefined);
const switched = z.boolean().optional().catch(undefined);
const processorSchema = z.object({
  image_processor_type: z.string().optional().catch(undefined),
  size: numbers,
  crop_size: numbers,
  patch_size: number,
  min_pixels: number,
  max_pixels: number,
  max_image_size: numbers,
  max_image_tiles: number,
  max_patches: number,
  dynamic_hd: number,
  image_grid_pinpoints: z.array(z.array(z.number())).optional().catch(undefined),
  crop_to_patches: switched,
  do_image_splitting: switched,
  max_soft_tokens: number,
  max_image_tokens: number,
});

/** Returns the family of an engine's model. Null if unknown, or if its image processor has other settings. */
export async function familyOfEngine(engine: RunConfig['engine']): Promise<string | null> {
  if (engine.kind === 'embedded') return null;
  return familyOfModel(engine.kind === 'torch' ? engine.model : engine.processor, engine.max_pixels);
}

/** Returns the model family in a folder of a run, a checkpoint or a model; null if its files do not contain it. */
export async function familyOfFolder(path: string): Promise<string | null> {
  for (const dir of [path, dirname(dirname(path))]) {
    const config = await readRunConfig(dir).catch(() => null);
    if (config) return familyOfEngine(config.engine);
  }
  return familyOfModel(path, null);
}

/**
 * Returns the model family (core/seen/families.ts) of the model in a folder, or of a hub model with files on this
 * machine. Null if the files do not contain it.
 * @param most maximum number of pixels of an image in the engine. Null for no limit
 */
async function familyOfModel(model: string, most: number | null): Promise<string | null> {
  const folder = (await hubFolder(model)) ?? resolve(model);
  const read = async (name: string) => {
    const file = join(folder, name);
    const value = decodeRecord(await readText(file), { file });
    return isRecord(value) ? value : {};
  };
  try {
    const processor =
      (await read('preprocessor_config.json').catch(ifMissing(null))) ??
      (await read('processor_config.json')).image_processor;
    const { size, min_pixels, max_pixels, ...file } = checkRecord(processorSchema, processor, {
      file: folder,
    });
    const config = await read('config.json').catch(ifMissing({}));
    const { model_type: type = '' } = checkRecord(modelFolderSchema, config, { file: folder });
    // Older files contain the limits in the same object as the size.
    const limits = {
      ...size,
      ...(min_pixels !== undefined && { shortest_edge: min_pixels }),
      ...(max_pixels !== undefined && { longest_edge: max_pixels }),
    };
    const isSized = Object.keys(limits).length > 0;
    return familyByProcessor({ ...file, ...(isSized && { size: limits }) }, type, most);
  } catch {
    // the engine reports missing and broken files
    return null;
  }
}

/** Returns the hub cache folder of a model. Null if the model is not in the cache. */
async function hubFolder(model: string): Promise<string | null> {
  if (!/^\w[\w.-]*\/\w[\w.-]*$/.test(model)) return null;
  const { HF_HUB_CACHE, HF_HOME } = process.env;
  const hub = HF_HUB_CACHE ?? join(HF_HOME ?? join(homedir(), '.cache', 'huggingface'), 'hub');
  const folder = join(hub, `models--${model.replace('/', '--')}`);
  const revision = (await readText(join(folder, 'refs', 'main')).catch(ifMissing(''))).trim();
  return /^[0-9a-f]+$/.test(revision) ? join(folder, 'snapshots', revision) : null;
}
