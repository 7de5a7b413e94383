import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findSource } from '../../../../src/lab/foreign/known.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { slowly } from '../../../support/slow.ts';

const FIXTURES = new URL('../../../fixtures/foreign-runs/', import.meta.url).pathname;
const VERSION = 'v0-20261121-020121';
const scratch = folderOfTests('foreign-source-');

const cli = (...args: string[]) =>
  spawnSync(process.execPath, [join(process.cwd(), 'dist/cli.js'), ...args], {
    cwd: scratch,
    encoding: 'utf8',
  });

test('findSource: returns the run inside a parent folder', async () => {
  const swift = join(FIXTURES, 'ms-swift-4.6');
  expect(await findSource(swift)).toEqual({ dir: join(swift, VERSION) });
  expect(await findSource(join(swift, VERSION))).toEqual({ dir: join(swift, VERSION) });
  const trl = join(FIXTURES, 'trl-1.16');
  expect(await findSource(trl)).toEqual({ dir: trl });
  expect(await findSource(join(FIXTURES, 'data'))).toBeNull();
});

test.each([
  ['wandb-0.31/wandb/offline-run-20261121_020443-f1vbniop', 'run-f1vbniop.wandb'],
  ['trl-1.16', 'completions/completions_00001.parquet'],
  ['trl-1.16', 'runs/Nov21_01-53-17_vm/events.out.tfevents.1795225997.vm.29996.0'],
  ['verl-0.9', 'rollout/1.jsonl'],
  ['easyr1', 'experiment_log.jsonl'],
])('findSource: returns the run %s for one of its files', async (run, file) => {
  const dir = join(FIXTURES, run);
  expect(existsSync(join(dir, file))).toBe(true);
  expect(await findSource(join(dir, file))).toEqual({ dir });
});

test('import: requires the run folder for a file outside any run', async () => {
  await writeFile(join(scratch, 'notes.jsonl'), '{}\n');
  expect(await findSource(join(scratch, 'notes.jsonl'))).toBeNull();
  expect(cli('import', 'notes.jsonl', '--dry-run').stderr).toContain('Pass the run folder');
});

slowly('import: requires --run or #NAME for a folder with several runs', async () => {
  const parent = join(scratch, 'out');
  for (const name of [VERSION, 'v1-20261121-030000'])
    await cp(join(FIXTURES, 'ms-swift-4.6', VERSION), join(parent, name), { recursive: true });
  expect(await findSource(parent)).toMatchObject({ several: [{}, {}] });
  expect(await findSource(parent, VERSION)).toEqual({ dir: join(parent, VERSION) });
  expect(await findSource(`${parent}#v1-20261121-030000`)).toEqual({
    dir: join(parent, 'v1-20261121-030000'),
  });

  const unnamed = cli('trace', 'out');
  expect(unnamed.stderr).toMatch(/out contains 2 runs. Pass one with --run: v0-\S+, v1-\S+\./s);
  expect(unnamed.status).toBe(2);
  expect(cli('import', 'out', '--dry-run', '--run', VERSION).stderr).toContain(
    'ms-swift 4.6.0: curves of 3 steps',
  );
  expect(cli('trace', 'out', '--run', 'v7').stderr).toContain('does not contain exactly one run "v7"');
  expect(cli('report', 'out', '--run', VERSION).stderr).toContain(
    'out is an external run (ms-swift 4.6.0) without evaluation rows.',
  );
});

test('findSource: merges the folders of one resumed wandb run', async () => {
  const name = 'offline-run-20261121_020443-f1vbniop';
  const from = join(FIXTURES, 'wandb-0.31/wandb', name);
  const wandb = join(scratch, 'wandb');
  for (const copy of [name, 'offline-run-20261121_030000-f1vbniop'])
    await cp(from, join(wandb, copy), { recursive: true });
  expect(await findSource(wandb)).toEqual({ dir: join(wandb, name) });
  await cp(from, join(wandb, 'offline-run-20261121_040000-other'), { recursive: true });
  expect(await findSource(wandb)).toMatchObject({ several: [{}, {}] });
});

test('import: rejects a file that is not a wandb log', async () => {
  const dir = join(scratch, 'run-x');
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'run-x.wandb'), 'some other text, long enough to be a log');
  const { status, stderr } = cli('import', 'run-x', '-o', 'runs/x');
  expect(status).toBe(2);
  expect(stderr).toContain(
    'run-x has no recorded steps to import.\n  run-x.wandb, byte 0: the file is not a wandb log.',
  );
  expect(existsSync(join(scratch, 'runs/x'))).toBe(false);
});

test('import: reads the run of one program from a folder of two, and reports the other run', async () => {
  const both = join(scratch, 'runs/both');
  await cp(join(FIXTURES, 'trl-1.16'), both, { recursive: true });
  const alone = cli('import', 'runs/both', '--dry-run').stderr;
  expect(alone).toContain('TRL 1.16.0: curves of 4 steps');
  expect(alone + cli('runs').stdout).not.toMatch(/ignored/i);
  await cp(join(FIXTURES, 'verl-0.9/rollout'), join(both, 'rollout'), { recursive: true });
  expect(cli('runs').stdout).toContain('TensorBoard · ignored: verl · 2 completion files');
  const told = cli('import', 'runs/both', '--dry-run').stderr;
  expect(told).toContain('TRL 1.16.0: curves of 4 steps');
  expect(told).toContain('Ignored: verl · 2 completion files. Chirality reads one run per folder.');
});
