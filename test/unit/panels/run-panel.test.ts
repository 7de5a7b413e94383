import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunUpdate, RunPanelMemory } from '../../../src/panels/run/run.contract.ts';
import { RunPanel, runPanels, type RunPanels } from '../../../src/panels/run/run.host.ts';
import { besideConfig } from '../../../src/panels/panel-set.host.ts';
import { fakePanel } from './fake-panel.ts';
import { fakeContext, TabInputWebview, Uri, window } from '../extension/fake-vscode.ts';
import { runFolders } from '../../../src/extension/command-arguments.ts';

interface Told {
  runs?: { kind: string; why?: string }[];
  news?: RunUpdate;
}

const roots = { allowed: [] };

describe('Run panel', () => {
  let calls: string[];
  let answers: Record<string, (args: { dir?: string; run?: number }) => unknown>;
  const service = {
    call: (name: string, args: { dir?: string; run?: number }) => {
      calls.push(`${name} ${args.dir ?? args.run}`);
      return Promise.resolve().then(() => answers[name]!(args));
    },
  };
  const news = (status: string) => ({ state: { status }, readShare: null }) as unknown as RunUpdate;

  beforeEach(() => {
    vi.useFakeTimers();
    calls = [];
    let next = 0;
    answers = {
      runOpen: () => ({ run: next++, facts: {}, news: news('running') }),
      runUpdate: () => null,
      runClose: () => undefined,
    };
  });
  afterEach(() => vi.useRealTimers());

  function open(dirs: string[]) {
    const from = { service, roots };
    const fake = fakePanel<Told>();
    const store = { memory: null, remember: () => undefined };
    const seat = { panel: fake.panel, extensionUri: Uri.file('/ext'), store };
    const panel = new RunPanel(seat as never, from as never, dirs);
    fake.panel.onDidDispose(() => panel.dispose());
    fake.ready();
    return { ...fake, run: panel };
  }
  test('Run panel polls for updates while visible, and stops while hidden', async () => {
    const { panel, sent, shown, see, ready } = open(['/runs/a']);
    expect(panel.title).toBe('Run: a');
    await vi.advanceTimersByTimeAsync(3500);
    expect(calls).toEqual(['runOpen /runs/a', 'runUpdate 0', 'runUpdate 0', 'runUpdate 0']);
    expect(shown().at(-1)!.runs).toMatchObject([{ kind: 'run' }]);

    const before = sent.length;
    see(false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toHaveLength(4);
    expect(sent).toHaveLength(before);

    // Seen again, its page starts again and is told the latest state.
    answers.runUpdate = () => news('finished');
    see(true);
    ready();
    await vi.advanceTimersByTimeAsync(10);
    expect(calls.at(-1)).toBe('runUpdate 0');
    expect(sent.slice(before).map(({ name }) => name)).toEqual(['show', 'news']);
    // A run that has ended is looked at less often.
    answers.runUpdate = () => null;
    const asked = calls.length;
    await vi.advanceTimersByTimeAsync(9000);
    expect(calls.length - asked).toBe(1);
  });

  test('Run panel reports a missing run, and finds the run again', async () => {
    const { sent, shown } = open(['/runs/a']);
    await vi.advanceTimersByTimeAsync(10);
    answers.runUpdate = answers.runOpen = () => {
      throw new Error('The folder is not there any more.');
    };
    await vi.advanceTimersByTimeAsync(1000);
    expect(shown().at(-1)!.runs).toMatchObject([
      { kind: 'missing', why: 'The folder is not there any more.' },
    ]);
    const told = sent.length;
    await vi.advanceTimersByTimeAsync(3000);
    expect(sent).toHaveLength(told);
    answers.runOpen = () => ({ run: 7, facts: {}, news: news('running') });
    await vi.advanceTimersByTimeAsync(1000);
    expect(shown().at(-1)!.runs).toMatchObject([{ kind: 'run' }]);
  });

  test('adds folders to runs with equal names', async () => {
    const { shown, panel } = open(['/w/a/runs/x', '/w/b/runs/x']);
    await vi.advanceTimersByTimeAsync(10);
    expect(panel.title).toBe('Runs: a/runs/x, b/runs/x');
    expect(shown().at(-1)!.runs).toMatchObject([{ name: 'a/runs/x' }, { name: 'b/runs/x' }]);
  });

  test('adds and removes runs, and closes the runs with the panel', async () => {
    const { run, panel, close } = open(['/runs/a', '/runs/b']);
    await vi.advanceTimersByTimeAsync(10);
    expect(panel.title).toBe('Runs: a, b');
    run.put(['/runs/b', '/runs/c']);
    await vi.advanceTimersByTimeAsync(10);
    expect(run.dirs).toEqual(['/runs/b', '/runs/c']);
    expect(calls).toContain('runClose 0');
    close();
    expect(calls.slice(-2)).toEqual(['runClose 1', 'runClose 2']);
    const asked = calls.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toHaveLength(asked);
  });

  test('closes a run that was removed during its reading', async () => {
    let answer: (value: unknown) => void = () => undefined;
    answers.runOpen = () => new Promise((resolve) => (answer = resolve));
    const { run } = open(['/runs/a']);
    await vi.advanceTimersByTimeAsync(10);
    run.put([]);
    answer({ run: 3, facts: {}, news: news('running') });
    await vi.advanceTimersByTimeAsync(10);
    expect(calls).toEqual(['runOpen /runs/a', 'runClose 3']);
  });
});

test('runFolders: accepts a path, an item with a folder, a file of the run, or a list', () => {
  expect(runFolders('/runs/a')).toEqual(['/runs/a']);
  expect(runFolders({ dir: '/runs/a', name: 'a' })).toEqual(['/runs/a']);
  expect(runFolders(Uri.file('/runs/a/run.yaml'))).toEqual(['/runs/a']);
  expect(runFolders([{ dir: '/runs/a' }, '/runs/b'])).toEqual(['/runs/a', '/runs/b']);
  expect(runFolders(undefined)).toEqual([]);
});

describe('restored panels after a window reload', () => {
  const memory = (dir: string) => ({ dirs: [dir], smoothing: 0.5 }) as unknown as RunPanelMemory;
  const service = { call: () => new Promise(() => undefined) };
  let panels: RunPanels;
  let context: ReturnType<typeof fakeContext>;
  let made: { where: unknown; fake: ReturnType<typeof fakePanel> }[];
  /** The window, with what is kept of its former life. */
  function load(stored: Record<string, unknown>): void {
    context = fakeContext(stored);
    panels = runPanels(context as never, service as never, roots as never);
  }
  beforeEach(() => {
    made = [];
    vi.spyOn(window, 'createWebviewPanel').mockImplementation((_type, _title, where) => {
      const fake = fakePanel();
      made.push({ where, fake });
      return fake.panel as never;
    });
    load({});
  });
  afterEach(() => {
    panels.dispose();
    window.tabGroups.all = [];
    vi.restoreAllMocks();
  });

  /** Tabs in the second group that VS Code would give back when they are seen. */
  function sleeping(...labels: string[]) {
    const group = { viewColumn: 2, tabs: [{ label: 'a.yaml', input: {} }] as unknown[] };
    for (const label of labels)
      group.tabs.push({ label, group, input: new TabInputWebview('mainThreadWebview-chirality.run') });
    window.tabGroups.all = [group];
    return group;
  }
  const kept = (dir: string, title = 'Run: a') => ({
    'chirality.run': [{ key: JSON.stringify([dir]), title, memory: memory(dir) }],
  });

  test.each([
    ['next to the only group', [1], 1, -2],
    ['in the group on the right', [1, 2], 1, -2],
    ['in the group of the config, if it is the last of several', [1, 2], 2, -1],
  ])('a run opened from a config appears %s', (_, columns, active, expected) => {
    const { tabGroups } = window;
    const before = tabGroups.activeTabGroup;
    const config = { input: { uri: Uri.file('/a.run.yaml') } };
    tabGroups.activeTabGroup = { activeTab: config, tabs: [], viewColumn: active } as typeof before;
    tabGroups.all = columns.map((viewColumn) => ({ viewColumn, tabs: [] }));
    expect(besideConfig().viewColumn).toBe(expected);
    tabGroups.activeTabGroup = before;
  });

  test('restored panels store the page state until the panel closes', async () => {
    await panels.open({ dirs: ['/runs/a'] });
    const [{ fake }] = made as [(typeof made)[number]];
    fake.ready();
    fake.notify('remember', memory('/runs/a'));
    expect(context.stored).toEqual(kept('/runs/a'));
    fake.close();
    expect(context.stored).toEqual({ 'chirality.run': [] });
  });

  test('restored panels reopen an inactive tab in its group with its state', async () => {
    const group = sleeping('Run: a');
    load(kept('/runs/a'));
    await Promise.all([panels.open({ dirs: ['/runs/a'] }), panels.open({ dirs: ['/runs/a'] })]);
    expect(group.tabs).toHaveLength(1);
    expect(made).toHaveLength(1);
    expect(made[0]).toMatchObject({ where: { viewColumn: 2 } });
    expect(made[0]!.fake.panel.webview.html).toContain('&quot;smoothing&quot;:0.5');
    await panels.open({ dirs: ['/runs/a'] });
    expect(made).toHaveLength(1);
    expect(made[0]!.fake.panel.reveal).toHaveBeenCalled();
  });

  test.each([
    ['of another run with an equal name', ['Run: a'], kept('/elsewhere/a')],
    ['without a memory', ['Run: a'], {}],
    ['with a duplicate name', ['Run: a', 'Run: a'], kept('/runs/a')],
  ])('restored panels leave an inactive tab %s open', async (_, labels, stored) => {
    const group = sleeping(...labels);
    load(stored);
    await panels.open({ dirs: ['/runs/a'] });
    expect(group.tabs).toHaveLength(1 + labels.length);
    expect(made).toHaveLength(1);
  });

  test('restored panels restore a tab unless its run already has a panel', async () => {
    sleeping('Run: a', 'Run: b');
    load({
      'chirality.run': [...kept('/runs/a')['chirality.run'], ...kept('/b', 'Run: b')['chirality.run']],
    });
    const back = fakePanel();
    await panels.deserializeWebviewPanel(back.panel as never, memory('/b'));
    expect(back.panel.title).toBe('Run: b');
    await panels.open({ dirs: ['/runs/a'] });
    const late = fakePanel();
    await panels.deserializeWebviewPanel(late.panel as never, memory('/runs/a'));
    expect([back, late].map(({ panel }) => panel.dispose.mock.calls.length)).toEqual([0, 1]);
  });

  test('restored panels forget a tab that is closed while inactive', async () => {
    const group = sleeping('Run: a');
    load(kept('/runs/a'));
    await window.tabGroups.close(group.tabs[1]);
    expect(context.stored).toEqual({ 'chirality.run': [] });
  });

  test('restored panels close a duplicate panel and a panel without a state', async () => {
    const [first, second, empty] = [fakePanel().panel, fakePanel().panel, fakePanel().panel];
    await panels.deserializeWebviewPanel(first as never, memory('/runs/a'));
    await panels.deserializeWebviewPanel(second as never, memory('/runs/a'));
    await panels.deserializeWebviewPanel(empty as never, undefined);
    expect([first, second, empty].map(({ dispose }) => dispose.mock.calls.length)).toEqual([0, 1, 1]);
  });
});
