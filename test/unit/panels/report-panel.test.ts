import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ReportMemory } from '../../../src/panels/report/report.contract.ts';
import { DEFAULT_CHOICES } from '../../../src/core/reports/report-choices.ts';
import { judgeAnswers } from '../../../src/extension/commands/open.ts';
import { reportPanels, type ReportPanels } from '../../../src/panels/report/report.host.ts';
import { fakePanel } from './fake-panel.ts';
import { fakeContext, window } from '../extension/fake-vscode.ts';

interface Told {
  kind: string;
  why?: string;
  choices: unknown;
  runs: unknown;
}

describe('Report panel', () => {
  const runs = [
    { dir: '/lab/runs/a', root: '/lab/runs' },
    { dir: '/lab/runs/b', root: '/lab/runs' },
  ];
  const evaluations = ['/lab/runs/a/eval/step-000010', '/lab/evals/qwen'].map((key) => ({ key, name: key }));
  let version: () => string;
  let calls: { name: string; args: Record<string, unknown> }[];
  let traces: { open: ReturnType<typeof vi.fn> };
  let panels: ReportPanels;
  beforeEach(() => {
    vi.useFakeTimers();
    version = () => '1';
    calls = [];
    traces = { open: vi.fn() };
    const answers: Record<string, () => unknown> = {
      reportVersion: () => version(),
      report: () => ({ evaluations }),
      auditBegin: () => ({ turns: [{}], answers: 80 }),
      reportViewRows: () => ({ counts: {}, rows: [] }),
      traceSample: () => [
        { set: 'val', views: 'polarity', step: 10, pair: 3 },
        { set: 'val', views: 'rotate:180', step: 10, pair: 7 },
        { set: 'val', views: 'pair', step: 10, pair: 5 },
      ],
    };
    const service = {
      call: (name: string, args: Record<string, unknown>) => {
        calls.push({ name, args });
        return Promise.resolve().then(() => answers[name]!());
      },
    };
    const list = { isRead: true, runs: () => runs, refresh: () => Promise.resolve(runs) };
    panels = reportPanels(fakeContext() as never, { service, list, traces } as never);
  });
  afterEach(() => {
    panels.dispose();
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  async function open(dirs: string[] | null = null) {
    const fake = fakePanel<Told>();
    const made = vi.spyOn(window, 'createWebviewPanel').mockReturnValue(fake.panel as never);
    await panels.open({ runs: dirs, sweep: null });
    fake.notify('ready', null);
    return { ...fake, made };
  }
  const asked = (name: string) => calls.filter((call) => call.name === name);
  const settle = () => vi.advanceTimersByTimeAsync(1);

  test('the report covers all runs and endpoint evaluations, or the selected runs', async () => {
    const { panel, shown, made } = await open();
    expect(shown()).toMatchObject([{ kind: 'reading' }]);
    await settle();
    expect(asked('report')[0]!.args).toMatchObject({
      runs: ['/lab/runs/a', '/lab/runs/b'],
      roots: ['/lab/runs'],
      choices: DEFAULT_CHOICES,
    });
    expect(shown().at(-1)).toMatchObject({ kind: 'report', runs: null });
    await panels.open({ runs: ['/lab/runs/b'], sweep: null });
    await settle();
    expect(made).toHaveBeenCalledTimes(1);
    expect(panel.reveal).toHaveBeenCalled();
    expect(panel.title).toBe('Report: b');
    expect(asked('report').at(-1)!.args).toMatchObject({ runs: ['/lab/runs/b'], roots: ['/lab/runs'] });
  });

  test('updates after a new evaluation or a new choice, but not while hidden', async () => {
    const { shown, see, notify } = await open();
    await settle();
    await vi.advanceTimersByTimeAsync(9500);
    expect([asked('report').length, asked('reportVersion').length]).toEqual([1, 4]);
    version = () => '2';
    await vi.advanceTimersByTimeAsync(3000);
    expect(asked('report')).toHaveLength(2);
    notify('choose', { ...DEFAULT_CHOICES, checkpoints: 'best' });
    await settle();
    expect(asked('report').at(-1)!.args.choices).toMatchObject({ checkpoints: 'best' });
    expect(shown().at(-1)).toMatchObject({ choices: { checkpoints: 'best' } });
    const before = calls.length;
    see(false);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls).toHaveLength(before);
    see(true);
    await settle();
    expect(calls.length).toBeGreaterThan(before);
  });

  test('shows an error once, and recovers when the report can be generated', async () => {
    version = () => {
      throw new Error('The reader stopped.');
    };
    const { shown } = await open();
    await settle();
    await vi.advanceTimersByTimeAsync(7000);
    expect(shown().filter(({ kind }) => kind === 'failed')).toMatchObject([{ why: 'The reader stopped.' }]);
    version = () => '1';
    await vi.advanceTimersByTimeAsync(3000);
    expect(shown().at(-1)!.kind).toBe('report');
  });

  test('opens rows only of runs and endpoints in the report', async () => {
    const { call, sent } = await open();
    await settle();
    call('open', { key: evaluations[0]!.key });
    await settle();
    expect(traces.open).toHaveBeenLastCalledWith({ run: '/lab/runs/a', source: 'step-000010', id: null });
    const row = { set: 'val', view: 'mirror', id: 'r1' };
    call('open', { key: evaluations[1]!.key, row });
    await settle();
    const place = { run: '/lab/evals/qwen', source: '.' };
    expect(asked('traceSample')[0]!.args).toEqual({ ...place, sample: 'r1', set: 'val' });
    expect(traces.open).toHaveBeenLastCalledWith({ ...place, id: { step: 10, pair: 5 } });
    call('open', { key: evaluations[1]!.key, row: { ...row, view: 'polarity' } });
    await settle();
    expect(traces.open).toHaveBeenLastCalledWith({ ...place, id: { step: 10, pair: 3 } });
    const cell = { set: 'val', views: ['original', 'mirror'] };
    const page = { pairing: 'right', from: 0, count: 10 };
    call('viewRows', { cell: { ...cell, key: evaluations[0]!.key }, ...page });
    call('viewRows', { cell: { ...cell, key: '/etc' }, ...page });
    await settle();
    expect(asked('reportViewRows').map(({ args }) => args)).toEqual([
      { cell: { ...cell, key: evaluations[0]!.key }, ...page },
    ]);
    // The wall compares what is compared here, and nothing else.
    call('showWall', null);
    await settle();
    expect(sent.at(-1)).toMatchObject({ type: 'error', message: 'Select two evaluations to compare.' });
    call('choose', { ...DEFAULT_CHOICES, compare: [evaluations[0]!.key, evaluations[1]!.key] });
    call('showWall', null);
    await settle();
    expect(traces.open).toHaveBeenLastCalledWith({
      run: '/lab/runs/a',
      source: 'step-000010',
      id: null,
      wall: true,
      against: { run: '/lab/evals/qwen', source: '.' },
      filter: 'outcome in (only_first, only_second)',
    });
    call('open', { key: '/etc' });
    await settle();
    expect(sent.at(-1)).toMatchObject({
      type: 'error',
      message: 'This evaluation is not part of the report. Select another evaluation.',
    });
    expect(traces.open).toHaveBeenCalledTimes(4);
  });

  test('requests human ratings when both report and page are ready', async () => {
    const begun = () => fake.sent.filter(({ name }) => name === 'judge').length;
    const fake = fakePanel<Told>();
    vi.spyOn(window, 'createWebviewPanel').mockReturnValue(fake.panel as never);
    await judgeAnswers({ panels: { reports: panels } } as never);
    await settle();
    expect(asked('report')).toHaveLength(1);
    fake.ready(); // a page that is slower than the report
    expect(begun()).toBe(1);
    fake.ready();
    expect(begun()).toBe(1);
    // Behind another tab, it has no page, and is not in front until VS Code says so.
    fake.focus(false);
    fake.see(false);
    await judgeAnswers({ panels: { reports: panels } } as never);
    expect(fake.panel.reveal).toHaveBeenCalled();
    expect(begun()).toBe(1);
    fake.see(true);
    fake.ready();
    await settle();
    expect(begun()).toBe(2);
    // In front, at once.
    fake.focus(true);
    await judgeAnswers({ panels: { reports: panels } } as never);
    expect(begun()).toBe(3);
  });

  test('says why there is nothing to rate', async () => {
    const kept = evaluations.splice(0);
    const fake = fakePanel<Told>();
    vi.spyOn(window, 'createWebviewPanel').mockReturnValue(fake.panel as never);
    await judgeAnswers({ panels: { reports: panels } } as never);
    fake.ready();
    await settle();
    fake.call('auditBegin', { answers: 40 });
    await settle();
    evaluations.push(...kept);
    expect(JSON.stringify(fake.sent)).toContain('No answers to rate. Evaluate a checkpoint first.');
  });

  test('resumes rating after a reload or in a background tab', async () => {
    const judging = { keys: [evaluations[1]!.key], answers: 40 };
    const memory: ReportMemory = { sweep: null, runs: null, judging, choices: DEFAULT_CHOICES };
    const { panel, ready, call, notify, see, sent, shown } = fakePanel<Told>();
    const begun = () => sent.filter(({ name }) => name === 'judge').map(({ args }) => args);
    await panels.deserializeWebviewPanel(panel as never, memory);
    ready();
    await settle();
    expect(begun()).toEqual([{ begun: true }]);
    call('auditGoOn', { more: 40 });
    await settle();
    expect(asked('auditBegin')[0]!.args).toMatchObject({ ...judging, more: 40 });
    expect(shown().at(-1)).toMatchObject({ judging: { ...judging, answers: 80 } });
    see(false);
    see(true);
    ready();
    await settle();
    expect(begun()).toHaveLength(2);
    notify('auditEnd', null);
    ready();
    await settle();
    expect(begun()).toHaveLength(2);
    expect(shown().at(-1)).toMatchObject({ judging: null });
  });

  test('the Report panel is restored after a reload, and reopens after closing', async () => {
    const memory: ReportMemory = {
      sweep: null,
      judging: null,
      runs: ['/lab/runs/a'],
      choices: { ...DEFAULT_CHOICES, metric: 'consistent' },
    };
    const back = fakePanel<Told>();
    await panels.deserializeWebviewPanel(back.panel as never, memory);
    await settle();
    const { runs, choices } = memory;
    expect(asked('report')[0]!.args).toMatchObject({ runs, choices });
    const second = fakePanel<Told>();
    await panels.deserializeWebviewPanel(second.panel as never, memory);
    expect(second.panel.dispose).toHaveBeenCalled();
    back.close();
    const { made } = await open();
    expect(made).toHaveBeenCalledTimes(1);
  });
});
