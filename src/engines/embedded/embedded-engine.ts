import { sum } from '../../base/numbers.ts';
import { createHash } from 'node:crypto';
import type { Prompt } from '../../core/prompts/message.ts';
import { Random } from '../../base/random.ts';
import { Turns } from '../../base/turns.ts';
import { checkWanted, type Inspector } from '../inspector.ts';
import {
  type Feature,
  OF_CHAT,
  OF_INSPECTION,
  OF_PICTURES,
  OF_SAMPLING,
  type PutImage,
  type SamplingOptions,
} from '../sampler.ts';
import {
  assertSupported,
  checkSampling,
  cutOff,
  featuresOfPrompt,
  featuresOfSampling,
  ifRoom,
  textsOf,
} from '../features.ts';
import { featuresOfWeights, flatten, scoresOf, unflatten, type FlatGroup } from '../segments.ts';
import type { Trainer, TrainerInfo } from '../trainer.ts';
import { AdamW, zerosLike } from './adamw.ts';
import {
  readModel,
  readTrainingState,
  trainedIn,
  trainedShapes,
  weightsBeneath,
  writeModel,
  writeTrainingState,
  type Model,
} from './checkpoint.ts';
import {
  type DecodedImage,
  type DecodeImage,
  type ImageForm,
  imageForm,
  imagesKept,
  Reader,
} from './image-reader.ts';
import { inspectCases } from './embedded-inspect.ts';
import { firstWritten, imageTokens, type ModelShape, mostPictures, weightShapes } from './shape.ts';
import { Network, scoreGroups } from './network.ts';
import { unpackRows, type EncodedGroup, type EncodedPrompt } from './packing.ts';
import type { Runtime } from './runtime.ts';
import { sampleTokens } from './sampling.ts';
import { SPECIAL, Tokenizer } from './tokenizer.ts';
import type { Arrays } from './weights.ts';
import { readFile } from 'node:fs/promises';

const featuresOf = (shape: ModelShape): Feature[] => [
  ...OF_CHAT,
  ...OF_PICTURES.filter((feature) => feature !== 'several-images' || mostPictures(shape) > 1),
  ...OF_SAMPLING,
  'reference',
  'exact-resume',
  ...OF_INSPECTION,
];

/** Rounding error of a log-probability in float32: a few units in the last digit. */
const ROUNDING = 1e-4;
/** Maximum number of completions that are sampled together. */
const ROWS_AT_ONCE = 256;

/** A tiny vision-language model in this process. Its calls block the event loop (see embedded-process.ts). */
export class EmbeddedTrainer implements Trainer, Inspector {
  private readonly tokenizer: Tokenizer;
  private readonly reader: Reader;
  private readonly network: Network;
  /** Trained weights when the model was opened. A new adapter has no effect yet. */
  private readonly base: Arrays;
  /** Gradients of the matrices that an adapter changes, or of all weights if there is no adapter. */
  private readonly gradients: Arrays;
  private optimizer: AdamW;
  private reference: { trained: Arrays; weights: Arrays } | null = null;
  private readonly turns = new Turns();

  constructor(
    private model: Model,
    private readonly decodeImage: DecodeImage,
    private random: Random,
    private readonly runtime: Runtime,
    private readonly symmetric = false,
  ) {
    this.tokenizer = new Tokenizer(model.words);
    this.reader = new Reader(model.shape, this.tokenizer, model.mean, symmetric);
    this.network = new Network(model.shape, runtime, model.lora?.names);
    this.base = model.lora ? zerosLike(model.lora.parts) : copyOf(model.weights);
    this.gradients = zerosLike(model.lora?.frozen ?? model.weights);
    this.optimizer = new AdamW(trainedIn(model));
  }

  info(): TrainerInfo {
    const { shape, weights, lora } = this.model;
    const trainable = sizeOf(trainedIn(this.model));
    return {
      engine: 'embedded',
      model: `embedded model, ${shape.layers} layer${shape.layers === 1 ? '' : 's'} of width ${shape.width}`,
      features: featuresOf(shape),
      vocabulary: this.model.words,
      contextTokens:
        mostPictures(shape) * imageTokens(shape) + firstWritten(shape) + 1 + shape.completionTokens,
      imagesKept: imagesKept(shape),
      coordinates: null,
      ...(this.symmetric && shape.fill && { symmetric: true }),
      runtime: this.runtime.name,
      precision: 'float32',
      rounding: ROUNDING,
      parameters: sizeOf(weights) + (lora ? trainable : 0),
      trainableParameters: trainable,
    };
  }

  /** Returns the size and shape to which the engine decodes images. */
  get imageForm(): ImageForm {
    return imageForm(this.model.shape);
  }

  async putImage(file: Uint8Array): Promise<PutImage> {
    const hash = createHash('sha256').update(file).digest('hex');
    return (await this.recall(hash)) ?? this.putPixels(hash, await this.decodeImage(file, this.imageForm));
  }

  /** Marks a cached image as the newest. Returns null if no image with this hash is cached. */
  recall(hash: string): Promise<PutImage | null> {
    return this.turns.run(() => (this.reader.recall(hash) ? this.asPut(hash) : null));
  }

  /** Stores an image that was decoded elsewhere, like `putImage`. */
  putPixels(hash: string, rgb: DecodedImage): Promise<PutImage> {
    return this.turns.run(() => {
      this.reader.put(hash, rgb);
      return this.asPut(hash);
    });
  }

  encode: Trainer['encode'] = (prompt, target) =>
    this.turns.run(() => {
      assertSupported(this.info(), featuresOfPrompt(prompt));
      const read = this.reader.readPrompt(prompt, 1);
      return {
        prompt: [...this.reader.placeholders(read), ...read.tokens],
        target: target === undefined ? [] : [...this.tokenizer.encode(target), SPECIAL.end],
      };
    });

  complete: Trainer['complete'] = async (...args) => textsOf(await this.sample(...args));

  sample: Trainer['sample'] = (prompts, options) =>
    this.turns.run(async () => {
      checkSampling(options);
      assertSupported(this.info(), featuresOfSampling(options));
      const read = await Promise.all(
        prompts.map((prompt) => ifRoom(options, () => this.encodePrompt(prompt, options.maxTokens))),
      );
      const fitting = read.flatMap((prompt, p) => (prompt ? [{ prompt, p }] : []));
      const seed = options.seed ?? this.random.uint32();
      const groups = prompts.map(() => cutOff(options.n));
      const step = Math.max(1, Math.floor(ROWS_AT_ONCE / options.n));
      for (let from = 0; from < fitting.length; from += step) {
        const some = fitting.slice(from, from + step);
        const encoded = some.map(({ prompt }) => prompt);
        const draws = await sampleTokens(this.network, this.model.weights, encoded, {
          ...options,
          random: (i, c) => Random.from(`${seed}/${some[i]!.p}/${c}`),
          stops: (tokens) => this.stopAt(tokens, options) !== null,
        });
        draws.forEach((group, i) => {
          groups[some[i]!.p] = group.map((draw) => ({
            ...draw,
            text: this.stopAt(draw.tokens, options) ?? this.tokenizer.decode(draw.tokens),
          }));
        });
      }
      return groups;
    });

  forward: Trainer['forward'] = (groups, { model, temperature }) =>
    this.turns.run(async () => {
      const weights = this.weightsOf(model);
      const flat = flatten(groups);
      const encoded = this.encodeGroups(flat);
      const options = { temperature, train: false };
      const scores = await scoreGroups(this.network, weights, encoded, options, (out, batch, packed) => {
        const logprobs = unpackRows(out.logprobs!, batch, packed);
        return scoresOf(logprobs, unpackRows(out.entropies!, batch, packed));
      });
      return unflatten(groups, flat, scores, { logprobs: [], entropies: [] });
    });

  inspect: Inspector['inspect'] = (cases, wanted, signal) =>
    this.turns.run(() => {
      checkWanted(this.info(), cases, wanted, this.model.shape.layers);
      assertSupported(
        this.info(),
        cases.flatMap(({ prompt }) => featuresOfPrompt(prompt)),
      );
      const machine = { network: this.network, reader: this.reader, tokenizer: this.tokenizer };
      return inspectCases(machine, ({ model }) => this.weightsOf(model), cases, wanted, signal);
    });

  forwardBackward: Trainer['forwardBackward'] = (groups, { temperature }) =>
    this.turns.run(async () => {
      const flat = flatten(groups);
      assertSupported(this.info(), featuresOfWeights(flat));
      const { weights } = this.model;
      const encoded = this.encodeGroups(flat);
      const options = { temperature, train: true };
      const logprobs = await scoreGroups(this.network, weights, encoded, options, (out, batch, packed) => {
        for (const [name, total] of Object.entries(this.gradients)) addTo(total, out[`d.${name}`]!);
        return unpackRows(out.logprobs!, batch, packed);
      });
      const loss = flat.flatMap(({ rows }, g) =>
        rows.map(({ weights }, r) => -dot(weights, logprobs[g]![r]!)),
      );
      return { logprobs: unflatten(groups, flat, logprobs, []), loss: sum(loss) };
    });

  optimStep: Trainer['optimStep'] = (options) =>
    this.turns.run(() => {
      const { lora, weights } = this.model;
      const shapes = trainedShapes(this.model);
      const isMatrix = (name: string) => shapes[name]!.length > 1;
      const gradients = lora?.gradients(this.gradients) ?? this.gradients;
      const gradNorm = this.optimizer.update(trainedIn(this.model), gradients, options, isMatrix);
      Object.assign(weights, lora?.merged());
      this.clearGradients();
      return { gradNorm, skipped: gradNorm === null };
    });

  setReference: Trainer['setReference'] = (reference) =>
    this.turns.run(async () => {
      if (reference === 'base') this.refer(this.base);
      else if (reference === 'current') this.refer(copyOf(trainedIn(this.model)));
      else this.refer(trainedIn(await this.readLike(reference.folder)));
    });

  save: Trainer['save'] = (folder) =>
    this.turns.run(async () => {
      const { step, m, v } = this.optimizer;
      await writeModel(folder, this.model);
      const reference = this.reference?.trained ?? null;
      const state = { step, m, v, reference, random: this.random.state() };
      await writeTrainingState(folder, trainedShapes(this.model), state);
    });

  load: Trainer['load'] = (folder, what) =>
    this.turns.run(async () => {
      const model = await this.readLike(folder);
      const state = what === 'everything' ? await readTrainingState(folder, trainedShapes(model)) : null;
      this.model = model;
      this.reader.mean = model.mean;
      this.optimizer = new AdamW(trainedIn(model), state ?? undefined);
      this.clearGradients();
      if (!state) return;
      if (state.reference) this.refer(state.reference);
      this.random = Random.restore(state.random);
    });

  exportAdapter: Trainer['exportAdapter'] = (folder) =>
    this.turns.run(() => this.model.lora?.write(folder) ?? writeModel(folder, this.model));

  usage: Trainer['usage'] = async () => ({ peakMemory: await peakOfProcess(), gpuUse: null });

  close = () => this.turns.run(() => this.network.close());

  private weightsOf(model: 'policy' | 'reference'): Arrays {
    const weights = model === 'reference' ? this.reference?.weights : this.model.weights;
    if (!weights) throw new Error('The reference model is not set. Call setReference first.');
    return weights;
  }

  /** Sets the reference model. @param trained its adapter, or all its weights; null for no reference model */
  private refer(trained: Arrays | null): void {
    const { lora, weights } = this.model;
    this.reference = trained && {
      trained,
      weights: lora ? { ...weights, ...lora.merged(trained) } : trained,
    };
  }

  private asPut(hash: string): PutImage {
    const { imageSize } = this.model.shape;
    return { hash, width: imageSize, height: imageSize, tokens: imageTokens(this.model.shape) };
  }

  private encodePrompt(prompt: Prompt, room: number): EncodedPrompt {
    assertSupported(this.info(), featuresOfPrompt(prompt));
    return this.reader.encodePrompt(prompt, room);
  }

  private encodeGroups(flat: FlatGroup[]): EncodedGroup[] {
    assertSupported(
      this.info(),
      flat.flatMap(({ prompt }) => featuresOfPrompt(prompt)),
    );
    return flat.map((group) => this.reader.encodeGroup(group));
  }

  /** Returns the text before the first stop string, or null if the text contains no stop string. */
  private stopAt(tokens: number[], { stop = [] }: SamplingOptions): string | null {
    if (stop.length === 0) return null;
    const text = this.tokenizer.decode(tokens);
    const places = stop.map((part) => text.indexOf(part)).filter((i) => i >= 0);
    return places.length > 0 ? text.slice(0, Math.min(...places)) : null;
  }

  /** Reads a model that has the shape, vocabulary, adapter form and base weights of the open model. */
  private async readLike(folder: string): Promise<Model> {
    const model = await readModel(folder);
    const signature = ({ shape, words }: Model) => JSON.stringify([weightShapes(shape), shape.heads, words]);
    if (signature(model) !== signature(this.model))
      throw new Error(`The model in ${folder} differs from the open model in shape or vocabulary.`);
    const { lora } = this.model;
    if (!lora) return { ...model, lora: null };
    if (!model.lora?.hasForm(lora.form, model.shape))
      throw new Error(`${folder} contains no adapter that matches the open adapter.`);
    if (!sameArrays(weightsBeneath(model), weightsBeneath(this.model)))
      throw new Error(`The adapter in ${folder} and the open model have different base weights.`);
    return model;
  }

  private clearGradients(): void {
    for (const gradient of Object.values(this.gradients)) gradient.fill(0);
  }
}

function copyOf(arrays: Arrays): Arrays {
  return Object.fromEntries(Object.entries(arrays).map(([name, data]) => [name, data.slice()]));
}

const sizeOf = (arrays: Arrays): number => sum(Object.values(arrays).map(({ length }) => length));

const sameArrays = (a: Arrays, b: Arrays): boolean =>
  Object.entries(a).every(([name, data]) => data.every((x, i) => Object.is(x, b[name]![i])));

function addTo(total: Float32Array, x: Float32Array): void {
  for (let i = 0; i < total.length; i++) total[i]! += x[i]!;
}

function dot(a: number[], b: number[]): number {
  return a.reduce((sum, x, i) => sum + x * b[i]!, 0);
}

/** Returns the peak memory of this process, in bytes. */
async function peakOfProcess(): Promise<number> {
  // Node's value includes the peak memory of the parent process. The file on Linux has only this process's peak.
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const peak = /VmHWM:\s*(\d+) kB/.exec(status)?.[1];
  return 1024 * Number(peak ?? process.resourceUsage().maxRSS);
}
