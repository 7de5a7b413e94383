import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Agent } from '../../../support/agent.ts';
import { folderOfTests } from '../../../support/folder.ts';
import { COLLAPSE, plantRun, plantSweep } from '../../../support/planted-run.ts';
import { openProject } from '../../recorded/files.ts';

// A client that sees only answers, as a model would: whether they lead to what is planted, and for how much reading.

const folder = folderOfTests('agent-tasks-');

interface Summary {
  alarms: { kind: string; since: number }[];
  turns: { metric: string; step: number; before: number; after: number }[];
}
interface Counts {
  matched: number;
  counts: [string, number][];
}
interface Pairs {
  pairs: { pair: string; verdict: string }[];
}
interface Pair {
  views: { view: string; answer: string; group: { read?: string; right: boolean; text: string }[] }[];
}

it('finds a collapse with its step, and the habit behind it in a pair', async () => {
  await plantRun(join(folder, 'collapse/runs/planted'));
  const agent = await Agent.in(join(folder, 'collapse'));
  const { items } = await agent.call<{ items: { name: string }[] }>('list_runs');
  const run = items[0]!.name;
  const { turns } = await agent.call<Summary>('read_run', { run });
  const turn = turns.find(({ metric }) => metric === 'accuracy_mirror')!;
  expect(turn.step).toBe(COLLAPSE);
  expect(turns.some(({ metric }) => metric === 'accuracy')).toBe(false);
  const within = (from: number, to: number) => `step >= ${from} and step < ${to}`;
  const counts = async (where: string) =>
    Object.fromEntries((await agent.call<Counts>('find_pairs', { run, where, count_by: 'verdict' })).counts);
  expect(await counts(within(turn.step - 20, turn.step))).toEqual({ consistent: 8 });
  expect(await counts(within(turn.step, turn.step + 20))).toEqual({ only_original: 12 });
  const where = `verdict = only_original and ${within(turn.step, turn.step + 1)}`;
  const { pairs } = await agent.call<Pairs>('find_pairs', { run, where, limit: 1 });
  expect(pairs[0]!.pair).toBe(`${COLLAPSE}/0`);
  const { views } = await agent.call<Pair>('read_pair', { run, pair: pairs[0]!.pair });
  // The reference turns with the picture, and the answer does not.
  expect(views.map(({ answer }) => answer)).toEqual(['left', 'right']);
  expect(
    views.flatMap(({ group }) => group.map(({ text }) => /<answer>(.*)<\/answer>/.exec(text)![1])),
  ).toEqual(Array.from({ length: 8 }, () => 'left'));
  expect(agent.calls).toBeLessThanOrEqual(6);
  expect(agent.characters).toBeLessThan(10_000);
});

it('tells the better cell of a sweep, with p', async () => {
  await openProject(join(folder, 'sweep'));
  await plantSweep(join(folder, 'sweep/sweeps/eta'));
  const agent = await Agent.in(join(folder, 'sweep'));
  const { items } = await agent.call<{ items: { name: string }[] }>('list_runs', { kind: ['sweep'] });
  const { cells } = await agent.call<{ cells: Record<string, unknown>[] }>('compare_runs', {
    runs: [items[0]!.name],
  });
  expect(cells).toMatchObject([
    { cell: 'eta-0', value: 0.25, rows: 40 },
    { cell: 'eta-2', value: 0.75, rows: 40, difference: 0.5 },
  ]);
  expect(cells[1]!.p).toBeLessThan(0.001);
  const [low, high] = cells[1]!.difference_interval as [number, number];
  expect(low).toBeGreaterThan(0.3);
  expect(high).toBeLessThan(0.7);
  expect(agent.calls).toBeLessThanOrEqual(2);
  expect(agent.characters).toBeLessThan(1000);
});
