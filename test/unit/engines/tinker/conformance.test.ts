import { afterAll, beforeAll, expect, it } from 'vitest';
import { Random } from '../../../../src/core/random.ts';
import { checkTrainer, trainerChecks } from '../../../../src/engines/conformance/trainer.ts';
import { openTinker, type TinkerTrainer } from '../../../../src/engines/tinker/engine.ts';
import { Processor } from '../../../../src/engines/tinker/processor.ts';
import { imageCodec } from '../../../../src/lab/endpoint.ts';
import { decodeForModel } from '../../../../src/lab/images/decode.ts';
import { encodePng } from '../../../../src/lab/images/png.ts';
import type { Trainer } from '../../../../src/engines/trainer.ts';
import { BASE, processorFiles, TinkerServer } from '../../../support/tinker-server.ts';
import { COLOURS, scratch, SIDE, TASK, TINY, type Colour } from '../tiny.ts';

const MODEL = TINY.model as Extract<typeof TINY.model, { words: string[] }>;

async function png(left: Colour, right: Colour): Promise<Uint8Array> {
  const rgb = new Uint8Array(SIDE * SIDE * 3);
  for (let i = 0; i < SIDE * SIDE; i++) rgb.set(COLOURS[i % SIDE < SIDE / 2 ? left : right], i * 3);
  return encodePng({ w: SIDE, h: SIDE, rgb });
}

let server: TinkerServer;
let trainer: TinkerTrainer;

beforeAll(async () => {
  server = await TinkerServer.start({
    model: { ...TINY, decodeImage: decodeForModel },
    folder: scratch(),
    patience: 1,
  });
  const processor = new Processor(processorFiles(MODEL.words, MODEL.shape), null);
  trainer = await openTinker({
    url: server.url,
    baseModel: BASE,
    rank: 8,
    seed: 1,
    processor,
    codec: imageCodec({ format: 'png', maxPixels: null, seen: processor.seenSize }),
    reference: { url: server.url },
    random: Random.from(1),
  });
});

afterAll(async () => {
  await trainer.close();
  expect(server.held).toBe(0);
  await server.close();
});

it.each(trainerChecks.map(({ name }) => name))('%s', async (name) => {
  const folder = scratch();
  const task = {
    ...TASK,
    image: await png('red', 'blue'),
    mirrored: await png('blue', 'red'),
    other: await png('green', 'blue'),
  };
  const check = trainerChecks.find((check) => check.name === name)!;
  // This server computes in float32, so the promises hold far more closely than for one of unknown precision.
  const info = () => ({ ...trainer.info(), rounding: 1e-4 });
  const exact = new Proxy<Trainer>(trainer, {
    get: (_, key: keyof Trainer) =>
      key === 'info' ? info : (trainer[key] as (...args: unknown[]) => unknown).bind(trainer),
  });
  const [result] = await checkTrainer(exact, task, folder, [check]);
  expect(result!.reason).toBeNull();
});
