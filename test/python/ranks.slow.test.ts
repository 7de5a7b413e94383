import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chirality } from '../unit/lab/recipes/cli.ts';
import { scratch, torch } from './open.ts';
import { Runs } from './runs.ts';

const SWEEP = `
make:
  rows: worlds --count 8 --style compact --families side.where --objects 2-2
  tiny: engine tiny rows
stages:
  see: { preset: demo-sft, engine: { model: tiny, adapter: { kind: none } }, steps: 2, batch.samples: 4 }
base:
  preset: demo
  engine: { kind: torch, model: see, device: cpu, precision: fp32, threads: 1 }
  steps: 1
  batch: { rows: 2 }
  sampling: { group_size: 2, max_tokens: 4 }
  data: { train: rows, eval: { val: rows } }
  evaluate: { max_tokens: 4 }
vary:
  engine.adapter.rank: [2, 4]
compare: { set: val }
`;

describe.skipIf(!torch)('adapters on a model made and trained by a sweep', () => {
  const folder = scratch();
  const runs = new Runs(folder);
  const read = (path: string) =>
    JSON.parse(readFileSync(join(folder, 'sweeps/ranks', path), 'utf8')) as object;

  it('adapters start from the fully trained weights of the sweep stage', async () => {
    await writeFile(runs.path('ranks.sweep.yaml'), SWEEP);
    await runs.ok('sweep', 'ranks.sweep.yaml');
    const taught = join(folder, 'sweeps/ranks/runs/see-seed-0/checkpoints/step-000002');
    for (const rank of [2, 4])
      expect(read(`runs/rank-${rank}-seed-0/checkpoints/step-000001/adapter_config.json`)).toMatchObject({
        r: rank,
        base_model_name_or_path: taught,
      });
    const again = await chirality(
      folder,
      'engine',
      'tiny',
      'sweeps/ranks/data/rows/data.qa.jsonl',
      '-o',
      taught,
    );
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('The folder is not empty.');
  });
});
