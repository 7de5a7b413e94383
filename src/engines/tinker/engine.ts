import { mkdir, readFile } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod';
import { imagesOf, type Prompt } from '../../core/prompts/message.ts';
import { parseRecord } from '../../core/record.ts';
import { syncFolder, writeSynced } from '../embedded/weights.ts';
import { EndpointImages, IMAGES_KEPT, type ImageCodec } from '../openai/images.ts';
import { assertSupported, checkSampling, featuresOfPrompt, featuresOfSampling } from '../features.ts';
import type { Feature, PutImage, SamplingOptions, TextCompletion } from '../sampler.ts';
import { flatten, unflatten, type FlatGroup } from '../segments.ts';
import type {
  BackwardResult,
  Encoded,
  ForwardOptions,
  Group,
  OptimOptions,
  OptimResult,
  SampledCompletion,
  Scores,
  Trainer,
  TrainerInfo,
  WeightedGroup,
} from '../trainer.ts';
import { TinkerClient, type ClientOptions } from './client.ts';
import type { Processor } from './processor.ts';
import { RemoteModel } from './model.ts';
import {
  capabilitiesSchema,
  chunkLength,
  datumOf,
  samplesSchema,
  scoresSchema,
  stepSchema,
  type Chunk,
  type Datum,
} from './protocol.ts';

export interface TinkerOptions extends Omit<ClientOptions, 'signal'> {
  /** The server's name of the model to adapt. */
  baseModel: string;
  rank: number;
  seed: number;
  processor: Processor;
  /** Turns a file into a PNG of the size in which the model sees it. */
  codec: ImageCodec;
  /**
   * The server that holds the reference as a second model: the same one where it holds several, or another. null:
   * there is no reference.
   */
  reference: { url: string; key?: string | undefined } | null;
  signal?: AbortSignal | undefined;
}

/** A checkpoint: the weights stay on the server. */
const savedSchema = z.object({
  base_model: z.string(),
  path: z.string(),
  /** `base`, or the path of its weights; null: none was set. */
  reference: z.string().nullable(),
});
const CHECKPOINT = 'tinker.json';

/** The gradient's length, by the names that servers give it; they leave it out where they do not measure it. */
const GRAD_NORMS = ['grad_norm', 'grad_norm:mean', 'skyrl.ai/grad_norm', 'unclipped_grad_l2:mean'];

/**
 * Sampler and trainer may compute in bfloat16 and by different programs. The trainer therefore scores every rollout
 * again, and the difference is a metric.
 */
const ROUNDING = 0.1;

/** Connects to a server and creates a model with a fresh adapter. @throws EndpointError */
export async function openTinker(options: TinkerOptions): Promise<TinkerTrainer> {
  const client = await TinkerClient.open(options);
  try {
    const { supported_models: models } = await client.get(capabilitiesSchema, 'get_server_capabilities');
    const known = models.find(({ model_name: name }) => name === options.baseModel);
    if (!known && models.length > 0)
      throw new Error(
        `${client.address} has no model "${options.baseModel}". It has: ${models.map(({ model_name: name }) => name).join(', ')}.`,
      );
    const model = await RemoteModel.create(client, options);
    return new TinkerTrainer(options, client, model, known?.max_context_length ?? null);
  } catch (error) {
    client.close();
    throw error;
  }
}

/**
 * A model that a server shards, samples and trains, by the Tinker API: Thinking Machines' service, or SkyRL on one's own
 * cluster (docs/clusters.md). Tokens and the places of pictures are made here; what goes over the wire are tokens,
 * pictures and one weight per token. The server knows no groups, so each completion carries its prompt.
 */
export class TinkerTrainer implements Trainer {
  private readonly images: EndpointImages;
  /** How many tokens each picture takes. */
  private readonly tokens = new Map<string, number>();
  private readonly opened: TrainerInfo;
  /** The last call made; the next one is sent after it. */
  private last: Promise<unknown> = Promise.resolve();
  private reference: { model: RemoteModel; client: TinkerClient; path: string } | null = null;
  /** Where the present weights are, if they have not moved since: a path, or `base`. */
  private standing: string | null = 'base';

  constructor(
    private readonly options: TinkerOptions,
    private readonly client: TinkerClient,
    private model: RemoteModel,
    contextTokens: number | null,
  ) {
    const { processor, codec, baseModel, reference } = options;
    this.images = new EndpointImages(codec);
    const sees = processor.placeholder !== null;
    this.opened = {
      engine: 'tinker',
      model: baseModel,
      features: [
        ...(['system-message', 'several-turns', 'assistant-prefix', 'top-p'] as const),
        ...(sees ? (['image', 'several-images', 'view-mirror', 'view-rotate'] as const) : []),
        ...(reference === null ? [] : (['reference'] as const)),
      ] satisfies Feature[],
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

  async putImage(file: Uint8Array): Promise<PutImage> {
    const put = await this.images.put(file);
    const tokens = this.options.processor.imageTokens({ w: put.width, h: put.height });
    this.tokens.set(put.hash, tokens);
    return { ...put, ...(tokens > 0 && { tokens }) };
  }

  async encode(prompt: Prompt, target?: string): Promise<Encoded> {
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
  }

  async complete(prompts: Prompt[], options: SamplingOptions): Promise<TextCompletion[][]> {
    const groups = await this.sample(prompts, options);
    return groups.map((group) => group.map(({ text, stopReason }) => ({ text, stopReason })));
  }

  async sample(prompts: Prompt[], options: SamplingOptions): Promise<SampledCompletion[][]> {
    checkSampling(options);
    assertSupported(this.opened, featuresOfSampling(options));
    const { n, temperature, topP, maxTokens, signal } = options;
    const sampling_params = {
      max_tokens: maxTokens,
      temperature,
      top_p: topP,
      stop: this.options.processor.ends,
    };
    const requests = await this.inTurn(async () => {
      signal?.throwIfAborted();
      const chunks = await Promise.all(prompts.map((prompt) => this.chunks(prompt, maxTokens)));
      const sampler = await this.model.sampler();
      return Promise.all(
        chunks.map((prompt) =>
          sampler.submit({ num_samples: n, prompt: { chunks: prompt }, sampling_params }, signal),
        ),
      );
    });
    return Promise.all(
      requests.map(async (request) => {
        const { sequences } = await this.client.result(samplesSchema, request, signal);
        if (sequences.length !== n)
          throw new Error(`The server answered ${sequences.length} of ${n} completions.`);
        return sequences.map((sequence) => this.completion(sequence));
      }),
    );
  }

  async forward(groups: Group[], { model, temperature }: ForwardOptions): Promise<Scores[][][]> {
    requireOne(temperature);
    const flat = flatten(groups);
    const scored = await this.inTurn(async () => {
      const parts = batches(await this.data(flat));
      const scorer = model === 'policy' ? this.model : this.reference?.model;
      if (!scorer) throw new Error('No reference was set.');
      const requests: string[] = [];
      for (const data of parts) requests.push(await scorer.forward(data));
      return () => this.logprobs(scorer.client, flat, parts, requests);
    });
    const logprobs = await scored();
    return unflatten(
      groups,
      flat,
      logprobs.map((rows) => rows.map((row) => ({ logprobs: row, entropies: null }))),
      { logprobs: [], entropies: null },
    );
  }

  async forwardBackward(
    groups: WeightedGroup[],
    { temperature }: { temperature: number },
  ): Promise<BackwardResult> {
    requireOne(temperature);
    const flat = flatten(groups);
    for (const { rows } of flat)
      for (const { weights } of rows)
        if (!weights.every(Number.isFinite)) throw new Error('A weight is not a finite number.');
    const scored = await this.inTurn(async () => {
      const parts = batches(await this.data(flat));
      const requests: string[] = [];
      for (const data of parts) requests.push(await this.model.forwardBackward(data));
      return () => this.logprobs(this.client, flat, parts, requests);
    });
    const logprobs = await scored();
    let loss = 0;
    flat.forEach(({ rows }, g) =>
      rows.forEach(({ weights }, r) => weights.forEach((w, t) => (loss -= w * logprobs[g]![r]![t]!))),
    );
    return { logprobs: unflatten(groups, flat, logprobs, []), loss };
  }

  async optimStep({ learningRate, betas, eps, weightDecay, gradClip }: OptimOptions): Promise<OptimResult> {
    const request = await this.inTurn(() => {
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
    const { metrics } = await this.client.result(stepSchema, request);
    const name = GRAD_NORMS.find((name) => metrics?.[name] != null);
    return { gradNorm: name === undefined ? null : metrics![name]! };
  }

  setReference(reference: 'base' | 'current' | { folder: string }): Promise<void> {
    return this.inTurn(async () => {
      assertSupported(this.opened, ['reference']);
      const path =
        reference === 'base'
          ? 'base'
          : reference === 'current'
            ? (this.standing ?? (await this.persist()))
            : (await this.readCheckpoint(reference.folder)).path;
      await this.refer(path);
    });
  }

  save(folder: string): Promise<void> {
    return this.inTurn(async () => {
      const saved: z.infer<typeof savedSchema> = {
        base_model: this.options.baseModel,
        path: await this.persist(),
        reference: this.reference?.path ?? null,
      };
      await mkdir(folder, { recursive: true });
      await writeSynced(join(folder, CHECKPOINT), `${JSON.stringify(saved, null, 2)}\n`);
      await syncFolder(folder);
    });
  }

  load(folder: string, what: 'weights' | 'everything'): Promise<void> {
    return this.inTurn(async () => {
      const { path, reference } = await this.readCheckpoint(folder);
      const everything = what === 'everything';
      // Servers load only into a new model, which also drops accumulated gradients; some hold only one at a time.
      if (!this.model.isFresh) {
        await this.model.unload();
        this.model = await RemoteModel.create(this.client, this.options);
      }
      await this.model.load(path, everything);
      this.standing = path;
      if (everything && reference !== null && this.options.reference !== null) await this.refer(reference);
    });
  }

  /** The server's memory is its own affair. */
  peakMemory = (): Promise<null> => Promise.resolve(null);

  /** Writes what the server packs of an adapter, as PEFT's files in `adapter.tar.gz`. */
  exportAdapter(folder: string): Promise<void> {
    return this.inTurn(async () => {
      await mkdir(folder, { recursive: true });
      await writeSynced(join(folder, 'adapter.tar.gz'), await this.model.archive(newName()));
      await syncFolder(folder);
    });
  }

  async close(): Promise<void> {
    await this.last.catch(() => undefined);
    await this.reference?.model.unload();
    if (this.reference?.client !== this.client) this.reference?.client.close();
    await this.model.unload();
    this.client.close();
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.last.then(work, work);
    this.last = next.catch(() => undefined);
    return next;
  }

  private async persist(): Promise<string> {
    this.standing = await this.model.save(newName());
    return this.standing;
  }

  /** Makes the weights at `path` the reference: a second model, which is never trained. */
  private async refer(path: string): Promise<void> {
    if (this.reference?.path === path) return;
    const place = this.options.reference!;
    const isElsewhere = place.url !== this.options.url;
    if (isElsewhere && path !== 'base')
      throw new Error(
        `The reference would be weights that only ${this.client.address} has. Set engine.reference_url to engine.url if that server holds several models, start from the base model, or set loss.beta to 0.`,
      );
    const client =
      this.reference?.client ??
      (isElsewhere ? await TinkerClient.open({ ...this.options, ...place }) : this.client);
    await this.reference?.model.unload();
    const model = await RemoteModel.create(client, this.options);
    if (path !== 'base') await model.load(path, false);
    this.reference = { model, client, path };
  }

  private async readCheckpoint(folder: string): Promise<z.infer<typeof savedSchema>> {
    const file = join(folder, CHECKPOINT);
    const saved = parseRecord(savedSchema, await readFile(file, 'utf8'), { file });
    if (saved.base_model !== this.options.baseModel)
      throw new Error(`${file} is a checkpoint of ${saved.base_model}, not of ${this.options.baseModel}.`);
    return saved;
  }

  /** A prompt in the server's form. @param room tokens that must fit behind it */
  private async chunks(prompt: Prompt, room = 1): Promise<Chunk[]> {
    assertSupported(this.opened, featuresOfPrompt(prompt));
    const { processor } = this.options;
    const files = this.images.of([prompt]);
    const pictures = await Promise.all(
      imagesOf(prompt).map(async ({ image, view }) => ({
        data: await this.images.base64(image, files.get(image)!, view),
        // A quarter turn exchanges the sides, which leaves the number of tokens.
        tokens: this.tokens.get(image)!,
      })),
    );
    const chunks = processor.encode(prompt).map((part): Chunk => {
      if ('tokens' in part) return { type: 'encoded_text', tokens: part.tokens };
      const { data, tokens } = pictures[part.image]!;
      return { type: 'image', data, format: 'png', expected_tokens: tokens };
    });
    const length = chunks.reduce((n, chunk) => n + chunkLength(chunk), 0) + room;
    const { contextTokens } = this.opened;
    if (contextTokens !== null && length > contextTokens)
      throw new Error(
        `A prompt with its completion may take ${length} tokens; the server's model reads ${contextTokens}.`,
      );
    return chunks;
  }

  /** All rows in order. */
  private async data(flat: readonly FlatGroup[]): Promise<Datum[]> {
    const data: Datum[] = [];
    for (const { prompt, rows } of flat) {
      const room = Math.max(...rows.map(({ tokens }) => tokens.length));
      const chunks = await this.chunks(prompt, room);
      for (const { tokens, weights } of rows)
        data.push(datumOf(chunks, tokens, weights.length > 0 ? weights : tokens.map(() => 0)));
    }
    return data;
  }

  /** Waits for the results and cuts out the completions' part: `[group][row][token]`. */
  private async logprobs(
    client: TinkerClient,
    flat: readonly FlatGroup[],
    parts: readonly Datum[][],
    requests: readonly string[],
  ): Promise<number[][][]> {
    const results = await Promise.all(requests.map((request) => client.result(scoresSchema, request)));
    const rows = results.flatMap(({ loss_fn_outputs: outputs }, i) => {
      if (outputs.length !== parts[i]!.length)
        throw new Error(`The server scored ${outputs.length} of ${parts[i]!.length} rows.`);
      return outputs.map(({ logprobs }) => logprobs.data);
    });
    let at = 0;
    return flat.map((group) =>
      group.rows.map(({ tokens }) => {
        const row = rows[at++]!;
        if (row.length < tokens.length)
          throw new Error(
            `The server scored ${row.length} tokens of a row; at least ${tokens.length} were sent.`,
          );
        return row.slice(row.length - tokens.length);
      }),
    );
  }

  private completion({
    tokens: drawn,
    logprobs,
    stop_reason,
  }: z.infer<typeof samplesSchema>['sequences'][number]): SampledCompletion {
    const { processor } = this.options;
    if (logprobs?.length !== drawn.length)
      throw new Error('The server gives no log-probabilities with its samples, on which training rests.');
    // A placeholder that was drawn stands for no picture, so nobody could score it: it is cut off with what follows. An
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

/** No two checkpoints of a server may have the same name. */
const newName = (): string => `chirality-${randomBytes(8).toString('hex')}`;

/** How many rows, and about how many bytes, to send at once. The service's own client sends up to 5 MB. */
const ROWS_AT_ONCE = 128;
const BYTES_AT_ONCE = 4_000_000;

function batches(data: readonly Datum[]): Datum[][] {
  const out: Datum[][] = [];
  let bytes = 0;
  for (const datum of data) {
    const size = datum.model_input.chunks.reduce(
      (n, chunk) => n + (chunk.type === 'image' ? chunk.data.length : 8 * chunk.tokens.length),
      16 * datum.loss_fn_inputs.weights.data.length,
    );
    const part = out.at(-1);
    if (!part || part.length >= ROWS_AT_ONCE || bytes + size > BYTES_AT_ONCE) {
      out.push([datum]);
      bytes = size;
    } else {
      part.push(datum);
      bytes += size;
    }
  }
  return out;
}

function requireOne(temperature: number): void {
  if (temperature !== 1)
    throw new Error('A Tinker server scores at temperature 1 only: set sampling.temperature to 1.');
}
