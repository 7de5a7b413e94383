import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import * as z from 'zod';
import type { Prompt } from '../../core/prompts/message.ts';
import { Random } from '../../base/random.ts';
import { parseRecord } from '../../base/record.ts';
import {
  type Feature,
  OF_CHAT,
  OF_PICTURES,
  OF_SAMPLING,
  type PutImage,
  type Sampler,
  type SamplerInfo,
  type SamplingOptions,
  type TextCompletion,
} from '../sampler.ts';
import { assertSupported, checkSampling, featuresOfPrompt, featuresOfSampling } from '../features.ts';
import type { ChatMessage, ChatReply, ChatRequest } from '../../base/chat.ts';
import type { SendRequest } from './http.ts';
import { Limiter, type RetryOptions, withRetries } from './pacing.ts';
import { EndpointError } from './error.ts';
import { EndpointImages, IMAGES_KEPT, type ImageCodec } from './endpoint-images.ts';

/** Cache of answers that outlives the process. The key is a hash of everything that determines an answer. */
export interface AnswerCache {
  read(key: string): Promise<string | null>;
  write(key: string, text: string): Promise<void>;
}

export interface EndpointOptions {
  ask: SendRequest;
  /** Source of the answers, for display: a URL, or a program. */
  address: string;
  model: string;
  images: ImageCodec;
  cache: AnswerCache | null;
  /** Maximum number of concurrent requests. */
  concurrency: number;
  retry: Omit<RetryOptions, 'random'>;
  /** Features that this server lacks. A prompt or call that needs a missing feature is an error. */
  lacks: readonly Feature[];
  signal: AbortSignal;
}

/** Number of requests so far. Token counts include every paid answer, but no cached answer. */
export interface EndpointUsage {
  /** Number of answers from the endpoint (`asked`) and from the cache (`kept`). */
  asked: number;
  kept: number;
  retries: number;
  failed: number;
  prompt_tokens: number;
  completion_tokens: number;
}

/** Features of the chat completions protocol, which has no portable way to continue an answer. */
const FEATURES: readonly Feature[] = [
  ...OF_CHAT.filter((feature) => feature !== 'assistant-prefix'),
  ...OF_PICTURES,
  ...OF_SAMPLING,
];

/** Number of consecutive failures after which the server counts as down. */
const FAILURES_IN_A_ROW = 8;

/**
 * A sampler for any endpoint with chat completions. Every completion is a separate request, because many servers ignore
 * `n`, and because separate requests can be retried and cached. Greedy and seeded answers are cached, so a repeated
 * request costs nothing.
 *
 * A request that fails permanently becomes a completion with stop reason `failed`. A fault of all requests (an invalid
 * key, an unknown model, a server that is down) ends the call with an EndpointError.
 */
export class EndpointSampler implements Sampler {
  readonly usage: EndpointUsage = {
    asked: 0,
    kept: 0,
    retries: 0,
    failed: 0,
    prompt_tokens: 0,
    completion_tokens: 0,
  };
  private readonly images: EndpointImages;
  private readonly gate: Limiter;
  private readonly closing = new AbortController();
  private readonly signal: AbortSignal;
  /** Signals of calls, each joined with the sampler's, because joining signals takes as long as a request. */
  private readonly signals = new WeakMap<AbortSignal, AbortSignal>();
  private readonly random = Random.from(`back-off ${process.pid}`);
  private readonly about: SamplerInfo;
  private failuresInARow = 0;

  constructor(private readonly options: EndpointOptions) {
    this.images = new EndpointImages(options.images);
    this.gate = new Limiter(options.concurrency);
    this.signal = joined(this.closing.signal, options.signal);
    const { model, address, lacks } = options;
    this.about = {
      engine: 'openai',
      model,
      features: FEATURES.filter((feature) => !lacks.includes(feature)),
      contextTokens: null,
      imagesKept: IMAGES_KEPT,
      vocabulary: null,
      coordinates: null,
      ...(options.images.symmetric && { symmetric: true }),
      ...(options.images.video && { showsVideos: true }),
      runtime: address,
    };
  }

  info(): SamplerInfo {
    return this.about;
  }

  putImage(file: Uint8Array): Promise<PutImage> {
    return this.images.put(file);
  }

  async complete(prompts: Prompt[], options: SamplingOptions): Promise<TextCompletion[][]> {
    checkSampling(options);
    const needed = [...featuresOfSampling(options), ...prompts.flatMap(featuresOfPrompt)];
    assertSupported(this.info(), needed);
    const files = this.images.of(prompts);

    const { n, first = 0 } = options;
    const stop = new AbortController();
    const given = this.signalOf(options.signal);
    const signal = prompts.length * n === 1 ? given : joined(stop.signal, given);
    const complete = (prompt: Prompt, i: number) =>
      this.gate.run(() => {
        signal.throwIfAborted();
        return this.completion({ prompt, files, options, i }, signal);
      });
    const groups = prompts.map((prompt) => Array.from({ length: n }, (_, i) => complete(prompt, first + i)));
    try {
      return await Promise.all(groups.map((group) => Promise.all(group)));
    } catch (error) {
      // After one request has thrown, errors of the other requests are ignored.
      stop.abort();
      await Promise.allSettled(groups.flat());
      throw error;
    }
  }

  close(): Promise<void> {
    this.closing.abort();
    return Promise.resolve();
  }

  private signalOf(given: AbortSignal | undefined): AbortSignal {
    if (!given) return this.signal;
    const signal = this.signals.get(given) ?? joined(given, this.signal);
    this.signals.set(given, signal);
    return signal;
  }

  private async completion(wanted: Wanted, signal: AbortSignal): Promise<TextCompletion> {
    try {
      return finished(await this.answer(wanted, signal), wanted.options.stop ?? []);
    } catch (error) {
      if (!(error instanceof EndpointError) || this.isFatal(error)) throw error;
      if (error.fault === 'context' && wanted.options.overlong === 'cut')
        return { text: '', stopReason: 'length', noRoom: true };
      this.usage.failed += 1;
      return { text: '', stopReason: 'failed', error: error.message };
    }
  }

  private async answer({ prompt, files, options, i }: Wanted, signal: AbortSignal): Promise<ChatReply> {
    const { ask, cache, address, model, images, retry } = this.options;
    const sampling = samplingOf(options, i);
    // Only reproducible answers are cached. Without a seed, repeated requests should give different answers.
    const kept = cache && (options.temperature === 0 || options.seed !== undefined) ? cache : null;
    const keyed = kept && { version: 1, address, model, images: images.name, prompt, ...sampling, i };
    const key = keyed && createHash('sha256').update(JSON.stringify(keyed)).digest('hex');
    const stored = key && (await kept.read(key));
    const cached = stored && readKept(stored);
    if (cached) {
      this.usage.kept += 1;
      return cached;
    }
    const request = { model, messages: await this.messages(prompt, files), ...sampling };
    const reply = await withRetries(
      () => ask(request, signal),
      { ...retry, random: this.random },
      signal,
      (error) => error.retry && !this.neverThere(error),
      () => (this.usage.retries += 1),
    );
    this.failuresInARow = 0;
    this.usage.asked += 1;
    this.usage.prompt_tokens += reply.usage.prompt_tokens;
    this.usage.completion_tokens += reply.usage.completion_tokens;
    if (key && reply.finish !== 'content_filter') await kept.write(key, JSON.stringify({ ...keyed, reply }));
    return reply;
  }

  /** Whether an error ends the call. Counts consecutive errors, because several errors mean that the server is down. */
  private isFatal(error: EndpointError): boolean {
    if (error.retry) this.failuresInARow += 1;
    return error.fatal || this.neverThere(error) || this.failuresInARow >= FAILURES_IN_A_ROW;
  }

  /** Whether the server probably does not exist. A server that has answered before might be restarting. */
  private neverThere(error: EndpointError): boolean {
    return error.fault === 'unreachable' && this.usage.asked === 0;
  }

  private async messages(prompt: Prompt, files: Wanted['files']): Promise<ChatMessage[]> {
    if (files.size === 0) return prompt.map(({ role, content }) => ({ role, content: content.join('') }));
    const messages = await this.images.messages(prompt, files);
    return messages.map(({ role, content }, m) => {
      // Sends content that is only text as a string, which servers of text models accept.
      const texts = prompt[m]!.content.filter((part) => typeof part === 'string');
      return { role, content: texts.length === content.length ? texts.join('') : content };
    });
  }
}

/** Joins signals that requests listen to. Node warns of a leak at more than ten listeners. */
function joined(...signals: AbortSignal[]): AbortSignal {
  const signal = AbortSignal.any(signals);
  setMaxListeners(0, signal);
  return signal;
}

/** A completion to request: the prompt, and the number `i` of the completion. */
interface Wanted {
  prompt: Prompt;
  files: ReadonlyMap<string, Uint8Array>;
  options: SamplingOptions;
  i: number;
}

type Sampling = Omit<ChatRequest, 'model' | 'messages'>;

/** Each completion has its own seed, because an equal seed would give n equal answers. */
function samplingOf({ temperature, topP, maxTokens, stop, seed }: SamplingOptions, i: number): Sampling {
  return {
    temperature,
    max_tokens: maxTokens,
    top_p: topP < 1 ? topP : undefined,
    stop: stop?.length ? stop : undefined,
    seed:
      seed === undefined
        ? undefined
        : Random.from(seed)
            .fork(i)
            .below(2 ** 31),
  };
}

/** Truncates the text at a stop string, because servers stop before or after the string without reporting which. */
function finished({ text, finish }: ChatReply, stops: readonly string[]): TextCompletion {
  const cuts = stops.map((stop) => text.indexOf(stop)).filter((at) => at >= 0);
  if (cuts.length > 0) return { text: text.slice(0, Math.min(...cuts)), stopReason: 'stop' };
  if (finish === 'content_filter')
    return { text: '', stopReason: 'failed', error: 'The server withheld the answer (content filter).' };
  return { text, stopReason: finish === 'length' ? 'length' : 'end' };
}

const tokens = z.number().min(0);
const keptSchema = z.object({
  reply: z.object({
    text: z.string(),
    finish: z.string(),
    usage: z.object({ prompt_tokens: tokens, completion_tokens: tokens }),
  }),
});

/** Reads a cached answer. Returns null if the cache has no answer, or a damaged file (after a full disk). */
function readKept(text: string | null): ChatReply | null {
  try {
    return parseRecord(keptSchema, text ?? '', { file: 'cache' }).reply;
  } catch {
    return null;
  }
}
