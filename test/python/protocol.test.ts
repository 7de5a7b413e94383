import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../src/engines/conformance/sampler-conformance.ts';
import type { TorchTrainer } from '../../src/engines/torch/torch-engine.ts';
import { Worker, WorkerError } from '../../src/engines/torch/worker.ts';
import { openTiny, task, torch } from './open.ts';

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof WorkerError ? error.code : String(error)),
  );

describe.skipIf(!torch)('torch worker protocol', () => {
  let trainer: TorchTrainer;
  beforeAll(async () => {
    trainer = await openTiny('qwen2_5_vl');
  });
  afterAll(() => trainer.close());

  it('the worker cancels a long call, and answers the next call', async () => {
    const { image, question } = await task();
    const { hash } = await trainer.putImage(image);
    const endless = trainer.sample([ask(hash, question)], {
      n: 8,
      temperature: 1,
      topP: 1,
      maxTokens: 20_000,
      // Never written: the end of sequence is a special token.
      stop: ['\u0000'],
      signal: AbortSignal.timeout(300),
    });
    const code = codeOf(endless);
    expect(await code).toBe('cancelled');
    expect((await trainer.encode(ask(hash, question), 'red')).target.length).toBeGreaterThan(1);
  });

  it('names an invalid image by its hash', async () => {
    await expect(trainer.putImage(randomBytes(100))).rejects.toThrow(/Image [0-9a-f]{64} cannot be decoded/);
  });

  it('returns the image size for the model and the token count', async () => {
    const { image, question } = await task();
    const { hash, width, height, tokens } = await trainer.putImage(image);
    expect([width, height, tokens]).toEqual([56, 28, 2]);
    const { prompt } = await trainer.encode(ask(hash, question));
    const placeholder = prompt.find((id, i) => id === prompt[i + 1])!;
    expect(prompt.filter((id) => id === placeholder)).toHaveLength(2);
  });

  it('reports peak memory, including the memory of PyTorch', async () => {
    const { peakMemory: peak, gpuUse } = await trainer.usage();
    expect(gpuUse).toBeNull(); // the model is on the CPU
    expect(peak).toBeGreaterThan(200e6);
    expect(peak).toBeLessThan(4e9);
  });

  it('rejects tokens outside the vocabulary, and image placeholders in a text', async () => {
    const { image, question } = await task();
    const prompt = ask((await trainer.putImage(image)).hash, question);
    const group = { prompt, completions: [{ segments: [{ tokens: [1 << 20], trained: true }] }] };
    const options = { model: 'policy', temperature: 1 } as const;
    expect(await codeOf(trainer.forward([group], options))).toBe('bad-tokens');
    const forged = ask((await trainer.putImage(image)).hash, 'Here: <|image_pad|>?');
    await expect(trainer.encode(forged)).rejects.toThrow('must not contain the image placeholder');
  });
});

it.skipIf(!torch)('rejects a folder without a model, with an explanation', async () => {
  expect(await codeOf(openTiny('no-such-model'))).toBe('no-model');
});

describe('Worker.start with a Python that cannot run the worker', () => {
  it('Worker.start rejects a Python path that does not exist', async () => {
    expect(await codeOf(Worker.start({ python: '/no/such/python' }))).toBe('no-python');
  });

  it('Worker.start rejects a process that ends before its greeting', async () => {
    const started = Worker.start({ python: process.execPath });
    await expect(started).rejects.toThrow(/The torch engine's process ended \(exit code \d+\)/);
  });
});
