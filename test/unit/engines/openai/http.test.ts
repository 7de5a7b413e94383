import { afterEach, expect, it, vi } from 'vitest';
import { sendOverHttp } from '../../../../src/engines/openai/http.ts';

afterEach(() => vi.unstubAllGlobals());

const REQUEST = { model: 'm', messages: [], max_tokens: 8, temperature: 0 };
const ask = (timeoutMs: number, signal = new AbortController().signal) =>
  sendOverHttp({ baseUrl: 'http://127.0.0.1:9/v1', timeoutMs })(REQUEST, signal);
const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

/** A request, or the body of a reply, that never ends, whatever its signal says. */
const forever = () => new Promise<never>(() => undefined);
const body = () => Promise.resolve(new Response(new ReadableStream({ pull: forever })));

it.each([
  ['a request', forever],
  ['a reply', body],
])('ends %s that never ends, and keeps the process alive until then', async (_, fetch) => {
  vi.stubGlobal('fetch', fetch);
  const before = timers();
  const asked = ask(200);
  // A timer without a reference is not listed, and would let the process end.
  expect(timers()).toBe(before + 1);
  await expect(asked).rejects.toThrow('The server took more than 0.2 s.');
  expect(timers()).toBeLessThanOrEqual(before);
});

it('ends at once when it is no longer wanted, and leaves no timer', async () => {
  vi.stubGlobal('fetch', forever);
  const before = timers();
  const stop = new AbortController();
  const asked = ask(60_000, stop.signal);
  stop.abort(new Error('stopped'));
  await expect(asked).rejects.toThrow('stopped');
  await expect(ask(60_000, stop.signal)).rejects.toThrow('stopped');
  expect(timers()).toBeLessThanOrEqual(before);
});
