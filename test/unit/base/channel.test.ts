import { describe, expect, test } from 'vitest';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Channel, RemoteError, type Port } from '../../../src/base/channel.ts';
import type { Call } from '../../../src/base/call.ts';

const portOf = (port: MessagePort): Port => ({
  post: (message) => port.postMessage(message),
  listen: (receive) => port.on('message', receive),
});

interface Worker {
  add(args: { a: number; b: number }): Promise<number>;
  fail(args: null): never;
  bytes(args: { n: number }): Uint8Array;
  count(args: { to: number }, call: Call<number>): Promise<number>;
  told(args: { word: string }): void;
}

function pair() {
  const { port1, port2 } = new MessageChannel();
  const told: string[] = [];
  const stoppedAt: number[] = [];
  const worker: Worker = {
    add: ({ a, b }) => Promise.resolve(a + b),
    fail: () => {
      throw new Error('the disk is full');
    },
    bytes: ({ n }) => Uint8Array.from({ length: n }, (_, i) => i),
    count: async ({ to }, { signal, onProgress }) => {
      for (let i = 1; i <= to; i++) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        if (signal.aborted) {
          stoppedAt.push(i);
          return i;
        }
        onProgress(i);
      }
      return to;
    },
    told: ({ word }) => void told.push(word),
  };
  const near = new Channel<Worker>(portOf(port1), {});
  const far = new Channel<Record<never, never>>(portOf(port2), { ...worker });
  const end = () => port1.close();
  return { near, far, told, stoppedAt, end };
}

describe('Channel', () => {
  test('returns the result of the handler for each concurrent call', async () => {
    const { near, end } = pair();
    const sums = await Promise.all([1, 2, 3].map((a) => near.call('add', { a, b: 10 })));
    expect(sums).toEqual([11, 12, 13]);
    expect(await near.call('bytes', { n: 3 })).toEqual(Uint8Array.from([0, 1, 2]));
    end();
  });

  test('rejects with the message of a handler’s error', async () => {
    const { near, end } = pair();
    const failure = await near.call('fail', null).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RemoteError);
    expect((failure as Error).message).toBe('the disk is full');
    end();
  });

  test('rejects a call without a handler on the other side of the channel', async () => {
    const { near, far, end } = pair();
    await expect(far.call('nothing' as never, null as never)).rejects.toThrow(
      'Method "nothing" does not exist',
    );
    expect(near).toBeDefined();
    end();
  });

  test('reports progress in order, before the result', async () => {
    const { near, end } = pair();
    const seen: number[] = [];
    await near.call('count', { to: 4 }, { onProgress: (n) => seen.push(n) });
    expect(seen).toEqual([1, 2, 3, 4]);
    end();
  });

  test('rejects a cancelled call at once, and stops its handler', async () => {
    const { near, stoppedAt, end } = pair();
    const stop = new AbortController();
    const reason = new Error('nobody waits any more');
    const counting = near.call(
      'count',
      { to: 1000 },
      { signal: stop.signal, onProgress: (n) => n === 3 && stop.abort(reason) },
    );
    await expect(counting).rejects.toBe(reason);
    await expect.poll(() => stoppedAt.length).toBe(1);
    expect(stoppedAt[0]).toBeLessThan(1000);
    expect(await near.call('add', { a: 1, b: 1 })).toBe(2);
    end();
  });

  test('makes no call with an aborted signal, and ignores an abort after the result', async () => {
    const { near, told, stoppedAt, end } = pair();
    const stop = new AbortController();
    const { signal } = stop;
    expect(await near.call('count', { to: 2 }, { signal })).toBe(2);
    stop.abort();
    await expect(near.call('count', { to: 2 }, { signal })).rejects.toMatchObject({ name: 'AbortError' });
    await expect(near.call('told', { word: 'late' }, { signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect(await near.call('add', { a: 1, b: 1 })).toBe(2);
    expect([told, stoppedAt]).toEqual([[], []]);
    end();
  });

  test('forwards cancellation and progress through a relaying handler', async () => {
    const { near: relay, stoppedAt, end } = pair();
    const { port1, port2 } = new MessageChannel();
    const near = new Channel<Pick<Worker, 'count'>>(portOf(port1), {});
    const count: Worker['count'] = (args, call) => relay.call('count', args, call);
    const far = new Channel<Record<never, never>>(portOf(port2), { count });
    const stop = new AbortController();
    const seen: number[] = [];
    const onProgress = (n: number) => seen.push(n) === 2 && stop.abort();
    const counting = near.call('count', { to: 1000 }, { signal: stop.signal, onProgress });
    await expect(counting).rejects.toMatchObject({ name: 'AbortError' });
    await expect.poll(() => stoppedAt.length).toBe(1);
    expect(seen).toEqual([1, 2]);
    far.close(new Error('the end'));
    port1.close();
    end();
  });

  test('sends a notification without waiting for an answer', async () => {
    const { near, told, end } = pair();
    near.notify('told', { word: 'hello' });
    await near.call('add', { a: 0, b: 0 });
    expect(told).toEqual(['hello']);
    end();
  });

  test('rejects pending and later calls after the channel closes', async () => {
    const { near, end } = pair();
    const waiting = near.call('count', { to: 1000 });
    near.close(new Error('the service stopped'));
    await expect(waiting).rejects.toThrow('the service stopped');
    await expect(near.call('add', { a: 1, b: 1 })).rejects.toThrow('the service stopped');
    end();
  });
});
