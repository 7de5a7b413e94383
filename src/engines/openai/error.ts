import { isRecord } from '../../base/json.ts';
import { printable } from '../../base/printable.ts';

/** Kinds of faults of a request. `retry`: a retry can help. `fatal`: every other request would also fail. */
const FAULTS = {
  /** The API key is missing, wrong, or lacks a permission. */
  key: { retry: false, fatal: true },
  /** The quota of the API key is used up. */
  quota: { retry: false, fatal: true },
  model: { retry: false, fatal: true },
  /** The URL does not belong to a server with chat completions. */
  address: { retry: false, fatal: true },
  /** The URL has no server. A retry helps only if the server has answered before. */
  unreachable: { retry: true, fatal: false },
  network: { retry: true, fatal: false },
  timeout: { retry: true, fatal: false },
  busy: { retry: true, fatal: false },
  server: { retry: true, fatal: false },
  /** The reply violates the protocol. */
  reply: { retry: true, fatal: false },
  /** Only this request fails. The next request can succeed. */
  image: { retry: false, fatal: false },
  context: { retry: false, fatal: false },
  size: { retry: false, fatal: false },
  request: { retry: false, fatal: false },
} as const;

type Fault = keyof typeof FAULTS;

/** Error with the reason why an endpoint sent no answer, for users. Never contains a key. */
export class EndpointError extends Error {
  constructor(
    readonly fault: Fault,
    message: string,
    /** Time that the server requests to wait, in ms. */
    readonly retryAfterMs?: number,
  ) {
    super(message);
  }

  /** Whether the same request can succeed later. */
  get retry(): boolean {
    return FAULTS[this.fault].retry;
  }

  /** Whether every other request would also fail. */
  get fatal(): boolean {
    return FAULTS[this.fault].fatal;
  }
}

interface Refusal {
  status: number;
  body: string;
  /** Function that removes secrets. Called before the text is truncated. */
  redact: (text: string) => string;
  url: string;
  model: string;
  retryAfter: string | null;
  now: number;
}

/** Pattern of server messages that a prompt leaves no room for its completion. */
export const TOO_LONG =
  /context.?(?:length|window|size)|maximum.{0,20}(?:context|tokens)|too many tokens|prompt.{0,30}(?:too long|longer than)/i;

/** Converts an HTTP status and the server's message to an error. */
export function refusal({ status, body, redact, url, model, retryAfter, now }: Refusal): EndpointError {
  const reason = redact(messageIn(body));
  const quote = reason === '' ? '' : ` Server message: ${printable(reason, 300)}`;
  const about = (pattern: RegExp) => pattern.test(reason);
  const wait = retryAfter === null ? undefined : waitingTime(retryAfter, now);
  const noModel = () =>
    new EndpointError(
      'model',
      `The server has no model "${printable(model, 100)}". Check the model name.${quote}`,
    );
  const noImage = () =>
    new EndpointError(
      'image',
      `The server does not accept the image. Use a vision model or a smaller image.${quote}`,
    );
  if (status === 401 || status === 403)
    return new EndpointError('key', `The server rejected the key. Check the key.${quote}`);
  if (status === 402 || (status === 429 && about(/insufficient_quota|exceeded your current quota|billing/i)))
    return new EndpointError('quota', `The account has no credit left. Add credit.${quote}`);
  if (status === 429) return new EndpointError('busy', `The server is limiting requests.${quote}`, wait);
  if (status === 404 && about(/\bmodel\b/i) && !about(/^not found$/i)) return noModel();
  if (status === 404 || status === 405) {
    const hint = /\/v\d+\b/.test(url) ? '' : ' Most base addresses end in /v1.';
    return new EndpointError('address', `No chat completions API at ${url}.${hint}${quote}`);
  }
  if (status === 408) return new EndpointError('timeout', `The server timed out.${quote}`, wait);
  if (status === 413) return new EndpointError('size', `The request is too large for the server.${quote}`);
  // llama.cpp reports missing image support with status 500, although a retry does not help.
  if (about(/(?:image|vision|multimodal)\b.{0,60}(?:not|un)\W?supported/i)) return noImage();
  if (status >= 500) return new EndpointError('server', `The server failed (${status}).${quote}`, wait);
  if (about(TOO_LONG))
    return new EndpointError('context', `Prompt and answer do not fit into the model's context.${quote}`);
  if (about(/image|picture|pixel|multimodal|vision/i)) return noImage();
  if (
    about(
      /\bmodel\b.{0,80}(?:not exist|not found|unknown|unavailable)|pinned to|(?:unknown|no such|invalid) model/i,
    )
  )
    return noModel();
  return new EndpointError('request', `The server rejected the request (${status}).${quote}`);
}

/** Returns the message in a reply: `{error: {message}}`, `{error}`, `{message}` or `{detail}`, otherwise all text. */
export function messageIn(body: string): string {
  try {
    const value: unknown = JSON.parse(body);
    const { error, message, detail } = isRecord(value) ? value : {};
    const inner = isRecord(error) ? error : {};
    const code = typeof inner.code === 'string' ? ` (${inner.code})` : '';
    const text = [inner.message, error, message, detail].find((entry) => typeof entry === 'string');
    return text === undefined ? body.trim() : `${text as string}${code}`;
  } catch {
    // In a proxy's HTML page, the title is the message.
    return (/<title>([^<]*)/i.exec(body)?.[1] ?? body).trim();
  }
}

/** Parses a waiting time, as seconds or a date. Returns undefined for any other text. */
function waitingTime(retryAfter: string, now: number): number | undefined {
  const ms = /^\s*\d+(?:\.\d+)?\s*$/.test(retryAfter)
    ? Number(retryAfter) * 1000
    : Date.parse(retryAfter) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
