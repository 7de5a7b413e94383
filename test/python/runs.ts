import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import { chirality } from '../unit/lab/recipes/cli.ts';
import { torch } from './open.ts';
import { parseRows } from '../support/rows.ts';

interface Config {
  engine: object;
  sampling?: object;
  [key: string]: unknown;
}

/** Runs of the built program on the torch engine in a folder with tiny worlds. */
export class Runs {
  constructor(private readonly folder: string) {}

  dir = (name: string) => join(this.folder, 'runs', name);
  path = (name: string) => join(this.folder, name);

  async ok(...args: string[]): Promise<void> {
    const result = await chirality(this.folder, ...args);
    expect(result.code, result.stderr).toBe(0);
  }

  async metrics(name: string): Promise<Record<string, number>[]> {
    const text = await readFile(join(this.dir(name), 'metrics.jsonl'), 'utf8');
    return parseRows<Record<string, number>>(text);
  }

  state = (name: string) =>
    JSON.parse(readFileSync(join(this.dir(name), 'state.json'), 'utf8')) as {
      status: string;
      step: number;
      pid: number;
      message: string;
    };

  /** Waits until a step is behind, then kills that process of the run's engine, and waits until the run has ended. */
  async kill(name: string, step: number, isVictim: (pid: number) => boolean): Promise<void> {
    while (this.state(name).step < step && this.state(name).status !== 'failed') await sleep(20);
    const victim = descendants(this.state(name).pid).find(isVictim);
    process.kill(victim!, 'SIGKILL');
    while (this.state(name).status === 'running') await sleep(20);
  }

  /** Writes worlds, `sft.run.yaml`, and `grpo.run.yaml`, which goes on from the former's last step. */
  async prepare(): Promise<void> {
    const worlds = ['--style', 'compact', '--size', '56', '--families', 'side'];
    await this.ok('worlds', '--count', '16', '-o', 'train', ...worlds);
    await this.ok('worlds', '--count', '4', '-o', 'val', '--seed', 'val', ...worlds);
    const common = {
      engine: {
        kind: 'torch',
        model: resolve(torch!.models, 'qwen2_5_vl'),
        precision: 'fp32',
        device: 'cpu',
        threads: 1,
        max_pixels: 3136,
        adapter: { rank: 8, alpha: 16 },
      },
      data: { train: 'train/data.qa.jsonl', eval: { val: 'val/data.qa.jsonl' } },
      evaluate: { max_tokens: 12 },
    };
    await this.write('sft', {
      ...common,
      recipe: 'sft',
      steps: 6,
      batch: { samples: 4 },
      optimizer: { learning_rate: 1e-3 },
    });
    await this.write('grpo', {
      ...common,
      recipe: 'grpo',
      steps: 4,
      init: 'runs/sft/checkpoints/step-000006',
      batch: { rows: 2 },
      sampling: { group_size: 4, max_tokens: 12, temperature: 0.9 },
      rewards: { format: { weight: 0.5 }, semantic: { weight: 0.5 } },
      loss: { beta: 0.04 },
      // A model of random weights earns no reward, but the decay moves its weights.
      optimizer: { learning_rate: 1e-4, weight_decay: 1 },
      checkpoint: { every: 1, keep_last: 9 },
    });
  }

  /** The config of an earlier one, with other settings of the engine, of sampling, and of other sections. */
  async vary(
    name: string,
    from: string,
    engine: object,
    sampling?: object,
    others: object = {},
  ): Promise<void> {
    const config = this.configs.get(from)!;
    await this.write(name, {
      ...config,
      ...others,
      engine: { ...config.engine, ...engine },
      ...(sampling && { sampling: { ...config.sampling, ...sampling } }),
    });
  }

  private readonly configs = new Map<string, Config>();

  private async write(name: string, config: Config): Promise<void> {
    this.configs.set(name, config);
    await writeFile(this.path(`${name}.run.yaml`), stringify(config));
  }
}

/** All processes beneath one, as Linux tells. */
function descendants(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return children === ''
    ? []
    : children.split(' ').flatMap((child) => [Number(child), ...descendants(Number(child))]);
}

/** Whether a process is a worker; of several the one of that rank. */
export const isWorker =
  (rank?: number) =>
  (pid: number): boolean => {
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    if (!command.includes('chirality_worker') || command.includes('torch.distributed.run')) return false;
    return rank === undefined || readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`\0RANK=${rank}\0`);
  };
