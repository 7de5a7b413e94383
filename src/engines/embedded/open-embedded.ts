import { Random } from '../../core/random.ts';
import { readModel, type Model } from './checkpoint.ts';
import { EmbeddedTrainer } from './embedded-engine.ts';
import type { DecodeImage } from './reader.ts';
import { initialWeights, type ModelShape } from './shape.ts';
import { openRuntime, type RuntimeKind } from './runtime.ts';
import { Tokenizer } from './tokenizer.ts';

export interface EmbeddedOptions {
  /** A folder that `save` or `exportAdapter` wrote, or the description of a new model. */
  model: { folder: string } | NewModel;
  /** Seed of the initial weights, and of samples drawn without a seed. */
  seed: number;
  decodeImage: DecodeImage;
  runtime?: RuntimeKind;
  /** Number of threads. Results are bit-equal only between equal counts; more than four do not help. */
  threads?: number;
}

export interface NewModel {
  shape: Omit<ModelShape, 'vocabulary'>;
  /** The vocabulary (`vocabularyOf`): the model can read and write no other words. */
  words: string[];
  /**
   * The mean of the training images, [side, side, 3], 0–255; grey if absent. Models learn faster from differences to
   * it.
   */
  meanImage?: ArrayLike<number>;
}

export async function openEmbedded({
  model,
  seed,
  decodeImage,
  runtime = 'auto',
  threads = 2,
}: EmbeddedOptions): Promise<EmbeddedTrainer> {
  const random = Random.from(seed);
  const opened = 'folder' in model ? await readModel(model.folder) : newModel(model, random);
  return new EmbeddedTrainer(opened, decodeImage, random, await openRuntime(runtime, threads));
}

function newModel({ shape, words, meanImage }: NewModel, random: Random): Model {
  const full = { ...shape, vocabulary: new Tokenizer(words).size };
  return {
    shape: full,
    words,
    weights: initialWeights(full, random),
    mean: meanImage ? Float32Array.from(meanImage) : new Float32Array(shape.imageSize ** 2 * 3).fill(128),
  };
}
