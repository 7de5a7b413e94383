import { join } from 'node:path';
import { fixed } from '../base/format.ts';
import { chatUrl, sendOverHttp } from '../engines/openai/http.ts';
import { EndpointSampler, type AnswerCache, type EndpointUsage } from '../engines/openai/endpoint-sampler.ts';
import { folderCache, imageCodec, keyFor } from '../lab/endpoint.ts';
import { cacheDir } from '../lab/files/folders.ts';
import { JobError, UsageError } from './errors.ts';
import { sendToHost } from './host-model.ts';
import type { EndpointFlags } from './command-options.ts';

export interface OpenEndpoint {
  sampler: EndpointSampler;
  /** Returns the requests and tokens so far, and the cost if prices are known. */
  usage(): EndpointUsage & { cost?: number };
  describe(): string;
  /** Signal that Ctrl+C aborts. */
  signal: AbortSignal;
  /** Restores the default handling of Ctrl+C. */
  close(): Promise<void>;
}

/**
 * Opens an endpoint by its address; for `host`, the parent process answers. Ctrl+C aborts all requests, but the cache
 * keeps the answers received so far.
 * @param symmetric model family; pads its images so that the model processes original and mirror alike
 */
export function openEndpoint(
  address: string,
  model: string | undefined,
  flags: EndpointFlags,
  symmetric?: string,
): OpenEndpoint {
  const stop = new AbortController();
  const interrupt = () => {
    const fix =
      flags.cache === false ? undefined : 'Run the same command to continue. The answers so far are cached.';
    stop.abort(new JobError('Stopped.', { ...(fix && { fix }) }));
  };
  const sampler = new EndpointSampler({
    ...endpointOf(address, model, flags),
    images: imageCodec({
      format: flags.imageFormat,
      maxPixels: flags.maxPixels ?? null,
      symmetric,
      ...(flags.video && { video: true }),
    }),
    cache: cacheOf(flags),
    concurrency: flags.concurrency,
    retry: { retries: flags.retries, backoffMs: 500 },
    lacks: flags.without ?? [],
    signal: stop.signal,
  });
  process.once('SIGINT', interrupt);
  const usage = () => {
    const { price } = flags;
    const { prompt_tokens: input, completion_tokens: output } = sampler.usage;
    return { ...sampler.usage, ...(price && { cost: (input * price.input + output * price.output) / 1e6 }) };
  };
  return {
    sampler,
    signal: stop.signal,
    usage,
    describe: () => describe(usage()),
    close: async () => {
      process.off('SIGINT', interrupt);
      await sampler.close();
    },
  };
}

function cacheOf({ cache, dryRun }: EndpointFlags): AnswerCache | null {
  if (cache === false) return null;
  const answers = folderCache(typeof cache === 'string' ? cache : join(cacheDir(), 'answers'));
  return dryRun ? { ...answers, read: () => Promise.resolve(null) } : answers;
}

function endpointOf(address: string, model: string | undefined, flags: EndpointFlags) {
  const { keyEnv, timeout } = flags;
  if (address === 'host') return { ask: sendToHost(), address, model: model ?? 'host' };
  const option = 'llm' in flags ? '--llm-model' : '--model';
  if (model === undefined)
    throw new UsageError(`No model is set. Pass its name on the server with ${option}.`);
  try {
    chatUrl(address);
    const key = keyFor(address, process.env, keyEnv);
    return { ask: sendOverHttp({ baseUrl: address, key, timeoutMs: timeout * 1000 }), address, model };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function describe({
  asked,
  kept,
  retries,
  failed,
  prompt_tokens,
  completion_tokens,
  cost,
}: ReturnType<OpenEndpoint['usage']>): string {
  return [
    `${asked} answers requested, ${kept} cached`,
    ...(retries > 0 ? [`${retries} retries`] : []),
    ...(failed > 0 ? [`${failed} without an answer`] : []),
    `${prompt_tokens} + ${completion_tokens} tokens`,
    ...(cost === undefined ? [] : [`cost ${fixed(cost, 4)}`]),
  ].join(', ');
}
