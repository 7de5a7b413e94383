import { randomBytes } from 'node:crypto';
import { writeSynced } from '../synced.ts';
import { TinkerClient, type ClientOptions } from './client.ts';
import {
  loadedSchema,
  modelSchema,
  samplerSchema,
  savedSchema,
  type AdamParams,
  gradNormIn,
  scoresSchema,
  stepSchema,
} from './protocol.ts';
import type { Datum } from './rows.ts';
import { encodeScoring } from './wire.ts';

interface ModelOptions {
  /** The server's name of the model to adapt. */
  baseModel: string;
  rank: number;
  seed: number;
}

/** Sequence numbers of a session, by which a server recognises a request that is sent again. */
const counters = new WeakMap<TinkerClient, { model: number; sampler: number }>();

function numberOf(client: TinkerClient, what: 'model' | 'sampler'): number {
  const counts = counters.get(client) ?? { model: 0, sampler: 0 };
  counters.set(client, counts);
  return counts[what]++;
}

/**
 * A model with an adapter on the server. Requests that change or use it carry consecutive numbers, by which the server
 * orders them; each is sent once the server has accepted the one before, not once that is done.
 */
export class RemoteModel {
  private sequence = 1;
  private held: RemoteSampler | null = null;

  private constructor(
    readonly client: TinkerClient,
    private readonly id: string,
  ) {}

  /** A fresh adapter on the base model, which changes nothing yet. */
  static async create(client: TinkerClient, { baseModel, rank, seed }: ModelOptions): Promise<RemoteModel> {
    const { request_id } = await client.submit('create_model', {
      session_id: client.sessionId,
      model_seq_id: numberOf(client, 'model'),
      base_model: baseModel,
      // As the torch engine does by default: attention and the layers between, not the output layer.
      lora_config: { rank, seed, train_attn: true, train_mlp: true, train_unembed: false },
      type: 'create_model',
    });
    return new RemoteModel(client, (await client.result(modelSchema, request_id)).model_id);
  }

  /** Whether it has not been used yet, so that weights may be loaded into it. */
  get isFresh(): boolean {
    return this.sequence === 1;
  }

  /** Loads saved weights, and the optimiser's moments if wanted; must be the first request. */
  async load(path: string, optimizer: boolean): Promise<void> {
    const { request_id } = await this.send('load_weights', { path, optimizer, type: 'load_weights' });
    await this.client.result(loadedSchema, request_id);
  }

  /** Requests log-probabilities. @returns the promise of them */
  forward = (data: Datum[]): Promise<string> => this.score(data, true);

  /** Adds the gradient of −Σ w·lp. @returns the promise of the result */
  forwardBackward = (data: Datum[]): Promise<string> => this.score(data, false);

  private async score(data: Datum[], forward_only: boolean): Promise<string> {
    const request = { model_id: this.id, seq_id: this.sequence++, data, forward_only };
    return (await this.client.submit('forward_backward', encodeScoring(request))).request_id;
  }

  async optimStep(adam_params: AdamParams): Promise<string> {
    this.held = null;
    return (await this.send('optim_step', { adam_params, type: 'optim_step' }, true)).request_id;
  }

  /** Keeps weights and optimiser on the server, and returns their path when they are safe. */
  async save(): Promise<string> {
    const { request_id } = await this.send('save_weights', { path: newName(), type: 'save_weights' });
    return (await this.client.result(savedSchema, request_id)).path;
  }

  /** Returns a sampler that has the current weights. */
  async sampler(): Promise<RemoteSampler> {
    if (this.held) return this.held;
    const { request_id } = await this.send('save_weights_for_sampler', {
      sampling_session_seq_id: numberOf(this.client, 'sampler'),
      type: 'save_weights_for_sampler',
    });
    const { sampling_session_id } = await this.client.result(samplerSchema, request_id);
    this.held = new RemoteSampler(this.client, sampling_session_id);
    return this.held;
  }

  /** Writes the adapter to a file, as the server packs it. @throws with the location of the adapter on the server */
  async archive(file: string): Promise<void> {
    const name = newName();
    const { request_id } = await this.send('save_weights_for_sampler', {
      path: name,
      type: 'save_weights_for_sampler',
    });
    const { path } = await this.client.result(savedSchema, request_id);
    try {
      await writeSynced(
        file,
        await this.client.download(`training_runs/${this.id}/checkpoints/${name}/archive`),
      );
    } catch (error) {
      throw new Error(
        `${(error as Error).message} The adapter is at ${path}: \`tinker checkpoint download\` gets it from Thinking Machines' service.`,
        { cause: error },
      );
    }
  }

  /** Frees the model on the server. A server that cannot do this frees it with the session. */
  async unload(): Promise<void> {
    await this.client
      .submit('unload_model', { model_id: this.id, type: 'unload_model' })
      .catch(() => undefined);
  }

  private send(route: string, body: object, repeatable = false) {
    const seq_id = this.sequence++;
    return this.client.submit(route, { model_id: this.id, seq_id, ...body }, { repeatable });
  }
}

/** No two checkpoints of a server may have the same name. */
const newName = (): string => `chirality-${randomBytes(8).toString('hex')}`;

/** The weights at one moment, from which a server samples. */
class RemoteSampler {
  private sequence = 0;

  constructor(
    private readonly client: TinkerClient,
    private readonly id: string,
  ) {}

  async submit(body: object, signal?: AbortSignal): Promise<string> {
    const seq_id = this.sequence++;
    const request = { sampling_session_id: this.id, seq_id, ...body, type: 'sample' };
    return (await this.client.submit('asample', request, { signal })).request_id;
  }
}

export interface ReferenceOptions extends ClientOptions, ModelOptions {
  /**
   * The server that holds the reference as a second model: the same one where it holds several, or another. null:
   * there is no reference.
   */
  reference: { url: string; key?: string | undefined } | null;
}

/** The reference: a second model, which is never trained. */
export class Reference {
  private held: { model: RemoteModel; path: string } | null = null;

  /** @param client the trained model's */
  constructor(
    private readonly options: ReferenceOptions,
    private readonly client: TinkerClient,
  ) {}

  /** Where its weights are: a path, or `base`; null if none was set. */
  get path(): string | null {
    return this.held?.path ?? null;
  }

  /** @throws if none was set */
  get model(): RemoteModel {
    if (!this.held) throw new Error('No reference was set.');
    return this.held.model;
  }

  /** Makes the weights at `path` the reference. @throws if only another server has them */
  async set(path: string): Promise<void> {
    if (this.path === path) return;
    const place = this.options.reference!;
    const isElsewhere = place.url !== this.options.url;
    if (isElsewhere && path !== 'base')
      throw new Error(
        `The reference would be weights that only ${this.client.address} has. Set engine.reference_url to engine.url if that server holds several models, start from the base model, or set loss.beta to 0.`,
      );
    const client =
      this.held?.model.client ??
      (isElsewhere ? await TinkerClient.open({ ...this.options, ...place }) : this.client);
    await this.held?.model.unload();
    const model = await RemoteModel.create(client, this.options);
    if (path !== 'base') await model.load(path, false);
    this.held = { model, path };
  }

  /** Frees the model, and leaves its server if that is another one. */
  async close(): Promise<void> {
    await this.held?.model.unload();
    if (this.held && this.held.model.client !== this.client) this.held.model.client.close();
  }
}

/** How far the length of a gradient may be from what its weights say, as a share: servers compute in bfloat16. */
const TOLERANCE = 0.1;

/**
 * Requires that weights scale a gradient, as in −Σ w·lp: twice the weight, twice the gradient, also below 0. SkyRL's JAX
 * backend divides each row by the sum of its weights instead, and by 1e-9 where that is negative. Tried on a second
 * model, which is then dropped; a server that holds only one, or tells no lengths of gradients, is not tried.
 * @param rowOf a row whose answer's tokens have this weight
 */
export async function requireLinear(
  client: TinkerClient,
  options: ModelOptions,
  rowOf: (weight: number) => Datum,
): Promise<void> {
  const model = await RemoteModel.create(client, options).catch(() => null);
  if (!model) return;
  try {
    const once = await lengthOf(client, model, rowOf(1));
    const twice = await lengthOf(client, model, rowOf(-2));
    if (once === null || twice === null || Math.abs(twice / once / 2 - 1) <= TOLERANCE) return;
    throw new Error(
      `${client.address} does not sum weighted log-probabilities: the weight −2 gives a gradient ${(twice / once).toPrecision(3)} times as long as the weight 1, not twice. SkyRL's JAX backend does that: start it with --backend fsdp.`,
    );
  } finally {
    await model.unload();
  }
}

/** The length of a row's gradient, in a step that changes no weights. */
async function lengthOf(client: TinkerClient, model: RemoteModel, row: Datum): Promise<number | null> {
  await client.result(scoresSchema, await model.forwardBackward([row]));
  const still = { learning_rate: 0, beta1: 0.9, beta2: 0.95, eps: 1e-8, weight_decay: 0, grad_clip_norm: 0 };
  return gradNormIn(await client.result(stepSchema, await model.optimStep(still)));
}
