import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { SweepArm } from '../../src/core/config/sweep-cells.ts';
import { loadSweep } from '../../src/core/config/load-sweep.ts';
import { readPreset } from '../../src/lab/library.ts';
import { chirality } from '../unit/lab/recipes/cli.ts';
import { scratch, torch } from './open.ts';

const RECIPES = new URL('../../library/sweeps/', import.meta.url);

/** The tiny model of the same classes. */
function tinyOf(model: string): string {
  if (model.startsWith('google/paligemma2')) return 'paligemma2';
  expect(model).toMatch(/Qwen2\.?5-?VL/);
  return 'qwen2_5_vl';
}

/** A run of a large recipe as it is, but for the model, the machine, the data, and an encoder that is not fetched. */
function tiny({ config }: SweepArm, folder: string, rows: string): object {
  const rest = { ...config };
  delete rest.init;
  if (rest.engine.kind !== 'torch') throw new Error('The large variants use the torch engine.');
  const { model } = rest.engine;
  return {
    ...rest,
    engine: {
      ...rest.engine,
      model: resolve(torch!.models, tinyOf(model)),
      device: 'cpu',
      precision: 'fp32',
      threads: 1,
    },
    ...(rest.recipe === 'grpo' &&
      rest.rewards.semantic && {
        rewards: { ...rest.rewards, semantic: { ...rest.rewards.semantic, encoder: 'lexical' } },
      }),
    data: {
      ...rest.data,
      train: join(folder, rows, 'data.qa.jsonl'),
      eval: Object.fromEntries(
        Object.keys(rest.data.eval).map((set) => [set, join(folder, rows, 'data.qa.jsonl')]),
      ),
      root: join(folder, rows),
    },
  };
}

// Every cell reads rows, opens the model and checks what the engine has to honour, as a run does before its first step.
describe.skipIf(!torch)('large built-in sweeps on tiny models of the same classes', () => {
  const folder = scratch();
  beforeAll(async () => {
    for (const words of [
      ['--families', 'side,nearer', '-o', 'rows'],
      ['--motion', '--frames', '4', '--families', 'moves.where-side,still.half', '-o', 'clips'],
    ]) {
      const made = await chirality(folder, 'worlds', '--count', '4', '--size', '56', ...words);
      expect(made.code, made.stderr).toBe(0);
    }
  });

  const arms = readdirSync(RECIPES).flatMap((file) => {
    const text = readFileSync(new URL(file, RECIPES), 'utf8');
    const { sweep } = loadSweep(text, file, { readPreset, readConfig: () => null });
    return sweep!.arms.map((arm) => ({ recipe: file.replace('.sweep.yaml', ''), arm: arm.name, of: arm }));
  });

  it.each(arms)('$recipe: condition $arm passes a dry run', async ({ recipe, arm, of }) => {
    const name = `${recipe}.${arm}.run.yaml`;
    await writeFile(join(folder, name), stringify(tiny(of, folder, recipe === 'motion' ? 'clips' : 'rows')));
    const { code, stderr } = await chirality(folder, 'train', name, '--dry-run');
    expect(code, stderr).toBe(0);
  });
});
