import { setTimeout as timeout } from 'node:timers/promises';
import type { ChatReply, ChatRequest } from '../../core/protocol/models.ts';
import type { Random } from '../../core/random.ts';
import { EndpointError, refusal } from './error.ts';

export type { ChatMessage, ChatPart, ChatReply, ChatRequest, Usage } from '../../core/protocol/models.ts';

/** Sends a request to whatever answers: a server, or the program that started this one. @throws EndpointError */
export type SendRequest = (request: ChatRequest, signal: AbortSignal) => Promise<ChatReply>;

/** Runs at most `limit` pieces of work at a time; others wait in order of arrival. */
export class Limiter {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly limit: number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= this.limit) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running += 1;
    try {
      return await work();
    } finally {
      // Pass the place on directly, so that no later caller can take it.
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}

export interface RetryOptions {
  /** Attempts after the first one. */
  retries: number;
  /** The wait before the first retry; it doubles with each, and half of it is drawn at random. */
  backoffMs: number;
  random: Random;
  sleep?: (ms: number, signal: AbortSignal) => Promise<unknown>;
}

const LONGEST_WAIT_MS = 60_000;

const sleepFor = (ms: number, signal: AbortSignal) => timeout(ms, undefined, { signal });

/**
 * Repeats a request while that can help: after 1, 2, 4, … times `backoffMs`, each wait shortened at random by up to a
 * half so that many clients do not return at once, and never sooner than the server asks for.
 */
export async function withRetries<T>(
  work: () => Promise<T>,
  { retries, backoffMs, random, sleep = sleepFor }: RetryOptions,
  signal: AbortSignal,
  retryable: (error: EndpointError) => boolean,
  onRetry: () => void,
): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof EndpointError) || attempt >= retries || !retryable(error)) throw error;
      const backoff = Math.min(backoffMs * 2 ** attempt, LONGEST_WAIT_MS) * random.between(0.5, 1);
      const asked = error.retryAfterMs ?? 0;
      // A server that asks for a long wait has a quota, not a queue.
      if (asked > 5 * LONGEST_WAIT_MS) throw error;
      onRetry();
      await sleep(Math.max(backoff, asked), signal);
    }
  }
}

export interface HttpOptions {
  /** The address without `/chat/completions`. */
  baseUrl: string;
  /** Sent as a bearer token; never shown. */
  key?: string | undefined;
  /** For one request, from sending to the last byte; at most 300 s, Node's own limit. */
  timeoutMs: number;
}

/** No completion is this long; a server that keeps sending is cut off. */
const MAX_BYTES = 16 * 2 ** 20;

type LimitName = 'max_tokens' | 'max_completion_tokens';

/**
 * The address of a server. @throws `noAddress` if it cannot be one, or with `name` if it contains a password
 */
export function serverUrl(base: string, name: string, noAddress: string): URL {
  const url = URL.canParse(base) ? new URL(base) : null;
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error(noAddress);
  if (url.username || url.password || url.search)
    throw new Error(`Keys do not belong into ${name}: put them into the environment.`);
  return url;
}

/** The address to send requests to. @throws if it cannot be one, or contains a password. */
export function chatUrl(baseUrl: string): string {
  const noAddress = 'The address of an endpoint starts with http:// or https://.';
  const url = serverUrl(baseUrl, 'the address of an endpoint', noAddress);
  const path = url.pathname.replace(/\/+$/, '').replace(/\/chat\/completions$/, '');
  return `${url.origin}${path}/chat/completions`;
}

/** Sends requests over HTTP. Redirects are not followed, so that a key does not reach another server. */
export function sendOverHttp({ baseUrl, key, timeoutMs }: HttpOptions): SendRequest {
  const url = chatUrl(baseUrl);
  const redact = withoutKey(key);
  // Newer hosted models accept only the second name, older servers only the first.
  let limitName: LimitName = 'max_tokens';

  const post = async (
    request: ChatRequest,
    limitName: LimitName,
    signal: AbortSignal,
  ): Promise<ChatReply> => {
    const { max_tokens: limit, ...rest } = request;
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'error',
        headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
        body: JSON.stringify({ ...rest, [limitName]: limit }),
        signal: AbortSignal.any([signal, timeout]),
      });
      const body = await readBody(response);
      if (response.ok) return readReply(body, redact);
      const retryAfter = response.headers.get('retry-after');
      throw refusal({
        status: response.status,
        body,
        redact,
        url,
        model: request.model,
        retryAfter,
        now: Date.now(),
      });
    } catch (error) {
      signal.throwIfAborted();
      if (timeout.aborted)
        throw new EndpointError('timeout', `The server took more than ${timeoutMs / 1000} s.`);
      throw error instanceof EndpointError ? error : connectionError(error as Error, url);
    }
  };

  return async (request, signal) => {
    const used = limitName;
    try {
      return await post(request, used, signal);
    } catch (error) {
      if (used !== 'max_tokens' || !/max_completion_tokens/.test((error as Error).message)) throw error;
      limitName = 'max_completion_tokens';
      return post(request, limitName, signal);
    }
  };
}

/**
 * Shorter keys are not removed: placeholders for local servers, such as "EMPTY", are words that may occur in an answer.
 */
const SHORTEST_SECRET = 8;

/** Removes the key from what a server says, because answers and errors may repeat it. */
export const withoutKey = (key: string | undefined) => (text: string) =>
  key && key.length >= SHORTEST_SECRET ? text.replaceAll(key, '***') : text;

/** The bytes of a reply as they come. @throws EndpointError when they are more than `limit` */
export async function* bytesOf(response: Response, limit: number): AsyncGenerator<Uint8Array> {
  let length = 0;
  // Leaving the loop cancels the stream.
  for await (const chunk of response.body ?? []) {
    length += (chunk as Uint8Array).length;
    if (length > limit) throw new EndpointError('size', `The reply is longer than ${limit / 2 ** 20} MiB.`);
    yield chunk as Uint8Array;
  }
}

/** The text of a reply; a longer one is cut off with an error. */
export async function readBody(response: Response, limit = MAX_BYTES): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytesOf(response, limit)) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function readReply(body: string, redact: (text: string) => string): ChatReply {
  const value = parse(body) as {
    choices?: { message?: { content?: unknown; refusal?: unknown }; finish_reason?: unknown }[];
    usage?: Record<string, unknown>;
  } | null;
  const choice = value?.choices?.[0];
  const text = choice?.message?.content ?? choice?.message?.refusal ?? '';
  if (!choice?.message || typeof text !== 'string')
    throw new EndpointError('reply', 'The server replied with something else than a chat completion.');
  const count = (name: string) => {
    const n = value?.usage?.[name];
    return typeof n === 'number' && n >= 0 ? n : 0;
  };
  return {
    text: redact(text),
    finish: typeof choice.finish_reason === 'string' ? redact(choice.finish_reason) : 'stop',
    usage: { prompt_tokens: count('prompt_tokens'), completion_tokens: count('completion_tokens') },
  };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new EndpointError('reply', 'The server replied with something else than JSON.');
  }
}

/** Why there was no reply. `fetch` hides the reason of a failure in `cause`. */
export function connectionError(error: Error, url: string): EndpointError {
  const { host } = new URL(url);
  const cause = error.cause as (Error & { code?: string }) | undefined;
  const code = cause?.code ?? '';
  if (/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH/.test(code))
    return new EndpointError('unreachable', `No server answers at ${host} (${code}). Is it running?`);
  if (cause?.message === 'bad port')
    return new EndpointError(
      'address',
      `Node does not connect to the port of ${host}: browsers block it, too.`,
    );
  if (/redirect/.test(cause?.message ?? error.message))
    return new EndpointError(
      'address',
      `${host} redirects elsewhere, which is not followed. Name that address.`,
    );
  if (/CERT|SSL|TLS/.test(code))
    return new EndpointError('address', `The certificate of ${host} is not trusted (${code}).`);
  return new EndpointError('network', `The connection to ${host} broke off${code ? ` (${code})` : ''}.`);
}
