import { Random } from '../../base/random.ts';
import { readModel, type Model } from './checkpoint.ts';
import { Lora, type LoraForm } from './lora.ts';
import { EmbeddedTrainer } from './embedded-engine.ts';
import type { DecodeImage } from './image-reader.ts';
import { initialWeights, type ModelShape } from './shape.ts';
import { openRuntime, type RuntimeKind } from './runtime.ts';
import { Tokenizer } from './tokenizer.ts';

export interface EmbeddedOptions {
  /** Folder that `save` or `exportAdapter` wrote, or the description of a new model. */
  model: { folder: string } | NewModel;
  /**
   * Form of the trained adapter: the adapter in the folder if it has this form, otherwise a new adapter. Null trains
   * all weights, with an adapter in the folder merged into the weights. Default: the form in the saved folder.
   */
  adapter?: LoraForm | null;
  /** Seed of the initial weights, and of sampling without a seed. */
  seed: number;
  decodeImage: DecodeImage;
  /** Whether to pad images equally on all sides. Only for models that pad. */
  symmetric?: boolean;
  runtime?: RuntimeKind;
  /** Number of threads. Results are bit-equal only between equal counts. More than four threads are not faster. */
  threads?: number;
}

export interface NewModel {
  shape: Omit<ModelShape, 'vocabulary'>;
  /** The vocabulary (`vocabularyOf`), which contains all words that the model can read and write. */
  words: string[];
  /** Mean of the training images, [side, side, 3], 0–255. Default: grey. Learning from differences is faster. */
  meanImage?: ArrayLike<number>;
}

export async function openEmbedded({
  model,
  adapter,
  seed,
  decodeImage,
  symmetric = false,
  runtime = 'auto',
  threads = 2,
}: EmbeddedOptions): Promise<EmbeddedTrainer> {
  const random = Random.from(seed);
  const opened = 'folder' in model ? await readModel(model.folder) : newModel(model, random);
  return new EmbeddedTrainer(
    withAdapter(opened, adapter, random),
    decodeImage,
    random,
    await openRuntime(runtime, threads),
    symmetric,
  );
}

function newModel({ shape, words, meanImage }: NewModel, random: Random): Model {
  const full = { ...shape, vocabulary: new Tokenizer(words).size };
  return {
    shape: full,
    words,
    weights: initialWeights(full, random),
    lora: null,
    mean: meanImage ? Float32Array.from(meanImage) : new Float32Array(shape.imageSize ** 2 * 3).fill(128),
  };
}

function withAdapter(model: Model, form: LoraForm | null | undefined, random: Random): Model {
  const { shape, weights, lora } = model;
  if (form === undefined || (form && lora?.hasForm(form, shape))) return model;
  return { ...model, lora: form && Lora.fresh(shape, form, weights, random) };
}
