import http from 'node:http';
import https from 'node:https';
import { urlToHttpOptions } from 'node:url';
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib';
import { isNatural } from '../../base/json.ts';
import { remembered } from '../../base/recent-map.ts';
import type { ChatReply, ChatRequest } from '../../base/chat.ts';
import { EndpointError, refusal } from './error.ts';

/** Sends a request to a server, or to the program that started this program. @throws EndpointError */
export type SendRequest = (request: ChatRequest, signal: AbortSignal) => Promise<ChatReply>;

interface HttpOptions {
  /** URL of the API, without `/chat/completions`. */
  baseUrl: string;
  /** API key, sent as a bearer token and never displayed. */
  key?: string | undefined;
  /** Time limit of one request in ms, from sending to the last byte. */
  timeoutMs: number;
}

/** Maximum size of a reply, in bytes. */
const MAX_BYTES = 16 * 2 ** 20;

type LimitName = 'max_tokens' | 'max_completion_tokens';

/** Parses a server's URL. @throws `noAddress` for an invalid URL, or a message with `name` for a URL with a password */
export function serverUrl(base: string, name: string, noAddress: string): URL {
  const url = URL.canParse(base) ? new URL(base) : null;
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error(noAddress);
  if (url.username || url.password || url.search)
    throw new Error(`Remove the key from ${name}, and set it in the environment.`);
  return url;
}

/** Returns the URL for requests. @throws if `baseUrl` is invalid or contains a password */
export function chatUrl(baseUrl: string): string {
  const noAddress = 'The address of an endpoint must start with http:// or https://.';
  const url = serverUrl(baseUrl, 'the address of an endpoint', noAddress);
  const path = url.pathname.replace(/\/+$/, '').replace(/\/chat\/completions$/, '');
  return `${url.origin}${path}/chat/completions`;
}

/** Returns a function that sends requests over HTTP. Redirects are not followed, because they could leak the key. */
export function sendOverHttp({ baseUrl, key, timeoutMs }: HttpOptions): SendRequest {
  const url = chatUrl(baseUrl);
  const redact = withoutKey(key);
  // Newer hosted models accept only `max_completion_tokens`, and older servers only `max_tokens`.
  let limitName: LimitName = 'max_tokens';

  const post = async (request: ChatRequest, name: LimitName, signal: AbortSignal): Promise<ChatReply> => {
    const { max_tokens: limit, ...rest } = request;
    const body = JSON.stringify(name === 'max_tokens' ? request : { ...rest, [name]: limit });
    const { status, headers, text } = await postJson(url, body, { key, signal, timeoutMs, limit: MAX_BYTES });
    if (status < 300) return readReply(text, redact);
    const retryAfter = headers['retry-after'] ?? null;
    throw refusal({ status, body: text, redact, url, model: request.model, retryAfter, now: Date.now() });
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

interface Post {
  key?: string | undefined;
  signal: AbortSignal;
  /** Time limit in ms, from sending to the last byte. Absent: none. */
  timeoutMs?: number;
  /** Maximum size of a reply in bytes. Longer replies are an error. */
  limit: number;
}

const AGENTS = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) };

/** Parsed URLs, because parsing takes a tenth of the time of a request. */
const targetOf = remembered(8, (url) => urlToHttpOptions(new URL(url)));

/**
 * Posts JSON and waits for the answer until the signal aborts. Node's `fetch` fails after five minutes, and hangs on a
 * body that is not compressed as its headers declare. Redirects are not followed. Servers close idle connections
 * without notice; a request on a closed connection is sent again on another connection.
 * @throws EndpointError if the server does not answer in time, or the reason of the signal
 */
export async function postJson(
  url: string,
  body: string,
  { key, signal, timeoutMs, limit }: Post,
): Promise<{ status: number; headers: http.IncomingHttpHeaders; text: string }> {
  signal.throwIfAborted();
  const [{ request }, agent] = url.startsWith('https:') ? [https, AGENTS.https] : [http, AGENTS.http];
  const headers = { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) };
  let end = (): unknown => undefined;
  const send = () =>
    new Promise<http.IncomingMessage>((resolve, reject) => {
      const sent = request({ ...targetOf(url), method: 'POST', headers, agent });
      end = () => sent.destroy(new Error('ended'));
      sent.on('response', resolve).on('error', (error: NodeJS.ErrnoException) => {
        const isStale = sent.reusedSocket && /^(?:ECONNRESET|EPIPE)$/.test(error.code ?? '');
        if (isStale && !signal.aborted) send().then(resolve, reject);
        else reject(error);
      });
      sent.end(body);
    });
  let isLate = false;
  const late = () => {
    isLate = true;
    end();
  };
  // A signal for each request, joined from this one and a timer's, would take longer than the request.
  const abort = () => end();
  signal.addEventListener('abort', abort);
  const timer = timeoutMs === undefined ? undefined : setTimeout(late, timeoutMs);
  try {
    const response = await send();
    const status = response.statusCode!;
    const bytes = await readBody(response, limit);
    if (status >= 300 && status < 400)
      throw new EndpointError(
        'address',
        `${new URL(url).host} redirects to another address. Use that address instead.`,
      );
    return { status, headers: response.headers, text: decoded(bytes, response.headers, limit) };
  } catch (error) {
    signal.throwIfAborted();
    if (isLate) throw new EndpointError('timeout', `The server did not reply within ${timeoutMs! / 1000} s.`);
    throw error instanceof EndpointError ? error : connectionError(error as Error, url);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

/** Minimum length of a key that is removed from messages. Local servers have shorter placeholders, such as "EMPTY". */
const SHORTEST_SECRET = 8;

/** Returns a function that removes the key from server messages, because answers and errors can contain the key. */
export const withoutKey = (key: string | undefined) => (text: string) =>
  key && key.length >= SHORTEST_SECRET ? text.replaceAll(key, '***') : text;

/** Reads the body of a reply. @throws EndpointError if the body is longer than `limit` bytes */
const readBody = (response: http.IncomingMessage, limit: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response
      .on('data', (chunk: Buffer) => {
        length += chunk.length;
        chunks.push(chunk);
        if (length > limit) response.destroy(tooLong(limit));
      })
      .on('error', reject)
      .on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
  });

const tooLong = (limit: number) =>
  new EndpointError('size', `The reply is longer than ${limit / 2 ** 20} MiB.`);

/** Decoders of compressed bodies. Some proxies compress even if the request does not ask for compression. */
const DECODERS: ReadonlyMap<string, typeof gunzipSync> = new Map([
  ['gzip', gunzipSync],
  ['x-gzip', gunzipSync],
  ['deflate', inflateSync],
  ['br', brotliDecompressSync],
]);

/** Decodes a body. @throws EndpointError if the body does not match its headers, or is longer than `limit` bytes */
function decoded(bytes: Buffer, headers: http.IncomingHttpHeaders, limit: number): string {
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? '';
  try {
    const decode = DECODERS.get(encoding);
    return (decode ? decode(bytes, { maxOutputLength: limit }) : bytes).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLong(limit);
    throw new EndpointError(
      'reply',
      `The reply of the server is not compressed as declared (content-encoding: ${encoding}).`,
    );
  }
}

/** Maximum plausible token count of a reply. Larger counts are ignored. */
const MOST_TOKENS = 1e9;

function readReply(body: string, redact: (text: string) => string): ChatReply {
  const value = parse(body) as {
    choices?: { message?: { content?: unknown; refusal?: unknown }; finish_reason?: unknown }[];
    usage?: Record<string, unknown>;
  } | null;
  const choice = value?.choices?.[0];
  const text = choice?.message?.content ?? choice?.message?.refusal ?? '';
  if (!choice?.message || typeof text !== 'string')
    throw new EndpointError('reply', 'The reply of the server is not a chat completion.');
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
    throw new EndpointError('reply', 'The reply of the server is not JSON.');
  }
}

function connectionError(error: NodeJS.ErrnoException, url: string): EndpointError {
  const { host } = new URL(url);
  const { code = '' } = error;
  if (/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH/.test(code))
    return new EndpointError(
      'unreachable',
      `No server answers at ${host} (${code}). Start the server, or check the address.`,
    );
  if (/CERT|SSL|TLS/.test(code))
    return new EndpointError('address', `The certificate of ${host} is not trusted (${code}).`);
  return new EndpointError(
    'network',
    `The connection to ${host} was interrupted${code ? ` (${code})` : ''}.`,
  );
}
