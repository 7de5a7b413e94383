import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { planOf } from '../../support/sweep.ts';
import { chirality } from '../lab/recipes/cli.ts';
import { folderOfEachTest } from '../../support/folder.ts';

let folder = '';
folderOfEachTest('chirality-names-', (made) => (folder = made));

const writeSweep = async (name: string) => {
  await mkdir(join(folder, 'sweeps', name), { recursive: true });
  await writeFile(join(folder, 'sweeps', name, 'sweep.yaml'), stringify(planOf(1)));
};

describe('run commands in the parent folder of the demo', () => {
  const HINT = 'Folder runs does not exist. To use the runs of the demo, add --runs chirality-demo/runs.';

  it('run commands suggest the folder of the demo’s runs', async () => {
    await mkdir(join(folder, 'chirality-demo/runs'), { recursive: true });
    await writeFile(join(folder, 'a.png'), '');
    expect((await chirality(folder, 'runs')).stdout.trim()).toBe(HINT);
    expect((await chirality(folder, 'report')).stderr.trim().split('\n')).toEqual([
      HINT,
      expect.stringMatching(/^chirality: No evaluations in /),
      expect.stringContaining('`chirality eval`'),
    ]);
    for (const args of [
      ['trace', 'sft'],
      ['eval', 'sft'],
      ['ask', 'a.png', 'Left?', '--model', 'sft'],
    ])
      expect(await chirality(folder, ...args)).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(HINT),
      });
    await writeSweep('eta');
    await mkdir(join(folder, 'sweeps/eta/runs'));
    const both = `${HINT} To use the runs of the sweep eta, add --runs sweeps/eta/runs.`;
    expect((await chirality(folder, 'runs')).stdout.trim()).toBe(both);
    expect(JSON.parse((await chirality(folder, 'runs', '--json')).stdout)).toMatchObject({ runs: [] });
    await mkdir(join(folder, 'runs'));
    expect((await chirality(folder, 'runs')).stdout).toContain('The folder runs contains no runs.');
    const matched = await chirality(folder, 'runs', '--match', 'x');
    expect(matched.stdout).toBe('No run in the folder runs matches. Change --match or --status.\n');
  });
});

describe('chirality sweep status', () => {
  const status = (...name: string[]) => chirality(folder, 'sweep', 'status', '--json', ...name);

  it('sweep status selects the only sweep without a name, and otherwise lists the names', async () => {
    expect((await status()).stderr).toContain('chirality sweep FILE');
    await writeSweep('eta-small');
    expect((await status()).stdout).toContain('eta-small');
    expect((await status('eta')).stderr).toMatch(/Sweep "eta" does not exist in .*\n {2}Sweeps: eta-small\./);
    await writeSweep('beta');
    const asked = await status();
    expect(asked.code).toBe(2);
    expect(asked.stderr).toMatch(/contains several sweeps.*\n {2}Sweeps: beta, eta-small\./);
  });
});
