import { join } from 'node:path';
import * as z from 'zod';
import { parseRecord } from '../../base/record.ts';
import { ifMissing } from '../files/disk-error.ts';
import { readText } from '../files/regular.ts';
import type { TinkerEngine, TorchEngine } from '../../core/config/engine-config.ts';
import type { RunConfig } from '../../core/config/run-config.ts';
import type { Sample } from '../../rows/sample/sample.ts';
import { ORIGINAL, type ViewId } from '../../rows/view-list.ts';
import { fillTarget } from '../../core/prompts/template.ts';
import type { NewModel } from '../../engines/embedded/open-embedded.ts';
import { openEmbeddedProcess } from '../../engines/embedded/embedded-process.ts';
import { surrounded } from '../../engines/embedded/image-reader.ts';
import { wordsOf } from '../../engines/embedded/tokenizer.ts';
import type { Trainer } from '../../engines/trainer.ts';
import { decodeForModel } from '../images/decode.ts';
import { openTinkerModel } from '../torch/open-tinker.ts';
import { drawnByServer, openTorchModel, type OpeningHooks } from '../torch/open-torch.ts';
import { evaluationPlan } from '../evaluation/evaluation-plan.ts';
import { evaluationSamples } from '../evaluation/evaluation-samples.ts';
import { namingPicture, namingRow, type RowSource } from '../rollouts/draw-groups.ts';
import { checkpointFolder, verifyCheckpoint } from '../runs/checkpoints.ts';
import { requireSameModel } from './model-identity.ts';
import { promptsOf } from '../rollouts/stages.ts';

/** Number of training images that are averaged for the mean image. */
const MEAN_IMAGES = 512;

/**
 * Opens the engine of a config: at a verified checkpoint of the run with its whole state, with the weights of `init`,
 * or with new weights.
 */
export async function openTrainer(
  config: RunConfig,
  rows: RowSource,
  checkpoint: string | null,
  hooks: OpeningHooks = {},
): Promise<Trainer> {
  const trainer = await openOwn(config, rows, checkpoint, hooks);
  return config.recipe === 'grpo' && config.sampling.endpoint !== undefined
    ? drawnByServer(trainer, config, config.sampling.endpoint, hooks)
    : trainer;
}

async function openOwn(
  config: RunConfig,
  rows: RowSource,
  checkpoint: string | null,
  hooks: OpeningHooks,
): Promise<Trainer> {
  if (checkpoint === null) return openStart(config, rows, hooks);
  const refers = config.recipe === 'grpo' && config.loss.beta > 0;
  // A fork with a KL term can continue a run that has no reference model.
  const isNew = refers && !(await holdsReference(checkpoint));
  const trainer = await (isNew ? openStart(config, rows, hooks) : openWeights(config, checkpoint, hooks));
  try {
    // R52: the reference model is the policy at the start of the run.
    if (isNew) await trainer.setReference('current');
    await trainer.load(checkpoint, 'everything');
    return trainer;
  } catch (error) {
    await trainer.close();
    throw error;
  }
}

const savedReference = z.looseObject({ reference: z.unknown() });

async function holdsReference(checkpoint: string): Promise<boolean> {
  for (const name of ['state.json', 'tinker.json']) {
    const file = join(checkpoint, name);
    const text = await readText(file).catch(ifMissing(null));
    if (text !== null) return Boolean(parseRecord(savedReference, text, { file }).reference);
  }
  return false;
}

async function openStart(config: RunConfig, rows: RowSource, hooks: OpeningHooks): Promise<Trainer> {
  if (config.init !== undefined) return openFolder(config, config.init, hooks);
  return config.engine.kind === 'embedded'
    ? openEmbedded(config, await newModel(config, rows), hooks)
    : openLarge(config, config.engine, null, hooks);
}

/** Opens the policy in a checkpoint folder for sampling, not for training. @throws BrokenCheckpoint */
export async function openFolder(
  config: RunConfig,
  folder: string,
  hooks: OpeningHooks = {},
): Promise<Trainer> {
  await verifyCheckpoint(folder);
  return openWeights(config, folder, hooks);
}

/** Opens a run's policy at a checkpoint for sampling. @throws Error if the base model has changed since training */
export async function openCheckpoint(
  dir: string,
  config: RunConfig,
  step: number,
  hooks: OpeningHooks = {},
): Promise<Trainer> {
  const trainer = await openFolder(config, checkpointFolder(dir, step), hooks);
  try {
    await requireSameModel(dir, config, trainer);
    return trainer;
  } catch (error) {
    await trainer.close();
    throw error;
  }
}

const openWeights = (config: RunConfig, folder: string, hooks: OpeningHooks): Promise<Trainer> =>
  config.engine.kind === 'embedded'
    ? openEmbedded(config, { folder }, hooks)
    : openLarge(config, config.engine, folder, hooks);

const openLarge = (
  { seed, pairs }: RunConfig,
  engine: TorchEngine | TinkerEngine,
  folder: string | null,
  hooks: OpeningHooks,
): Promise<Trainer> =>
  engine.kind === 'torch'
    ? openTorchModel({ engine, seed, pairs }, folder, hooks)
    : openTinkerModel(engine, seed, folder, hooks);

async function openEmbedded(
  { engine, seed, pairs: { symmetric } }: RunConfig,
  model: NewModel | { folder: string },
  { signal }: OpeningHooks,
): Promise<Trainer> {
  if (engine.kind !== 'embedded') throw new Error(`The config requires the ${engine.kind} engine.`);
  const { runtime, threads } = engine;
  const adapter = engine.adapter?.kind === 'lora' ? engine.adapter : null;
  const decodeImage = decodeForModel;
  return openEmbeddedProcess({ model, adapter, seed, symmetric, runtime, threads, decodeImage, signal });
}

/**
 * Describes a new model for these rows and evaluation sets: all words of prompts and targets, room for the longest
 * texts and for the most images, and the mean training image.
 */
async function newModel(config: RunConfig, rows: RowSource): Promise<NewModel> {
  if (config.engine.kind !== 'embedded') throw new Error('Only the embedded engine can create models.');
  const { width, layers, heads, image_size, patch_size, fill } = config.engine;
  let { frames = 1 } = config.engine;
  let { prompt_tokens: promptTokens, completion_tokens: completionTokens } = config.engine;
  const square = { w: image_size, h: image_size };
  const sides = { imageSize: image_size, patchSize: patch_size, ...(fill === 'right' && { fill }) };
  const words = new Set<string>();
  const sum = new Float64Array(image_size ** 2 * 3);
  const learn = (sample: Sample, view: ViewId) => {
    frames = Math.max(frames, sample.images.length);
    for (const { role, content } of promptsOf(config, sample, [], view).flat()) {
      const read = content.flatMap((part) => (typeof part === 'string' ? wordsOf(part) : []));
      for (const word of read) words.add(word);
      if (role !== 'assistant') promptTokens = Math.max(promptTokens, read.length);
    }
    const target = wordsOf(config.recipe === 'sft' ? fillTarget(config.target, sample) : '');
    for (const word of target) words.add(word);
    completionTokens = Math.max(completionTokens, target.length + 1); // The length includes the target's end token.
  };
  let images = 0;
  for await (const views of rows.all()) {
    for (const { sample, view } of views) learn(sample, view);
    const { id, images: refs } = views[0]!.sample;
    for (const image of images < MEAN_IMAGES ? refs : []) {
      const rgb = await namingRow(id, config.data.train, async () => {
        const bytes = await rows.images.bytes(image);
        return namingPicture(image, () =>
          decodeForModel(bytes, { side: image_size, within: fill === 'right' }),
        );
      });
      const { data } = surrounded(rgb, square, config.pairs.symmetric ? 'middle' : 'corner');
      data.forEach((value, i) => (sum[i]! += value));
      images += 1;
    }
  }
  for (const { sample } of await evaluationSamples(evaluationPlan(config))) learn(sample, ORIGINAL);
  return {
    shape: {
      width,
      layers,
      heads,
      ...sides,
      ...(frames > 1 && { frames }),
      promptTokens,
      completionTokens,
    },
    words: [...words].sort(),
    ...(images > 0 && { meanImage: sum.map((value) => value / images) }),
  };
}
