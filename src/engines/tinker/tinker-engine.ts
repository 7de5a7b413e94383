import type { BoxFormat } from '../../rows/sample/boxes.ts';
import { serverUrl } from '../openai/http.ts';
import { OF_CHAT, OF_PICTURES } from '../sampler.ts';
import { TorchTrainer } from '../torch/torch-engine.ts';
import { Worker, type WorkerOptions } from '../torch/worker.ts';
import type { Trainer } from '../trainer.ts';

/** A server of the Tinker API, and its key, which is never displayed. */
export interface TinkerServer {
  url: string;
  key: string | undefined;
}

export interface TinkerOptions extends Omit<WorkerOptions, 'engine' | 'environment' | 'processes'> {
  server: TinkerServer;
  /** Name of the model to adapt, as on the server. */
  baseModel: string;
  rank: number;
  seed: number;
  /** Folder with the model's small files, such as its tokenizer. */
  processor: string;
  /** Maximum number of pixels of an image; larger images are downscaled. Null: the processor's own limit. */
  maxPixels: number | null;
  /**
   * Server with the reference model: the same server if it can hold several models, or another server. Null: no
   * reference model.
   */
  reference: TinkerServer | null;
}

/** The worker's report about an opened model. */
interface Opened {
  sees: boolean;
  context_tokens: number | null;
  images_kept: number;
  coordinates: BoxFormat | null;
  runtime: string;
  rounding: number;
}

/**
 * Opens a model that a server shards, samples and trains through the Tinker API: Thinking Machines' service, or SkyRL
 * on the user's own cluster (docs/clusters.md). A worker communicates with the server through the package `tinker`.
 * @throws if the server is unreachable, lacks the model or computes wrong sums
 */
export async function openTinker(options: TinkerOptions): Promise<Trainer> {
  const { server, baseModel: model, reference } = options;
  const url = addressOf(server, 'engine.url');
  const reference_url = reference && addressOf(reference, 'engine.reference_url');
  const worker = await Worker.start({
    ...options,
    engine: 'tinker',
    // Passes keys in the environment, because arguments and calls can be logged.
    environment: { CHIRALITY_TINKER_KEY: server.key, CHIRALITY_TINKER_REFERENCE_KEY: reference?.key },
  });
  try {
    const { rank, seed, processor, maxPixels: max_pixels } = options;
    const opened = await worker.call<Opened>('open', {
      url,
      base_model: model,
      rank,
      seed,
      processor,
      max_pixels,
      reference_url,
    });
    return new TorchTrainer(worker, 0, {
      engine: 'tinker',
      model,
      features: [
        ...OF_CHAT,
        'top-p',
        ...(opened.sees ? OF_PICTURES : []),
        ...(reference ? (['reference'] as const) : []),
      ],
      contextTokens: opened.context_tokens,
      imagesKept: opened.sees ? opened.images_kept : null,
      vocabulary: null,
      coordinates: opened.coordinates,
      runtime: opened.runtime,
      precision: 'bfloat16',
      rounding: opened.rounding,
      parameters: null,
      trainableParameters: null,
    });
  } catch (error) {
    await worker.end();
    throw error;
  }
}

/** Returns a server's address. @throws if the URL is invalid or contains a key */
function addressOf({ url }: TinkerServer, name: string): string {
  const { origin, pathname } = serverUrl(url, name, `${name} must start with http:// or https://.`);
  return `${origin}${pathname.replace(/\/+$/, '').replace(/\/api\/v1$/, '')}`;
}
