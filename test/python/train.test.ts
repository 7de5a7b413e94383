import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { chirality, fingerprint } from '../unit/lab/recipes/cli.ts';
import { scratch, torch } from './open.ts';

const folder = scratch();
const run = (name: string) => join(folder, 'runs', name);
const lines = async <T>(path: string) =>
  (await readFile(path, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

async function ok(...args: string[]) {
  const result = await chirality(folder, ...args);
  expect(result.code, result.stderr).toBe(0);
  return result;
}

/** Starts a run, kills its worker with SIGKILL once `step` is behind, and waits until the run has ended. */
async function killWorker(name: string, step: number): Promise<{ status: string; message: string }> {
  const state = () =>
    JSON.parse(readFileSync(join(run(name), 'state.json'), 'utf8')) as {
      status: string;
      step: number;
      pid: number;
      message: string;
    };
  while (state().step < step && state().status !== 'failed') await sleep(20);
  const { pid } = state();
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  const worker = children.find((child) =>
    readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('chirality_worker'),
  );
  process.kill(worker!, 'SIGKILL');
  while (state().status === 'running') await sleep(20);
  return state();
}

describe.skipIf(!torch)('chirality train with the torch engine', () => {
  beforeAll(async () => {
    const engine = {
      kind: 'torch',
      model: resolve(torch!.models, 'qwen2_5_vl'),
      precision: 'fp32',
      device: 'cpu',
      threads: 1,
      max_pixels: 3136,
      adapter: { rank: 8, alpha: 16 },
    };
    const worlds = ['--style', 'compact', '--size', '56', '--families', 'side'];
    await ok('worlds', '--count', '16', '--out', 'train', ...worlds);
    await ok('worlds', '--count', '4', '--out', 'val', '--seed', 'val', ...worlds);
    const data = { train: 'train/data.qa.jsonl', eval: { val: 'val/data.qa.jsonl' } };
    const sft = {
      recipe: 'sft',
      steps: 6,
      engine,
      data,
      batch: { samples: 4 },
      optimizer: { learning_rate: 1e-3 },
      evaluate: { max_tokens: 12 },
    };
    const grpo = {
      recipe: 'grpo',
      steps: 4,
      engine,
      init: 'runs/sft/checkpoints/step-000006',
      data,
      batch: { rows: 2 },
      sampling: { group_size: 4, max_tokens: 12, temperature: 0.9 },
      rewards: { format: { weight: 0.5 }, semantic: { weight: 0.5 } },
      loss: { beta: 0.04 },
      optimizer: { learning_rate: 1e-4 },
      evaluate: { max_tokens: 12 },
      checkpoint: { every: 1, keep_last: 9 },
    };
    await writeFile(join(folder, 'sft.run.yaml'), stringify(sft));
    await writeFile(join(folder, 'grpo.run.yaml'), stringify(grpo));
  });

  it('learns from targets', async () => {
    await ok('train', 'sft.run.yaml');
    const metrics = await lines<{ loss: number }>(join(run('sft'), 'metrics.jsonl'));
    expect(metrics).toHaveLength(6);
    expect(metrics.at(-1)!.loss).toBeLessThan(metrics[0]!.loss);
  });

  it('runs Spatial-GRPO from there, on-policy to the last digits', async () => {
    await ok('train', 'grpo.run.yaml');
    const metrics = await lines<Record<string, number>>(join(run('grpo'), 'metrics.jsonl'));
    expect(metrics).toHaveLength(4);
    for (const row of metrics) expect(row['sampling/sampling_logp_difference/max']).toBeLessThan(1e-5);
    // R52: the reference is the policy after SFT, not the model without its adapter.
    expect(metrics[0]!.kl).toBeLessThan(1e-6);
    expect(metrics.at(-1)!.kl).toBeGreaterThan(0);
  });

  it('fails in words when its worker is killed, and resumes as if nothing had happened', async () => {
    await ok('train', 'grpo.run.yaml', '--name', 'killed', '--detach');
    const ended = await killWorker('killed', 2);
    expect(ended.status).toBe('failed');
    expect(ended.message).toContain("The torch engine's process was killed");
    await ok('resume', 'killed');
    expect(await fingerprint(run('killed'))).toEqual(await fingerprint(run('grpo')));
  });
});
