import {
  appendFileSync,
  cpSync,
  mkdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunSummary } from '../../../src/panels/runs/runs.contract.ts';
import { evaluationsOfRun, newestEvaluation } from '../../../src/lab/evaluation/evaluation-folders.ts';
import { listSources } from '../../../src/lab/traces/sources.ts';
import { RunList } from '../../../src/panels/host/run-list.host.ts';
import { Reports } from '../../../src/panels/report/report.reads.ts';
import { runPace, runsDifferences, findRunRoots } from '../../../src/panels/runs/runs.reads.ts';
import { lastLines } from '../../../src/lab/runs/tail.ts';
import { events, record, Uri, workspace } from './fake-vscode.ts';
import { askRuns, runsIn } from '../../support/listed-runs.ts';
import { rowLines } from '../../support/rows.ts';
import { folderOfTests } from '../../support/folder.ts';
import { forAllAsync } from '../../support/property.ts';

let folder: string;
beforeEach(() => {
  folder = folderOfTests('chirality runs ü ');
});

const state = (change: object = {}) => ({
  status: 'finished',
  phase: 'finished',
  step: 3,
  steps: 3,
  message: 'All 3 steps are done.',
  host: hostname(),
  pid: 99_999_999,
  pid_start: '0',
  heartbeat: '2026-01-01T00:00:00.000Z',
  ...change,
});

function makeRun(dir: string, { change = {}, recipe = 'grpo', rewards = [0.5] as (number | null)[] } = {}) {
  mkdirSync(dir, { recursive: true });
  writeFileSync(join(dir, 'run.yaml'), `recipe: ${recipe}\nsteps: 3\n`);
  writeFileSync(join(dir, 'state.json'), JSON.stringify(state(change)));
  const lines = rewards.map((reward, i) => `${JSON.stringify({ step: i + 1, reward })}\n`);
  writeFileSync(join(dir, 'metrics.jsonl'), lines.join(''));
  return dir;
}

describe('reading runs', () => {
  test('finds folders named runs, also through links, but no hidden folders or node_modules', async () => {
    for (const path of ['runs/a', 'demo/runs/b', 'node_modules/x/runs', '.cache/runs', 'far/1/2/3/4/runs']) {
      mkdirSync(join(folder, path), { recursive: true });
    }
    mkdirSync(join(folder, 'linked'));
    symlinkSync(join(folder, 'demo'), join(folder, 'linked', 'runs'));
    symlinkSync(folder, join(folder, 'linked', 'circle'));
    const found = await findRunRoots({ folders: [folder] });
    expect(found).toEqual(['runs', 'demo/runs', 'linked/runs'].map((path) => join(folder, path)));
    expect(await findRunRoots({ folders: [join(folder, 'runs'), join(folder, 'gone')] })).toEqual([found[0]]);
  });

  test('returns state, recipe and last reward of each run, or an error', async () => {
    const root = join(folder, 'runs');
    makeRun(join(root, 'old'), { rewards: [0.1, 0.25] });
    makeRun(join(root, 'new'), {
      change: { heartbeat: '2026-02-01T00:00:00.000Z' },
      recipe: 'sft',
      rewards: [null],
    });
    makeRun(join(root, 'killed'), { change: { status: 'running', heartbeat: '2026-01-02T00:00:00.000Z' } });
    makeRun(join(root, 'bad'));
    writeFileSync(join(root, 'bad', 'state.json'), '{');
    mkdirSync(join(root, 'not a run'));
    const runs = await runsIn([root, join(folder, 'gone')]);
    const short = ({ name, state: s, recipe, reward }: RunSummary) => [
      name,
      s?.status ?? null,
      recipe,
      reward,
    ];
    expect(runs.map(short)).toEqual([
      ['new', 'finished', 'sft', null],
      ['killed', 'lost', 'grpo', 0.5],
      ['old', 'finished', 'grpo', 0.25],
      ['bad', null, 'grpo', 0.5],
    ]);
    expect(runs[3]!.error).toContain('state.json cannot be read');
    expect(runs[1]!.state!.message).toContain('no longer runs');
    expect(runs[0]).toMatchObject({ root, dir: join(root, 'new') });

    appendFileSync(join(root, 'old', 'metrics.jsonl'), '{"step":3,"reward":0.75}\n{"step":4,"rew');
    const again = await runsIn([root]);
    expect(again.find(({ name }) => name === 'old')!.reward).toBe(0.75);
  });

  test('computes pair accuracy from the latest evaluation of a run with both views', async () => {
    const recorded = join(import.meta.dirname, '../../fixtures/recorded/project/runs');
    const runs = await runsIn([recorded]);
    const meterOf = (of: string) => runs.find(({ name }) => name === of)!.meter;
    expect(meterOf('spatial')).toMatchObject({ both: { value: 0.5 }, evaluation: 'step-000004', step: 4 });
    const spatial = runs.find(({ name }) => name === 'spatial')!;
    expect(spatial.model).toBe('embedded');
    expect(Date.parse(spatial.started!)).toBeGreaterThan(0);
    const [low, high] = spatial.meter!.both.interval!;
    expect(low).toBeLessThan(0.5);
    expect(high).toBeGreaterThan(0.5);
  });

  test('sorts evaluations by numeric step: 1,000,000 after 999,999', async () => {
    const recorded = join(import.meta.dirname, '../../fixtures/recorded/project/runs/spatial');
    const dir = join(folder, 'runs', 'long');
    cpSync(recorded, dir, { recursive: true });
    for (const step of ['999999', '1000000'])
      cpSync(join(recorded, 'eval/step-000004'), join(dir, 'eval', `step-${step}`), { recursive: true });
    mkdirSync(join(dir, 'eval/step-2000000'));
    const [run] = await runsIn([join(folder, 'runs')]);
    expect(run!.meter).toMatchObject({ evaluation: 'step-1000000', step: 1_000_000 });
    expect(await newestEvaluation(dir)).toMatchObject({ id: 'step-1000000', step: 1_000_000 });
    expect((await listSources(dir)).map(({ source }) => source).slice(-2)).toEqual([
      'step-999999',
      'step-1000000',
    ]);
    expect((await evaluationsOfRun(dir)).at(-1)).toMatch(/step-1000000$/);
  });

  test('lists the paths of settings that differ between runs', async () => {
    const write = (name: string, text: string) => {
      mkdirSync(join(folder, name), { recursive: true });
      writeFileSync(join(folder, name, 'run.yaml'), text);
      return join(folder, name);
    };
    const dirs = [
      write('a', 'seed: 1\ncoupling: { eta: 0.5 }\nsteps: 10\n'),
      write('b', 'seed: 2\ncoupling: { eta: 0.5 }\nsteps: 10\n'),
      write('c', 'seed: 1\ncoupling: { eta: 1, kind: mean }\nsteps: 10\n'),
    ];
    expect(await runsDifferences({ dirs })).toEqual([
      { path: 'seed', values: ['1', '2', '1'] },
      { path: 'coupling.eta', values: ['0.5', '0.5', '1'] },
      { path: 'coupling.kind', values: [null, null, 'mean'] },
    ]);
    expect(await runsDifferences({ dirs: dirs.slice(0, 1) })).toEqual([]);
    const gone = await runsDifferences({ dirs: [dirs[0]!, join(folder, 'gone')] });
    expect(gone.map(({ values }) => values[1])).toEqual([null, null, null]);
  });

  test('computes the pace as the mean of the last 20 steps', async () => {
    const lines = Array.from({ length: 30 }, (_, i) => `{"step":${i},"step_time":${i < 10 ? 100 : 2}}\n`);
    writeFileSync(join(folder, 'timings.jsonl'), lines.join(''));
    expect(await runPace({ dir: folder })).toBe(2);
    expect(await runPace({ dir: join(folder, 'gone') })).toBe(null);
  });

  test('property: lastLines: returns the same lines as a reader of the whole file', async () => {
    const path = join(folder, 'x.jsonl');
    const line = fc.record({ text: fc.integer({ min: 0, max: 9000 }).map((n) => 'ü'.repeat(n)) });
    await forAllAsync(
      [fc.array(line, { maxLength: 12 }), fc.integer({ min: 1, max: 5 })],
      { numRuns: 60 },
      async (rows, n) => {
        writeFileSync(path, `${rowLines(rows)}{"partial`);
        expect(await lastLines(path, n, (value) => value)).toEqual(rows.slice(-n));
      },
    );
  });
});

describe('list of runs', () => {
  let list: RunList | undefined;
  const calls: string[] = [];
  const reports = new Reports();
  const service = {
    call: (name: string, args: never) => {
      calls.push(name);
      if (name === 'reportVersion') return reports.reportVersion(args);
      return findRunRoots(args);
    },
    ask: (_: string, input: { programs: ('own' | 'other')[]; limit?: number }, roots: readonly string[]) => {
      calls.push(`${input.programs.join()} runs`);
      return askRuns(roots, input);
    },
  };
  const start = () => (list = new RunList(service as never));
  const told = () => new Promise<void>((resolve) => list!.onDidChange(() => resolve()));
  const runIn = (dir: string) => list!.runs().find((run) => run.dir === dir);
  const names = () => list!.runs().map(({ name }) => name);

  beforeEach(() => {
    calls.length = 0;
    workspace.workspaceFolders = [{ uri: Uri.file(folder) }];
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], shouldAdvanceTime: true });
  });
  afterEach(() => {
    list?.dispose();
    expect(record.watched).toEqual([]);
    expect(events.fileChanged.size).toBe(0);
    vi.useRealTimers();
  });

  test('the list of runs reads no files without a folder of runs', async () => {
    makeRun(join(folder, 'deep', 'runs', 'a'));
    start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toEqual([]);
    expect(names()).toEqual([]);
    await told();
    expect(names()).toEqual(['a']);
    expect(calls).toEqual(['findRunRoots', 'other runs', 'own runs']);
  });

  test('the list of runs includes the default folder and configured folders', async () => {
    makeRun(join(folder, 'elsewhere', 'a'));
    makeRun(join(folder, 'chirality-demo', 'runs', 'b'));
    workspace.settings['chirality.runFolders'] = ['elsewhere'];
    start();
    await told();
    expect(names()).toEqual(['b', 'a']);
  });

  test('shows the latest of many runs before the remaining runs are read', async () => {
    const heartbeatOf = (i: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, i)).toISOString();
    for (let i = 0; i < 230; i++)
      makeRun(join(folder, 'runs', `run-${i}`), { change: { heartbeat: heartbeatOf(i) } });
    start();
    const first = await list!.toShow();
    expect(first.length).toBeLessThan(230);
    expect(first.map(({ name }) => name)).toEqual(first.map((_, i) => `run-${229 - i}`));
    // Who looks for a run, or for one that has ended, has not been told of some alone.
    expect([list!.isRead, names()]).toEqual([false, []]);
    await told();
    expect([list!.isRead, names().length]).toEqual([true, 230]);
    expect(list!.shown).toEqual(list!.runs());
  });

  test('the list of runs fires after a change, not after a refresh without changes', async () => {
    const dir = makeRun(join(folder, 'runs', 'a'));
    start();
    await told();
    const changes = vi.fn();
    list!.onDidChange(changes);
    await list!.refresh();
    expect(changes).not.toHaveBeenCalled();

    makeRun(dir, { rewards: [0.5, 0.9] });
    events.fileChanged.fire(Uri.file(join(dir, 'state.json')));
    await told();
    expect(runIn(dir)!.reward).toBe(0.9);

    const other = makeRun(join(folder, 'new', 'runs', 'b'));
    events.fileCreated.fire(Uri.file(join(other, 'run.yaml')));
    await told();
    expect(names()).toEqual(['a', 'b']);
    rmSync(dir, { recursive: true });
    events.fileDeleted.fire(Uri.file(join(dir, 'run.yaml')));
    await told();
    expect(names()).toEqual(['b']);

    // A folder that is moved is told of by its name alone.
    expect(record.watched).toContainEqual({ base: Uri.file(folder), pattern: '**' });
    renameSync(other, join(folder, 'new/runs/c'));
    events.fileDeleted.fire(Uri.file(other));
    events.fileCreated.fire(Uri.file(join(folder, 'new/runs/c')));
    await told();
    expect(names()).toEqual(['c']);
  });

  test('finds the runs of a moved folder if only the folder name is reported', async () => {
    makeRun(join(folder, 'runs', 'a'));
    start();
    await told();
    makeRun(join(folder, 'backup', 'tuesday', 'runs', 'b'));
    events.fileCreated.fire(Uri.file(join(folder, 'backup')));
    await told();
    expect(names().sort()).toEqual(['a', 'b']);
  });

  test('shows an error while runs are unreadable', async () => {
    makeRun(join(folder, 'runs', 'a'));
    const call = vi.spyOn(service, 'call').mockRejectedValue(new Error('The disk is gone.'));
    await expect(start().refresh()).rejects.toThrow('The disk is gone.');
    expect(record.context['chirality.runs.failed']).toBe(true);
    call.mockRestore();
    await list!.refresh();
    expect(record.context['chirality.runs.failed']).toBe(false);
    expect(names()).toEqual(['a']);
  });

  test('the list of runs refreshes automatically only while a run is active', async () => {
    const far = { status: 'running', host: 'another', heartbeat: new Date().toISOString() };
    const dir = makeRun(join(folder, 'runs', 'a'), { change: far });
    start();
    await told();
    for (let look = 0; look < 3; look++) {
      const before = calls.length;
      await vi.waitFor(async () => {
        await vi.advanceTimersByTimeAsync(1000);
        expect(calls.length).toBeGreaterThan(before);
      });
    }
    makeRun(dir);
    await told();
    expect(runIn(dir)!.state!.status).toBe('finished');
    const after = calls.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls.length).toBe(after);
  });

  test('reads an unfinished run again until its end, although only a folder above was reported', async () => {
    makeRun(join(folder, 'runs', 'a'));
    start();
    await told();
    const dir = join(folder, 'sweeps', 's', 'runs', 'b');
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, 'run.yaml'), 'recipe: sft\nsteps: 3\n');
    events.fileCreated.fire(Uri.file(join(folder, 'sweeps')));
    await told();
    expect(runIn(dir)!.state).toBeNull();
    const far = { status: 'running', host: 'another' };
    for (const change of [far, { status: 'failed', step: 1 }, { ...far, step: 2 }, {}]) {
      await vi.advanceTimersByTimeAsync(600_000);
      makeRun(dir, { change: { ...change, heartbeat: new Date().toISOString() } });
      await vi.waitFor(async () => {
        await vi.advanceTimersByTimeAsync(1000);
        expect(runIn(dir)!.state).toMatchObject({ status: 'finished', step: 3, ...change });
      });
    }
    makeRun(join(folder, 'sweeps', 's', 'runs', 'c'));
    await vi.waitFor(async () => {
      await vi.advanceTimersByTimeAsync(1000);
      expect(names()).toContain('c');
    });
    const after = calls.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls.length).toBe(after);
  });

  test('the list of runs contains the data files and the note of each run', async () => {
    const dir = makeRun(join(folder, 'runs', 'a'));
    const data = { train: '/w/train.qa.jsonl', eval: { val: '/w/val.qa.jsonl', bad: 3 } };
    writeFileSync(join(dir, 'run.yaml'), JSON.stringify({ recipe: 'grpo', data }));
    writeFileSync(join(dir, 'notes.md'), 'Best so far.\n');
    writeFileSync(join(makeRun(join(folder, 'runs', 'b')), 'run.yaml'), 'recipe: [');
    start();
    await list!.refresh();
    expect(runIn(dir)).toMatchObject({
      recipe: 'grpo',
      note: 'Best so far.',
      data: ['/w/train.qa.jsonl', '/w/val.qa.jsonl'],
    });
    expect(runIn(join(folder, 'runs', 'b'))).toMatchObject({ recipe: null, data: [] });
  });

  test('sets context keys for unavailable actions', async () => {
    start();
    await list!.refresh();
    const keys = ['none', 'noneActive', 'noneToResume'].map((name) => `chirality.runs.${name}`);
    const known = () => keys.map((key) => record.context[key]);
    expect(known()).toEqual([true, true, true]);
    // Only the sweep can start its waiting runs.
    mkdirSync(join(folder, 'sweeps/eta/runs/a'), { recursive: true });
    writeFileSync(join(folder, 'sweeps/eta/runs/a/run.yaml'), 'recipe: grpo\nsteps: 3\n');
    await list!.refresh();
    expect(known()).toEqual([false, true, true]);
    makeRun(join(folder, 'runs', 'a'), { change: { status: 'stopped' } });
    await list!.refresh();
    expect(known()).toEqual([false, true, false]);
  });

  test('offers the report of evaluations if no runs exist', async () => {
    start();
    const leads = () => record.context['chirality.runs.noneButEvaluations'];
    await list!.refresh();
    await vi.waitFor(() => expect(leads()).toBe(false));
    mkdirSync(join(folder, 'evals/gpt'), { recursive: true });
    writeFileSync(join(folder, 'evals/gpt/results.json'), '[]');
    await list!.refresh();
    await vi.waitFor(() => expect(leads()).toBe(true));
    makeRun(join(folder, 'runs', 'a'));
    await list!.refresh();
    await vi.waitFor(() => expect(leads()).toBe(false));
  });

  test('watches folders outside the workspace and behind links at their real paths', async () => {
    const outside = realpathSync(folderOfTests('chirality-outside-'));
    makeRun(join(outside, 'set', 'a'));
    makeRun(join(outside, 'linked', 'b'));
    symlinkSync(join(outside, 'linked'), join(folder, 'runs'));
    workspace.settings['chirality.runFolders'] = [join(outside, 'set')];
    start();
    await told();
    expect(names()).toEqual(['b', 'a']);
    expect(runIn(join(folder, 'runs', 'b'))).toBeDefined();
    for (const name of ['set', 'linked']) {
      const base = Uri.file(join(outside, name));
      expect(record.watched).toContainEqual({ base, pattern: '*/{run.yaml,state.json,notes.md}' });
    }
  });
});
