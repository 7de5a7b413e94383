import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { addRunsCommand } from '../../../src/cli/commands/runs.command.ts';
import { runCommand } from '../../support/command.ts';
import { folderOfEachTest } from '../../support/folder.ts';
import { rowLines } from '../../support/rows.ts';

let folder = '';
folderOfEachTest('run-summary-', (made) => (folder = made));

const RUNS = 'test/fixtures/recorded/project/runs';
const summaryOf = async (...args: string[]) => {
  const { out } = await runCommand(addRunsCommand, 'runs', ...args, '--json');
  expect(out.join('\n').length).toBeLessThan(8000);
  return JSON.parse(out.join('\n')) as Record<string, unknown>;
};

it('runs NAME: summarises a run', async () => {
  const summary = await summaryOf('spatial', '--runs', RUNS);
  expect(summary).toMatchObject({ run: 'spatial', recipe: 'grpo', preset: null, status: 'finished' });
  const { out } = await runCommand(addRunsCommand, 'runs', 'spatial', '--runs', RUNS);
  expect(out.join('\n')).toMatch(/^spatial: finished, step \d+ of \d+ \(grpo\)/);
  expect(out.join('\n')).toContain('accuracy');
});

it('runs NAME: reports the step of a simulated collapse as an alarm and as a turning point', async () => {
  await cp(join(RUNS, 'spatial'), join(folder, 'planted'), { recursive: true });
  const rows = Array.from({ length: 120 }, (_, i) => ({
    step: i + 1,
    reward: i < 70 ? 0.6 + 0.01 * (i % 5) : 0.1,
    frac_reward_zero_std: i < 70 ? 0.2 : 1,
  }));
  const text = rowLines(rows);
  await writeFile(join(folder, 'planted/metrics.jsonl'), `${text}{"step": "x"}\n`);
  const summary = await summaryOf('planted', '--runs', folder);
  expect(summary).toMatchObject({
    alarms: [{ kind: 'reward-collapse', since: 70 }],
    turns: [{ step: 71 }, { step: 71 }],
    curves: { reward: { first: 0.62, last: 0.1 } },
  });
});

it('runs NAME: summarises an external run, with its unknown fields', async () => {
  const summary = await summaryOf('test/fixtures/foreign-runs/trl-1.16');
  expect(summary).toMatchObject({ program: expect.stringContaining('TRL') as string, status: 'unknown' });
  expect((summary.missing as { field: string }[]).map(({ field }) => field)).toContain('trace.right');
});
