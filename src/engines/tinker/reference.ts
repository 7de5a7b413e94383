import { TinkerClient, type ClientOptions } from './client.ts';
import { RemoteModel, type ModelOptions } from './model.ts';

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
