import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { EvaluationResult } from '../../src/core/evaluation/results.ts';
import { scratch, torch } from './open.ts';
import { Runs } from './runs.ts';
import { rowLines } from '../support/rows.ts';

const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

interface Row {
  reasoning: string;
  meta: { order_left_to_right?: [string, string]; depths: Record<string, number> };
}

/**
 * Worlds of two objects, asked on which side the closer one is. Nothing but the image tells: neither is named, since to
 * learn which words stand for which colour takes such a model longer than to see where things are.
 */
function closerSide(row: Row): object[] {
  const order = row.meta.order_left_to_right;
  if (!order) return [];
  const [left, right] = order.map((name) => row.meta.depths[name]!) as [number, number];
  const answer = left < right ? 'left' : 'right';
  const places = order.map((name) => row.reasoning.split(`${name} `)[1]!.split(' ,')[0]!);
  const reasoning = [...places, `to ${answer}`].join(' , ');
  return [{ ...row, question: 'where is the closer one ?', answer, choices: ['left', 'right'], reasoning }];
}

/** A small Qwen2.5-VL from random weights, as a user would train it: it comes to see, and is rewarded more and more. */
describe.skipIf(!torch)('a randomly initialised model', { timeout: 1_800_000 }, () => {
  const folder = scratch();
  const runs = new Runs(folder);
  const common = {
    engine: {
      kind: 'torch',
      model: join(folder, 'model'),
      precision: 'fp32',
      device: 'cpu',
      threads: 1,
      adapter: { kind: 'none' },
    },
    data: { train: 'train/data.qa.jsonl', eval: { val: 'val/data.qa.jsonl' } },
    prompt: '{question}',
    evaluate: { at_start: true, max_tokens: 32 },
  };
  const optimizer = { betas: [0.9, 0.99] };

  beforeAll(async () => {
    const worlds = ['--style', 'compact', '--families', 'nearer.which', '--objects', '2-2'];
    for (const [set, count] of [
      ['train', '4000'],
      ['val', '160'],
    ] as const) {
      await runs.ok('worlds', '--count', count, '-o', set, '--seed', set, ...worlds);
      const file = runs.path(`${set}/data.qa.jsonl`);
      const rows = (await readFile(file, 'utf8')).trim().split('\n');
      const asked = rows.flatMap((row) => closerSide(JSON.parse(row) as Row));
      await writeFile(file, rowLines(asked));
    }
    await runs.ok('engine', 'tiny', 'train/data.qa.jsonl', '-o', 'model');
  });

  /** Of the held-out rows and of their mirrors. */
  const accuracies = async (run: string, step: string) => {
    const file = join(runs.dir(run), 'eval', step, 'results.json');
    const results = JSON.parse(await readFile(file, 'utf8')) as EvaluationResult[];
    return ['original', 'mirror'].map(
      (wanted) =>
        results.find(({ view, task, metric }) => view === wanted && task === 'all' && metric === 'accuracy')!
          .value!,
    );
  };

  it('a random model learns to use the image in SFT', async () => {
    const config = {
      ...common,
      recipe: 'sft',
      steps: 600,
      target: '<think> {reasoning} </think> <answer> {answer} </answer>',
      batch: { samples: 32 },
      checkpoint: { every: 300 },
      optimizer: {
        ...optimizer,
        learning_rate: 3e-3,
        warmup_steps: 20,
        schedule: 'linear',
        final_share: 0.5,
      },
    };
    await writeFile(runs.path('sft.run.yaml'), stringify(config));
    await runs.ok('train', 'sft.run.yaml');
    for (const accuracy of await accuracies('sft', 'step-000000')) expect(accuracy).toBeLessThan(0.6);
    for (const accuracy of await accuracies('sft', 'step-000600')) expect(accuracy).toBeGreaterThan(0.8);
  });

  it('a random model earns increasing rewards in Spatial-GRPO', async () => {
    const config = {
      ...common,
      recipe: 'grpo',
      steps: 150,
      // Half-way, where there is more to be gained.
      init: 'runs/sft/checkpoints/step-000300',
      batch: { rows: 16 },
      views: { mirror: true },
      sampling: { group_size: 8, max_tokens: 32 },
      rewards: { format: { weight: 0.5 }, semantic: { weight: 0.5, encoder: 'lexical' } },
      loss: { beta: 0.01 },
      optimizer: { ...optimizer, learning_rate: 1.5e-4, warmup_steps: 5 },
    };
    await writeFile(runs.path('grpo.run.yaml'), stringify(config));
    await runs.ok('train', 'grpo.run.yaml');
    const rewards = (await runs.metrics('grpo')).map(({ reward }) => reward!);
    expect(mean(rewards.slice(-20))).toBeGreaterThan(mean(rewards.slice(0, 20)) + 0.03);
    for (const accuracy of await accuracies('grpo', 'step-000150')) expect(accuracy).toBeGreaterThan(0.7);
  });
});
