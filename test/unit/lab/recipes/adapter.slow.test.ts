import { readdirSync, readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModel } from '../../../../src/engines/embedded/checkpoint.ts';
import { chirality, fingerprint, trained, trainedProject } from './cli.ts';

/** A run with an adapter of the embedded engine, from the weights that SFT left. */
describe('an adapter run on the embedded engine', () => {
  let folder: string;
  const ok = async (...args: string[]) => {
    const { code, stdout, stderr } = await chirality(folder, ...args);
    expect(code, stderr).toBe(0);
    return stdout + stderr;
  };
  beforeAll(async () => {
    folder = await trainedProject('chirality-adapter-', 'sft');
    const grpo = parse(await readFile(join(folder, 'grpo.run.yaml'), 'utf8')) as { engine: object };
    const adapter = { rank: 2, targets: ['q_proj', 'v_proj'] };
    const loss = { beta: 0.01 };
    await writeFile(
      join(folder, 'lora.run.yaml'),
      stringify({ ...grpo, engine: { ...grpo.engine, adapter }, loss }),
    );
    await trained(folder, 'lora');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const sizeIn = (checkpoint: string, file: string) =>
    readFileSync(join(folder, 'runs', checkpoint, file)).length;

  it('reports trainable parameters, and saves only the optimizer state of these parameters', async () => {
    // Two matrices of 16 × 16 in one layer: 2 · 2 · (2 · 16).
    expect(await ok('train', 'lora.run.yaml', '--dry-run')).toMatch(/trainable.parameters\s+128\b/);
    const optimizer = 'optimizer.safetensors';
    expect(sizeIn('lora/checkpoints/step-000008', optimizer)).toBeLessThan(
      0.2 * sizeIn('sft/checkpoints/step-000030', optimizer),
    );
  });

  it('an adapter run continues from a checkpoint with the same result as uninterrupted', async () => {
    await ok('fork', 'lora', '--step', '4', '--name', 'again');
    const [again, straight] = await Promise.all(
      ['again', 'lora'].map((name) => fingerprint(join(folder, 'runs', name))),
    );
    const late = Object.entries(straight!).filter(([name]) => /metrics|step-00000[5-8]/.test(name));
    expect(late.map(([name]) => name)).toContain('checkpoints/step-000008/adapter_model.safetensors');
    expect(again).toMatchObject(Object.fromEntries(late));
  });

  it('an adapter run exports its adapter, and a merged model with equal weights', async () => {
    await ok('export', 'lora', '-o', 'adapter');
    expect(readdirSync(join(folder, 'adapter')).sort()).toEqual([
      'README.md',
      'adapter_config.json',
      'adapter_model.safetensors',
    ]);
    expect(readFileSync(join(folder, 'adapter/README.md'), 'utf8')).toMatch(
      /An adapter trained from a checkpoint of another run .* LoRA, rank 2, alpha 16, on q_proj, v_proj\n/s,
    );
    const last = join(folder, 'runs/lora/checkpoints/step-000008');
    await ok('export', 'lora', '--merged', '-o', 'merged');
    expect(readdirSync(join(folder, 'merged')).sort()).toEqual([
      'README.md',
      'config.json',
      'model.safetensors',
    ]);
    const [merged, checkpoint] = [await readModel(join(folder, 'merged')), await readModel(last)];
    expect(merged.lora).toBeNull();
    expect(merged.weights).toEqual(checkpoint.weights);
    expect(merged.weights).not.toEqual(
      (await readModel(join(folder, 'runs/sft/checkpoints/step-000030'))).weights,
    );
  });
});
