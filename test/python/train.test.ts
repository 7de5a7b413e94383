import { beforeAll, describe, expect, it } from 'vitest';
import { fingerprint } from '../unit/lab/recipes/cli.ts';
import { scratch, torch } from './open.ts';
import { isWorker, Runs } from './runs.ts';

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

  it('fails in words when its worker is killed, and resumes as if nothing had happened', async () => {
    await runs.ok('train', 'grpo.run.yaml', '--name', 'killed', '--detach');
    await runs.kill('killed', 2, isWorker());
    expect(runs.state('killed').status).toBe('failed');
    expect(runs.state('killed').message).toContain("The torch engine's process was killed");
    await runs.ok('resume', 'killed');
    expect(await fingerprint(runs.dir('killed'))).toEqual(await fingerprint(runs.dir('grpo')));
  });
});
