import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { EvaluationResult } from '../../src/lab/recipes/evaluation-row.ts';
import { scratch, torch } from './open.ts';
import { Runs } from './runs.ts';

const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

/**
 * A tiny Qwen2.5-VL from random weights, as a user would train it. It learns to reason and answer in the asked form,
 * and is rewarded for it more and more; it does not come to see within minutes.
 */
describe.skipIf(!torch)('a randomly initialised model', () => {
  const runs = new Runs(scratch());
  const common = {
    engine: {
      kind: 'torch',
      model: torch && resolve(torch.models, 'qwen2_5_vl'),
      precision: 'fp32',
      device: 'cpu',
      threads: 1,
      max_pixels: 3136,
      adapter: { kind: 'none' },
    },
    data: { train: 'train/data.qa.jsonl', eval: { val: 'val/data.qa.jsonl' } },
    prompt: '{question}',
    evaluate: { at_start: true, max_tokens: 64 },
  };
  const optimizer = { betas: [0.9, 0.99] };

  beforeAll(async () => {
    const worlds = ['--style', 'compact', '--size', '56', '--families', 'side.where', '--objects', '2-2'];
    await runs.ok('worlds', '--count', '300', '--out', 'train', ...worlds);
    await runs.ok('worlds', '--count', '16', '--out', 'val', '--seed', 'val', ...worlds);
  });

  const unparsed = async (step: string): Promise<number | undefined> => {
    const file = join(runs.dir('sft'), 'eval', step, 'results.json');
    const results = JSON.parse(await readFile(file, 'utf8')) as (EvaluationResult & { unparsed?: number })[];
    return results.find(({ view, metric }) => view === 'original' && metric === 'accuracy')?.unparsed;
  };

  it('answers after SFT', async () => {
    const config = {
      ...common,
      recipe: 'sft',
      steps: 60,
      target: '<think> {reasoning} </think> <answer> {answer} </answer>',
      batch: { samples: 16 },
      optimizer: { ...optimizer, learning_rate: 4e-3, warmup_steps: 5 },
    };
    await writeFile(runs.path('sft.run.yaml'), stringify(config));
    await runs.ok('train', 'sft.run.yaml');
    const losses = (await runs.metrics('sft')).map(({ loss }) => loss!);
    expect(mean(losses.slice(-5))).toBeLessThan(0.2 * losses[0]!);
    expect([await unparsed('step-000000'), await unparsed('step-000060')]).toEqual([16, 0]);
  });

  it('earns more and more in Spatial-GRPO', async () => {
    const config = {
      ...common,
      recipe: 'grpo',
      steps: 40,
      init: 'runs/sft/checkpoints/step-000060',
      batch: { rows: 8 },
      views: { mirror: true },
      sampling: { group_size: 8, max_tokens: 64 },
      rewards: { format: { weight: 0.5 }, semantic: { weight: 0.5, encoder: 'lexical' } },
      loss: { beta: 0.01 },
      optimizer: { ...optimizer, learning_rate: 1.5e-3, warmup_steps: 3 },
    };
    await writeFile(runs.path('grpo.run.yaml'), stringify(config));
    await runs.ok('train', 'grpo.run.yaml');
    const rewards = (await runs.metrics('grpo')).map(({ reward }) => reward!);
    expect(mean(rewards.slice(-10))).toBeGreaterThan(mean(rewards.slice(0, 10)) + 0.1);
  });
});
