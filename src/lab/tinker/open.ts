import { join } from 'node:path';
import type { TinkerEngine } from '../../core/config/engine.ts';
import { Random } from '../../core/random.ts';
import { openTinker } from '../../engines/tinker/engine.ts';
import { Processor, type ProcessorFiles } from '../../engines/tinker/processor.ts';
import type { Trainer } from '../../engines/trainer.ts';
import { imageCodec, keyForConfig } from '../endpoint.ts';
import { ifMissing } from '../files/disk-error.ts';
import { readText } from '../files/regular.ts';
import { requirePromises } from '../torch/quick-check.ts';
import type { OpeningHooks } from '../torch/open.ts';

/** The promises that a server can break without any error: pictures that it leaves out are the known case. */
const CHECKS = ['another image changes log-probabilities', 'mirrored by the engine equals a mirrored file'];

/**
 * Connects to the server of a run config, loads the weights of the checkpoint in `folder`, if given, and checks that
 * the server looks at pictures.
 * @throws if the server cannot be reached, lacks the model, or leaves out pictures.
 */
export async function openTinkerModel(
  engine: TinkerEngine,
  seed: number,
  folder: string | null,
  { onPhase, signal }: OpeningHooks,
): Promise<Trainer> {
  const processor = await openProcessor(engine.processor, engine.max_pixels);
  await onPhase?.('connecting to the server');
  const at = (url: string) => ({ url, key: keyForConfig(url, process.env) });
  const trainer = await openTinker({
    ...at(engine.url),
    baseModel: engine.base_model,
    rank: engine.rank,
    seed,
    processor,
    codec: imageCodec({ format: 'png', maxPixels: engine.max_pixels, seen: processor.seenSize }),
    reference: engine.reference_url === undefined ? null : at(engine.reference_url),
    random: Random.from(seed),
    signal,
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

/** Reads the processor's files. @throws if the folder has no tokenizer, naming how to get one. */
export async function openProcessor(folder: string, maxPixels: number | null): Promise<Processor> {
  const text = (name: keyof ProcessorFiles) => readText(join(folder, name)).catch(ifMissing(null));
  const needed = async (name: keyof ProcessorFiles): Promise<string> => {
    const content = await text(name);
    if (content === null)
      throw new Error(
        `engine.processor: ${folder} has no ${name}. \`hf download MODEL --include "*.json" "*.jinja" --exclude "*.safetensors*" --local-dir FOLDER\` gets it without the weights.`,
      );
    return content;
  };
  return new Processor(
    {
      'tokenizer.json': await needed('tokenizer.json'),
      'tokenizer_config.json': await needed('tokenizer_config.json'),
      'chat_template.jinja': await text('chat_template.jinja'),
      'chat_template.json': await text('chat_template.json'),
      'preprocessor_config.json': await text('preprocessor_config.json'),
      'processor_config.json': await text('processor_config.json'),
      'generation_config.json': await text('generation_config.json'),
    },
    maxPixels,
  );
}
