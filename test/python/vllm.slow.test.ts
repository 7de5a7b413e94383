import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Prompt } from '../../src/core/prompts/message.ts';
import { ask, samplerChecks } from '../../src/engines/conformance/sampler-conformance.ts';
import { sendOverHttp } from '../../src/engines/openai/http.ts';
import { EndpointSampler } from '../../src/engines/openai/endpoint-sampler.ts';
import type { SamplingOptions } from '../../src/engines/sampler.ts';
import type { Trainer } from '../../src/engines/trainer.ts';
import { withRollouts } from '../../src/engines/vllm/rollouts.ts';
import { WORKER_FOLDER } from '../../src/engines/torch/processes.ts';
import { imageCodec } from '../../src/lab/endpoint.ts';
import { ALL, openTiny, scratch, task, torch } from './open.ts';
import { Runs } from './runs.ts';

/**
 * vLLM itself, on a CPU: docs/engines.md says which package. `CHIRALITY_VLLM` names a Python that has it; that Python
 * also needs what vLLM needs, and is not the one that trains.
 */
const python = process.env.CHIRALITY_VLLM;
if (!python) console.warn('Tests against vLLM are skipped: CHIRALITY_VLLM names no Python that has vLLM.');

const MAX_PIXELS = 3136;

describe.skipIf(!torch || !python)('vLLM as a sampling endpoint', () => {
  const folder = scratch();
  const model = join(folder, 'model');
  const log = join(folder, 'vllm.log');
  const codec = imageCodec({ format: 'png', maxPixels: null });
  let server: ChildProcess;
  let url = '';

  beforeAll(async () => {
    const write =
      'import sys; from chirality_worker.random_models import write_model as w; w("qwen2_5_vl", sys.argv[1], "wide")';
    execFileSync(torch!.python, ['-c', write, model], { env: { ...process.env, PYTHONPATH: WORKER_FOLDER } });
    const probe = createServer().listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const { port } = probe.address() as AddressInfo;
    probe.close();
    url = `http://127.0.0.1:${port}`;
    // As docs/engines.md says, without the program `vllm`, which packages for CPUs do not have in working order.
    server = spawn(
      python!,
      [
        '-m', 'vllm.entrypoints.openai.api_server', '--model', model, '--host', '127.0.0.1', '--port', String(port),
        '--enable-lora', '--max-lora-rank', '16', '--logprobs-mode', 'processed_logprobs',
        '--mm-processor-kwargs', JSON.stringify({ max_pixels: MAX_PIXELS }),
        '--dtype', 'float32', '--enforce-eager', '--max-model-len', '1024',
      ], // prettier-ignore
      {
        env: {
          ...process.env,
          VLLM_ALLOW_RUNTIME_LORA_UPDATING: 'True',
          VLLM_CPU_KVCACHE_SPACE: '1',
          VLLM_CPU_OMP_THREADS_BIND: 'nobind',
          OMP_NUM_THREADS: '1',
          VLLM_NO_USAGE_STATS: '1',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      },
    );
    const lines = createWriteStream(log);
    server.stdout!.pipe(lines);
    server.stderr!.pipe(lines);
    while (
      !(await fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (server.exitCode !== null) throw new Error(readFileSync(log, 'utf8').slice(-3000));
      await sleep(500);
    }
  });
  // With the processes beneath it.
  afterAll(() => process.kill(-server.pid!));

  /** The names of the adapters that the server has. */
  const adapters = async () => {
    const { data } = (await (await fetch(`${url}/v1/models`)).json()) as { data: { id: string }[] };
    return data.map(({ id }) => id).filter((id) => id !== model);
  };
  const open = async (rank = 8, change = (trainer: Trainer): Trainer => trainer) => {
    const adapter = { rank, alpha: 16, dropout: 0, targets: ALL, excludes: ['visual'] };
    const trainer = await openTiny('', { model, maxPixels: MAX_PIXELS, adapter });
    return withRollouts(change(trainer), { url, folder: await at('adapters'), codec });
  };
  const at = async (name: string) => {
    await mkdir(join(folder, name), { recursive: true });
    return join(folder, name);
  };

  it('tokenises prompts and computes log-probabilities as the trainer does', async () => {
    const trainer = await open();
    const { image, other, question } = await task();
    // Larger than MAX_PIXELS: both scale it.
    const { hash } = await trainer.putImage(image);
    const { hash: second } = await trainer.putImage(other);
    const both: Prompt = [
      { role: 'system', content: ['Be brief.'] },
      {
        role: 'user',
        content: [{ image: hash, view: 'original' }, 'and', { image: second, view: 'mirror' }, question],
      },
    ];
    const cases: [Prompt, Partial<SamplingOptions>][] = [
      [ask(hash, question), {}],
      [ask(hash, question, 'mirror'), { temperature: 0.7 }],
      [both, { temperature: 1.5 }],
      [[...ask(hash, question), { role: 'assistant', content: ['<think>The red'] }], { seed: 7 }],
      [ask(hash, question), { stop: ['a', 'e'], maxTokens: 40 }],
    ];
    const reasons = new Set<string>();
    for (let step = 0; step < 2; step++) {
      const names = new Set<string>();
      for (const [prompt, more] of cases) {
        const options = { n: 4, temperature: 1, topP: 1, maxTokens: 12, ...more };
        const [drawn] = await trainer.sample([prompt], options);
        const completions = drawn!.map(({ tokens }) => ({
          segments: [{ tokens, trained: true, weights: tokens.map(() => 0.1) }],
        }));
        const { logprobs } = await trainer.forwardBackward([{ prompt, completions }], options);
        for (const [c, { logprobs: said, stopReason }] of drawn!.entries()) {
          said.forEach((lp, t) => expect(lp).toBeCloseTo(logprobs[0]![c]![0]![t]!, 4));
          reasons.add(stopReason);
        }
        for (const name of await adapters()) names.add(name);
      }
      expect(names.size).toBe(1);
      // Moves the weights by so much that the adapter before it would be noticed.
      const before = await adapters();
      await trainer.optimStep({
        learningRate: 0.02,
        betas: [0.9, 0.99],
        eps: 1e-8,
        weightDecay: 0,
        gradClip: null,
      });
      expect(await adapters()).toEqual(before);
    }
    expect(reasons).toContain('stop');
    await trainer.close();
    expect(await adapters()).toEqual([]);
  });

  it('reports a rejected request with instructions', async () => {
    const options = { n: 1, temperature: 1, topP: 1, maxTokens: 4 };
    const prompt = ask('', 'Left or right?').map(({ role }) => ({ role, content: ['Left or right?'] }));
    const large = await open(32);
    await expect(large.sample([prompt], options)).rejects.toThrow(
      /load_lora_adapter \(500\): .*LoRA rank 32 is greater than max_lora_rank 16.*--max-lora-rank set to engine.adapter.rank/,
    );
    await large.close();
    const unseen = await open(8, (trainer) =>
      Object.assign(trainer, { exportAdapter: () => Promise.resolve() }),
    );
    await expect(unseen.sample([prompt], options)).rejects.toThrow(
      /load_lora_adapter \(404\): .*access to the folder sampling.adapters/,
    );
    await unseen.close();
    const long = await open();
    await expect(long.sample([prompt], { ...options, maxTokens: 5000 })).rejects.toThrow(
      /chat\/completions \(400\): .*--max-model-len/,
    );
    await long.close();
  });

  it('vLLM samples the completions of a run', async () => {
    const runs = new Runs(await at('runs'));
    await runs.prepare();
    await runs.vary('sft', 'sft', { model });
    await runs.ok('train', 'sft.run.yaml');
    await runs.vary(
      'drawn',
      'grpo',
      { model },
      { endpoint: url, group_size: 8, adapters: await at('adapters') },
    );
    await runs.ok('train', 'drawn.run.yaml');
    const metrics = await runs.metrics('drawn');
    expect(metrics.map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    for (const row of metrics) expect(row['sampling/sampling_logp_difference/max']).toBeLessThan(1e-5);
    expect(await adapters()).toEqual([]);
    const loads = readFileSync(log, 'utf8').match(
      new RegExp(`chirality-${runs.state('drawn').pid}-\\d+', path`, 'g'),
    );
    expect(loads).toHaveLength(4);
  });

  it('passes the conformance checks of samplers', async () => {
    const sampler = new EndpointSampler({
      ask: sendOverHttp({ baseUrl: `${url}/v1`, timeoutMs: 120_000 }),
      address: url,
      model,
      cache: null,
      retry: { retries: 1, backoffMs: 100 },
      images: codec,
      concurrency: 4,
      lacks: [],
      signal: new AbortController().signal,
    });
    for (const check of samplerChecks)
      expect([check.name, await check.run(sampler, await task())]).toEqual([check.name, null]);
    expect(sampler.usage).toMatchObject({ failed: 0, retries: 0 });
  });
});
