import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { RunNews, RunPanelMemory } from '../../../src/core/protocol/run-panel.ts';
import { runFolders } from '../../../src/extension/run-panel/pick.ts';
import { RunPanel } from '../../../src/extension/panels/run.ts';
import { RunPanels } from '../../../src/extension/run-panel/panels.ts';
import { fakePanel } from './fake-panel.ts';
import { commands, record, TabInputWebview, Uri, window } from './fake-vscode.ts';

interface Told {
  runs?: { kind: string; why?: string }[];
  news?: RunNews;
}

describe('a Run panel', () => {
  let calls: string[];
  let answers: Record<string, (args: { dir?: string; run?: number }) => unknown>;
  const service = {
    call: (name: string, args: { dir?: string; run?: number }) => {
      calls.push(`${name} ${args.dir ?? args.run}`);
      return Promise.resolve().then(() => answers[name]!(args));
    },
  };
  const news = (status: string) => ({ state: { status } }) as unknown as RunNews;

  beforeEach(() => {
    vi.useFakeTimers();
    calls = [];
    let next = 0;
    answers = {
      runOpen: () => ({ run: next++, facts: {}, news: news('running') }),
      runNews: () => null,
      runClose: () => undefined,
    };
  });
  afterEach(() => vi.useRealTimers());

  function open(dirs: string[]) {
    const fake = fakePanel<Told>();
    const closed = vi.fn();
    const panel = new RunPanel(
      fake.panel as never,
      Uri.file('/ext') as never,
      service as never,
      dirs,
      closed,
    );
    fake.ready();
    return { ...fake, run: panel, closed };
  }
  test('reads, asks for news while it is seen, and does nothing at all while it is hidden', async () => {
    const { panel, sent, shown, see, ready } = open(['/runs/a']);
    expect(panel.title).toBe('Run: a');
    await vi.advanceTimersByTimeAsync(3500);
    expect(calls).toEqual(['runOpen /runs/a', 'runNews 0', 'runNews 0', 'runNews 0']);
    expect(shown().at(-1)!.runs).toMatchObject([{ kind: 'run' }]);

    const before = sent.length;
    see(false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toHaveLength(4);
    expect(sent).toHaveLength(before);

    // Seen again, its page starts anew and is told the latest state.
    answers.runNews = () => news('finished');
    see(true);
    ready();
    await vi.advanceTimersByTimeAsync(10);
    expect(calls.at(-1)).toBe('runNews 0');
    expect(sent.slice(before).map(({ name }) => name)).toEqual(['show', 'news']);
    // A run that has ended is looked at less often.
    answers.runNews = () => null;
    const asked = calls.length;
    await vi.advanceTimersByTimeAsync(9000);
    expect(calls.length - asked).toBe(1);
  });

  test('says that a run is gone, and finds it when it is back', async () => {
    const { sent, shown } = open(['/runs/a']);
    await vi.advanceTimersByTimeAsync(10);
    answers.runNews = answers.runOpen = () => {
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

  test('takes runs in and puts them out, and lets go of them when it is closed', async () => {
    const { run, panel, close, closed } = open(['/runs/a', '/runs/b']);
    await vi.advanceTimersByTimeAsync(10);
    expect(panel.title).toBe('Runs: a, b');
    run.put(['/runs/b', '/runs/c']);
    await vi.advanceTimersByTimeAsync(10);
    expect(run.dirs).toEqual(['/runs/b', '/runs/c']);
    expect(calls).toContain('runClose 0');
    close();
    expect(closed).toHaveBeenCalledOnce();
    expect(calls.slice(-2)).toEqual(['runClose 1', 'runClose 2']);
    const asked = calls.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toHaveLength(asked);
  });

  test('a run that was put out while it was read is let go of', async () => {
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

test('commands take a path, a thing with a folder, a file of the run, or lists of them', () => {
  expect(runFolders('/runs/a')).toEqual(['/runs/a']);
  expect(runFolders({ dir: '/runs/a', name: 'a' })).toEqual(['/runs/a']);
  expect(runFolders(Uri.file('/runs/a/run.yaml'))).toEqual(['/runs/a']);
  expect(runFolders([{ dir: '/runs/a' }, '/runs/b'])).toEqual(['/runs/a', '/runs/b']);
  expect(runFolders(undefined)).toEqual([]);
});

describe('Run panels after the window was loaded anew', () => {
  const memory = (dir: string) => ({ dirs: [dir] }) as unknown as RunPanelMemory;
  let panels: RunPanels;
  let made: number;
  beforeEach(() => {
    made = 0;
    const service = { call: () => new Promise(() => undefined) };
    panels = new RunPanels(Uri.file('/ext') as never, service as never);
    vi.spyOn(window, 'createWebviewPanel').mockImplementation(() => {
      made += 1;
      return fakePanel().panel as never;
    });
  });
  afterEach(() => {
    panels.dispose();
    window.tabGroups.all = [];
    vi.restoreAllMocks();
  });

  /** A tab that VS Code gives back when it is brought to the front, with what its page remembered. */
  function sleeping(label: string, dir: string) {
    const tab = { label, input: new TabInputWebview('mainThreadWebview-chirality.run'), group: {} };
    const group = { viewColumn: 2, tabs: [{ label: 'a.yaml', input: {} }, tab] };
    tab.group = group;
    window.tabGroups.all = [group];
    const { panel } = fakePanel();
    vi.spyOn(commands, 'executeCommand').mockImplementation((id: string, ...args: unknown[]) => {
      record.executed.push([id, ...args]);
      if (id === 'workbench.action.openEditorAtIndex')
        void panels.deserializeWebviewPanel(panel as never, memory(dir));
      return Promise.resolve();
    });
    return panel;
  }

  test('a run that has a tab is shown there, and not a second time', async () => {
    const panel = sleeping('Run: a', '/runs/a');
    await panels.open(['/runs/a']);
    expect(record.executed.slice(-2)).toEqual([
      ['workbench.action.focusSecondEditorGroup'],
      ['workbench.action.openEditorAtIndex', 1],
    ]);
    expect(panel.reveal).toHaveBeenCalled();
    expect(made).toBe(0);
    await panels.open(['/runs/a']);
    expect(made).toBe(0);
  });

  test('another run of the same name gets a tab of its own', async () => {
    sleeping('Run: a', '/elsewhere/a');
    await panels.open(['/runs/a']);
    expect(made).toBe(1);
  });

  test('what a panel shows already, and what nobody remembers, does not come back', async () => {
    const [first, second, empty] = [fakePanel().panel, fakePanel().panel, fakePanel().panel];
    await panels.deserializeWebviewPanel(first as never, memory('/runs/a'));
    await panels.deserializeWebviewPanel(second as never, memory('/runs/a'));
    await panels.deserializeWebviewPanel(empty as never, undefined);
    expect([first, second, empty].map(({ dispose }) => dispose.mock.calls.length)).toEqual([0, 1, 1]);
  });
});
