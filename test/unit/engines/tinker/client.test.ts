import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Random } from '../../../../src/core/random.ts';
import { apiUrl } from '../../../../src/engines/tinker/client.ts';
import { openTinker, type TinkerTrainer } from '../../../../src/engines/tinker/engine.ts';
import { Processor } from '../../../../src/engines/tinker/processor.ts';
import { imageCodec } from '../../../../src/lab/endpoint.ts';
import {
  BASE,
  processorFiles,
  TinkerServer,
  type TinkerServerOptions,
} from '../../../support/tinker-server.ts';
import { QUESTION, scratch, TINY } from '../tiny.ts';

const MODEL = TINY.model as Extract<typeof TINY.model, { words: string[] }>;
const KEY = 'a-key-that-nobody-may-read';
const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function connect(
  fault: NonNullable<TinkerServerOptions['fault']>,
  baseModel = BASE,
  { archive, fileBytes, divides }: { archive?: Uint8Array; fileBytes?: number; divides?: boolean } = {},
) {
  let isOpen = false;
  const server = await TinkerServer.start({
    model: TINY,
    folder: scratch(),
    fault: (route, body) => (isOpen ? fault(route, body) : undefined),
    ...(archive && { archive }),
    ...(divides && { divides }),
  });
  open.push(server);
  const processor = new Processor(processorFiles(MODEL.words, MODEL.shape), null);
  const trainer = await openTinker({
    url: server.url,
    key: KEY,
    baseModel,
    rank: 8,
    seed: 1,
    processor,
    reference: null,
    codec: imageCodec({ format: 'png', maxPixels: null, seen: processor.seenSize }),
    random: Random.from(1),
    backoffMs: 1,
    heartbeatMs: 5,
    ...(fileBytes && { fileBytes }),
  });
  open.push(trainer);
  isOpen = true;
  server.requests.length = 0;
  return { server, trainer };
}

const STEP = {
  learningRate: 1,
  betas: [0.9, 0.9] as [number, number],
  eps: 1,
  weightDecay: 0,
  gradClip: null,
};
const PROMPT = [{ role: 'user' as const, content: [QUESTION] }];

async function update(trainer: TinkerTrainer) {
  const { target: tokens } = await trainer.encode(PROMPT, 'red');
  const segment = { tokens, trained: true, weights: tokens.map(() => 1) };
  return trainer.forwardBackward([{ prompt: PROMPT, completions: [{ segments: [segment] }] }], {
    temperature: 1,
  });
}

/** Answers the first request of a route with a status. */
const once = (wanted: string, status: number) => {
  let asked = 0;
  return (route: string) => (route === wanted && asked++ === 0 ? status : undefined);
};

describe('an adapter', () => {
  const archive = Uint8Array.from({ length: 3 * 2 ** 20 }, (_, i) => i);

  it('is written as the server packs it, from a store that does not get the key', async () => {
    const { server, trainer } = await connect(() => undefined, BASE, { archive });
    const folder = scratch();
    await trainer.exportAdapter(folder);
    expect(readFileSync(join(folder, 'adapter.tar.gz')).equals(archive)).toBe(true);
    expect(server.storeKeys).toEqual([undefined]);
  });

  it('that is too large is refused, with its place on the server', async () => {
    const { trainer } = await connect(() => undefined, BASE, { archive, fileBytes: 2 ** 21 });
    await expect(trainer.exportAdapter(scratch())).rejects.toThrow(
      /^The reply is longer than 2 MiB\. The adapter is at tinker:.*`tinker checkpoint download` gets it/,
    );
  });
});

describe('a request that the server does not take', () => {
  const times = (server: TinkerServer, wanted: string) =>
    server.requests.filter(({ route }) => route === wanted).length;

  it('is sent again when the server is busy', async () => {
    const { server, trainer } = await connect(once('forward_backward', 429));
    expect((await update(trainer)).loss).toBeGreaterThan(0);
    expect(times(server, 'forward_backward')).toBe(2);
  });

  it('is sent again when its reply is lost, and its gradient is added once', async () => {
    const norms: (number | null)[] = [];
    for (const lost of [false, true]) {
      let replies = 0;
      const { server, trainer } = await connect((route) =>
        lost && route === 'forward_backward' && replies++ === 0 ? 'lost' : undefined,
      );
      await update(trainer);
      norms.push((await trainer.optimStep(STEP)).gradNorm);
      expect(times(server, 'forward_backward')).toBe(lost ? 2 : 1);
    }
    expect(norms[0]).toBeGreaterThan(0);
    expect(norms[1]).toBe(norms[0]);
  });

  it('is not sent again when the server would refuse the name of a checkpoint the second time', async () => {
    const { server, trainer } = await connect(once('save_weights', 500));
    await expect(trainer.save(scratch())).rejects.toThrow('The server failed at save_weights (500)');
    expect(times(server, 'save_weights')).toBe(1);
  });

  it('is sent again when doing it twice does no harm', async () => {
    const { server, trainer } = await connect(once('asample', 503));
    const [group] = await trainer.sample([PROMPT], { n: 2, temperature: 1, topP: 1, maxTokens: 4 });
    expect(group).toHaveLength(2);
    expect(times(server, 'asample')).toBe(2);
  });

  it('is explained by the version of the server, if it reads no protocol buffers', async () => {
    const { trainer } = await connect(once('forward_backward', 422));
    await expect(update(trainer)).rejects.toThrow(
      'The server refused forward_backward (422). Rows are sent as protocol buffers, which SkyRL reads since 0.4.',
    );
  });

  it('is explained without the key', async () => {
    const { trainer } = await connect(once('optim_step', 403));
    await expect(trainer.optimStep(STEP)).rejects.toThrow(
      'The key was refused. The server says: A fault of 403, key ***.',
    );
  });
});

it('waits for a result while the server says that it still works', async () => {
  let asked = 0;
  const { trainer } = await connect((route) =>
    route === 'retrieve_future' && ++asked < 4 ? 408 : undefined,
  );
  expect((await update(trainer)).logprobs[0]![0]![0]).toHaveLength(2);
});

it('keeps the session alive', async () => {
  const { server } = await connect(() => undefined);
  await expect.poll(() => server.requests.some(({ route }) => route === 'session_heartbeat')).toBe(true);
});

it('names the models of a server that has another', async () => {
  await expect(connect(() => undefined, 'other/model')).rejects.toThrow(
    `has no model "other/model". It has: ${BASE}.`,
  );
});

it('refuses a server that divides by the sum of the weights, and leaves no model there', async () => {
  await expect(connect(() => undefined, BASE, { divides: true })).rejects.toThrow(
    /does not sum weighted log-probabilities: the weight −2 gives a gradient \d.*SkyRL's JAX backend does that/,
  );
});

it('refuses what it cannot keep: a reference, and another temperature', async () => {
  const { trainer } = await connect(() => undefined);
  await expect(trainer.setReference('current')).rejects.toThrow('does not support a reference policy');
  const call = trainer.sample([PROMPT], { n: 1, temperature: 0.9, topP: 1, maxTokens: 4 });
  await expect(call).rejects.toThrow('a temperature other than 1 and 0');
});

it.each(['ftp://a', 'http://me:secret@a', 'http://a?key=secret', 'a'])('refuses the address %s', (url) => {
  expect(() => apiUrl(url)).toThrow(/engine\.url/);
});
