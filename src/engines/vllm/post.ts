import * as http from 'node:http';
import * as https from 'node:https';
import { Readable } from 'node:stream';
import { connectionError, readBody } from '../openai/http.ts';

/** The log-probabilities of a thousand long completions, as text. */
const MAX_BYTES = 256 * 2 ** 20;

/**
 * Posts JSON and waits for the answer as long as it takes: a server that draws for many prompts at once may take longer
 * than the five minutes after which Node's `fetch` gives up. Redirects are not followed. Each request has a connection
 * of its own, since servers close idle ones without a word.
 *
 * @throws EndpointError if there is no answer
 */
export async function postJson(
  url: string,
  body: object,
  key: string | undefined,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  const { request } = url.startsWith('https:') ? https : http;
  const headers = { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) };
  try {
    const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
      request(url, { method: 'POST', headers, agent: false, signal })
        .on('response', resolve)
        .on('error', reject)
        .end(JSON.stringify(body));
    });
    const text = await readBody(new Response(Readable.toWeb(response) as ReadableStream), MAX_BYTES);
    return { status: response.statusCode!, text };
  } catch (error) {
    signal.throwIfAborted();
    throw connectionError(new Error('no answer', { cause: error }), url);
  }
}
