import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import type { EvaluationRow } from '../../../../src/core/evaluation/evaluation-row.ts';
import { readTraces } from '../../../../src/lab/runs/trace-files.ts';
import { chirality, tinyProject } from '../recipes/cli.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { slowly } from '../../../support/slow.ts';
import { readRows } from '../../../support/rows.ts';

/** Pays for short texts, and counts what it was asked in a file. */
const BREVITY = `
const { appendFileSync } = require('node:fs');
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { n, completion, images, view } = JSON.parse(line);
  appendFileSync('asked.txt', JSON.stringify({ pid: process.pid, images, view }) + '\\n');
  const value = 1 / (1 + completion.length);
  console.log(JSON.stringify({ n, value, why: completion.length + ' characters' }));
});
`;

const folder = folderOfTests('chirality-own-run-');
beforeAll(async () => {
  await tinyProject(folder);
  await writeFile(join(folder, 'brevity.cjs'), BREVITY);
  const grpo = parse(await readFile(join(folder, 'grpo.run.yaml'), 'utf8')) as Record<string, object>;
  const program = { command: ['node', 'brevity.cjs'] };
  const config = {
    ...grpo,
    init: undefined,
    steps: 2,
    rewards: { ...grpo.rewards, brevity: { ...program, weight: 0.2 } },
    evaluate: { every: 2, metrics: { politeness: program } },
  };
  await writeFile(join(folder, 'own.run.yaml'), stringify(config));
});

const exists = (path: string) =>
  access(join(folder, path)).then(
    () => true,
    () => false,
  );
const hashIn = (text: string) => /--trust ([0-9a-f]{32})\b/.exec(text)![1]!;
const rowsOf = async <T>(path: string) => readRows<T>(join(folder, path));

describe('a run with a custom reward and a custom metric', () => {
  it('a run starts only with trust, trains with the custom reward, and logs both values', async () => {
    const refused = await chirality(folder, 'train', 'own.run.yaml');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('rewards.brevity: node ');
    expect(refused.stderr).toContain('evaluate.metrics.politeness: node ');
    expect([await exists('runs'), await exists('asked.txt')]).toEqual([false, false]);

    const hash = hashIn(refused.stderr);
    const done = await chirality(folder, 'train', 'own.run.yaml', '--trust', hash);
    expect(done, done.stderr).toMatchObject({ code: 0 });

    const pairs = await readTraces(join(folder, 'runs/own'), 1);
    const all = pairs.flatMap(({ views }) => views.flatMap(({ group }) => group));
    for (const { segments, rewards, penalty, reward } of all) {
      const { length } = segments.at(-1)!.text;
      expect(rewards.brevity).toEqual({ value: 1 / (1 + length), why: `${length} characters` });
      const builtIn = 0.5 * rewards.format!.value + 0.5 * (rewards.semantic!.value - penalty!);
      expect(reward).toBeCloseTo(builtIn + 0.2 * rewards.brevity!.value, 12);
    }
    const [first] = await rowsOf<Record<string, number>>('runs/own/metrics.jsonl');
    expect(first!['rewards/brevity/mean']).toBeGreaterThan(0);
    expect(first).toHaveProperty('rewards/brevity/mean_mirror');

    const rows = await rowsOf<EvaluationRow>('runs/own/eval/step-000002/rows.jsonl');
    for (const { segments, metrics } of rows)
      expect(metrics!.politeness!.value).toBe(1 / (1 + segments[0]!.text.length));
    const results = JSON.parse(
      await readFile(join(folder, 'runs/own/eval/step-000002/results.json'), 'utf8'),
    ) as object[];
    for (const view of ['original', 'mirror'])
      expect(results).toContainEqual(
        expect.objectContaining({ view, task: 'own', metric: 'politeness', n: 6, unit: 'share' }),
      );

    // Pairs are found and sorted by them, and rewards recomputed with another weight.
    const listed = async (...args: string[]) => {
      const { code, stdout, stderr } = await chirality(folder, 'trace', 'own', ...args);
      expect(code, stderr).toBe(0);
      return stdout.trimEnd().split('\n').filter(Boolean);
    };
    const values = (await listed('--sort', 'brevity', '--limit', '0', '--json')).map(
      (line) => (JSON.parse(line) as { brevity: number }).brevity,
    );
    expect(values).toEqual([...values].sort((a, b) => a - b));
    const middle = values[Math.floor(values.length / 2)]!;
    const kept = values.filter((value) => value < middle - 1e-9);
    const filter = ['--where', `brevity < ${middle}`, '--limit', '0', '--json'];
    expect(await listed(...filter)).toHaveLength(kept.length);
    const evaluated = ['--eval', 'step-000002', '--where', 'politeness >= 0', '--limit', '0', '--json'];
    expect(await listed(...evaluated)).toHaveLength(6);
    expect((await listed('--eval', 'step-000002', '--pair', '0')).join('\n')).toMatch(
      /politeness 0\.\d+ {2}\d+ characters/,
    );
    const recomputed = (await listed('--step', '1', '--what-if', 'brevity=1', '--json')).map(
      (line) => JSON.parse(line) as (typeof pairs)[number],
    );
    const before = pairs[0]!.views[0]!.group[0]!;
    const after = recomputed[0]!.views[0]!.group[0]!;
    expect(after.reward! - before.reward!).toBeCloseTo(0.8 * before.rewards.brevity!.value, 9);
    const unknown = await chirality(folder, 'trace', 'own', '--where', 'brevty < 1');
    expect(unknown.stderr).toContain('Did you mean "brevity"?');

    // One process for the reward and one for the metric, from the start of the run to its end.
    const asked = await rowsOf<{ pid: number; images: string[]; view: string }>('asked.txt');
    expect(new Set(asked.map(({ pid }) => pid)).size).toBe(2);
    expect(new Set(asked.map(({ view }) => view))).toEqual(new Set(['original', 'mirror']));
    expect(await Promise.all(asked.slice(0, 3).map(({ images }) => readFile(images[0]!)))).toHaveLength(3);
  });

  it('prints the hash without starting the program, and rejects a changed program', async () => {
    const listed = await chirality(folder, 'rewards', 'programs', 'own.run.yaml', '--json');
    const programs = JSON.parse(listed.stdout) as { at: string; hash: string }[];
    expect(programs.map(({ at }) => at)).toEqual(['rewards.brevity', 'evaluate.metrics.politeness']);
    await writeFile(join(folder, 'brevity.cjs'), `${BREVITY}// changed\n`);
    const run = ['fork', 'own', '--step', '2', '--set', 'steps=3', '--trust', programs[0]!.hash];
    const refused = await chirality(folder, ...run);
    expect([refused.code, await exists('runs/own-fork')]).toEqual([1, false]);
    expect(hashIn(refused.stderr)).not.toBe(programs[0]!.hash);
  });

  slowly('a sweep without trust in a custom program is rejected', async () => {
    const sweep = {
      config: 'own.run.yaml',
      vary: { 'rewards.brevity.weight': [0, 0.5] },
      compare: { set: 'val' },
    };
    await writeFile(join(folder, 'own.sweep.yaml'), stringify(sweep));
    const refused = await chirality(folder, 'sweep', 'own.sweep.yaml');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('rewards.brevity: node ');
    expect(await exists('sweeps/own')).toBe(false);
    const trusted = await chirality(folder, 'sweep', 'own.sweep.yaml', '--dry-run');
    expect(trusted.stdout).toContain('weight-0.5');
  });

  it('a run fails with the row of the custom program’s failure', async () => {
    await writeFile(join(folder, 'brevity.cjs'), 'process.stdin.once("data", () => process.exit(9));');
    const said = await chirality(folder, 'rewards', 'programs', 'own.run.yaml', '--json');
    const [{ hash }] = JSON.parse(said.stdout) as [{ hash: string }];
    const failed = await chirality(folder, 'rewards', 'check', 'own.run.yaml', '--trust', hash);
    expect(failed.code).toBe(1);
    expect(failed.stderr).toMatch(
      /rewards\.brevity: `node .*brevity\.cjs` ended with exit code 9 \(completion 1 of "worlds-train-1"/,
    );
  });
});
