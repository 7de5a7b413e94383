import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Sample } from '../../src/core/spatial/sample.ts';
import type { ConformanceTask } from '../../src/engines/conformance/check.ts';
import { ask } from '../../src/engines/conformance/check.ts';
import { samplerChecks } from '../../src/engines/conformance/sampler.ts';
import { httpAsk } from '../../src/engines/openai/http.ts';
import { EndpointSampler } from '../../src/engines/openai/sampler.ts';
import { imageCodec } from '../../src/lab/endpoints/image-codec.ts';

/**
 * The endpoint engine against a real server: `transformers serve` with a tiny random Qwen2.5-VL. Runs where the Python
 * of these tests has transformers[serving] and torchvision, or CHIRALITY_SERVE_PYTHON names one that has.
 */
const torch = inject('torch');
const python = process.env.CHIRALITY_SERVE_PYTHON ?? torch?.python;
const model = torch && resolve(torch.models, 'qwen2_5_vl');

function canServe(): boolean {
  if (!python || !model) return false;
  try {
    execFileSync(python, ['-c', 'import fastapi, uvicorn, openai, torchvision, transformers.cli.serve'], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    console.warn(
      'The test of a real endpoint is skipped: pip install "transformers[serving]" torchvision for it.',
    );
    return false;
  }
}

describe.skipIf(!canServe())('transformers serve', () => {
  let server: ChildProcess;
  let url = '';

  beforeAll(async () => {
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    url = `http://127.0.0.1:${port}/v1`;
    const args = [
      '-m',
      'transformers.cli.transformers',
      'serve',
      model!,
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
    ];
    const env = { ...process.env, HF_HUB_OFFLINE: '1', OMP_NUM_THREADS: '1' };
    server = spawn(python!, [...args, '--device', 'cpu'], { env, stdio: 'ignore' });
    while (
      !(await fetch(new URL('/health', url)).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (server.exitCode !== null) throw new Error('The server ended.');
      await new Promise((wake) => setTimeout(wake, 500));
    }
  }, 300_000);
  afterAll(() => server.kill());

  const connect = (name = model!) =>
    new EndpointSampler({
      ask: httpAsk({ baseUrl: url, timeoutMs: 120_000 }),
      ...{ address: url, model: name, cache: null, retry: { retries: 1, backoffMs: 100 } },
      images: imageCodec({ format: 'png', maxPixels: null }),
      // One at a time: this server's seed is one for all requests. Its stop texts need a tokeniser, and get a processor.
      ...{ concurrency: 1, lacks: ['stop'], signal: new AbortController().signal },
    });

  const halves = async (left: string, right: string) => {
    const half = (background: string) => ({
      create: { width: 28, height: 56, channels: 3 as const, background },
    });
    const [a, b] = await Promise.all([left, right].map((colour) => sharp(half(colour)).png().toBuffer()));
    return sharp({ create: { width: 56, height: 56, channels: 3, background: '#000' } })
      .composite([
        { input: a!, left: 0, top: 0 },
        { input: b!, left: 28, top: 0 },
      ])
      .removeAlpha()
      .png()
      .toBuffer();
  };

  it('passes the conformance of samplers', async () => {
    const task: ConformanceTask = {
      image: await halves('red', 'blue'),
      mirrored: await halves('blue', 'red'),
      other: await halves('lime', 'blue'),
      question: 'Is the red cube left of the blue ball?',
      answers: ['yes', 'no'],
    };
    const sampler = connect();
    for (const check of samplerChecks)
      expect([check.name, await check.run(sampler, task)]).toEqual([check.name, null]);
    expect(sampler.usage).toMatchObject({ failed: 0, retries: 0 });
  });

  it('counts tokens, those of pictures too', async () => {
    const tokensWith = async (size: number) => {
      const sampler = connect();
      const picture = { create: { width: size, height: size, channels: 3 as const, background: 'red' } };
      const { hash } = await sampler.putImage(await sharp(picture).png().toBuffer());
      await sampler.complete([ask(hash, 'What?', 'mirror')], { n: 1, temperature: 0, topP: 1, maxTokens: 3 });
      return sampler.usage;
    };
    const [small, large] = [await tokensWith(56), await tokensWith(112)];
    expect(large.prompt_tokens - small.prompt_tokens).toBe(16 - 4);
    expect(small.completion_tokens).toBeLessThanOrEqual(3);
  });

  it('takes part in the mirror workflow: what it cannot say goes to review', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'serve-'));
    const at = (name: string) => join(folder, name);
    await writeFile(at('a.png'), await halves('red', 'blue'));
    const row = { id: 'a', question: 'What is left of the cake?', answer: 'crumbs', images: ['a.png'] };
    await writeFile(at('data.qa.jsonl'), `${JSON.stringify(row)}\n`);
    const flags = [
      '--llm',
      url,
      '--llm-model',
      model!,
      '--both-images',
      '--max-tokens',
      '8',
      '--concurrency',
      '1',
    ];
    const files = [at('data.qa.jsonl'), '-o', at('out.qa.jsonl'), '--cache', at('answers'), '--json'];
    const asked = promisify(execFile)(process.execPath, [
      'dist/cli.js',
      'mirror',
      ...files,
      ...flags,
      '--verify',
    ]);
    // The question and its repair, without and with verification.
    expect(JSON.parse((await asked).stderr)).toMatchObject({
      llm: { rows: 1, review: 1, asked: 4, failed: 0 },
    });
    const { variants } = JSON.parse(await readFile(at('out.qa.jsonl'), 'utf8')) as Sample;
    expect(variants!.mirror).toMatchObject({
      checks: { answer_read: 'fail' },
      review: { state: 'pending' },
      llm: { images: true, attempts: [{ prompt: 'flip-naive' }, { prompt: 'flip-verify' }] },
    });
    await rm(folder, { recursive: true });
  });

  it('says in words that the model is another one', async () => {
    const options = { n: 1, temperature: 0, topP: 1, maxTokens: 3 };
    await expect(connect('other').complete([[{ role: 'user', content: ['a'] }]], options)).rejects.toThrow(
      'has no model "other"',
    );
  });
});
