import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { fingerprint } from '../unit/lab/recipes/cli.ts';
import { scratch, torch } from './open.ts';
import { isWorker, Runs } from './runs.ts';
import { isSlow, slowly } from '../support/slow.ts';

describe.skipIf(!torch)('chirality train with the torch engine', () => {
  const runs = new Runs(scratch());
  beforeAll(() => runs.prepare());

  it('SFT with the torch engine lowers the loss', async () => {
    await runs.ok('train', 'sft.run.yaml');
    const metrics = await runs.metrics('sft');
    expect(metrics).toHaveLength(6);
    expect(metrics.at(-1)!.loss).toBeLessThan(metrics[0]!.loss!);
  });

  it('trains Spatial-GRPO on-policy from the SFT checkpoint', async () => {
    await runs.ok('train', 'grpo.run.yaml');
    const metrics = await runs.metrics('grpo');
    expect(metrics).toHaveLength(4);
    for (const row of metrics) expect(row['sampling/sampling_logp_difference/max']).toBeLessThan(1e-5);
    // R52: the reference is the policy after SFT, not the model without its adapter.
    expect(metrics[0]!.kl).toBe(0);
    for (const { kl } of metrics.slice(1)) {
      expect(kl).toBeGreaterThan(0);
      expect(kl).toBeLessThan(1e-6);
    }
  });

  it('writes run.yaml with the same values for YAML readers of Python', async () => {
    const file = join(runs.dir('grpo'), 'run.yaml');
    const program = [
      'import json, sys, yaml',
      'from ruamel.yaml import YAML',
      'read = [yaml.safe_load, YAML(typ="safe", pure=True).load]',
      'print(json.dumps([one(open(sys.argv[1])) for one in read]))',
    ].join('\n');
    const { stdout } = await promisify(execFile)(torch!.python, ['-c', program, file]);
    const ours = parse(readFileSync(file, 'utf8')) as object;
    expect(ours).toMatchObject({ dynamic_sampling: { mode: 'off' }, optimizer: { eps: 1e-8 } });
    expect(JSON.parse(stdout)).toEqual([ours, ours]);
  });

  slowly('rejects a base model that changed after the start of the run', async () => {
    await cp(join(torch!.models, 'qwen2_5_vl'), runs.path('model'), { recursive: true });
    const more = { steps: 2, data: { train: 'train/data.qa.jsonl' }, init: undefined };
    await runs.vary('based', 'grpo', { model: './model' }, {}, more);
    await runs.ok('train', 'based.run.yaml');
    const { identity } = JSON.parse(readFileSync(join(runs.dir('based'), 'manifest.json'), 'utf8')) as {
      identity: { model: Record<string, string>; images: { files: number }; adapter: string };
    };
    expect(Object.keys(identity.model)).toEqual(
      expect.arrayContaining(['config.json', 'model.safetensors', 'tokenizer.json']),
    );
    expect(identity.images.files).toBe(16);
    expect(identity.adapter).toMatch(/^[0-9a-f]{64}$/);
    // The last number of the last tensor.
    const file = runs.path('model/model.safetensors');
    const weights = readFileSync(file);
    weights[weights.length - 1]! ^= 1;
    await writeFile(file, weights);
    const words = '/model (model.safetensors) has changed since the run started';
    await expect(runs.ok('fork', 'based', '--step', '1', '--name', 'late')).rejects.toThrow(words);
    await expect(runs.ok('eval', 'based', '--set', 'val/data.qa.jsonl')).rejects.toThrow(words);
  });

  if (!isSlow) return;

  it('exports an adapter for PEFT and a merged model for transformers', async () => {
    await runs.ok('export', 'grpo', '--step', '4', '-o', 'adapter');
    await runs.ok('export', 'grpo', '--step', '4', '--merged', '-o', 'merged');
    const folders = [join(torch!.models, 'qwen2_5_vl'), runs.path('adapter'), runs.path('merged')];
    const { stdout } = await promisify(execFile)(torch!.python, ['test/python/exported.py', ...folders]);
    const gaps = JSON.parse(stdout) as { merged: number; learnt: number; tokens: number };
    expect(gaps.merged).toBeLessThan(1e-5);
    expect(gaps.learnt).toBeGreaterThan(1e-3);
    // As many as engine.max_pixels allows: 56 × 56.
    expect(gaps.tokens).toBeLessThanOrEqual(4);
    await expect(runs.ok('export', 'grpo', '-o', 'merged')).rejects.toThrow('already exists');
  });

  it('rescores sampled completions with the trainer in bfloat16', async () => {
    await runs.vary('bf16', 'grpo', { precision: 'bf16' });
    await runs.ok('train', 'bf16.run.yaml');
    const [first, ...later] = await runs.metrics('bf16');
    for (const row of [first!, ...later]) {
      expect(row['sampling/sampling_logp_difference/max']).toBeGreaterThan(1e-5);
      expect(row['sampling/sampling_logp_difference/mean']).toBeLessThan(0.1);
      // On-policy by the trainer's own log-probabilities: what the sampler rounded otherwise is not a ratio.
      expect(row['clip_ratio/high_mean']).toBe(0);
    }
    expect(first!.kl).toBe(0);
  });

  it('fails with a clear message after a kill of the worker, and resumes with the same result', async () => {
    await runs.ok('train', 'grpo.run.yaml', '--name', 'killed', '--detach');
    await runs.kill('killed', 2, isWorker());
    expect(runs.state('killed').status).toBe('failed');
    expect(runs.state('killed').message).toContain("The torch engine's process was killed");
    await runs.ok('resume', 'killed');
    expect(await fingerprint(runs.dir('killed'))).toEqual(await fingerprint(runs.dir('grpo')));
  });
});
