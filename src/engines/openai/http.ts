import { isNatural } from '../../core/json.ts';
import type { ChatReply, ChatRequest } from '../../core/chat.ts';
import { EndpointError, refusal } from './error.ts';

/** Sends a request to whatever answers: a server, or the program that started this one. @throws EndpointError */
export type SendRequest = (request: ChatRequest, signal: AbortSignal) => Promise<ChatReply>;

interface HttpOptions {
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
    throw new Error(`Keys do not belong in ${name}: put them into the environment.`);
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

  const post = async (request: ChatRequest, name: LimitName, signal: AbortSignal): Promise<ChatReply> => {
    const { max_tokens: limit, ...rest } = request;
    const init = {
      method: 'POST',
      redirect: 'error',
      headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
      body: JSON.stringify({ ...rest, [name]: limit }),
    } as const;
    return fetchWithin(timeoutMs, [signal], url, init, async (response) => {
      const body = await readBody(response);
      if (response.ok) return readReply(body, redact);
      const { status, headers } = response;
      const retryAfter = headers.get('retry-after');
      throw refusal({ status, body, redact, url, model: request.model, retryAfter, now: Date.now() });
    });
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
 * Sends a request and reads the response, both within a time. @param ends end it, too
 * @throws EndpointError; the reason of the signal that ended it
 */
async function fetchWithin<T>(
  timeoutMs: number,
  ends: readonly AbortSignal[],
  url: string,
  init: RequestInit,
  read: (response: Response) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  // That of AbortSignal.timeout keeps no process alive: while a request waits for a stream that never ends, nothing else
  // may, and Node would end without a word.
  const timer = setTimeout(() => late.abort(), timeoutMs);
  const end = AbortSignal.any([...ends]);
  const either = AbortSignal.any([end, late.signal]);
  try {
    end.throwIfAborted();
    return await Promise.race([
      fetch(url, { ...init, signal: either }).then(read),
      // The body of a reply that is not what its content-encoding says does not always end when it is aborted.
      new Promise<never>((_, reject) =>
        either.addEventListener('abort', () => reject(either.reason as Error), { once: true }),
      ),
    ]);
  } catch (error) {
    end.throwIfAborted();
    if (late.signal.aborted)
      throw new EndpointError('timeout', `The server took more than ${timeoutMs / 1000} s.`);
    throw error instanceof EndpointError ? error : connectionError(error as Error, url);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Shorter keys are not removed: placeholders for local servers, such as "EMPTY", are words that may occur in an answer.
 */
const SHORTEST_SECRET = 8;

/** Removes the key from what a server says, because answers and errors may repeat it. */
export const withoutKey = (key: string | undefined) => (text: string) =>
  key && key.length >= SHORTEST_SECRET ? text.replaceAll(key, '***') : text;

/** The text of a reply. @throws EndpointError when it is longer than `limit` bytes */
export async function readBody(response: Response, limit = MAX_BYTES): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop cancels the stream.
  for await (const chunk of response.body ?? []) {
    length += (chunk as Uint8Array).length;
    if (length > limit) throw new EndpointError('size', `The reply is longer than ${limit / 2 ** 20} MiB.`);
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** No reply has more; a server that claims it counts nothing. */
const MOST_TOKENS = 1e9;

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
    return isNatural(n) && n <= MOST_TOKENS ? n : 0;
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
