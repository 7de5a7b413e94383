import { cp, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { forecast, forecastText, paceOf, priceLines } from '../../../src/cli/pace.ts';
import { estimateLeft, leftText } from '../../../src/cli/sweep-watch.ts';
import type { RunConfig } from '../../../src/core/config/run-config.ts';
import { loadRun } from '../../../src/core/config/load.ts';
import { readPreset } from '../../../src/lab/library.ts';
import { readRunConfig } from '../../../src/lab/runs/make-run.ts';
import { readState } from '../../../src/lab/runs/state.ts';
import { chirality } from '../lab/recipes/cli.ts';
import { folderOfTests } from '../../support/folder.ts';

const folder = folderOfTests('pace-');
await cp('test/fixtures/recorded/project/runs/spatial', join(folder, 'spatial'), { recursive: true });
const config = await readRunConfig(join(folder, 'spatial'));

async function onHost(host: string): Promise<void> {
  const path = join(folder, 'spatial', 'manifest.json');
  const manifest = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...manifest, host }));
}

it('forecast: scales the step time of the last run on this machine to the config', async () => {
  await onHost(hostname());
  await writeFile(
    join(folder, 'spatial', 'timings.jsonl'),
    '{"step":1,"step_time":2}\n{"step":2,"step_time":4}\n',
  );
  expect(await paceOf(join(folder, 'spatial'))).toBe(3);
  const same = await forecast([config], [folder]);
  expect(same).toEqual({ seconds: 3 * config.steps, by: ['spatial'], measured: false });
  if (config.recipe !== 'grpo') throw new Error('The fixture is a run of GRPO.');
  const larger = { ...config, batch: { ...config.batch, rows: 2 * config.batch.rows } };
  expect((await forecast([config, larger], [folder]))!.seconds).toBeCloseTo(9 * config.steps, 9);
  expect(forecastText({ seconds: 3000, by: ['spatial'], measured: false }, 2)).toBe(
    'About 25 min of training on 2 devices, estimated from the run spatial on this machine. Evaluations take extra time.',
  );
});

it('forecast: ignores runs of other machines, recipes or models', async () => {
  await onHost(`not ${hostname()}`);
  expect(await forecast([config], [folder])).toBeNull();
  await onHost(hostname());
  const other = { ...config, recipe: 'sft', batch: { samples: 4 } } as unknown as RunConfig;
  expect(await forecast([other], [folder])).toBeNull();
  expect(await forecast([config], [join(folder, 'none')])).toBeNull();
  expect(forecastText(null)).toContain('The first steps show');
  expect(priceLines([config])).toEqual([]);
  const rented = { ...config, engine: { kind: 'tinker' } } as unknown as RunConfig;
  expect(priceLines([config, rented])).toEqual([expect.stringContaining('Cannot estimate the cost')]);
});

it('forecast: measures one step per kind of run without a reference', async () => {
  await onHost(hostname());
  const other = { ...config, recipe: 'sft', batch: { samples: 4 } } as unknown as RunConfig;
  const measured: string[] = [];
  const measure = ({ recipe }: RunConfig) => {
    measured.push(recipe);
    return Promise.resolve(5);
  };
  const time = await forecast([config, other, other], [folder], measure);
  expect(measured).toEqual(['sft']);
  expect(time).toEqual({ seconds: 13 * config.steps, by: ['spatial'], measured: true });
  expect(forecastText(time)).toContain('estimated from the run spatial on this machine and a timed step.');
});

it('presets: lists the training time that a dry run forecasts from the same runs', async () => {
  await onHost(hostname());
  await cp(join(folder, 'spatial'), join(folder, 'sweeps', 'eta', 'runs', 'spatial'), { recursive: true });
  await writeFile(join(folder, 'sweeps', 'eta', 'sweep.yaml'), '');
  const { stdout } = await chirality(folder, 'presets', '--json');
  const presets = JSON.parse(stdout) as { name: string; seconds: number | null }[];
  const secondsOf = (wanted: string) => presets.find(({ name }) => name === wanted)!.seconds;
  const { config: demo } = loadRun('{ preset: demo, data: { train: a } }', 'a', readPreset);
  const told = await forecast([demo!], [join(folder, 'sweeps', 'eta', 'runs')]);
  expect(told!.seconds).toBeGreaterThan(0);
  expect(secondsOf('demo')).toBe(told!.seconds);
  // No run of SFT has trained on this machine.
  expect(secondsOf('demo-sft')).toBeNull();
});

it('sweep: estimates at least the runs whose pace is measured, and all after the first step of each recipe', async () => {
  const runs = join(folder, 'sweep', 'runs');
  for (const name of ['sft', 'spatial'])
    await cp(`test/fixtures/recorded/project/runs/${name}`, join(runs, name), { recursive: true });
  const timings = (name: string, text: string) => writeFile(join(runs, name, 'timings.jsonl'), text);
  await timings('sft', '');
  await timings('spatial', '');
  const steps = { sft: 50, spatial: config.steps };
  const state = (await readState(join(runs, 'sft')))!;
  const planned = [
    {
      name: 'sft',
      arm: 'sft',
      seed: 0,
      stage: true,
      state: { ...state, status: 'running' as const, step: 10 },
    },
    { name: 'spatial', arm: 'spatial', seed: 0, stage: false, after: 'sft', state: null },
  ];
  const estimate = () => estimateLeft(join(folder, 'sweep'), planned, 2);
  expect(await estimate()).toBeNull();
  await timings('sft', '{"step":1,"step_time":4}\n{"step":2,"step_time":2}\n');
  const sft = 3 * (steps.sft - 10);
  expect(await estimate()).toEqual({ seconds: sft / 2, isWhole: false });
  expect(leftText((await estimate())!)).toBe('at least 1 min left');
  await timings('spatial', '{"step":1,"step_time":6}\n');
  expect(await estimate()).toEqual({ seconds: (sft + 6 * steps.spatial) / 2, isWhole: true });
});
