import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { checkTrainer, trainerChecks } from '../../src/engines/conformance/trainer-conformance.ts';
import { openTinker } from '../../src/engines/tinker/tinker-engine.ts';
import type { Trainer } from '../../src/engines/trainer.ts';
import { decodeForModel } from '../../src/lab/images/decode.ts';
import { encodePng } from '../../src/lab/images/png.ts';
import { slowly } from '../support/slow.ts';
import { BASE, TinkerServer, type TinkerServerOptions, writeProcessor } from '../support/tinker-server.ts';
import { COLOURS, QUESTION, scratchFolders, SIDE, TASK, TINY, type Colour } from '../unit/engines/tiny.ts';

const scratch = scratchFolders();
const tinker = inject('tinker');
const MODEL = TINY.model as Extract<typeof TINY.model, { words: string[] }>;
const KEY = 'tml-a-key-that-nobody-may-read';
const PROMPT = [{ role: 'user' as const, content: [QUESTION] }];
/** Changes no weights. */
const STILL = {
  learningRate: 0,
  betas: [0.9, 0.9] as [number, number],
  eps: 1,
  weightDecay: 0,
  gradClip: null,
};

/** What the server does from now on. */
let fault: NonNullable<TinkerServerOptions['fault']> = () => undefined;

interface Options extends Partial<TinkerServerOptions> {
  baseModel?: string;
  key?: string;
}

/** A server, and a trainer that speaks with it through a worker. The server is closed if there is no such trainer. */
async function connect({ baseModel = BASE, key = KEY, ...options }: Options) {
  const server = await TinkerServer.start({
    model: { ...TINY, decodeImage: decodeForModel },
    folder: scratch(),
    fault: (...request) => fault(...request),
    ...options,
  });
  const processor = scratch();
  writeProcessor(processor, MODEL.words, MODEL.shape);
  const at = { url: server.url, key };
  try {
    const trainer = await openTinker({
      python: tinker!.python,
      server: at,
      baseModel,
      rank: 8,
      seed: 1,
      processor,
      maxPixels: null,
      reference: at,
    });
    return { server, trainer };
  } catch (error) {
    await server.close();
    throw error;
  }
}

async function update(trainer: Trainer) {
  const { target: tokens } = await trainer.encode(PROMPT, 'red');
  const segment = { tokens, trained: true, weights: tokens.map(() => 1) };
  return trainer.forwardBackward([{ prompt: PROMPT, completions: [{ segments: [segment] }] }], {
    temperature: 1,
  });
}

function png(left: Colour, right: Colour): Promise<Uint8Array> {
  const rgb = new Uint8Array(SIDE * SIDE * 3);
  for (let i = 0; i < SIDE * SIDE; i++) rgb.set(COLOURS[i % SIDE < SIDE / 2 ? left : right], i * 3);
  return encodePng({ w: SIDE, h: SIDE, rgb });
}

describe.skipIf(!tinker)('tinker engine', () => {
  const archive = Uint8Array.from({ length: 3 * 2 ** 20 }, (_, i) => i);
  let server: TinkerServer;
  let trainer: Trainer;
  // Its imports take seconds, so one worker serves all that need no server of their own.
  beforeAll(async () => {
    if (tinker) ({ server, trainer } = await connect({ patience: 1, archive }));
  });
  afterEach(() => (fault = () => undefined));
  afterAll(() => server?.close());

  it('passes the conformance checks of trainers', async () => {
    // This server computes in float32, so the promises hold far more closely than for one of unknown precision.
    const info = () => ({ ...trainer.info(), rounding: 1e-4 });
    const exact = new Proxy<Trainer>(trainer, {
      get: (_, name: keyof Trainer) =>
        name === 'info' ? info : (trainer[name] as (...args: unknown[]) => unknown).bind(trainer),
    });
    const task = {
      ...TASK,
      image: await png('red', 'blue'),
      mirrored: await png('blue', 'red'),
      other: await png('green', 'blue'),
    };
    const results = await checkTrainer(exact, task, scratch(), trainerChecks);
    expect(results.filter(({ reason }) => reason !== null)).toEqual([]);
  });

  it('writes an adapter in the server’s archive format, without sending the key to the store', async () => {
    const folder = scratch();
    await trainer.exportAdapter(folder);
    expect(readFileSync(join(folder, 'adapter.tar.gz')).equals(archive)).toBe(true);
    expect(server.storeKeys).toEqual([undefined]);
  });

  it('adds a gradient only once after a lost reply', async () => {
    await update(trainer);
    const { gradNorm } = await trainer.optimStep(STILL);
    let sent = 0;
    fault = (route) => (route === 'forward_backward' && sent++ === 0 ? 'lost' : undefined);
    await update(trainer);
    expect((await trainer.optimStep(STILL)).gradNorm).toBe(gradNorm);
    expect(gradNorm).toBeGreaterThan(0);
    expect(sent).toBe(2);
  });

  it.each([
    [422, 'The server rejected save_weights (422). Server message: A fault of 422, key ***.'],
    [403, 'The server rejected the key. Check the key. Server message: A fault of 403, key ***.'],
  ])('explains status %i of a save request, without the key', async (status, words) => {
    fault = (route) => (route === 'save_weights' ? status : undefined);
    await expect(trainer.save(scratch())).rejects.toThrow(words);
  });

  it('leaves no model on the server after close', async () => {
    expect(server.held).toBe(2);
    await trainer.close();
    expect(server.held).toBe(0);
  });

  slowly('lists the available models if the requested one is missing', async () => {
    await expect(connect({ baseModel: 'other/model' })).rejects.toThrow(
      `has no model "other/model". Available models: ${BASE}.`,
    );
  });

  it('rejects a server that divides by the sum of the weights', async () => {
    await expect(connect({ divides: true })).rejects.toThrow(
      /does not sum weighted log-probabilities: the weight −2 gives a gradient \d.*instead of its JAX backend/s,
    );
  });

  slowly('fails at once if the server is unreachable or its replies are not readable', async () => {
    const deaf = createServer((_, response) => {
      response.setHeader('content-encoding', 'gzip').flushHeaders();
      setTimeout(() => response.end('{"status":"ok"}'), 20);
    });
    const port = await new Promise<number>((resolve) =>
      deaf.listen(0, '127.0.0.1', () => resolve((deaf.address() as AddressInfo).port)),
    );
    const processor = scratch();
    writeProcessor(processor, MODEL.words, MODEL.shape);
    const model = { baseModel: BASE, rank: 8, seed: 1, processor, maxPixels: null, reference: null };
    const url = `http://127.0.0.1:${port}`;
    const open = () => openTinker({ python: tinker!.python, server: { url, key: KEY }, ...model });
    await expect(open()).rejects.toThrow('The replies of 127.0.0.1 are not compressed as declared');
    deaf.closeAllConnections();
    await new Promise((resolve) => deaf.close(resolve));
    await expect(open()).rejects.toThrow('127.0.0.1 cannot be reached');
  });

  slowly('explains the keys that the package accepts', async () => {
    await expect(connect({ key: 'another-key' })).rejects.toThrow('only keys that start with tml-');
  });
});

it.each(['ftp://a', 'http://me:secret@a', 'http://a?key=secret', 'a'])(
  'openTinker rejects the URL %s',
  async (url) => {
    const model = { baseModel: BASE, rank: 8, seed: 1, processor: '', maxPixels: null, reference: null };
    await expect(openTinker({ python: '', server: { url, key: undefined }, ...model })).rejects.toThrow(
      'engine.url',
    );
  },
);
