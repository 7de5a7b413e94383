import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { short } from '../../../src/base/format.ts';
import type { RunStateSummary, RunSummary } from '../../../src/panels/runs/runs.contract.ts';
import { UNREAD } from '../../../src/lab/operations/list-runs.action.ts';
import type { Meter } from '../../../src/core/run-data/meter.ts';
import { age, progressText, runDescription, runIcon } from '../../../src/extension/run-text.ts';
import { PairRows, countRows } from '../../../src/panels/data-rows.reads.ts';
import { tableService } from '../../../src/panels/table/table.reads.ts';
import { commands } from '../../../src/extension/commands.ts';
import { dataLenses, runLenses, runOf, sweepLenses } from '../../../src/extension/lenses.ts';
import { dataFiles } from '../../../src/extension/launch/new-data-set.ts';
import { Program } from '../../../src/panels/host/cli-program.host.ts';
import { RunStatusBar } from '../../../src/extension/status-bar.ts';
import { DataSetsView } from '../../../src/extension/views/data-sets.ts';
import { checkEndpoint, endpointsOf } from '../../../src/panels/host/listed-endpoints.host.ts';
import { EnginesView, findPythons } from '../../../src/extension/views/engines-tree.ts';
import { RunsView, type RunNode } from '../../../src/extension/views/runs-tree.ts';
import { events, EventEmitter, record, Uri, workspace } from './fake-vscode.ts';
import { share } from '../../support/listed-runs.ts';
import { folderOfTests } from '../../support/folder.ts';
import { serveLocally } from '../../support/local-server.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');

function run(
  name: string,
  status: RunStateSummary['status'] | null,
  change: Partial<RunSummary> = {},
): RunSummary {
  const state =
    status === null ? null : { status, phase: status, step: 3, steps: 10, message: 'News.', host: 'box' };
  return {
    ...UNREAD,
    name,
    dir: `/w/runs/${name}`,
    root: '/w/runs',
    state: state && { ...state, heartbeat: '2026-03-01T10:30:00Z' },
    reward: 0.93686,
    recipe: 'grpo',
    ...change,
  };
}

/** A cheat: its reward is high, its mirrors are wrong. */
const DIVERGING: Meter = {
  original: share(0.965),
  view: 'mirror',
  other: share(0.47),
  both: share(0.43),
  diverges: true,
  step: 70,
  evaluation: 'step-000070',
};

/** A run that had nothing to learn from. */
const { state: ENDED } = run('h', 'finished');
const UNREWARDED = run('h', 'finished', { state: { ...ENDED!, unrewarded: true } });

/** A list of runs that the test changes. */
class FakeRuns {
  private readonly changed = new EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  constructor(private list: RunSummary[]) {}
  runs = () => this.list;
  toShow = () => Promise.resolve(this.list);
  become(list: RunSummary[]) {
    this.list = list;
    this.changed.fire();
  }
}

describe('text about a run', () => {
  test('the text about a run contains short ages and numbers', () => {
    const ages = ['11:59:30', '11:48:00', '10:30:00', '12:00:05'].map((at) => age(`2026-03-01T${at}Z`, NOW));
    expect(ages).toEqual(['just now', '12 min ago', '1 h ago', 'just now']);
    expect(age('2026-02-28T11:00:00Z', NOW)).toBe('yesterday');
    expect(age('2026-02-10T11:00:00Z', NOW)).toBe('19 days ago');
    expect(age('never', NOW)).toBe('');
    expect([0.93686, -0.2, 12, 0, 1234.5].map((value) => short(value))).toEqual([
      '0.937',
      '−0.2',
      '12',
      '0',
      '1230',
    ]);
  });

  test('the text about a run describes each state in one line', () => {
    const failed = run('h', 'failed');
    const lines = [
      run('a', 'running'),
      run('b', 'finished'),
      run('c', 'failed', { reward: null }),
      run('d', null),
      run('e', null, { error: 'broken' }),
      run('f', 'stopping'),
      run('g', 'running', { meter: DIVERGING }),
      { ...failed, state: { ...failed.state!, step: 0, message: 'The model is missing.\nAsk for it.' } },
      UNREWARDED,
      run('i', 'running', { meter: { ...DIVERGING, diverges: false, evaluation: null, steps: 10 } }),
    ].map((each) => runDescription(each, NOW));
    expect(runIcon(UNREWARDED).id).toBe('warning');
    expect(runIcon(run('b', 'finished')).id).toBe('pass');
    expect(lines).toEqual([
      '3/10 · reward 0.937',
      'reward 0.937 · 1 h ago',
      'failed 3/10 · 1 h ago',
      'not started',
      'unreadable state',
      'stopping 3/10 · reward 0.937',
      '3/10 · 43.0% pair accuracy · view gap',
      'failed: The model is missing.',
      'no reward · 1 h ago',
      '3/10 · 43.0% rollout pair accuracy (mean of the last 10 steps)',
    ]);
  });

  test('the text about a run describes the progress', () => {
    expect(progressText(run('a', 'running'), 600)).toBe('a 3/10 · about 1 h 10 min left · reward 0.937');
    expect(progressText(run('a', 'running', { reward: null }), null)).toBe('a 3/10');
    expect(progressText(run('a', 'stopping'), 600)).toBe('a 3/10 · stopping · reward 0.937');
  });
});

describe('Runs view', () => {
  const memory = new Map<string, unknown>();
  const memento = {
    get: (key: string, fallback: unknown) => memory.get(key) ?? fallback,
    update: (key: string, value: unknown) => Promise.resolve(void memory.set(key, value)),
  };
  const show = (list: RunSummary[]) => new RunsView(new FakeRuns(list) as never, memento as never);
  const labels = (view: RunsView, nodes: Awaited<ReturnType<RunsView['getChildren']>>) =>
    nodes.map((node) => view.getTreeItem(node).label);
  afterEach(() => memory.clear());

  test('groups runs only if they are in several folders', async () => {
    const one = show([run('a', 'running'), run('b', 'finished')]);
    expect(labels(one, await one.getChildren())).toEqual(['a', 'b']);
    one.dispose();
    workspace.workspaceFolders = [{ uri: Uri.file('/w') }];
    const two = show([run('a', 'running'), run('b', 'finished', { root: '/w/demo/runs' })]);
    const groups = await two.getChildren();
    expect(labels(two, groups)).toEqual(['runs', 'demo/runs']);
    expect(labels(two, await two.getChildren(groups[1]))).toEqual(['b']);
    two.dispose();
  });

  test('adds folders to runs with equal names if no group distinguishes them', async () => {
    workspace.workspaceFolders = [{ uri: Uri.file('/w') }];
    const view = show([
      run('a', 'finished'),
      run('a', 'finished', { dir: '/w/x/runs/a', root: '/w/x/runs' }),
    ]);
    const below = async () => {
      const nodes = await view.getChildren();
      return labels(view, 'runs' in nodes[0]! ? await view.getChildren(nodes[0]) : nodes);
    };
    expect(await below()).toEqual(['a']);
    await view.groupBy('status');
    expect(await below()).toEqual(['runs/a', 'x/runs/a']);
    view.dispose();
  });

  test('groups runs by status on request, and stores the grouping', async () => {
    const view = show([run('a', 'finished'), run('b', 'lost'), run('c', 'running'), run('d', 'failed')]);
    expect(record.context['chirality.runs.grouping']).toBe('folder');
    await view.groupBy('status');
    expect(record.context['chirality.runs.grouping']).toBe('status');
    const groups = await view.getChildren();
    expect(labels(view, groups)).toEqual(['Active', 'Failed or Lost', 'Finished']);
    expect(labels(view, await view.getChildren(groups[1]))).toEqual(['b', 'd']);
    view.dispose();
    const next = show([]);
    expect(record.context['chirality.runs.grouping']).toBe('status');
    expect(await next.getChildren()).toEqual([]);
    next.dispose();
  });

  test('shows the text of a run without Markdown or links', async () => {
    const view = show([run('[x](command:evil)', 'failed', { error: '<img src=x> **bold**' })]);
    const item = view.getTreeItem((await view.getChildren())[0]!);
    const { value, isTrusted } = item.tooltip as { value: string; isTrusted?: boolean };
    expect(value).not.toMatch(/(?<!\\)\[x\]\(|(?<!\\)<img|[^\\]\*\*bold/);
    expect(isTrusted).toBeUndefined();
    expect(item).toMatchObject({ id: '/w/runs/[x](command:evil)', contextValue: 'run failed' });
    view.dispose();
  });

  test('marks a run of a sweep that never started, which only the sweep can start', async () => {
    const view = show(
      ['/w/runs', '/w/sweeps/eta/runs'].map((root) => ({ ...run('a', 'stopped', { state: null }), root })),
    );
    const groups = await view.getChildren();
    const items = await Promise.all(
      groups.map(async (group) => view.getTreeItem((await view.getChildren(group))[0]!)),
    );
    expect(items.map(({ contextValue }) => contextValue)).toEqual(['run waiting', 'run planned']);
    view.dispose();
  });

  test('marks a run with a view gap, and links to its pairs', async () => {
    const agreeing = { ...DIVERGING, other: share(0.95), both: share(0.94), diverges: false };
    const view = show([
      run('given', 'finished', { meter: DIVERGING, reward: 0.98 }),
      run('spatial', 'finished', { meter: agreeing, reward: 0.88 }),
    ]);
    const [given, spatial] = (await view.getChildren()).map((node) => view.getTreeItem(node));
    expect(given).toMatchObject({ contextValue: 'run finished meter', iconPath: { id: 'warning' } });
    expect(given!.description).toContain('43.0% pair accuracy · view gap');
    expect(given!.tooltip).toHaveProperty('value', expect.stringMatching(/Reward: 0.98/));
    expect(given!.accessibilityInformation!.label).toContain('originals 96.5%, mirrors 47.0% (view gap)');
    // A narrow list would cut the age to what looks like a duration.
    expect(spatial!.description).toBe('94.0% pair accuracy');
    expect(spatial!.tooltip).toHaveProperty('value', expect.stringContaining(' ago'));
    expect(spatial).toMatchObject({ iconPath: { id: 'pass' } });
    view.dispose();
  });

  test('passes the folder of the run to commands', async () => {
    const view = show([run('a', 'running')]);
    expect(((await view.getChildren())[0] as RunNode).dir).toBe('/w/runs/a');
    view.dispose();
  });

  test('shows the number of active runs in the activity bar', () => {
    const runs = new FakeRuns([]);
    const view = new RunsView(runs as never, memento as never);
    const badge = () => record.treeViews.get('chirality.runs')!.badge;
    runs.become([run('a', 'running'), run('b', 'finished'), run('c', 'starting')]);
    expect(badge()).toEqual({ value: 2, tooltip: '2 active runs' });
    runs.become([run('a', 'finished')]);
    expect(badge()).toBeUndefined();
    view.dispose();
  });
});

describe('CodeLenses of a config', () => {
  const config = Uri.file('/w/svqa.run.yaml') as never;
  const sweep = Uri.file('/w/eta.sweep.yaml') as never;

  test('CodeLenses show the latest run that was started from the config', () => {
    const runs = [
      run('svqa-2', 'running'),
      run('svqa', 'finished'),
      run('svqa-eta-2', 'finished'),
      run('svqa', 'finished', { root: '/elsewhere/runs' }),
    ];
    expect(runOf('/w/svqa.run.yaml', runs)?.name).toBe('svqa-2');
    expect(runOf('/w/svqa-eta.run.yaml', runs)?.name).toBe('svqa-eta-2');
    expect(runOf('/w/other.run.yaml', runs)).toBeUndefined();
    expect(runOf('/elsewhere/svqa.run.yaml', runs)?.root).toBe('/elsewhere/runs');
    expect(runOf('/w/configs/svqa.run.yaml', runs)?.name).toBe('svqa-2');
    const near = run('svqa', 'finished', { root: '/w/configs/runs' });
    expect(runOf('/w/configs/svqa.run.yaml', [...runs, near])).toBe(near);
  });

  test('CodeLenses offer the currently available actions', () => {
    const titles = (each: RunSummary | undefined, trusted = true) =>
      runLenses(config, each, trusted).map(({ title }) => title.replace(/\$\(\w+\) /, ''));
    const starts = ['Start Run', 'Dry Run'];
    expect(titles(undefined)).toEqual(starts);
    expect(titles(run('a', 'finished'))).toEqual([...starts, 'Evaluate Checkpoint…', 'Open a']);
    expect(titles(run('a', 'lost'))).toEqual([...starts, 'Resume Run', 'Evaluate Checkpoint…', 'Open a']);
    expect(titles(run('a', 'running'))).toEqual(['a 3/10 · reward 0.937', 'Stop Run', ...starts]);
    expect(titles(run('a', null))).toEqual([...starts, 'Open a']);
    expect(titles(undefined, false)).toEqual([]);
    expect(titles(run('a', 'lost'), false)).toEqual(['Open a']);
    expect(titles(run('a', 'running'), false)).toEqual(['a 3/10 · reward 0.937']);
  });

  test('CodeLenses run a sweep, or its small variant if the sweep has one', () => {
    const titles = (text: string, trusted = true) =>
      sweepLenses(sweep, text, [], trusted).map(({ title, arguments: args }) => [
        title.replace(/\$\(\w+\) /, ''),
        ...args!,
      ]);
    expect(titles('vary: {}')).toEqual([['Run Sweep', sweep, false]]);
    expect(titles('vary: {}\nsmall:\n')).toEqual([
      ['Run Sweep', sweep, false],
      ['Run Small Variant', sweep, true],
    ]);
    expect(titles('small:\n', false)).toEqual([]);
  });

  test('CodeLenses open the report of a sweep with runs', () => {
    const runs = [
      run('eta-0-seed-1', 'finished', { root: '/w/sweeps/eta-small/runs' }),
      run('eta-0-seed-1', 'finished', { root: '/w/sweeps/other/runs' }),
    ];
    expect(sweepLenses(sweep, '', runs, false)).toMatchObject([
      { title: 'Open Report of eta-small', arguments: ['/w/sweeps/eta-small'] },
    ]);
  });

  test('CodeLenses use existing commands', () => {
    const runs = [run('a', 'finished', { root: '/w/sweeps/eta/runs', data: ['/w/val.qa.jsonl'] })];
    const kinds = [undefined, run('a', 'finished'), run('a', 'lost'), run('a', 'running')];
    const lenses = [
      ...sweepLenses(sweep, 'small:', runs, true),
      ...kinds.flatMap((each) => runLenses(config, each, true)),
      ...dataLenses(Uri.file('/w/val.qa.jsonl') as never, runs),
    ];
    for (const { command } of lenses) expect(commands).toHaveProperty([command]);
  });
});

test('RunStatusBar: shows the progress of one run or the number of several', async () => {
  const runs = new FakeRuns([]);
  const bar = new RunStatusBar(runs as never, { call: () => Promise.resolve(60) } as never);
  runs.become([run('a', 'running'), run('b', 'finished')]);
  await vi.waitFor(() =>
    expect(record.statusBar).toBe('$(sync~spin) a 3/10 · about 7 min left · reward 0.937'),
  );
  expect(record.context['chirality.hasActiveRuns']).toBe(true);
  runs.become([run('a', 'running', { meter: DIVERGING })]);
  // Whole parts that do not fit in a narrow window are in the tooltip alone.
  await vi.waitFor(() => expect(record.statusBar).toBe('$(sync~spin) a 3/10 · view gap · about 7 min left'));
  const { tooltip } = record.statusBarItem as Record<string, { id?: string; value?: string }>;
  expect(tooltip!.value).toContain('(command:chirality.openDivergingPairs?');
  runs.become([run('a', 'running'), run('b', 'starting')]);
  await vi.waitFor(() => expect(record.statusBar).toBe('$(sync~spin) 2 runs'));
  runs.become([run('a', 'finished')]);
  await vi.waitFor(() => expect(record.statusBar).toBe(null));
  expect(record.context['chirality.hasActiveRuns']).toBe(false);
  bar.dispose();
});

/** Nothing is loaded. */
const NO_MODELS = { list: () => [], onDidChange: () => ({ dispose: () => undefined }) } as never;

describe('views of files', () => {
  let folder: string;
  beforeEach(() => {
    folder = folderOfTests('chirality views ü ');
  });

  test('Datasets view: lists files with their number of rows', async () => {
    workspace.workspaceFolders = [{ uri: Uri.file(folder) }];
    mkdirSync(join(folder, 'train'));
    writeFileSync(join(folder, 'train', 'data.qa.jsonl'), '{"a":1}\n\n{"b":2}');
    writeFileSync(join(folder, 'bad.parquet'), 'PAR1');
    workspace.files = ['train/data.qa.jsonl', 'bad.parquet'].map((path) => Uri.file(join(folder, path)));
    const service = { call: (_name: string, args: { path: string }) => countRows(args) };
    const view = new DataSetsView(service as never);
    const [bad, good] = await view.getChildren();
    expect(view.getTreeItem(good!)).toMatchObject({
      label: 'data.qa.jsonl',
      description: 'train',
      contextValue: 'data rows',
    });
    await vi.waitFor(() => expect(view.getTreeItem(good!).description).toBe('2 rows · train'));
    expect(view.getTreeItem(bad!)).toMatchObject({ description: 'unreadable', contextValue: 'data table' });
    expect(view.getTreeItem(bad!).tooltip).toContain('Cannot read the parquet file');
    workspace.files.push(Uri.file(join(folder, 'val', 'data.qa.jsonl')));
    // Not a dataset: completions of a run of TRL.
    workspace.files.push(Uri.file(join(folder, 'out/completions/completions_00010.parquet')));
    await view.refresh();
    const labels = (await view.getChildren()).map((uri) => view.getTreeItem(uri).label);
    expect(labels).toEqual(['bad.parquet', 'train/data.qa.jsonl', 'val/data.qa.jsonl']);
    // A file that is deleted, or its folder, is told once; what holds no dataset, not at all.
    const times: number[] = [];
    for (const path of ['bad.parquet', 'train', 'notes.txt']) {
      const told = vi.fn();
      const listening = view.onDidChangeTreeData(told);
      events.fileDeleted.fire(Uri.file(join(folder, path)));
      await null; // a listing that has begun is not joined
      await view.refresh(); // tells once, after all others
      listening.dispose();
      times.push(told.mock.calls.length - 1);
    }
    expect(times).toEqual([1, 1, 0]);
    view.dispose();
  });

  test('Datasets view: lists user files, and conflicts below their dataset', async () => {
    workspace.workspaceFolders = [{ uri: Uri.file(folder) }];
    const at = (path: string) => Uri.file(join(folder, path));
    const table = 'question,answer,image\nWhere?,left,a.jpg\n';
    for (const name of ['own', 'asked', 'theirs/samples']) mkdirSync(join(folder, name), { recursive: true });
    writeFileSync(join(folder, 'own/cups.csv'), table);
    // An evaluation in a folder of the user's, and a trainer's log.
    const row = '{"question":"Where?","answer":"left","image":"a.jpg"}\n';
    for (const name of ['manifest.json', 'results.json']) writeFileSync(join(folder, 'asked', name), '{}');
    writeFileSync(join(folder, 'asked/rows.jsonl'), row);
    writeFileSync(join(folder, 'theirs/trainer_state.json'), '{}');
    writeFileSync(join(folder, 'theirs/completions.jsonl'), row);
    // A table of the user's that only lies next to a run stays listed.
    writeFileSync(join(folder, 'theirs/mugs.csv'), table);
    workspace.files = [
      'own/a.qa.jsonl',
      'own/a.conflict.qa.jsonl',
      'own/lost.conflict.qa.jsonl',
      'own/cups.csv',
      'asked/rows.jsonl',
      'theirs/completions.jsonl',
      'theirs/mugs.csv',
      'acuity/rows/side-0123abcd/data.qa.jsonl',
      'acuity/rows/side-0123abcd/images/0001-mirror.png',
    ].map(at);
    const looked: string[] = [];
    const service = {
      call: async (name: string, args: { path: string }) => {
        if (name !== 'isTable') return { rows: 1, bytes: 1, columns: [] };
        const is = await tableService(new PairRows()).isTable(args);
        looked.push(args.path);
        return is;
      },
    };
    const view = new DataSetsView(service as never);
    await view.getChildren();
    await vi.waitFor(() => expect(looked).toHaveLength(4));
    const nodes = await view.getChildren();
    expect(nodes.map((uri) => view.getTreeItem(uri).label)).toEqual([
      'a.qa.jsonl',
      'lost.conflict.qa.jsonl', // its data set is gone
      'cups.csv',
      'mugs.csv',
    ]);
    expect(view.getTreeItem(nodes[0]!).collapsibleState).toBe(1);
    const below = await view.getChildren(nodes[0]);
    expect(below.map((uri) => view.getTreeItem(uri).label)).toEqual(['a.conflict.qa.jsonl']);
    expect((await dataFiles()).map(({ path }) => path)).toEqual([at('own/a.qa.jsonl').path]);
    view.dispose();
  });

  test('Datasets view: lists convertible files until they are converted', async () => {
    workspace.workspaceFolders = [{ uri: Uri.file(folder) }];
    const at = (path: string) => Uri.file(join(folder, path));
    mkdirSync(join(folder, 'own'));
    writeFileSync(join(folder, 'own/cups.csv'), 'Bild,Frage,Antwort\na.jpg,Wo?,links\n');
    writeFileSync(join(folder, 'own/package.json'), '{"name": "cups", "version": "1.0"}');
    writeFileSync(join(folder, 'own/empty.csv'), '');
    const labels = ['coco.json', 'label-studio.json', 'cvat.xml', 'label-studio-config.xml'];
    for (const name of labels) copyFileSync(join('test/fixtures/labels', name), join(folder, 'own', name));
    const pictures = ['own/photos/a.jpg', 'beach/1.PNG', 'beach/2.webp'].map(at);
    const others = ['cups.csv', 'package.json', 'empty.csv', ...labels];
    workspace.files = [...others.map((name) => at(`own/${name}`)), ...pictures];
    const service = {
      call: (name: string, args: { path: string }) =>
        name === 'isTable' ? tableService(new PairRows()).isTable(args) : countRows(args),
    };
    const view = new DataSetsView(service as never);
    const listed = async () =>
      (await view.getChildren())
        .map((uri) => view.getTreeItem(uri))
        .map(({ label, description, contextValue }) => [label, description, contextValue]);
    const photos = ['own/photos', '1 image, no rows yet', 'data images'];
    const beach = ['beach', '2 images, no rows yet', 'data images'];
    expect(await listed()).toEqual([photos, beach]); // tables are looked into meanwhile
    await vi.waitFor(async () =>
      expect(await listed()).toEqual([
        // What tells them apart comes first.
        ...['cups.csv', ...labels.slice(0, 3)].map((name) => [name, 'no dataset yet · own', 'data table']),
        beach,
      ]),
    );
    writeFileSync(join(folder, 'own/cups.qa.jsonl'), '');
    workspace.files.push(at('own/cups.qa.jsonl'));
    await view.refresh();
    await vi.waitFor(async () =>
      expect((await listed()).map(([label]) => label)).toEqual([
        'cups.qa.jsonl',
        ...labels.slice(0, 3),
        'beach',
      ]),
    );
    view.dispose();
  });

  test('Datasets view: reports an empty folder only after tables have been read', async () => {
    workspace.workspaceFolders = [{ uri: Uri.file(folder) }];
    const table = Uri.file(join(folder, 'cups.csv'));
    workspace.files = [table];
    record.context = {};
    const none = () => record.context['chirality.dataSets.none'];
    let tell!: (looks: boolean) => void;
    const promise = new Promise<boolean>((resolve) => (tell = resolve));
    const view = new DataSetsView({ call: () => promise } as never);
    view.onDidChangeTreeData(() => void view.getChildren());
    expect(await view.getChildren()).toEqual([]);
    expect(none()).toBe(undefined);
    tell(true);
    await vi.waitFor(() => expect(none()).toBe(false));
    workspace.files = [];
    await view.refresh();
    expect(await view.getChildren()).toEqual([]);
    await vi.waitFor(() => expect(none()).toBe(true));
    view.dispose();
  });

  const program = (path: string, text: string) => {
    mkdirSync(join(folder, path, '..'), { recursive: true });
    writeFileSync(join(folder, path), text);
    chmodSync(join(folder, path), 0o755);
    return join(folder, path);
  };

  test.skipIf(process.platform === 'win32')('findPythons: lists each common Python once', async () => {
    const system = program('usr/bin/python3.11', '');
    for (const name of ['python3', 'python']) symlinkSync(system, join(folder, 'usr/bin', name));
    mkdirSync(join(folder, 'work/.venv/bin'), { recursive: true });
    symlinkSync(system, join(folder, 'work/.venv/bin/python'));
    writeFileSync(join(folder, 'usr/bin/python3.txt'), '');
    symlinkSync(join(folder, 'usr/bin'), join(folder, 'bin'));
    const env = {
      PATH: ['usr/bin', 'bin', 'none'].map((path) => join(folder, path)).join(delimiter),
      CONDA_PREFIX: join(folder, 'conda'),
    };
    const found = await findPythons([join(folder, 'work')], env);
    const inside = found.filter(({ path }) => path.startsWith(folder));
    expect(inside).toEqual([
      { path: join(folder, 'work/.venv/bin/python'), from: '.venv' },
      { path: join(folder, 'usr/bin/python3'), from: 'PATH' },
    ]);
  });

  test('findPythons: searches the Windows locations of conda and virtual environments', async () => {
    const paths = ['work/venv/Scripts', 'active/Scripts', 'conda', 'installed'].map((place) =>
      program(`${place}/python.exe`, ''),
    );
    const [VIRTUAL_ENV, CONDA_PREFIX, PATH] = ['active', 'conda', 'installed'].map((name) =>
      join(folder, name),
    );
    const found = await findPythons([join(folder, 'work')], { VIRTUAL_ENV, CONDA_PREFIX, PATH }, 'win32');
    expect(found.map(({ path }) => path).filter((path) => path.startsWith(folder))).toEqual(paths);
  });

  test('Engines view: checks engines when opened, but not in Restricted Mode', async () => {
    const asked: string[] = [];
    const server = await serveLocally(({ url }, answer) => {
      asked.push(url!);
      answer.end(JSON.stringify({ data: [{ id: 'tiny' }] }));
    });
    const url = `${server.url}/v1`;
    workspace.settings = { 'chirality.endpoints': [{ name: 'Mine', url }] };
    workspace.isTrusted = false;
    const findings = [
      { state: 'good', text: 'torch 2.9.0' },
      { state: 'warning', text: 'No GPU' },
      { state: 'bad', text: 'peft is missing.', fix: 'Install it.' },
    ];
    const run = vi.fn((args: string[]) =>
      Promise.resolve(
        args[0] === 'self-test' ? '{"node":"22.1.0","runtime":"wasm"}' : JSON.stringify(findings),
      ),
    );
    const program = Object.assign(new Program('no script'), { run });
    const changed = new EventEmitter<void>();
    const stored = new Map<string, string>();
    const secrets = {
      get: (name: string) => Promise.resolve(stored.get(name)),
      onDidChange: changed.event,
    } as never;
    const view = new EnginesView({ program, home: folder, secrets }, NO_MODELS);
    const [embedded, torch, tinker, ...others] = await view.getChildren();
    const endpoint = others.at(-1)!;
    const open = async () => (await view.getChildren(endpoint)).map((node) => view.getTreeItem(node).label);
    expect(await open()).toEqual(['Not checked in Restricted Mode']);
    expect(asked).toEqual([]);
    workspace.isTrusted = true;
    expect(await open()).toEqual(['tiny']);
    expect(await open()).toEqual(['tiny']);
    expect(asked).toEqual(['/v1/models']);
    const facts = await view.getChildren(embedded);
    expect(facts.map((node) => view.getTreeItem(node).label)).toEqual(['Node 22.1.0', 'wasm']);
    expect((await view.getChildren(torch)).map((node) => view.getTreeItem(node).label)).toEqual(
      findings.map(({ text }) => text),
    );
    const ofTinker = async () => (await view.getChildren(tinker)).map((node) => view.getTreeItem(node).label);
    expect(await ofTinker()).toEqual(['No stored key']);
    stored.set('chirality.tinker', JSON.stringify({ origin: 'http://node:8000', key: 'tml-1' }));
    changed.fire();
    expect(await ofTinker()).toEqual(['Stored key for http://node:8000']);
    // Nothing was tested, so nothing is called good.
    expect(view.getTreeItem(tinker!)).toMatchObject({
      iconPath: { id: 'server-environment' },
      contextValue: 'engine tinker',
    });
    expect(view.getTreeItem(torch!)).toMatchObject({
      description: 'full-size models with Python · peft is missing.',
      iconPath: { id: 'error' },
      contextValue: 'engine torch',
    });
    run.mockRejectedValueOnce(new Error('There is no Node.'));
    view.refresh();
    expect((await view.getChildren(embedded)).map((node) => view.getTreeItem(node))).toMatchObject([
      { label: 'Engine failed', description: 'There is no Node.' },
    ]);
    expect(await open()).toEqual(['tiny']);
    expect(view.getTreeItem(endpoint)).toMatchObject({ label: 'Mine', iconPath: { id: 'pass' } });
    expect(asked.length).toBe(2);
    view.dispose();
    await server.close();
  });
});

test('endpointsOf: reads valid entries of the setting, and ignores malformed entries', () => {
  const setting = [
    { name: 'A', url: 'http://a/v1', prices: { m: [2.5, 10], few: [1], low: [-1, 1], n: 'a' } },
    { url: 'https://b.org/v1', prices: 'low' },
    { name: 'again', url: 'http://a/v1' },
    { url: 'http://' },
    { name: 'C' },
    null,
    { url: 'file:///x' },
  ];
  expect(endpointsOf(setting)).toEqual([
    { name: 'A', url: 'http://a/v1', prices: { m: [2.5, 10] } },
    { name: 'b.org/v1', url: 'https://b.org/v1' },
  ]);
  expect(endpointsOf('x')).toEqual([]);
});

test('checkEndpoint: identifies a server by its response', async () => {
  const check = async (status: number, body: unknown) => {
    const ask = () =>
      Promise.resolve(new Response(typeof body === 'string' ? body : JSON.stringify(body), { status }));
    return (await checkEndpoint({ name: 'x', url: 'http://x/v1/' }, ask)).map(({ state, label }) => [
      state,
      label,
    ]);
  };
  expect(await check(200, { data: [{ id: 'a' }, { id: 'b' }, {}] })).toEqual([
    ['good', 'a'],
    ['good', 'b'],
  ]);
  expect(await check(200, { data: [] })).toEqual([['bad', 'No models']]);
  expect(await check(200, '<html>')).toEqual([['bad', 'Not an OpenAI-compatible server']]);
  expect(await check(404, 'no')).toEqual([['bad', 'Not an OpenAI-compatible server']]);
  expect(await check(401, {})).toEqual([['note', 'Key required']]);
  const gone = await checkEndpoint({ name: 'x', url: 'http://127.0.0.1:1/v1' });
  expect(gone).toMatchObject([{ state: 'bad', label: 'No response' }]);
});
