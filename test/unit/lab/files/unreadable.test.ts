import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import {
  evaluationsOfRun,
  readEvaluation,
  readResults,
} from '../../../../src/lab/evaluation/evaluation-folders.ts';
import { explainError } from '../../../../src/lab/files/disk-error.ts';
import { dataVersion } from '../../../../src/lab/foreign/join-run.ts';
import { runsOf } from '../../../../src/lab/foreign/programs/trackio.ts';
import { isForeignRun } from '../../../../src/lab/foreign/known.ts';
import { ForeignRun } from '../../../../src/lab/foreign/foreign-run.ts';
import { findModel } from '../../../../src/lab/models/open-model.ts';
import { verifyCheckpoint } from '../../../../src/lab/runs/checkpoints.ts';
import { readImport } from '../../../../src/lab/runs/listed-runs.ts';
import { readState } from '../../../../src/lab/runs/state.ts';
import { readPlan } from '../../../../src/lab/sweeps/sweep-folder.ts';
import { evaluate } from '../../../../src/lab/recipes/evaluate.ts';
import { openStrategy } from '../../../../src/lab/strategies.ts';
import type { Sampler } from '../../../../src/engines/sampler.ts';
import { tokenTexts } from '../../../../src/lab/models/token-texts.ts';
import { dataOf, foldersToAllow } from '../../../../src/lab/traces/data-folders.ts';
import { pairImage } from '../../../../src/lab/traces/pair-image.ts';
import { listSources, openSource } from '../../../../src/lab/traces/sources.ts';
import { readAbout, readParent } from '../../../../src/panels/run/run-config.reads.ts';
import { RunReader } from '../../../../src/panels/run/run-own.reads.ts';
import { playgroundService } from '../../../../src/panels/playground/playground.reads.ts';
import { runsDifferences } from '../../../../src/panels/runs/runs.reads.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { runsIn } from '../../../support/listed-runs.ts';

/** The path for which the system has an error, and its code. */
const disk = vi.hoisted(() => ({ closed: '', code: '' }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  const failing = (name: 'open' | 'opendir' | 'readdir' | 'realpath' | 'stat') =>
    ((path: string, ...rest: never[]) => {
      const { code } = disk;
      if (path !== disk.closed) return (real[name] as (...args: unknown[]) => unknown)(path, ...rest);
      return Promise.reject(Object.assign(new Error(`${code}: no, ${name} '${path}'`), { code, path }));
    }) as never;
  return {
    ...real,
    open: failing('open'),
    opendir: failing('opendir'),
    readdir: failing('readdir'),
    realpath: failing('realpath'),
    stat: failing('stat'),
  };
});

const FIXTURES = new URL('../../../fixtures/foreign-runs/', import.meta.url).pathname;
const scratch = folderOfTests('chirality-unreadable-');
afterEach(() => Object.assign(disk, { closed: '', code: '' }));

const run = join(scratch, 'run');
for (const [name, text] of Object.entries({
  'run.yaml': 'recipe: sft\n',
  'metrics.jsonl': '',
  'timings.jsonl': '',
  'notes.md': '',
  'manifest.json': '{}',
  'traces/step-000001.jsonl': '',
  'eval/step-000001/results.json': '[]',
  'eval/step-000001/rows.jsonl': '',
  'eval/step-000001/manifest.json': '{}',
  'eval/step-000001/controls.json': '[]',
  'checkpoints/step-000001/config.json': '{}',
  'checkpoints/step-000001/checksums.json': '{}',
  'sweep.yaml': '',
  'ask.strategy.yaml': '',
  'tokenizer.json': '{}',
  'a.png': '',
})) {
  await mkdir(dirname(join(run, name)), { recursive: true });
  await writeFile(join(run, name), text);
}
for (const name of ['verl-0.9', 'ms-swift-4.6', 'easyr1', 'trackio-0.43', 'trl-1.16'])
  await cp(join(FIXTURES, name), join(scratch, name), { recursive: true });
const swift = join(scratch, 'ms-swift-4.6/v0-20261121-020121');
const step = join(run, 'eval/step-000001');
const own = { path: join(run, 'ask.strategy.yaml'), label: 'ask.strategy.yaml' };

/** What each reader says or throws, as one text. Where the file is simply not there, none of them names it. */
const readers: [file: string, read: () => Promise<unknown>][] = [
  [`${run}/manifest.json`, () => dataOf({ run, source: undefined }, null, [])],
  [`${run}/manifest.json`, () => foldersToAllow({ run, source: undefined }, [])],
  [`${run}/manifest.json`, () => pairImage({ run, source: undefined }, null, 'a.png', [])],
  [`${run}/a.png`, () => pairImage({ run, source: undefined }, null, 'a.png', [])],
  [`${run}/manifest.json`, () => readImport(run)],
  [`${run}/manifest.json`, () => readParent(run)],
  [`${run}/manifest.json`, () => readAbout(run)],
  [`${run}/state.json`, () => readState(run)],
  [`${run}/state.json`, () => new RunReader(run).read()],
  [`${run}/metrics.jsonl`, () => runsIn([scratch])],
  [`${run}/notes.md`, () => runsIn([scratch])],
  [`${run}/run.yaml`, () => runsDifferences({ dirs: [run, run] })],
  [`${run}/sweep.yaml`, () => readPlan(run)],
  [`${run}/traces`, () => openSource({ run, source: undefined }).files()],
  [`${run}/eval`, () => listSources(run)],
  [`${step}/rows.jsonl`, () => listSources(run)],
  [`${step}/manifest.json`, () => openSource({ run, source: 'step-000001' }).files()],
  [`${step}/manifest.json`, () => readEvaluation(step)],
  [`${step}/results.json`, () => readResults(step)],
  [`${step}/results.json`, () => evaluationsOfRun(run)],
  [`${run}/checkpoints/step-000001/config.json`, () => tokenTexts(run)],
  [
    `${run}/checkpoints/step-000001/checksums.json`,
    () => verifyCheckpoint(join(run, 'checkpoints/step-000001')),
  ],
  [own.path, async () => playgroundService.strategies({ folder: join(run, 'traces'), files: [own] })],
  [`${run}/config.json`, async () => playgroundService.wantsGpu({ path: run })],
  [`${run}/model/config.json`, () => findModel(join(run, 'model'), scratch)],
  [`${run}/data.qa.jsonl`, () => dataVersion(join(run, 'data.qa.jsonl'))],
  [`${scratch}/trackio-0.43/chirality.db`, () => runsOf(join(scratch, 'trackio-0.43/chirality.db'))],
  [`${scratch}/verl-0.9/rollout/1.jsonl`, () => new ForeignRun(join(scratch, 'verl-0.9')).read()],
  [`${swift}/args.json`, () => isForeignRun(swift)],
  [`${scratch}/easyr1/experiment_config.json`, () => isForeignRun(join(scratch, 'easyr1'))],
  [`${scratch}/trl-1.16/README.md`, () => new ForeignRun(join(scratch, 'trl-1.16')).read()],
  [`${scratch}/trl-1.16/completions`, () => new ForeignRun(join(scratch, 'trl-1.16')).read()],
  [`${scratch}/trl-1.16`, () => isForeignRun(join(scratch, 'trl-1.16'))],
];

const told = (read: () => Promise<unknown>): Promise<string> =>
  read().then(
    (found) => JSON.stringify(found) ?? 'undefined',
    (error: Error) => explainError(error),
  );

test.each(readers)('readers report an existing %s as unreadable', async (file, read) => {
  for (const [code, words] of [
    ['EACCES', /Check the permissions|no permission/],
    ['EIO', /Disk error|EIO/],
    ['EMFILE', /Too many files are open/],
  ] as const) {
    Object.assign(disk, { closed: file, code });
    const text = await told(read);
    expect(text).toContain(file.slice(scratch.length).split('/').at(-1));
    expect(text).toMatch(words);
  }
  disk.code = 'ENOENT';
  expect(await told(read)).not.toMatch(/no permission|Disk error|Too many files/);
});

test('evaluate keeps its answers if the disk cannot list the folder', async () => {
  const dir = join(scratch, 'evaluation');
  const rows = join(dir, 'rows.jsonl');
  await writeFile(join(scratch, 'v.qa.jsonl'), '{"id":"a","images":[],"question":"a?","answer":"yes"}\n');
  const answer = { text: 'yes', tokens: 1, stop: 'stop' } as never;
  const sampler: Sampler = {
    info: () => ({
      engine: 'openai',
      model: 'm',
      runtime: '',
      coordinates: null,
      vocabulary: null,
      features: [],
      contextTokens: null,
      imagesKept: null,
    }),
    putImage: () => Promise.reject(new Error('There are no pictures.')),
    complete: (prompts) => Promise.resolve(prompts.map(() => [answer])),
    close: () => Promise.resolve(),
  };
  const job = evaluate(
    () => Promise.resolve(sampler),
    dir,
    {
      sets: { v: join(scratch, 'v.qa.jsonl') },
      root: scratch,
      views: ['original'],
      strategy: openStrategy('direct'),
      sampling: { n: 1, temperature: 0, topP: 1, maxTokens: 16, seed: 3 },
      about: { model: 'm' },
    },
    () => {
      Object.assign(disk, { closed: rows, code: 'EIO' });
      throw new Error('the terminal is gone');
    },
  );
  await expect(job).rejects.toThrow('the terminal is gone');
  expect((await readFile(rows, 'utf8')).trim().split('\n')).toHaveLength(1);
});
