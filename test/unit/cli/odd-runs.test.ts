import { execFile } from 'node:child_process';
import { chmodSync, cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { chirality, CLI } from '../lab/recipes/cli.ts';
import { runsIn } from '../../support/listed-runs.ts';
import { folderOfTests } from '../../support/folder.ts';

const PROJECT = 'test/fixtures/recorded/project';
const isRoot = process.getuid?.() === 0;

const folder = folderOfTests('chirality-odd-runs-');
const copy = (name: string) =>
  cpSync(join(PROJECT, 'runs/grpo'), join(folder, 'runs', name), { recursive: true });
for (const name of ['good', 'state', 'list', 'metrics', 'config', 'results', 'file', 'closed']) copy(name);
const write = (path: string, text: string) => {
  rmSync(join(folder, 'runs', path), { force: true, recursive: true });
  writeFileSync(join(folder, 'runs', path), text);
};
write('state/state.json', '{"pid":');
write('list/state.json', '[]');
write('metrics/metrics.jsonl', '{"step":1,"reward":"high"}\n[]\n\u0000\n');
write('config/run.yaml', 'recipe: [');
write('results/eval', 'no folder');
write('file/checkpoints', 'no folder');
chmodSync(join(folder, 'runs/closed'), 0o000);
afterAll(() => chmodSync(join(folder, 'runs/closed'), 0o700));

const NAMES = ['good', 'state', 'list', 'metrics', 'config', 'results', 'file'];

describe('lists with unreadable runs', () => {
  test('chirality runs lists the other runs next to unreadable runs', async () => {
    const { code, stdout, stderr } = await chirality(folder, 'runs');
    expect([code, stderr]).toEqual([0, '']);
    for (const name of NAMES) expect(stdout).toMatch(new RegExp(`^${name} `, 'm'));
    expect(stdout).toMatch(/^state +unreadable .*state\.json cannot be read/m);
    expect(stdout).toMatch(/^list +unreadable .*state\.json cannot be read/m);
    if (!isRoot) expect(stdout).toMatch(/^closed +unreadable /m);
  });

  test('chirality runs --sort lists the other runs next to unreadable runs', async () => {
    const names = async (...args: string[]) => {
      const { stdout } = await chirality(folder, 'runs', '--json', ...args);
      return (JSON.parse(stdout) as { runs: { name: string }[] }).runs.map(({ name }) => name);
    };
    const byName = await names('--sort', 'run');
    expect(byName).toEqual([...byName].sort((a, b) => a.localeCompare(b, 'en', { numeric: true })));
    expect(await names('--sort', 'run', '--descending')).toEqual([...byName].reverse());
    // What has no step comes last either way.
    for (const more of [[], ['--descending']])
      expect((await names('--sort', 'step', ...more)).indexOf('good')).toBeLessThan(byName.indexOf('state'));
    expect((await chirality(folder, 'runs', '--sort', 'beauty')).code).toBe(2);
    expect((await chirality(folder, 'runs', '--descending')).stderr).toContain(
      '--descending has no effect without --sort',
    );
  });

  test('chirality report shows the other runs next to unreadable runs', async () => {
    const { code, stdout } = await chirality(folder, 'report');
    expect(code).toBe(0);
    expect(stdout).toContain('good');
    expect(stdout).toContain('metrics');
  });

  test('the runs list of the editor shows the other runs next to unreadable runs', async () => {
    const runs = await runsIn([join(folder, 'runs')]);
    expect(runs.map(({ name }) => name)).toEqual(expect.arrayContaining(NAMES));
    const byName = new Map(runs.map((run) => [run.name, run]));
    expect(byName.get('good')!.error).toBeNull();
    expect(byName.get('state')!.error).toContain('state.json cannot be read');
  });
});

describe('report of wrong paths and names', () => {
  test.each([
    [
      ['runs', '--runs', 'runs/good/run.yaml'],
      2,
      '--runs runs/good/run.yaml: the path is a file, not a folder.',
    ],
    [
      ['report', '--runs', 'runs/good/run.yaml'],
      2,
      '--runs runs/good/run.yaml: the path is a file, not a folder.',
    ],
    [['runs', '--runs', ''], 2, '--runs is empty. Pass a file or folder.'],
    [['view', 'mirror', 'a.qa.jsonl', '-o', ''], 2, '--output is empty. Pass a file or folder.'],
    [['trace', 'nope', '--runs', 'others'], 2, 'List the runs with `chirality runs --runs others`.'],
    [['help', 'nosuch'], 2, ''],
  ])('report names wrong paths and names for %j', async (args, code, words) => {
    const result = await chirality(folder, ...args);
    expect([result.code, result.stderr]).toEqual([code, expect.stringContaining(words)]);
  });
});

const TABLE = fileURLToPath(new URL('../../fixtures/datasets/sat.parquet', import.meta.url));

test.skipIf(process.platform !== 'linux')(
  'chirality: starts and reads a table within four gigabytes of address space',
  async () => {
    for (const args of ['--version', 'presets', 'runs', `data check '${TABLE}'`]) {
      const line = `ulimit -v 4194304; exec '${process.execPath}' '${CLI}' ${args}`;
      const failed = await new Promise((resolve) =>
        execFile('bash', ['-c', line], { cwd: folder }, (error, _, stderr) => resolve(error && stderr)),
      );
      expect([args, failed]).toEqual([args, null]);
    }
  },
);
