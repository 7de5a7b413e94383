// Every step of runs on the torch engine is computed again by another program, in PyTorch and from the equations
// (step_equations.py), and then by `verify`, from the folder alone.
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { loadRun } from '../../src/core/config/load.ts';
import { EvaluationHistory } from '../../src/core/metrics/evaluation-alarms.ts';
import { History } from '../../src/core/rewards/alarms.ts';
import { deviationText } from '../../src/core/verify/deviations.ts';
import type { TorchOptions, TorchTrainer } from '../../src/engines/torch/torch-engine.ts';
import { encoderOf, sourceOptions } from '../../src/lab/models/recipe-tools.ts';
import { trainGrpo } from '../../src/lab/recipes/grpo.ts';
import { trainSft } from '../../src/lab/recipes/sft.ts';
import { RowSource } from '../../src/lab/rollouts/draw-groups.ts';
import { lockFolder } from '../../src/lab/runs/folder-lock.ts';
import { ActiveRun, createRun } from '../../src/lab/runs/make-run.ts';
import type { LoopState, RunManifest } from '../../src/lab/runs/run-folder.ts';
import { readTraces } from '../../src/lab/runs/trace-files.ts';
import { verifyRun } from '../../src/lab/runs/verify.ts';
import { few, isSlow, slowly } from '../support/slow.ts';
import { chirality } from '../unit/lab/recipes/cli.ts';
import { ADAPTER, BASE, CONFIGS, EQUAL, FEW, type Config } from './equations-configs.ts';
import { ALL, openTiny, scratch, torch } from './open.ts';
import { parseRows } from '../support/rows.ts';

const folder = scratch();
const LORA = { rank: 4, alpha: 16, dropout: 0, targets: ALL, excludes: ['visual'] };

/** What a run was made from, which nothing here depends on. */
const MANIFEST: RunManifest = {
  name: 'run',
  recipe: 'grpo',
  versions: {},
  seeds: { seed: 0 },
  data: [],
  identity: { images: { files: 0, sha256: '' } },
  data_root: '',
  git: null,
  host: '',
  hardware: '',
  argv: [],
  started: '',
};

/**
 * Takes the steps of a run with a trainer that several runs share, one after the other.
 * @param from the weights with which it begins; those that the trainer has by default
 */
async function train(trainer: TorchTrainer, name: string, settings: object, from?: string): Promise<string> {
  const { config, problems } = loadRun(stringify(settings), join(folder, 'run.yaml'), () => null);
  if (!config) throw new Error(JSON.stringify(problems));
  const dir = await createRun(join(folder, 'runs'), name, config, (made) =>
    writeFile(join(made, 'manifest.json'), JSON.stringify(MANIFEST)),
  );
  if (from !== undefined) {
    await trainer.load(from, 'weights');
    await mkdir(join(dir, 'start'));
    await trainer.save(join(dir, 'start'));
  }
  await trainer.setReference('current');
  const run = await ActiveRun.open(await lockFolder(dir), { step: 0, steps: config.steps });
  const rows = await RowSource.open(sourceOptions(config));
  const loop = {
    run,
    trainer,
    history: new History(),
    evaluated: new EvaluationHistory(),
    state: { step: 0, cursor: 0, tokens: 0, best: null, unmoved: true } as LoopState,
    evaluate: () => Promise.resolve([]),
    onStart: () => undefined,
    onStep: () => Promise.resolve(),
  };
  try {
    if (config.recipe === 'sft') await trainSft({ ...loop, config }, rows);
    else await trainGrpo({ ...loop, config }, rows, await encoderOf(config), null);
  } finally {
    await run.close('finished', '');
    await rows.close();
  }
  return dir;
}

const engineOf = ({ settings }: { settings: Config }): string => JSON.stringify(settings.engine);

/** How the engine of a config is opened. */
const optionsOf = ({ engine: { adapter, micro_tokens, precision } }: Config): Partial<TorchOptions> => ({
  maxPixels: null,
  adapter: adapter.kind === 'lora' ? LORA : null,
  precision: precision === 'bf16' ? 'bfloat16' : 'float32',
  microTokens: micro_tokens ?? 4096,
});

/** Bounds of the largest deviation of a run in float32. Later updates of a step begin with what rounding has become. */
const EXACT: Record<string, number> = {
  format: 0,
  delta: 1e-14,
  penalty: 1e-14,
  reward: 1e-14,
  advantage: 1e-12,
  kept: 0,
  tokens: 0,
  num_tokens: 0,
  learning_rate: 1e-12,
};
const ROUNDED = {
  once: { loss: 6e-7, kl: 3e-6, grad_norm: 2e-5, moments: 5e-5, 'weights by moments': 3e-7 },
  calm: { loss: 3e-5, kl: 3e-5, grad_norm: 2e-4, moments: 3e-4, 'weights / rate, 99.9%': 2e-4 },
  several: { loss: 3e-4, kl: 3e-4, grad_norm: 1e-3, moments: 7e-3, 'weights / rate, 99.9%': 0.2 },
};

describe.skipIf(!torch)('training steps recomputed by a separate program', () => {
  const chosen = Object.keys(CONFIGS).filter((name) => isSlow || FEW.includes(name));
  let deviations: Map<string, Record<string, number>>;

  beforeAll(async () => {
    const worlds = ['worlds', '--count', '12', '-o', 'rows', '--style', 'compact', '--size', '56'];
    const made = await chirality(folder, ...worlds);
    expect(made.code, made.stderr).toBe(0);
    const rows = join(folder, 'rows/data.qa.jsonl');
    const model = join(folder, 'model');
    await mkdir(model);
    let trainer = await openTiny('qwen2_5_vl', { maxPixels: null, adapter: null });
    await train(trainer, 'base', BASE(rows));
    await trainer.save(model);
    let from = model;
    let opened = '';
    const all = chosen.map((name) => ({ name, settings: CONFIGS[name]!(rows, model) }));
    // One worker for all runs with the same engine.
    for (const { name, settings } of all.sort((a, b) => (engineOf(a) < engineOf(b) ? -1 : 1))) {
      if (engineOf({ settings }) !== opened) {
        opened = engineOf({ settings });
        await trainer.close();
        trainer = await openTiny('qwen2_5_vl', { ...optionsOf(settings), model });
        from = join(folder, opened.replaceAll(/\W+/g, '-'));
        await trainer.save(from);
      }
      await train(trainer, name, settings, from);
    }
    await trainer.close();
    const { stdout } = await promisify(execFile)(
      torch!.python,
      ['test/python/step_equations.py', ...chosen.map((name) => join(folder, 'runs', name))],
      { maxBuffer: 1 << 26 },
    );
    console.log(stdout);
    deviations = new Map(
      parseRows<{ run: string; deviations: Record<string, number> }>(stdout).map((found) => [
        found.run,
        found.deviations,
      ]),
    );
  });

  it.each(chosen)('%s', async (name) => {
    const found = deviations.get(name)!;
    const several = !('weights by moments' in found);
    const bounds = { ...EXACT, ...ROUNDED[!several ? 'once' : name.endsWith('e') ? 'calm' : 'several'] };
    const beyond = Object.entries(bounds).filter(([quantity, bound]) => !((found[quantity] ?? 0) <= bound));
    expect(beyond.map(([quantity]) => `${quantity}: ${found[quantity]}`)).toEqual([]);
    const { verification } = await verifyRun(join(folder, 'runs', name), undefined);
    expect(verification.found.map(deviationText)).toEqual([]);
    expect(verification.isVerified).toBe(true);
  });

  // In bfloat16, the engine adds the pull of the reference in the pass of the update.
  it.each(few(['fp32', 'bf16'] as const))(
    'changes no weight if all rewards are equal: %s',
    async (precision) => {
      const [rows, model] = [join(folder, 'rows/data.qa.jsonl'), join(folder, 'model')];
      const [moves, equal] = [ADAPTER(precision)(rows, model), EQUAL(precision)(rows, model)];
      const trainer = await openTiny('qwen2_5_vl', { ...optionsOf(equal), model });
      const adapter = async (name: string) => {
        await trainer.save(join(folder, precision, name));
        return readFile(join(folder, precision, name, 'adapter_model.safetensors'));
      };
      const start = await adapter('start');
      await train(trainer, `${precision}-moved`, moves);
      const before = await adapter('before');
      expect(before.equals(start)).toBe(false);
      // Without the moments of the optimiser, which would move the weights.
      const dir = await train(trainer, `${precision}-equal`, equal, join(folder, precision, 'before'));
      expect((await adapter('after')).equals(before)).toBe(true);
      await trainer.close();
      const metrics = (await readFile(join(dir, 'metrics.jsonl'), 'utf8')).trim().split('\n');
      expect(metrics).toHaveLength(2);
      for (const row of metrics) expect(JSON.parse(row)).toMatchObject({ grad_norm: 0, kl: 0 });
    },
  );

  it('almost all training steps have a gradient, and some clip tokens', () => {
    const all = [...deviations.values()];
    const moved = all.filter((found) => found['largest gradient']! > 0);
    expect(moved.length).toBeGreaterThanOrEqual(0.9 * chosen.length);
    expect(all.some((found) => found['share clipped']! > 0)).toBe(true);
  });

  slowly('bfloat16 steps with three updates pass verification; a changed value fails', async () => {
    const settings = ADAPTER('bf16')(join(folder, 'rows/data.qa.jsonl'), join(folder, 'model'));
    const trainer = await openTiny('qwen2_5_vl', { ...optionsOf(settings), model: join(folder, 'model') });
    const dir = await train(trainer, 'bf16', settings);
    await trainer.close();
    const [metrics] = (await readFile(join(dir, 'metrics.jsonl'), 'utf8')).split('\n');
    const gap = 'sampling/sampling_logp_difference/max';
    expect((JSON.parse(metrics!) as Record<string, number>)[gap]).toBeGreaterThan(1e-4);
    const verify = () => chirality(folder, 'verify', 'bf16');
    expect(await verify()).toMatchObject({ code: 0, stdout: expect.stringContaining('Verified: 2 steps') });

    const [, pair] = await readTraces(dir, 2);
    const { at } = pair!.views[1]!.group[2]!.segments[0]!.update_logprobs![2]!;
    const arrays = join(dir, 'traces/step-000002.bin');
    const bytes = await readFile(arrays);
    bytes.writeFloatLE(bytes.readFloatLE(at) - 0.01, at);
    await writeFile(arrays, bytes);
    expect(await verify()).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /^step 2, pair 1 \(row "[^"]+"\), view mirror, completion 2, update 3: logprobs is recorded as/m,
      ),
    });
  });
});
