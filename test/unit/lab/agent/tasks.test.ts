import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PairId } from '../../../../src/core/run-data/trace-summary.ts';
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
  pairs: (PairId & { verdict: string })[];
}
interface Pair {
  views: { view: string; answer: string; group: { right: boolean; segments: { text: string }[] }[] }[];
}

it('an agent finds the step of a collapse and the pair that shows its response bias', async () => {
  await plantRun(join(folder, 'collapse/runs/planted'));
  const agent = await Agent.in(join(folder, 'collapse'));
  const { runs } = await agent.call<{ runs: { name: string }[] }>('list_runs');
  const run = runs[0]!.name;
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
  expect(pairs[0]).toMatchObject({ step: COLLAPSE, pair: 0 });
  const { views } = await agent.call<Pair>('read_pair', { run, step: COLLAPSE, pair: 0 });
  // The reference turns with the image, and the answer does not.
  expect(views.map(({ answer }) => answer)).toEqual(['left', 'right']);
  const texts = views.flatMap(({ group }) => group.map(({ segments }) => segments[0]!.text));
  expect(texts.map((text) => text.includes('<answer>left</answer>'))).toEqual(new Array(8).fill(true));
  expect(agent.calls).toBeLessThanOrEqual(6);
  expect(agent.characters).toBeLessThan(10_000);
});

it('an agent finds the better condition of a sweep and its p-value', async () => {
  await openProject(join(folder, 'sweep'));
  await plantSweep(join(folder, 'sweep/sweeps/eta'));
  const agent = await Agent.in(join(folder, 'sweep'));
  const { places } = await agent.call<{ places: { name: string }[] }>('list_runs', { kind: 'sweep' });
  const { cells } = await agent.call<{ cells: Record<string, unknown>[] }>('compare_runs', {
    runs: [places[0]!.name],
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

describe('agent tasks in a project', () => {
  const project = join(folder, 'project');
  let agent: Agent;
  beforeAll(async () => {
    await openProject(project);
    await writeFile(join(project, 'mine.run.yaml'), 'preset: svqa-r1\nsteps: 100\ncouplng:\n  eta: 2\n');
    await cp('test/fixtures/foreign-runs/ms-swift-4.6', join(project, 'runs/swift'), { recursive: true });
  });
  /** @param most how many calls and characters the task may take */
  const task = (
    name: string,
    most: readonly [calls: number, characters: number],
    work: () => Promise<void>,
  ) =>
    it(name, async () => {
      agent = await Agent.in(project);
      await work();
      expect(agent.calls).toBeLessThanOrEqual(most[0]);
      expect(agent.characters).toBeLessThan(most[1]);
    });

  task('reports what a stronger view penalty would have changed', [1, 1000], async () => {
    const answer = await agent.call('read_run', { run: 'spatial', part: 'what_if', what_if: 'eta=5' });
    expect(answer).toMatchObject({
      changed: { eta: { before: 1, after: 5 } },
      completions: 96,
      signs: { reversed: 4 },
      effects: { scaled: { before: 5, after: 0 }, inverted: { before: 0, after: 6 } },
    });
  });

  task('repairs a config with the line and suggestion of each problem', [2, 1000], async () => {
    const { problems } = await agent.call<{ problems: object[] }>('check_config', { file: 'mine.run.yaml' });
    expect(problems).toContainEqual(expect.objectContaining({ line: 3, fix: 'Did you mean "coupling"?' }));
    await writeFile(
      join(project, 'mine.run.yaml'),
      'preset: svqa-r1\nsteps: 100\ncoupling:\n  eta: 2\ndata:\n  train: train/data.qa.jsonl\n',
    );
    const { problems: left } = await agent.call<{ problems: { message: string }[] }>('check_config', {
      file: 'mine.run.yaml',
    });
    expect(left.filter(({ message }) => message.startsWith('Unknown field'))).toEqual([]);
  });

  task('plans a sweep: conditions, seeds and comparison, without a start', [1, 1000], async () => {
    expect(await agent.call('check_config', { file: 'recipe:eta', small: true })).toMatchObject({
      ok: true,
      cells: ['eta-0', 'eta-1', 'eta-2', 'eta-10'],
      seeds: [1, 2, 3],
      compares: { metric: 'consistent' },
    });
  });

  task(
    'reads the results of a run, from the newest evaluation down to a pair that it got wrong',
    [4, 12_000],
    async () => {
      const { runs } = await agent.call<{ runs: object[] }>('list_runs', { match: 'spatial' });
      const meter = { evaluation: 'step-000004', both: { value: 0.5, n: 4 } };
      expect(runs).toMatchObject([{ name: 'spatial', meter }]);
      const of = { run: 'spatial', evaluation: 'latest' };
      const { counts } = await agent.call<Counts>('find_pairs', { ...of, count_by: 'verdict' });
      expect(Object.fromEntries(counts)).toEqual({ consistent: 2, neither: 2 });
      const { pairs } = await agent.call<Pairs>('find_pairs', {
        ...of,
        where: 'verdict = neither',
        limit: 1,
      });
      const { step, pair } = pairs[0]!;
      const { views } = await agent.call<Pair>('read_pair', { ...of, step, pair });
      expect(views.flatMap(({ group }) => group.map(({ right }) => right))).toEqual([false, false]);
    },
  );

  task(
    'drafts two questions: one with a mirror by the rules, one on which the rules abstain',
    [1, 1500],
    async () => {
      const { rows } = await agent.call<{ rows: { mirror: { status: string; question?: string } }[] }>(
        'read_data',
        {
          rows: [
            { question: 'Is the cat left of the dog?', answer: 'Yes' },
            { question: 'What is left of the pizza, if anything is left?', answer: 'A slice' },
          ],
        },
      );
      expect(rows[0]!.mirror).toMatchObject({ status: 'flipped', question: 'Is the cat right of the dog?' });
      expect(rows[1]!.mirror.status).not.toBe('flipped');
    },
  );

  task('counts and reads the rows that await review', [2, 9000], async () => {
    const file = 'data/reviewed.qa.jsonl';
    const { mirror } = await agent.call<{ mirror: Record<string, number> }>('read_data', { file });
    expect(mirror).toEqual({ invariant: 23, flipped: 22, needs_llm: 3, discard: 1 });
    const { rows } = await agent.call<{ rows: { mirror: { state: string } }[] }>('read_data', {
      file,
      part: 'rows',
      where: 'state = pending',
    });
    expect(rows.length).toBeGreaterThan(0);
    expect(new Set(rows.map((row) => row.mirror.state))).toEqual(new Set(['pending']));
  });

  task('reads an ms-swift run and lists the missing fields', [3, 12_000], async () => {
    // Its folder has the name that a person would say.
    expect(await agent.mistake('read_run', { run: 'swift' })).toBe(
      'Cannot find run "swift". Candidates: swift/v0-20261121-020121. Call list_runs for all.',
    );
    const run = 'swift/v0-20261121-020121';
    const summary = await agent.call<{ missing?: { field: string }[] }>('read_run', { run });
    expect(summary.missing!.map(({ field }) => field)).toContain('trace.images');
    const { matched } = await agent.call<{ matched: number }>('find_pairs', { run, limit: 1 });
    expect(matched).toBeGreaterThan(0);
  });

  it('agent tools name the external run without a Chirality config', async () => {
    const run = 'swift/v0-20261121-020121';
    const other = await Agent.in(project);
    expect(await other.mistake('read_run', { run, part: 'config' })).toBe(
      `${run} is an external run without a Chirality config.`,
    );
  });

  task('reads a curve in ranges of steps', [1, 1000], async () => {
    const { metrics } = await agent.call<{ metrics: { reward: number[][] } }>('read_run', {
      run: 'spatial',
      part: 'metrics',
      metrics: ['reward'],
      points: 2,
    });
    expect(metrics.reward.map(([first, last]) => [first, last])).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  task('compares two runs on shared rows and finds no significant difference', [2, 4000], async () => {
    const { paired } = await agent.call<{ paired: { view: string; p: number }[] }>('compare_runs', {
      runs: ['eta-0-seed-1', 'eta-2-seed-1'],
    });
    expect(paired.map(({ view }) => view)).toEqual(['both', 'original', 'mirror']);
    for (const { p } of paired) expect(p).toBeGreaterThan(0.05);
  });
});
