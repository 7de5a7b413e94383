import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Sample } from '../../src/rows/sample/sample.ts';
import {
  type ConformanceTask,
  ask,
  samplerChecks,
} from '../../src/engines/conformance/sampler-conformance.ts';
import { sendOverHttp } from '../../src/engines/openai/http.ts';
import { EndpointSampler } from '../../src/engines/openai/endpoint-sampler.ts';
import { imageCodec } from '../../src/lab/endpoint.ts';
import { ALL, askByAll } from './all-strategies.ts';
import { CLI } from '../unit/lab/recipes/cli.ts';
import { rowLines } from '../support/rows.ts';

/** The endpoint engine against a real server: `transformers serve` with a tiny random Qwen2.5-VL. */
const torch = inject('torch');
const model = torch && resolve(torch.models, 'qwen2_5_vl');

describe.skipIf(!torch)('EndpointSampler with transformers serve', () => {
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
    server = spawn(torch!.python, [...args, '--device', 'cpu'], { env, stdio: 'ignore' });
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
      ask: sendOverHttp({ baseUrl: url, timeoutMs: 120_000 }),
      address: url,
      model: name,
      cache: null,
      retry: { retries: 1, backoffMs: 100 },
      images: imageCodec({ format: 'png', maxPixels: null }),
      // One at a time: this server's seed is one for all requests. Its stop texts need a tokeniser, and get a processor.
      concurrency: 1,
      lacks: ['stop'],
      signal: new AbortController().signal,
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

  it('passes the conformance checks of samplers', async () => {
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

  it('supports every built-in prompting strategy', async () => {
    expect(await askByAll(connect())).toEqual({ asked: ALL, refused: {} });
  });

  it('counts prompt tokens, including image tokens', async () => {
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

  describe('commands with a served model', () => {
    let folder = '';
    const at = (name: string) => join(folder, name);
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'serve-'));
      await writeFile(at('a.png'), await halves('red', 'blue'));
    });
    afterAll(() => rm(folder, { recursive: true }));

    const write = (rows: Sample[]) => writeFile(at('data.qa.jsonl'), rowLines(rows));
    const chirality = (...args: string[]) =>
      promisify(execFile)(process.execPath, [CLI, ...args], { maxBuffer: 1 << 26 });
    const asked = ['--concurrency', '1', '--max-tokens', '8'];
    const mirror = (out: string, cache: string) => [
      'mirror',
      at('data.qa.jsonl'),
      '-o',
      at(out),
      '--cache',
      at(cache),
      '--json',
      '--llm',
      url,
      '--llm-model',
      model!,
      '--both-images',
      '--verify',
      ...asked,
    ];
    const evaluate = (runs: string, cache: string) => [
      'eval',
      '--endpoint',
      url,
      '--model',
      model!,
      '--set',
      `cakes=${at('data.qa.jsonl')}`,
      '--runs',
      at(`${runs}/runs`),
      '--cache',
      at(cache),
      '--json',
      ...asked,
    ];
    /** Its last line: on a slow machine, progress comes before it. */
    const summaryOf = (stderr: string) => JSON.parse(stderr.trim().split('\n').at(-1)!) as object;
    const answers = async (cache: string) =>
      (await readdir(at(cache), { recursive: true }).catch(() => [])).filter((name) =>
        name.endsWith('.json'),
      );

    /** Starts a command and kills it once some answers are in its cache. @returns how many. */
    async function killMidway(args: string[], cache: string): Promise<number> {
      const child = spawn(process.execPath, [CLI, ...args], { stdio: 'ignore' });
      const closed = once(child, 'close');
      while ((await answers(cache)).length < 5) await new Promise((wake) => setTimeout(wake, 5));
      child.kill('SIGKILL');
      expect(await closed).toEqual([null, 'SIGKILL']);
      return (await answers(cache)).length;
    }

    it('sends mirrored rows to review if the model cannot rewrite them', async () => {
      await write([{ id: 'a', question: 'What is left of the cake?', answer: 'crumbs', images: ['a.png'] }]);
      // The question and its repair, without and with verification.
      expect(summaryOf((await chirality(...mirror('one.qa.jsonl', 'one'))).stderr)).toMatchObject({
        llm: { rows: 1, review: 1, asked: 4, failed: 0 },
      });
      const { variants } = JSON.parse(await readFile(at('one.qa.jsonl'), 'utf8')) as Sample;
      expect(variants!.mirror).toMatchObject({
        checks: { answer_read: 'fail' },
        review: { state: 'pending' },
        llm: { images: true, attempts: [{ prompt: 'flip-naive' }, { prompt: 'flip-verify' }] },
      });
    });

    const cakes = Array.from({ length: 8 }, (_, i) => ({
      id: `cake-${i}`,
      question: `What is left of cake ${i}?`,
      answer: 'crumbs',
      images: ['a.png'],
    }));

    it('resumes a killed mirror command without repeated requests and with the same output', async () => {
      await write(cakes);
      const kept = await killMidway(mirror('out.qa.jsonl', 'answers'), 'answers');
      expect(await readFile(at('out.qa.jsonl')).catch(() => null)).toBeNull();
      const { llm } = summaryOf((await chirality(...mirror('out.qa.jsonl', 'answers'))).stderr) as {
        llm: { rows: number; kept: number };
      };
      expect(llm).toMatchObject({ rows: cakes.length, kept });
      await chirality(...mirror('fresh.qa.jsonl', 'others'));
      expect(await readFile(at('out.qa.jsonl'), 'utf8')).toBe(await readFile(at('fresh.qa.jsonl'), 'utf8'));
    });

    it('resumes a killed eval command without repeated requests and with the same results', async () => {
      await write(cakes);
      const kept = await killMidway(evaluate('killed', 'evaluated'), 'evaluated');
      const killed = await chirality(...evaluate('killed', 'evaluated'));
      // Kept answers are in the rows by now, or in the cache alone.
      expect(killed.stderr).toContain(`${cakes.length - kept} answers requested`);
      const fresh = await chirality(...evaluate('fresh', 'fresh-answers'));
      expect(JSON.parse(killed.stdout)).toEqual(JSON.parse(fresh.stdout));
      const rows = async (name: string) => {
        const [id] = await readdir(at(`${name}/evals`));
        return readFile(at(`${name}/evals/${id}/rows.jsonl`), 'utf8');
      };
      expect(await rows('killed')).toBe(await rows('fresh'));
    });
  });

  it('reports a model name that the server does not have', async () => {
    const options = { n: 1, temperature: 0, topP: 1, maxTokens: 3 };
    await expect(connect('other').complete([[{ role: 'user', content: ['a'] }]], options)).rejects.toThrow(
      'has no model "other"',
    );
  });
});
