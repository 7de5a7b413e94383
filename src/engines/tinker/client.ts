import { setTimeout as timeout } from 'node:timers/promises';
import type { z } from 'zod';
import { printable } from '../../core/printable.ts';
import type { Random } from '../../core/random.ts';
import { EndpointError, messageIn } from '../openai/error.ts';
import { bytesOf, fetchWithin, readBody, readBytes, serverUrl, withoutKey } from '../openai/http.ts';
import { withRetries } from '../openai/pacing.ts';
import {
  failedSchema,
  isBinary,
  promiseSchema,
  sessionSchema,
  SDK_VERSION,
  waitingSchema,
} from './protocol.ts';
import { PROTOBUF } from './wire.ts';

export interface ClientOptions {
  /** The address without `/api/v1`. */
  url: string;
  /** Sent as `X-API-Key`; never shown. */
  key?: string | undefined;
  random: Random;
  /** Ends every call, now and later. */
  signal?: AbortSignal | undefined;
  /** Time between two heartbeats. */
  heartbeatMs?: number;
  /** The wait before the first retry; it doubles with each. */
  backoffMs?: number;
  /** The largest file to download, in bytes. */
  fileBytes?: number;
}

/** Servers drop a session that is silent for some minutes; their own client sends a heartbeat every ten seconds. */
const HEARTBEAT_MS = 10_000;
const BACKOFF_MS = 500;
const RETRIES = 8;
/** A server keeps a question for a result open for up to five minutes, which is also Node's limit. */
const TIMEOUT_MS = 240_000;
/** Log-probabilities of a thousand rows, as text. */
const MAX_BYTES = 256 * 2 ** 20;
/** Adapters of large mixtures of experts take several GiB. */
const FILE_BYTES = 32 * 2 ** 30;

interface CallOptions {
  signal?: AbortSignal | undefined;
  /**
   * Whether the server recognises the request when it comes again, or can do it twice without harm. Others are only
   * sent again if the server has certainly not accepted them.
   */
  repeatable?: boolean;
  /** Whether the reply may be a protocol buffer. */
  isBinary?: boolean;
}

type Body = object | Uint8Array<ArrayBuffer>;

/** The address of an API route. @throws if it cannot be one, or contains a password. */
export function apiUrl(base: string): string {
  const noAddress = 'engine.url is no address: it starts with http:// or https://.';
  const url = serverUrl(base, 'engine.url', noAddress);
  return `${url.origin}${url.pathname.replace(/\/+$/, '').replace(/\/api\/v1$/, '')}/api/v1`;
}

/**
 * Speaks the Tinker API over HTTP: sends a request, gets a promise, and asks for its result until there is one. Keeps
 * its session alive. Redirects are not followed, so that a key does not reach another server.
 */
export class TinkerClient {
  private readonly base: string;
  private readonly redact: (text: string) => string;
  private readonly stop = new AbortController();
  private readonly heart: NodeJS.Timeout;

  private constructor(
    private readonly options: ClientOptions,
    private session: string,
  ) {
    this.base = apiUrl(options.url);
    this.redact = withoutKey(options.key);
    this.heart = setInterval(() => {
      // A lost heartbeat is followed by the next; if the session is lost, the next call says so.
      void this.post('session_heartbeat', { session_id: this.session, type: 'session_heartbeat' }).catch(
        () => undefined,
      );
    }, options.heartbeatMs ?? HEARTBEAT_MS).unref();
  }

  /** Opens a session. @throws EndpointError */
  static async open(options: ClientOptions): Promise<TinkerClient> {
    const client = new TinkerClient(options, '');
    try {
      const body = {
        tags: ['chirality'],
        user_metadata: {},
        sdk_version: SDK_VERSION,
        type: 'create_session',
      };
      const reply = client.read(sessionSchema, await client.call('POST', 'create_session', body));
      if (reply.error_message)
        throw new EndpointError('request', `No session.${client.quoted(reply.error_message)}`);
      client.session = reply.session_id;
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  get sessionId(): string {
    return this.session;
  }

  /** Host and path, for people. */
  get address(): string {
    return this.base.replace(/\/api\/v1$/, '');
  }

  async get<T extends z.ZodType>(schema: T, route: string): Promise<z.infer<T>> {
    return this.read(schema, await this.call('GET', route, undefined));
  }

  /** Sends a request, as JSON or as the bytes of a protocol buffer, and returns the promise of its result. */
  async submit(route: string, body: Body, options: CallOptions = {}): Promise<z.infer<typeof promiseSchema>> {
    return this.read(promiseSchema, await this.call('POST', route, body, options));
  }

  /**
   * The bytes of a file. Routes usually redirect to a store, which never gets the key. @throws EndpointError while
   * reading, if there are too many
   */
  async download(route: string): Promise<AsyncIterable<Uint8Array>> {
    const { key, fileBytes = FILE_BYTES } = this.options;
    const url = `${this.base}/${route}`;
    const until = AbortSignal.any(this.ends());
    const offered = await fetch(url, {
      redirect: 'manual',
      headers: { ...(key && { 'x-api-key': key }) },
      signal: until,
    });
    const place = offered.headers.get('location');
    const file = place === null ? offered : await fetch(new URL(place, url), { signal: until });
    if (!file.ok) throw this.refusal(file.status, route, await readBody(file, MAX_BYTES));
    return bytesOf(file, fileBytes);
  }

  /** Asks for a result until there is one. With `signal`, tells the server when it is no longer wanted. */
  async result<T extends z.ZodType>(schema: T, request: string, signal?: AbortSignal): Promise<z.infer<T>> {
    const question = { request_id: request };
    try {
      for (;;) {
        const reply = await this.call('POST', 'retrieve_future', question, {
          signal,
          isBinary: isBinary(schema),
        }).catch((error: unknown) => {
          // The server gave up waiting, or we did: the work continues.
          if (error instanceof EndpointError && error.fault === 'timeout') return { type: 'try_again' };
          throw error;
        });
        if (waitingSchema.safeParse(reply).success) continue;
        const failed = failedSchema.safeParse(reply);
        if (failed.success)
          throw new EndpointError('request', `The request failed.${this.quoted(failed.data.error)}`);
        return this.read(schema, reply);
      }
    } catch (error) {
      // Servers that cannot cancel answer with an error, which changes nothing.
      if (signal?.aborted && !this.stop.signal.aborted)
        void this.post('cancel_future', question).catch(() => undefined);
      throw error;
    }
  }

  /** Ends all calls and the heartbeats of the session. */
  close(): void {
    clearInterval(this.heart);
    this.stop.abort();
  }

  private post = (route: string, body: object) => this.once('POST', route, body, {});

  private call(
    method: 'GET' | 'POST',
    route: string,
    body: Body | undefined,
    options: CallOptions = {},
  ): Promise<unknown> {
    const { signal, repeatable = true } = options;
    const { random, backoffMs = BACKOFF_MS } = this.options;
    const until = AbortSignal.any(this.ends(signal));
    return withRetries(
      () => this.once(method, route, body, options),
      { retries: RETRIES, backoffMs, random, sleep: (ms) => timeout(ms, undefined, { signal: until }) },
      until,
      ({ fault }) =>
        repeatable
          ? fault === 'busy' || fault === 'server' || fault === 'network' || fault === 'unreachable'
          : fault === 'busy' || fault === 'unreachable',
      () => undefined,
    );
  }

  /** What ends a call. */
  private ends = (signal?: AbortSignal): AbortSignal[] =>
    [this.stop.signal, this.options.signal, signal].filter((each) => each !== undefined);

  private async once(
    method: 'GET' | 'POST',
    route: string,
    body: Body | undefined,
    { signal, isBinary = false }: CallOptions,
  ): Promise<unknown> {
    const { key } = this.options;
    const init = {
      method,
      redirect: 'error',
      headers: {
        'content-type': body instanceof Uint8Array ? PROTOBUF : 'application/json',
        accept: isBinary ? PROTOBUF : 'application/json',
        ...(key && { 'x-api-key': key }),
      },
      ...(body && { body: body instanceof Uint8Array ? body : JSON.stringify(body) }),
    } as const;
    return fetchWithin(TIMEOUT_MS, this.ends(signal), `${this.base}/${route}`, init, async (response) => {
      if (response.ok && response.headers.get('content-type')?.includes(PROTOBUF))
        return readBytes(response, MAX_BYTES);
      const text = await readBody(response, MAX_BYTES);
      if (!response.ok) throw this.refusal(response.status, route, text);
      try {
        return JSON.parse(text) as unknown;
      } catch {
        throw new EndpointError(
          'address',
          `${this.address} answers with something else than JSON: is it a Tinker server?`,
        );
      }
    });
  }

  /** Explains an HTTP status. The ones worth a retry are those that the client of the service retries. */
  private refusal(status: number, route: string, body: string): EndpointError {
    const reason = this.quoted(messageIn(body));
    if (status === 401 || status === 403) return new EndpointError('key', `The key was refused.${reason}`);
    if (status === 402) return new EndpointError('quota', `The account has nothing left to spend.${reason}`);
    if (status === 408) return new EndpointError('timeout', `The server gave up waiting.${reason}`);
    if (status === 410)
      return new EndpointError(
        'request',
        `The server has lost the request: it was restarted, or the result waited too long.${reason}`,
      );
    if (status === 429) return new EndpointError('busy', `The server asks to slow down.${reason}`);
    if (status === 404 || status === 405)
      return new EndpointError(
        'address',
        `${this.address} has no ${route}, or not what it asks for.${reason}`,
      );
    if (status >= 500 || status === 425)
      return new EndpointError('server', `The server failed at ${route} (${status}).${reason}`);
    const hint =
      route === 'forward_backward' && (status === 415 || status === 422)
        ? ' Rows are sent as protocol buffers, which SkyRL reads since 0.4.'
        : '';
    return new EndpointError('request', `The server refused ${route} (${status}).${hint}${reason}`);
  }

  private quoted = (text: string): string =>
    text === '' ? '' : ` The server says: ${printable(this.redact(text), 500)}`;

  private read<T extends z.ZodType>(schema: T, reply: unknown): z.infer<T> {
    const read = schema.safeParse(reply);
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    const where = issue?.path.join('.') ?? '';
    throw new EndpointError(
      'request',
      `A reply does not follow the Tinker API: ${where || 'it'}: ${issue?.message ?? ''}`,
    );
  }
}
