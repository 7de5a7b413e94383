import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { chirality, fingerprint, tinyProject } from '../recipes/cli.ts';
import { workThroughKills } from '../recipes/kills.ts';
import { folderOfTests } from '../../../support/folder.ts';

/** Pays for short texts. */
const BREVITY = `
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { n, completion } = JSON.parse(line);
  console.log(JSON.stringify({ n, value: 1 / (1 + completion.length), why: completion.length + ' characters' }));
});
`;

const folder = folderOfTests('chirality-own-slow-');
let hash: string;
beforeAll(async () => {
  await tinyProject(folder);
  await writeFile(join(folder, 'brevity.cjs'), BREVITY);
  const grpo = parse(await readFile(join(folder, 'grpo.run.yaml'), 'utf8')) as Record<string, object>;
  const brevity = { command: ['node', 'brevity.cjs'], weight: 0.2 };
  const config = { ...grpo, init: undefined, steps: 12, rewards: { ...grpo.rewards, brevity } };
  await writeFile(join(folder, 'own.run.yaml'), stringify(config));
  const listed = await chirality(folder, 'rewards', 'programs', 'own.run.yaml', '--json');
  [{ hash }] = JSON.parse(listed.stdout) as [{ hash: string }];
});

describe('a run with a custom reward', () => {
  it('a run with a custom reward writes the same traces after any number of kills', async () => {
    const done = await chirality(folder, 'train', 'own.run.yaml', '--trust', hash);
    expect(done, done.stderr).toMatchObject({ code: 0 });
    const reference = join(folder, 'runs/own');
    process.env.CHIRALITY_TRUST = hash;
    try {
      const { dir, reached } = await workThroughKills(
        reference,
        join(folder, 'runs'),
        'killed',
        [20, 60, 45],
      );
      expect(Math.max(...reached)).toBeGreaterThan(0);
      expect(await fingerprint(dir)).toEqual(await fingerprint(reference));
    } finally {
      delete process.env.CHIRALITY_TRUST;
    }
  }, 600_000);

  it('a sweep over the weight of a custom reward completes', async () => {
    const sweep = {
      config: 'own.run.yaml',
      vary: { 'rewards.brevity.weight': [0, 0.5] },
      seeds: [1, 2],
      compare: { set: 'val' },
    };
    await writeFile(join(folder, 'own.sweep.yaml'), stringify(sweep));
    const done = await chirality(folder, 'sweep', 'own.sweep.yaml', '--trust', hash);
    expect(done, done.stderr).toMatchObject({ code: 0 });
    const report = await chirality(folder, 'sweep', 'report', 'own');
    expect(report.code, report.stderr).toBe(0);
    for (const weight of ['0', '0.5']) expect(report.stdout).toContain(`| weight = ${weight} |`);
  }, 600_000);
});
