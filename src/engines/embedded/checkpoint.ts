import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { isRecord } from '../../base/json.ts';
import type { Random } from '../../base/random.ts';
import { checkRecord, decodeRecord, parseRecord } from '../../base/record.ts';
import { Lora } from './lora.ts';
import { mostPictures, weightShapes, type ModelShape } from './shape.ts';
import { Tokenizer } from './tokenizer.ts';
import { readTensors, writeTensors, type Arrays } from './weights.ts';
import { syncFolder, writeSynced } from '../synced.ts';

/** A model in a folder: `config.json` and `model.safetensors`, and the files of its adapter, if the model has one. */
export interface Model {
  shape: ModelShape;
  words: string[];
  /** Weights of the model, with the adapter merged into them. */
  weights: Arrays;
  lora: Lora | null;
  /** Mean image of the training data, [side, side, 3], 0–255. Not trained. */
  mean: Float32Array;
}

/**
 * Files that exact continuation needs besides the model: `optimizer.safetensors`, `reference.safetensors`,
 * `state.json`.
 */
interface TrainingState {
  step: number;
  m: Arrays;
  v: Arrays;
  reference: Arrays | null;
  random: ReturnType<Random['state']>;
}

const KIND = 'chirality-embedded';
const MEAN = 'mean_image';

const count = z.int().min(1);

/** Schema of `config.json`. */
const modelFileSchema = z.object({
  model: z.literal(KIND),
  width: count,
  layers: count,
  heads: count,
  image_size: count,
  patch_size: count,
  /** Padding of images. Absent if the model stretches images. */
  fill: z.literal('right').optional(),
  /** Maximum number of images per prompt. Absent if the model reads one image per prompt. */
  frames: count.optional(),
  prompt_tokens: count,
  completion_tokens: count,
  words: z.array(z.string()),
});
type ModelFile = z.infer<typeof modelFileSchema>;

/** Schema of `state.json`: the training state except arrays. */
const stateFileSchema = z.object({
  step: z.int().min(0),
  random: z.tuple([z.int(), z.int(), z.int(), z.int()]),
  reference: z.boolean(),
});

/** Returns the trained weights: the adapter's parts, or all weights of a model without adapter. */
export const trainedIn = ({ lora, weights }: Model): Arrays => lora?.parts ?? weights;

export const trainedShapes = ({ lora, shape }: Model): Record<string, number[]> =>
  lora?.shapes ?? weightShapes(shape);

/** Returns the weights of a model without the effect of its adapter. */
export const weightsBeneath = ({ lora, weights }: Model): Arrays => ({ ...weights, ...lora?.frozen });

export async function writeModel(folder: string, model: Model): Promise<void> {
  const { shape, words, lora, mean } = model;
  await mkdir(folder, { recursive: true });
  const { imageSize } = shape;
  const config: ModelFile = {
    model: KIND,
    width: shape.width,
    layers: shape.layers,
    heads: shape.heads,
    image_size: shape.imageSize,
    patch_size: shape.patchSize,
    ...(shape.fill && { fill: shape.fill }),
    ...(mostPictures(shape) > 1 && { frames: mostPictures(shape) }),
    prompt_tokens: shape.promptTokens,
    completion_tokens: shape.completionTokens,
    words,
  };
  await writeSynced(join(folder, 'config.json'), JSON.stringify(config));
  await writeTensors(join(folder, 'model.safetensors'), {
    arrays: { ...weightsBeneath(model), [MEAN]: mean },
    shapes: { ...weightShapes(shape), [MEAN]: [imageSize, imageSize, 3] },
    metadata: {},
  });
  await lora?.write(folder);
  await syncFolder(folder);
}

/** Reads the model in a folder. Throws if the folder contains no embedded model, or contradictory parts. */
export async function readModel(folder: string): Promise<Model> {
  const path = join(folder, 'config.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    // A folder with an exported adapter is not a model folder.
    throw new Error(
      `${folder} contains no embedded model (config.json is missing). Use a checkpoint of a run, or a folder written by \`chirality export --merged\`.`,
    );
  });
  const value = decodeRecord(text, { file: path });
  if (!isRecord(value) || value.model !== KIND)
    throw new Error(`${path} does not describe an embedded model.`);
  const config = checkRecord(modelFileSchema, value, { file: path });
  const { width, layers, heads, words } = config;
  const shape: ModelShape = {
    vocabulary: new Tokenizer(words).size,
    width,
    layers,
    heads,
    imageSize: config.image_size,
    patchSize: config.patch_size,
    ...(config.fill && { fill: config.fill }),
    frames: config.frames ?? 1,
    promptTokens: config.prompt_tokens,
    completionTokens: config.completion_tokens,
  };
  const { [MEAN]: mean, ...weights } = (await readTensors(join(folder, 'model.safetensors'))).arrays;
  // Compares the counts of arrays first, because an invalid config can declare too many layers to enumerate.
  const arrays = Object.keys(weights).length;
  if (layers > arrays)
    throw new Error(`${path} declares ${layers} layers, but the model has ${arrays} arrays.`);
  if (width % heads > 0) throw new Error(`${path}: width ${width} is not a multiple of ${heads} heads.`);
  if (shape.imageSize % shape.patchSize > 0)
    throw new Error(
      `${path}: patch size ${shape.patchSize} does not divide the image size ${shape.imageSize}.`,
    );
  checkSizes(weights, weightShapes(shape), folder);
  if (mean?.length !== shape.imageSize ** 2 * 3)
    throw new Error(`${folder}: The mean image must have the size of the model’s input.`);
  const lora = await Lora.read(folder, shape, weights);
  return { shape, words, weights: { ...weights, ...lora?.merged() }, lora, mean };
}

export async function writeTrainingState(
  folder: string,
  shapes: Record<string, number[]>,
  state: TrainingState,
): Promise<void> {
  const { step, m, v, reference, random } = state;
  await writeTensors(join(folder, 'optimizer.safetensors'), {
    arrays: { ...prefixed('m.', m), ...prefixed('v.', v) },
    shapes: { ...prefixed('m.', shapes), ...prefixed('v.', shapes) },
    metadata: {},
  });
  if (reference)
    await writeTensors(join(folder, 'reference.safetensors'), { arrays: reference, shapes, metadata: {} });
  await writeSynced(
    join(folder, 'state.json'),
    JSON.stringify({ step, random, reference: reference !== null }),
  );
  await syncFolder(folder);
}

/** @param shapes shapes of the trained weights, by name */
export async function readTrainingState(
  folder: string,
  shapes: Record<string, number[]>,
): Promise<TrainingState> {
  const file = join(folder, 'state.json');
  const state = parseRecord(stateFileSchema, await readFile(file, 'utf8'), { file });
  const { arrays } = await readTensors(join(folder, 'optimizer.safetensors'));
  const [m, v] = [unprefixed('m.', arrays), unprefixed('v.', arrays)];
  const reference = state.reference
    ? (await readTensors(join(folder, 'reference.safetensors'))).arrays
    : null;
  for (const part of [m, v, ...(reference ? [reference] : [])]) checkSizes(part, shapes, folder);
  return { step: state.step, random: state.random, m, v, reference };
}

function checkSizes(arrays: Arrays, shapes: Record<string, number[]>, folder: string): void {
  for (const [name, dims] of Object.entries(shapes)) {
    const size = dims.reduce((a, b) => a * b, 1);
    if (arrays[name]?.length !== size)
      throw new Error(`${folder}: "${name}" has ${arrays[name]?.length ?? 'no'} values instead of ${size}.`);
  }
}

function prefixed<T>(prefix: string, record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [prefix + name, value]));
}

function unprefixed<T>(prefix: string, record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(record)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}
