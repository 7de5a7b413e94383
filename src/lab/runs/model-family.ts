import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isRecord } from '../../base/json.ts';
import { checkRecord, decodeRecord } from '../../base/record.ts';
import { modelFolderSchema } from '../../core/config/engine-config.ts';
import type { RunConfig } from '../../core/config/run-config.ts';
import { familyByProcessor } from '../../core/seen/processor-file.ts';
import { ifMissing } from '../files/disk-error.ts';
import { readText } from '../files/regular.ts';
import { checkpointFolder, listCheckpoints } from './checkpoints.ts';
import { readRunConfig } from './make-run.ts';

/** Returns the family of an engine's model. Null if unknown, or if its processor has other settings. */
export async function familyOfEngine(engine: RunConfig['engine']): Promise<string | null> {
  if (engine.kind === 'embedded') return null;
  return familyOfModel(engine.kind === 'torch' ? engine.model : engine.processor, engine.max_pixels);
}

/** Returns the model family in the folder of a run, checkpoint or model. Null if the files do not contain a family. */
export async function familyOfFolder(path: string): Promise<string | null> {
  for (const dir of [path, dirname(dirname(path))]) {
    const config = await readRunConfig(dir).catch(() => null);
    if (config?.engine.kind === 'embedded') {
      const last = dir === path ? checkpointFolder(path, (await listCheckpoints(path)).at(-1) ?? 0) : path;
      return familyOfModel(last, null);
    }
    if (config) return familyOfEngine(config.engine);
  }
  return familyOfModel(path, null);
}

/**
 * Returns the model family (core/seen/processor-file.ts) of the model in a folder, or of a hub model with files on this
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
    const config = await read('config.json').catch(ifMissing({}));
    const processor =
      (await read('preprocessor_config.json').catch(ifMissing(null))) ??
      (await read('processor_config.json').catch(ifMissing({ image_processor: null }))).image_processor;
    const { model_type: type = '' } = checkRecord(modelFolderSchema, config, { file: folder });
    return familyByProcessor(processor ?? config, type, most);
  } catch {
    // The engine reports missing and broken files.
    return null;
  }
}

/** Returns the Hugging Face Hub cache folder of a model. Null if the model is not in the cache. */
async function hubFolder(model: string): Promise<string | null> {
  if (!/^\w[\w.-]*\/\w[\w.-]*$/.test(model)) return null;
  const { HF_HUB_CACHE, HF_HOME } = process.env;
  const hub = HF_HUB_CACHE ?? join(HF_HOME ?? join(homedir(), '.cache', 'huggingface'), 'hub');
  const folder = join(hub, `models--${model.replace('/', '--')}`);
  const revision = (await readText(join(folder, 'refs', 'main')).catch(ifMissing(''))).trim();
  return /^[0-9a-f]+$/.test(revision) ? join(folder, 'snapshots', revision) : null;
}
