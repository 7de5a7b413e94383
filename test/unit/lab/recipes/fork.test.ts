import { existsSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { acuityRecord } from '../../../../src/core/psychophysics/build-record.ts';
import type { AcuityAnswer } from '../../../../src/core/psychophysics/likelihood.ts';
import { planStimuli } from '../../../../src/core/psychophysics/plan-stimuli.ts';
import { readAcuity } from '../../../../src/core/psychophysics/acuity-record.ts';
import { readModel } from '../../../../src/engines/embedded/checkpoint.ts';
import { readTensors } from '../../../../src/engines/embedded/weights.ts';
import { checkpointFolder } from '../../../../src/lab/runs/checkpoints.ts';
import { makeFork, planFork } from '../../../../src/lab/runs/fork.ts';
import { readManifest, readRunConfig } from '../../../../src/lab/runs/make-run.ts';
import { chirality, fingerprint, trained, trainedProject } from './cli.ts';
import { slowly } from '../../../support/slow.ts';

let folder: string;
let parent: string;
beforeAll(async () => {
  folder = await trainedProject('chirality-fork-', 'sft', 'grpo');
  parent = join(folder, 'runs/grpo');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const runs = () => readdir(join(folder, 'runs'));
const metrics = async (run: string) =>
  (await readFile(join(run, 'metrics.jsonl'), 'utf8')).trimEnd().split('\n');

/** Files whose names tell a later step than the one that was branched off at. */
const later = (files: Record<string, string>, step: number) =>
  Object.fromEntries(
    Object.entries(files).filter(([name]) => Number(/step-(\d+)/.exec(name)?.[1] ?? 0) > step),
  );

describe('chirality fork', () => {
  it('a fork repeats metrics, traces, weights and evaluations of the parent without changes', async () => {
    const forked = await chirality(folder, 'fork', 'grpo', '--step', '4', '--name', 'same');
    expect(forked, forked.stderr).toMatchObject({ code: 0 });
    const dir = join(folder, 'runs/same');
    expect(await metrics(dir)).toEqual(await metrics(parent));
    const wanted = later(await fingerprint(parent), 4);
    expect(Object.keys(wanted).some((name) => name.startsWith('checkpoints'))).toBe(true);
    expect(Object.keys(wanted).some((name) => name.startsWith('traces'))).toBe(true);
    expect(later(await fingerprint(dir), 4)).toEqual(wanted);
  });

  const alike = async (name: string, change: object) => {
    const grpo = parse(await readFile(join(folder, 'grpo.run.yaml'), 'utf8')) as object;
    await writeFile(join(folder, `${name}.run.yaml`), stringify({ ...grpo, ...change }));
    await trained(folder, name);
    return join(folder, 'runs', name);
  };

  slowly('a fork repeats a run whose trainer had started to score the rollouts', async () => {
    // Any rounding between sampler and trainer is above this.
    const straight = await alike('rescored', { max_logprob_gap: 1e-9, loss: { beta: 0.04 } });
    expect(await readFile(join(straight, 'events.jsonl'), 'utf8')).toContain('"rescoring"');
    const forked = await chirality(folder, 'fork', 'rescored', '--step', '4', '--name', 'rescored-again');
    expect(forked, forked.stderr).toMatchObject({ code: 0 });
    const again = join(folder, 'runs/rescored-again');
    expect(await metrics(again)).toEqual(await metrics(straight));
    expect(later(await fingerprint(again), 4)).toEqual(later(await fingerprint(straight), 4));
  });

  slowly('uses the initial policy as the reference model if the parent had no reference model', async () => {
    await alike('free', { loss: { beta: 0 } });
    const set = ['--step', '4', '--set', 'loss.beta=0.04', '--name', 'held'];
    const forked = await chirality(folder, 'fork', 'free', ...set);
    expect(forked, forked.stderr).toMatchObject({ code: 0 });
    const last = join(folder, 'runs/held/checkpoints/step-000008');
    const start = join(folder, 'runs/sft/checkpoints/step-000030');
    const { arrays: reference } = await readTensors(join(last, 'reference.safetensors'));
    const { weights } = await readModel(start);
    expect(reference).toEqual(weights);
    expect((await readModel(last)).weights).not.toEqual(weights);
    // The policy had moved before the fork.
    const kl = (await metrics(join(folder, 'runs/held'))).map(
      (line) => (JSON.parse(line) as { kl: number }).kl,
    );
    expect(kl[3]).toBeNull();
    expect(kl[4]).toBeGreaterThan(0);
  });

  slowly('a fork changes no weight if rewards are equal and the policy is its reference', async () => {
    const rewards = { format: { weight: 0 }, semantic: { weight: 0 }, iou: { weight: 1 } };
    const dir = await alike('equal', { rewards, coupling: { eta: 0 }, loss: { beta: 0.04 } });
    for (const line of await metrics(dir)) expect(JSON.parse(line)).toMatchObject({ grad_norm: 0, kl: 0 });
    const model = 'model.safetensors';
    const after = await readFile(join(dir, 'checkpoints/step-000008', model));
    expect(after.equals(await readFile(join(folder, 'runs/sft/checkpoints/step-000030', model)))).toBe(true);
  });

  it.each([
    ['an image of its rows', 'train/images', 'An image of '],
    ['its start policy', 'runs/sft/checkpoints/step-000030', 'step-000030 (model.safetensors)'],
  ])('a fork rejects a change of %s', async (_, place, words) => {
    const names = await readdir(join(folder, place));
    const file = join(
      folder,
      place,
      names.find((name) => /^model\.|\.(?:png|webp)$/.test(name))!,
    );
    const before = await readFile(file);
    const other = Buffer.from(before);
    other[other.length - 1]! ^= 1;
    await writeFile(file, other);
    const refused = await chirality(folder, 'fork', 'grpo', '--step', '4', '--name', 'other');
    await writeFile(file, before);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(`${words}`);
    expect(refused.stderr).toContain('has changed since the run started. Restore the files');
    await rm(join(folder, 'runs/other'), { recursive: true });
  });

  it('a fork continues with other settings from the last checkpoint before the step', async () => {
    const args = '--step 5 --set coupling.eta=7 --set steps=6 --name strong --detach'.split(' ');
    const forked = await chirality(folder, 'fork', 'grpo', ...args);
    expect(forked, forked.stderr).toMatchObject({ code: 0 });
    expect(forked.stderr).toContain('started from step 4 of grpo');
    expect(forked.stderr).toContain('Changed: steps 8 → 6, coupling.eta 1 → 7.');
    const dir = join(folder, 'runs/strong');
    const attached = await chirality(folder, 'attach', 'strong');
    expect(attached, attached.stderr).toMatchObject({ code: 0 });
    expect((await readRunConfig(dir)) as unknown).toMatchObject({ steps: 6, coupling: { eta: 7 } });
    expect(await readManifest(dir)).toMatchObject({
      name: 'strong',
      parent: {
        name: 'grpo',
        step: 4,
        changes: [
          { path: 'steps', before: 8, after: 6 },
          { path: 'coupling.eta', before: 1, after: 7 },
        ],
      },
      data: (await readManifest(parent)).data,
    });
    const [own, theirs] = [await metrics(dir), await metrics(parent)];
    expect(own).toHaveLength(6);
    expect(own.slice(0, 4)).toEqual(theirs.slice(0, 4));
    expect(await readFile(join(dir, 'events.jsonl'), 'utf8')).toContain('Forked from grpo');
  });

  it.each([
    ['a step before the first checkpoint', ['--step', '1'], 'no checkpoint at or before step 1, only'],
    ['another model', ['--step', '4', '--set', 'engine.width=32'], 'Cannot change engine.width'],
    ['a setting that does not exist', ['--step', '4', '--set', 'coupling.etta=2'], 'etta'],
    ['the end of the run', ['--step', '8'], 'Raise steps'],
  ])('a fork rejects %s with a clear message, and leaves no folder', async (_, args, words) => {
    const before = await runs();
    const refused = await chirality(folder, 'fork', 'grpo', ...args, '--name', 'refused');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(words);
    expect(await runs()).toEqual(before);
  });

  it('a fork copies the acuity records of the parent up to the step under its own name', async () => {
    const claims = [-8, -4, 4, 8].map((x): AcuityAnswer => ({
      block: String(x),
      x,
      conditions: { view: 'original', word: 'left' },
      claim: x > 0 ? 1 : -1,
      signs: {},
      right: true,
    }));
    const { plan } = planStimuli('side', { style: 'compact', blocks: 1, seed: 1 });
    const at = (run: string, ...names: string[]) => join(folder, 'runs', run, 'acuity', ...names);
    const write = async (name: string, file: string, text: string) => {
      await mkdir(at('grpo', name), { recursive: true });
      await writeFile(at('grpo', name, file), text);
    };
    await write('rows/side-0a1b2c3d', 'data.qa.jsonl', 'rows\n');
    const given = { model: '', run: 'grpo', step: 0, answers: '', rows_sha256: 'a', versions: {} };
    const record = acuityRecord(claims, { ...given, plan });
    for (const step of [2, 4, 6]) {
      const name = `step-00000${step}-side-0a1b2c3d`;
      const own = { ...record, model: `grpo, step ${step}`, step, answers: at('grpo', name) };
      await write(name, 'acuity.json', step === 4 ? '{"kind":' : JSON.stringify(own));
      await write(name, 'rows.jsonl', `${step}\n`);
    }
    await makeFork(await planFork(parent, 4, {}), 'finer');
    expect((await readdir(at('finer'))).sort()).toEqual([
      'rows',
      'step-000002-side-0a1b2c3d',
      'step-000004-side-0a1b2c3d',
    ]);
    expect(await readFile(at('finer', 'rows/side-0a1b2c3d/data.qa.jsonl'), 'utf8')).toBe('rows\n');
    const file = at('finer', 'step-000002-side-0a1b2c3d', 'acuity.json');
    expect(readAcuity(await readFile(file, 'utf8'), { file })).toMatchObject({
      model: 'finer, step 2',
      run: 'finer',
      step: 2,
      answers: at('finer', 'step-000002-side-0a1b2c3d'),
    });
    await rm(at('grpo'), { recursive: true });
  });

  it('uses an older checkpoint if the newest is damaged, and reports the damage', async () => {
    const plan = await planFork(parent, 7, {});
    expect(plan).toMatchObject({ step: 6, broken: [] });
    await appendFile(join(checkpointFolder(parent, 6), 'loop.json'), ' ');
    const { step, broken } = await planFork(parent, 7, {});
    expect(step).toBe(4);
    expect(broken).toEqual([expect.stringContaining('loop.json does not match its checksum')]);
  });

  it('leaves no folder if the checkpoint of the parent is deleted during the fork', async () => {
    const plan = await planFork(parent, 2, {});
    await rm(checkpointFolder(parent, 2), { recursive: true });
    await expect(makeFork(plan, 'gone')).rejects.toThrow('ENOENT');
    expect(existsSync(join(folder, 'runs/gone'))).toBe(false);
  });
});
