import { createServer, type AddressInfo } from 'node:net';
import { brotliCompressSync, constants, deflateSync, gzipSync, type InputType } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sendOverHttp } from '../../../../src/engines/openai/http.ts';
import { ScriptedServer, type Turn } from './server.ts';

let turn: Turn;
let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start((...all) => turn(...all));
});
afterEach(() => server.close());

const REQUEST = { model: 'm', messages: [], max_tokens: 8, temperature: 0 };
const ask = (timeoutMs: number, signal = new AbortController().signal) =>
  sendOverHttp({ baseUrl: server.url, timeoutMs })(REQUEST, signal);
const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

const NEVER: [string, Turn][] = [
  ['a request', () => undefined],
  ['a reply', (_, response) => void response.write('{')],
];

it.each(NEVER)('sendOverHttp times out %s, and keeps the process alive', async (_, never) => {
  turn = never;
  const before = timers();
  const asked = ask(200);
  // A timer without a reference is not listed, and would let the process end.
  expect(timers()).toBe(before + 1);
  await expect(asked).rejects.toThrow('The server did not reply within 0.2 s.');
  expect(timers()).toBeLessThanOrEqual(before);
});

it.each(NEVER)('sendOverHttp ends %s at once when cancelled', async (_, never) => {
  turn = never;
  const stop = new AbortController();
  const asked = ask(60_000, stop.signal);
  setTimeout(() => stop.abort(new Error('stopped')), 100);
  await expect(asked).rejects.toThrow('stopped');
  await expect(ask(60_000, stop.signal)).rejects.toThrow('stopped');
});

const JSON_REPLY = JSON.stringify({ choices: [{ message: { content: 'yes' } }] });
const ENCODINGS = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: (text: InputType) => brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
};

it.each(Object.entries(ENCODINGS))('sendOverHttp decodes %s replies', async (encoding, compress) => {
  turn = (_, response) => void response.setHeader('content-encoding', encoding).end(compress(JSON_REPLY));
  expect((await ask(5000)).text).toBe('yes');
  const long = compress(Buffer.alloc(17 * 2 ** 20));
  turn = (_, response) => void response.setHeader('content-encoding', encoding).end(long);
  await expect(ask(5000)).rejects.toThrow('The reply is longer than 16 MiB.');
});

it.each(Object.keys(ENCODINGS))(
  'sendOverHttp rejects a reply that is not compressed as declared: %s',
  async (encoding) => {
    for (const ms of [0, 20]) {
      turn = (_, response) => {
        response.setHeader('content-encoding', encoding).flushHeaders();
        setTimeout(() => response.end(JSON_REPLY), ms);
      };
      await expect(ask(5000)).rejects.toThrow(
        `The reply of the server is not compressed as declared (content-encoding: ${encoding}).`,
      );
    }
  },
);

it('sendOverHttp follows no redirect', async () => {
  turn = (_, response) => void response.writeHead(307, { location: 'http://127.0.0.1:9/' }).end();
  await expect(ask(5000)).rejects.toThrow('redirects to another address');
});

it('sendOverHttp sends a request again if the server has closed an idle connection', async () => {
  // The server answers one request a connection, and closes it without notice when the next one comes.
  const paths: string[] = [];
  const sockets = createServer((socket) => {
    socket
      .on('error', () => undefined)
      .on('data', (chunk) => {
        if (socket.bytesWritten > 0) return socket.destroy();
        paths.push(chunk.toString().split(' ', 2).join(' '));
        return socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${JSON_REPLY.length}\r\n\r\n${JSON_REPLY}`);
      });
  });
  await new Promise<void>((resolve) => sockets.listen(0, '127.0.0.1', resolve));
  const send = sendOverHttp({
    baseUrl: `http://127.0.0.1:${(sockets.address() as AddressInfo).port}/v1`,
    timeoutMs: 5000,
  });
  for (let i = 0; i < 3; i++) expect((await send(REQUEST, new AbortController().signal)).text).toBe('yes');
  expect(paths).toEqual(Array<string>(3).fill('POST /v1/chat/completions'));
  sockets.close();
});

it('sendOverHttp keeps a connection for the next request', async () => {
  const ports = new Set<number>();
  turn = (_, response) => {
    ports.add(response.socket!.remotePort!);
    response.end(JSON_REPLY);
  };
  for (let i = 0; i < 3; i++) await ask(5000);
  expect(ports.size).toBe(1);
});
