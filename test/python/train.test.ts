import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { fingerprint } from '../unit/lab/recipes/cli.ts';
import { scratch, torch } from './open.ts';
import { isWorker, Runs } from './runs.ts';
import { isSlow } from '../support/slow.ts';

describe.skipIf(!torch)('chirality train with the torch engine', () => {
  const runs = new Runs(scratch());
  beforeAll(() => runs.prepare());

  it('learns from targets', async () => {
    await runs.ok('train', 'sft.run.yaml');
    const metrics = await runs.metrics('sft');
    expect(metrics).toHaveLength(6);
    expect(metrics.at(-1)!.loss).toBeLessThan(metrics[0]!.loss!);
  });

  it('runs Spatial-GRPO from there, on-policy to the last digits', async () => {
    await runs.ok('train', 'grpo.run.yaml');
    const metrics = await runs.metrics('grpo');
    expect(metrics).toHaveLength(4);
    for (const row of metrics) expect(row['sampling/sampling_logp_difference/max']).toBeLessThan(1e-5);
    // R52: the reference is the policy after SFT, not the model without its adapter.
    expect(metrics[0]!.kl).toBeLessThan(1e-6);
    expect(metrics.at(-1)!.kl).toBeGreaterThan(0);
  });

  if (!isSlow) return;

  it('exports what it learnt: as an adapter for PEFT, and as a model for transformers', async () => {
    await runs.ok('export', 'grpo', '--step', '4', '-o', 'adapter');
    await runs.ok('export', 'grpo', '--step', '4', '--merged', '-o', 'merged');
    const folders = [join(torch!.models, 'qwen2_5_vl'), runs.path('adapter'), runs.path('merged')];
    const { stdout } = await promisify(execFile)(torch!.python, ['test/python/exported.py', ...folders]);
    const gaps = JSON.parse(stdout) as { merged: number; learnt: number; tokens: number };
    expect(gaps.merged).toBeLessThan(1e-5);
    expect(gaps.learnt).toBeGreaterThan(1e-3);
    // As many as engine.max_pixels allows: 56 × 56.
    expect(gaps.tokens).toBeLessThanOrEqual(4);
    await expect(runs.ok('export', 'grpo', '-o', 'merged')).rejects.toThrow('is already there');
  });

  it('in bfloat16 the trainer scores what the sampler drew', async () => {
    await runs.vary('bf16', 'grpo', { precision: 'bf16' });
    await runs.ok('train', 'bf16.run.yaml');
    const [first, ...later] = await runs.metrics('bf16');
    for (const row of [first!, ...later]) {
      expect(row['sampling/sampling_logp_difference/max']).toBeGreaterThan(1e-5);
      expect(row['sampling/sampling_logp_difference/mean']).toBeLessThan(0.1);
      // On-policy by the trainer's own log-probabilities: what the sampler rounded otherwise is not a ratio.
      expect(row['clip_ratio/high_mean']).toBe(0);
    }
    expect(first!.kl).toBeLessThan(1e-6);
  });

  it('fails in words when its worker is killed, and resumes as if nothing had happened', async () => {
    await runs.ok('train', 'grpo.run.yaml', '--name', 'killed', '--detach');
    await runs.kill('killed', 2, isWorker());
    expect(runs.state('killed').status).toBe('failed');
    expect(runs.state('killed').message).toContain("The torch engine's process was killed");
    await runs.ok('resume', 'killed');
    expect(await fingerprint(runs.dir('killed'))).toEqual(await fingerprint(runs.dir('grpo')));
  });
});
