import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type * as z from 'zod';
import type { Prompt } from '../../core/prompts/message.ts';
import { Turns } from '../../core/turns.ts';
import { syncFolder } from '../synced.ts';
import { IMAGES_KEPT, type ImageCodec } from '../openai/images.ts';
import {
  assertSupported,
  checkSampling,
  cutOff,
  featuresOfPrompt,
  featuresOfSampling,
  ifRoom,
  textsOf,
} from '../features.ts';
import { OF_CHAT, OF_PICTURES } from '../sampler.ts';
import { flatten, unflatten } from '../segments.ts';
import type { SampledCompletion, Trainer, TrainerInfo } from '../trainer.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { TinkerClient } from './client.ts';
import type { Processor } from './processor.ts';
import { requireLinear, RemoteModel, Reference, type ReferenceOptions } from './model.ts';
import { TinkerPrompts, datumOf, type Chunk, submitRows } from './rows.ts';
import { capabilitiesSchema, gradNormIn, samplesSchema, stepSchema } from './protocol.ts';

interface TinkerOptions extends ReferenceOptions {
  processor: Processor;
  /** Turns a file into a PNG of the size in which the model sees it. */
  codec: ImageCodec;
}

/**
 * Sampler and trainer may compute in bfloat16 and by different programs. The trainer therefore scores every rollout
 * again, and the difference is a metric.
 */
const ROUNDING = 0.1;

/**
 * Connects to a server and creates a model with a fresh adapter.
 * @throws EndpointError, or an Error if the server lacks the model or does not sum what it should
 */
export async function openTinker(options: TinkerOptions): Promise<TinkerTrainer> {
  const client = await TinkerClient.open(options);
  try {
    const { supported_models: models } = await client.get(capabilitiesSchema, 'get_server_capabilities');
    const listed = models.find(({ model_name: name }) => name === options.baseModel);
    if (!listed && models.length > 0)
      throw new Error(
        `${client.address} has no model "${options.baseModel}". It has: ${models.map(({ model_name: name }) => name).join(', ')}.`,
      );
    const model = await RemoteModel.create(client, options);
    const { processor } = options;
    const prompt = processor
      .encode([{ role: 'user', content: [''] }])
      .flatMap((part): Chunk[] => ('tokens' in part ? [{ type: 'encoded_text', tokens: part.tokens }] : []));
    await requireLinear(client, options, (weight) => datumOf(prompt, processor.target(''), [weight]));
    return new TinkerTrainer(options, client, model, listed?.max_context_length ?? null);
  } catch (error) {
    client.close();
    throw error;
  }
}

/**
 * A model that a server shards, samples and trains, by the Tinker API: Thinking Machines' service, or SkyRL on one's
 * own cluster (docs/clusters.md). Tokens and the places of pictures are made here; what goes over the wire are tokens,
 * pictures and one weight per token. The server knows no groups, so each completion carries its prompt.
 */
export class TinkerTrainer implements Trainer {
  private readonly prompts: TinkerPrompts;
  private readonly opened: TrainerInfo;
  private readonly turns = new Turns();
  private readonly reference: Reference;
  /** Where the current weights are on the server: a path, or `base`. Null if they have changed since. */
  private standing: string | null = 'base';

  constructor(
    private readonly options: TinkerOptions,
    private readonly client: TinkerClient,
    private model: RemoteModel,
    contextTokens: number | null,
  ) {
    const { processor, codec, baseModel, reference } = options;
    this.prompts = new TinkerPrompts(processor, codec, contextTokens);
    this.reference = new Reference(options, client);
    const sees = processor.placeholder !== null;
    this.opened = {
      engine: 'tinker',
      model: baseModel,
      features: [
        ...OF_CHAT,
        'top-p',
        ...(sees ? OF_PICTURES : []),
        ...(reference === null ? [] : (['reference'] as const)),
      ],
      contextTokens,
      imagesKept: sees ? IMAGES_KEPT : null,
      vocabulary: null,
      coordinates: processor.coordinates,
      runtime: `Tinker API at ${client.address}`,
      precision: 'bfloat16',
      rounding: ROUNDING,
      parameters: null,
      trainableParameters: null,
    };
  }

  info = () => this.opened;

  putImage: Trainer['putImage'] = (file) => this.prompts.putImage(file);

  encode: Trainer['encode'] = async (prompt, target) => {
    const chunks = await this.chunks(prompt);
    const { processor } = this.options;
    return {
      prompt: chunks.flatMap((chunk) =>
        chunk.type === 'image'
          ? new Array<number>(chunk.expected_tokens).fill(processor.placeholder!)
          : chunk.tokens,
      ),
      target: target === undefined ? [] : processor.target(target),
    };
  };

  complete: Trainer['complete'] = async (...args) => textsOf(await this.sample(...args));

  sample: Trainer['sample'] = async (prompts, options) => {
    checkSampling(options);
    assertSupported(this.opened, featuresOfSampling(options));
    const { n, temperature, topP, maxTokens, signal } = options;
    const sampling_params = {
      max_tokens: maxTokens,
      temperature,
      top_p: topP,
      stop: this.options.processor.ends,
    };
    const requests = await this.turns.run(async () => {
      signal?.throwIfAborted();
      const chunks = await Promise.all(
        prompts.map((prompt) => ifRoom(options, () => this.chunks(prompt, maxTokens))),
      );
      const sampler = await this.model.sampler();
      return Promise.all(
        chunks.map(
          (prompt) =>
            prompt && sampler.submit({ num_samples: n, prompt: { chunks: prompt }, sampling_params }, signal),
        ),
      );
    });
    return Promise.all(
      requests.map(async (request) => {
        if (!request) return cutOff(n);
        const { sequences } = await this.client.result(samplesSchema, request, signal);
        if (sequences.length !== n)
          throw new Error(`The server answered ${sequences.length} of ${n} completions.`);
        return sequences.map((sequence) => this.completion(sequence));
      }),
    );
  };

  forward: Trainer['forward'] = async (groups, { model, temperature }) => {
    requireOne(temperature);
    const flat = flatten(groups);
    const scored = await this.turns.run(() => {
      const scorer = model === 'policy' ? this.model : this.reference.model;
      return submitRows(scorer.client, flat, this.chunks, (data) => scorer.forward(data));
    });
    const logprobs = await scored();
    return unflatten(
      groups,
      flat,
      logprobs.map((rows) => rows.map((row) => ({ logprobs: row, entropies: null }))),
      { logprobs: [], entropies: null },
    );
  };

  forwardBackward: Trainer['forwardBackward'] = async (groups, { temperature }) => {
    requireOne(temperature);
    const flat = flatten(groups);
    const scored = await this.turns.run(() =>
      submitRows(this.client, flat, this.chunks, (data) => this.model.forwardBackward(data)),
    );
    const logprobs = await scored();
    let loss = 0;
    flat.forEach(({ rows }, g) =>
      rows.forEach(({ weights }, r) => weights.forEach((w, t) => (loss -= w * logprobs[g]![r]![t]!))),
    );
    return { logprobs: unflatten(groups, flat, logprobs, []), loss };
  };

  optimStep: Trainer['optimStep'] = async ({ learningRate, betas, eps, weightDecay, gradClip }) => {
    const request = await this.turns.run(() => {
      this.standing = null;
      return this.model.optimStep({
        learning_rate: learningRate,
        beta1: betas[0],
        beta2: betas[1],
        eps,
        weight_decay: weightDecay,
        grad_clip_norm: gradClip ?? 0,
      });
    });
    return { gradNorm: gradNormIn(await this.client.result(stepSchema, request)) };
  };

  setReference: Trainer['setReference'] = (reference) =>
    this.turns.run(async () => {
      assertSupported(this.opened, ['reference']);
      const path =
        reference === 'base'
          ? 'base'
          : reference === 'current'
            ? (this.standing ?? (await this.persist()))
            : (await readCheckpoint(reference.folder, this.options.baseModel)).path;
      await this.reference.set(path);
    });

  save: Trainer['save'] = (folder) =>
    this.turns.run(async () => {
      await writeCheckpoint(folder, {
        base_model: this.options.baseModel,
        path: await this.persist(),
        reference: this.reference.path,
      });
    });

  load: Trainer['load'] = (folder, what) =>
    this.turns.run(async () => {
      const { path, reference } = await readCheckpoint(folder, this.options.baseModel);
      const everything = what === 'everything';
      // Servers load only into a new model, which also drops accumulated gradients; some hold only one at a time.
      if (!this.model.isFresh) {
        await this.model.unload();
        this.model = await RemoteModel.create(this.client, this.options);
      }
      await this.model.load(path, everything);
      this.standing = path;
      if (everything && reference !== null && this.options.reference !== null)
        await this.reference.set(reference);
    });

  /** The API says nothing about the memory and the GPUs of the server. */
  usage: Trainer['usage'] = () => Promise.resolve({ peakMemory: null, gpuUse: null });

  /** Writes the adapter as the server packs it: PEFT's files in `adapter.tar.gz`. */
  exportAdapter: Trainer['exportAdapter'] = (folder) =>
    this.turns.run(async () => {
      await mkdir(folder, { recursive: true });
      await this.model.archive(join(folder, 'adapter.tar.gz'));
      await syncFolder(folder);
    });

  close = () =>
    this.turns.run(async () => {
      await this.reference.close();
      await this.model.unload();
      this.client.close();
    });

  private async persist(): Promise<string> {
    this.standing = await this.model.save();
    return this.standing;
  }

  private chunks = async (prompt: Prompt, room?: number): Promise<Chunk[]> => {
    assertSupported(this.opened, featuresOfPrompt(prompt));
    return this.prompts.chunks(prompt, room);
  };

  private completion({
    tokens: drawn,
    logprobs,
    stop_reason,
  }: z.infer<typeof samplesSchema>['sequences'][number]): SampledCompletion {
    const { processor } = this.options;
    if (logprobs?.length !== drawn.length)
      throw new Error('The server gives no log-probabilities with its samples, on which training rests.');
    // A sampled placeholder stands for no picture and could not be scored, so it is cut off with what follows. An
    // answer that begins with one counts as empty.
    const odd = processor.placeholder === null ? -1 : drawn.indexOf(processor.placeholder);
    const tokens = odd < 0 ? drawn : odd === 0 ? [processor.ends[0]!] : drawn.slice(0, odd);
    return {
      tokens,
      logprobs: logprobs.slice(0, tokens.length),
      entropies: null,
      text: processor.decode(tokens),
      stopReason: odd < 0 && stop_reason === 'stop' ? 'end' : 'length',
    };
  }
}

function requireOne(temperature: number): void {
  if (temperature !== 1)
    throw new Error('A Tinker server scores at temperature 1 only: set sampling.temperature to 1.');
}
