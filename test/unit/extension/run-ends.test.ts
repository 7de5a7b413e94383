import type { Disposable } from 'vscode';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Starts } from '../../../src/extension/launch/starts.ts';
import type { RunSummary } from '../../../src/panels/runs/runs.contract.ts';
import type { App } from '../../../src/extension/app.ts';
import { runDemo } from '../../../src/extension/commands/run-demo.ts';
import { runSweep } from '../../../src/extension/commands/run-sweep.ts';
import { newestModels } from '../../../src/panels/playground/choose-model.host.ts';
import type { Service } from '../../../src/panels/service.host.ts';
import { tellEnds } from '../../../src/extension/run-ends.ts';
import type { Program } from '../../../src/panels/host/cli-program.host.ts';
import type { RunList } from '../../../src/panels/host/run-list.host.ts';
import {
  EventEmitter,
  notification,
  person,
  record,
  TaskRevealKind,
  tasks,
  Uri,
  workspace,
  type Task,
} from './fake-vscode.ts';
import { share } from '../../support/listed-runs.ts';

/** A list of runs that tests change. */
class Runs {
  private readonly changed = new EventEmitter<void>();
  readonly onDidChange = this.changed.event;
  private all: RunSummary[] = [];
  runs = () => this.all;
  refresh = () => Promise.resolve(this.all);
  put(...runs: RunSummary[]) {
    this.all = runs;
    this.changed.fire();
  }
  get listeners() {
    return this.changed.size;
  }
}

const METER: RunSummary['meter'] = {
  original: share(0.9),
  view: 'mirror',
  other: share(0.9),
  both: share(0.8),
  diverges: false,
  evaluation: null,
  step: 70,
  steps: 10,
};
const NOW = new Date().toISOString();
const run = (dir: string, status: string, change: Partial<RunSummary> = {}): RunSummary =>
  ({
    dir,
    name: dir.split('/').at(-1)!,
    root: dir.split('/').slice(0, -1).join('/'),
    recipe: 'grpo',
    reward: null,
    meter: null,
    error: null,
    data: [],
    note: '',
    state: {
      status,
      phase: status,
      step: 12,
      steps: 70,
      message: 'The disk is full.',
      host: 'h',
      pid: 1,
      pid_start: '0',
      heartbeat: NOW,
    },
    ...change,
  }) as RunSummary;

let list: Runs;
beforeEach(() => {
  list = new Runs();
});

describe('message at the end of a run', () => {
  let ends: Disposable;
  beforeEach(() => {
    ends = tellEnds(list as unknown as RunList, {} as Program);
  });
  afterEach(() => ends.dispose());
  const texts = () => record.messages.map(({ kind, text }) => `${kind}: ${text}`);

  test('the message at the end of a run contains no metric if no answer was scored', () => {
    list.put(run('/w/runs/a', 'running'));
    list.put(run('/w/runs/a', 'finished', { meter: { ...METER, both: share(0, 1) } }));
    expect(texts()).toEqual(['information: a finished: 70 steps, no pair scored.']);
  });

  test('the message at the end of a run is a warning if the model learned nothing', () => {
    list.put(run('/w/runs/a', 'running'));
    const { state } = run('/w/runs/a', 'finished');
    list.put(run('/w/runs/a', 'finished', { state: { ...state!, unrewarded: true } }));
    expect(texts()).toEqual(['warning: a: The disk is full.']);
    expect(record.messages[0]!.buttons).toEqual(['Open Run', 'Train with SFT First, Then GRPO']);
  });

  test('the message at the end of a run appears once, with the result and next actions', () => {
    list.put(run('/w/runs/a', 'running'), run('/w/runs/b', 'running'));
    list.put(run('/w/runs/a', 'finished', { meter: METER }), run('/w/runs/b', 'failed'));
    list.put(run('/w/runs/a', 'finished', { meter: METER, reward: 1 }), run('/w/runs/b', 'failed'));
    expect(texts()).toEqual([
      'information: a finished: 70 steps, 80.0% rollout pair accuracy (mean of the last 10 steps).',
      'error: b failed at step 12 of 70. The disk is full.',
    ]);
    expect(record.messages.map(({ buttons }) => buttons)).toEqual([
      ['Open Run', 'Open Report'],
      ['Open Run', 'Resume Run', 'Open Log'],
    ]);
  });

  test('the message also tells that a resumed run failed again at once, before its first step', () => {
    const { state } = run('/w/runs/a', 'failed');
    const failed = { ...state!, step: 0, message: 'The file train.jsonl is missing.' };
    list.put(run('/w/runs/a', 'failed', { state: { ...failed, heartbeat: '2026-01-01T00:00:00.000Z' } }));
    expect(texts()).toEqual([]);
    list.put(run('/w/runs/a', 'failed', { state: failed }));
    list.put(run('/w/runs/a', 'failed', { state: failed }));
    expect(texts()).toEqual(['error: a failed at step 0 of 70. The file train.jsonl is missing.']);
  });

  test('the message is omitted for runs that ended earlier, were stopped, or belong to a group', () => {
    list.put(run('/w/runs/old', 'finished'), run('/w/runs/b', 'running'));
    const copied = { ...run('/w/runs/copied', 'finished') };
    copied.state = { ...copied.state!, heartbeat: '2026-01-01T00:00:00.000Z' };
    list.put(run('/w/runs/old', 'finished'), run('/w/runs/b', 'stopped'), copied);
    list.put(run('/w/chirality-demo/runs/given', 'running'), run('/w/sweeps/eta/runs/1', 'running'));
    list.put(run('/w/chirality-demo/runs/given', 'finished'), run('/w/sweeps/eta/runs/1', 'failed'));
    expect(texts()).toEqual(['error: 1 failed at step 12 of 70. The disk is full.']);
  });
});

describe('end of a run that was resumed alone', () => {
  const root = '/w/sweeps/sft-grpo/runs';
  const EARLIER = '2026-01-01T00:00:00.000Z';
  const plan = (status: string, heartbeat: string, grpo: object | null) => ({
    file: '/w/sft-grpo.sweep.yaml',
    small: false,
    state: { status, heartbeat },
    runs: [
      { name: 'sft-seed-0', state: { status: 'finished' } },
      { name: 'grpo-seed-0', state: grpo },
    ],
  });

  test.each([
    [
      'an ended sweep with a waiting run',
      plan('stopped', EARLIER, null),
      [
        'sft-seed-0 finished: 70 steps. Unfinished runs of the sweep: grpo-seed-0.',
        'Run Sweep',
        'Open Run',
        'Open Report',
      ],
    ],
    [
      'an ended sweep without further runs',
      plan('stopped', EARLIER, { status: 'finished' }),
      ['sft-seed-0 finished: 70 steps.', 'Open Run', 'Open Report'],
    ],
    ['an active sweep', plan('running', NOW, null), undefined],
    ['a sweep that ended with the run', plan('finished', NOW, { status: 'finished' }), undefined],
  ])('the message lists the waiting runs: %s', async (_, sweep, shown) => {
    const answer = vi.fn(() => Promise.resolve(sweep));
    const ends = tellEnds(list as unknown as RunList, { answer } as unknown as Program);
    list.put(run(`${root}/sft-seed-0`, 'running'));
    person.press = (_text, buttons) => buttons.find((button) => button === 'Run Sweep');
    list.put(run(`${root}/sft-seed-0`, 'finished'));
    await vi.waitFor(() => expect(answer).toHaveBeenCalled());
    await new Promise((resolve) => setTimeout(resolve, 0));
    const [message] = record.messages;
    expect(message && [message.text, ...message.buttons]).toEqual(shown);
    if (shown?.includes('Run Sweep'))
      expect(record.executed).toContainEqual(['chirality.runSweep', { dir: `${root}/grpo-seed-0` }]);
    ends.dispose();
  });

  test('a run of a sweep that never began offers Run Sweep', () => {
    const ends = tellEnds(list as unknown as RunList, {} as Program);
    const { state } = run(`${root}/grpo-seed-0`, 'failed');
    list.put(run(`${root}/grpo-seed-0`, 'running'));
    list.put(run(`${root}/grpo-seed-0`, 'failed', { state: { ...state!, step: 0 } }));
    expect(record.messages[0]!.buttons).toEqual(['Open Run', 'Run Sweep', 'Open Log']);
    ends.dispose();
  });
});

describe('end of the demo', () => {
  const root = '/w/chirality-demo/runs';
  /** What its panel shows, one list after another. */
  let shown: string[][];
  let task: Task;
  /** What the Playground was opened with: names of runs, a data file and a line. */
  let asked: unknown[][];
  const commandLine = vi.fn<(args: string[]) => Promise<object>>(() =>
    Promise.resolve({ executable: 'node', args: [], env: {} }),
  );
  const APART = {
    finding:
      'given answers 99.2% of side questions and 0.8% of their mirrors correctly; spatial 94.1% and 90.2%.',
    line: 7,
  };
  const DATA = ['/w/chirality-demo/skewed/data.qa.jsonl', '/w/chirality-demo/val/data.qa.jsonl'];

  const start = async (size: 'full' | 'motion' | 'fast') => {
    shown = [];
    workspace.workspaceFolders = [{ uri: Uri.file('/w') }];
    const all: object[] = [];
    const panel = {
      put: (dirs: string[]) => void shown.push(dirs),
      get dirs() {
        return shown.at(-1)!;
      },
    };
    asked = [];
    const openWith = (runs: RunSummary[], { path }: Uri, line: number, finding: string) => {
      asked.push([...runs.map(({ name }) => name), path, line, finding]);
      return Promise.resolve();
    };
    const call = (name: string) =>
      name === 'apart' ? Promise.resolve(APART) : Promise.reject(new Error(name));
    const open = ({ dirs }: { dirs: string[] }) => {
      shown.push(dirs);
      all.push(panel);
      return Promise.resolve(panel);
    };
    const execute = vi.spyOn(tasks, 'executeTask');
    commandLine.mockClear();
    const program = { commandLine };
    const panels = { runs: { open, all } };
    const parts = {
      runs: list,
      panels,
      program,
      playground: { openWith },
      service: { call },
      starts: new Starts(),
    };
    await runDemo(parts as unknown as App, size);
    task = execute.mock.calls[0]![0];
    execute.mockRestore();
  };
  const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
  const names = () => shown.map((dirs) => dirs.map((dir) => dir.slice(root.length + 1)));

  test('the demo shows its duration and its two final runs in one panel', async () => {
    await start('full');
    expect(notification.title).toContain('one to three minutes');
    expect(record.context['chirality.demoIsRunning']).toBe(true);
    // Until there is a step to see, nothing opens.
    const checking = run(`${root}/sft`, 'running');
    list.put({ ...checking, state: null });
    list.put({ ...checking, state: { ...checking.state!, step: 0 } });
    await settle();
    expect(names()).toEqual([]);
    list.put(run(`${root}/sft`, 'running'), run('/w/runs/mine', 'running'));
    await settle();
    list.put(run(`${root}/sft-skewed`, 'running'), run(`${root}/sft`, 'finished'));
    list.put(run(`${root}/given`, 'running'), run(`${root}/sft`, 'finished'));
    list.put(run(`${root}/spatial`, 'running'), run(`${root}/given`, 'finished'));
    expect(names()).toEqual([['sft'], ['sft-skewed'], ['given'], ['given', 'spatial']]);

    list.put(...['given', 'spatial'].map((name) => ({ ...run(`${root}/${name}`, 'finished'), data: DATA })));
    person.press = (_text, buttons) => buttons[2];
    tasks.end(task, 0);
    await settle();
    // The message says what they differ in; no tab opens and no terminal closes by itself.
    expect(asked).toEqual([]);
    expect(record.messages.at(-1)).toMatchObject({
      text: expect.stringContaining(APART.finding) as string,
      buttons: ['Open Playground', 'Open Report', 'Open Traces'],
    });
    expect(record.executed.at(-1)).toEqual(['chirality.openTraces', { dir: `${root}/spatial` }]);
    expect(record.context).toMatchObject({ 'chirality.demoHasRun': true, 'chirality.demoIsRunning': false });
    expect(list.listeners).toBe(0);
  });

  test('the demo evaluates both models on a pair that shows the difference, on request', async () => {
    await start('full');
    list.put(run(`${root}/given`, 'running'));
    await settle();
    list.put(...['given', 'spatial'].map((name) => ({ ...run(`${root}/${name}`, 'finished'), data: DATA })));
    person.press = (_text, buttons) => buttons[0];
    tasks.end(task, 0);
    await settle();
    expect(asked).toEqual([['given', 'spatial', DATA[1], 7, APART.finding]]);
  });

  test('the demo provides the initial models of the Playground, in any order of ends', async () => {
    const at = (name: string, minute: number, folder = root) => {
      const one = run(`${folder}/${name}`, 'finished');
      return { ...one, state: { ...one.state!, heartbeat: `2026-11-25T10:0${minute}:00.000Z` } };
    };
    const service = {
      call: (_: string, { dir }: { dir: string }) =>
        Promise.resolve({ steps: [50], folders: [`${dir}/checkpoints/step-000050`], best: null }),
    } as unknown as Service;
    const begun = async () =>
      (await newestModels({ runs: list as unknown as RunList, service })).map(({ run: { dir } }) => dir);
    list.put(at('given', 1), at('spatial', 2), at('mirrored', 3), at('sft-mirrored', 4));
    expect(await begun()).toEqual([`${root}/given`, `${root}/spatial`]);
    list.put(...list.runs(), at('mine', 5, '/w/runs'));
    expect(await begun()).toEqual(['/w/runs/mine', `${root}/sft-mirrored`]);
    // The best comes before the newest.
    const meter = (value: number) => ({
      view: 'mirror' as const,
      original: share(value),
      other: share(value),
      both: share(value),
      diverges: false,
      step: 70,
      evaluation: 'step-000070',
    });
    list.put(
      { ...at('zero', 8, '/w/runs'), meter: meter(0) },
      { ...at('good', 6, '/w/runs'), meter: meter(0.9) },
      at('mine', 7, '/w/runs'),
    );
    expect(await begun()).toEqual(['/w/runs/good', '/w/runs/zero']);
    // An unfinished run comes last, even if it is the best and the newest.
    const cut = at('cut', 9, '/w/runs');
    list.put(
      { ...cut, meter: meter(0.95), state: { ...cut.state, status: 'stopped' } },
      { ...at('good', 6, '/w/runs'), meter: meter(0.9) },
    );
    expect(await begun()).toEqual(['/w/runs/good', '/w/runs/cut']);
  });

  test('the motion demo offers pairs that are correct in only one order', async () => {
    await start('motion');
    expect(commandLine.mock.calls).toEqual([[['demo', '--motion']]]);
    list.put(run(`${root}/given`, 'running'));
    await settle();
    list.put(...['given', 'spatial'].map((name) => ({ ...run(`${root}/${name}`, 'finished'), data: DATA })));
    person.press = (_text, buttons) => buttons[0];
    tasks.end(task, 0);
    await settle();
    expect(asked).toEqual([]);
    expect(record.executed.at(-1)).toEqual(['chirality.openDivergingPairs', { dir: `${root}/given` }]);
    expect(record.messages.at(-1)).toMatchObject({
      text: expect.stringContaining(APART.finding) as string,
      buttons: ['Open Pairs', 'Open Report', 'Open Traces'],
    });
  });

  test('the demo offers the full demo instead of a comparison after few steps', async () => {
    await start('fast');
    list.put(run(`${root}/given`, 'finished'), run(`${root}/spatial`, 'finished'));
    tasks.end(task, 0);
    await settle();
    expect(record.messages.at(-1)).toMatchObject({
      text: expect.stringContaining('With so few steps, the model learns almost nothing') as string,
      buttons: ['Run Full Demo', 'Open Report'],
    });
  });

  test('the demo shows an error after a failure', async () => {
    await start('full');
    list.put(run(`${root}/sft`, 'failed'));
    tasks.end(task, 1);
    await settle();
    expect(record.messages.at(-1)).toMatchObject({ kind: 'error', text: /The demo failed/ as unknown });
  });
});

test('a sweep shows each run in the Run panel as it starts, and keeps its terminal behind', async () => {
  const list = new Runs();
  const root = '/w/sweeps/sft-grpo/runs';
  const shown: string[][] = [];
  const panel = {
    put: (dirs: string[]) => void shown.push(dirs),
    get dirs() {
      return shown.at(-1)!;
    },
  };
  const all: object[] = [];
  const open = ({ dirs }: { dirs: string[] }) => {
    shown.push(dirs);
    all.push(panel);
    return Promise.resolve(panel);
  };
  const config = {
    uri: Uri.file('/w/sft-grpo.sweep.yaml'),
    languageId: 'yaml',
    getText: () => 'cells: {}',
    save: () => Promise.resolve(true),
  };
  vi.spyOn(workspace, 'openTextDocument').mockResolvedValueOnce(config);
  const execute = vi.spyOn(tasks, 'executeTask');
  let standing: object = { work: 'SFT for 70 steps', seconds: 7200, warnings: [] };
  person.press = (_text, buttons) => buttons.at(-1);
  const commandLine = vi.fn<(args: string[]) => Promise<object>>(() =>
    Promise.resolve({ executable: 'node', args: [], env: {} }),
  );
  const app = {
    program: { commandLine, answer: () => Promise.resolve(standing) },
    secrets: { get: () => Promise.resolve(undefined) },
    starts: new Starts(),
    runs: list,
    panels: { runs: { open, all } },
  };
  await runSweep(app as unknown as App, config.uri, false);
  expect(record.messages.at(-1)).toMatchObject({
    text: 'sft-grpo.sweep.yaml can start.',
    buttons: [{ modal: true, detail: 'SFT for 70 steps, about 2 h of training.' }, 'Run Sweep'],
  });
  const task = execute.mock.calls[0]![0];
  execute.mockRestore();
  expect(task.presentationOptions.reveal).toBe(TaskRevealKind.Silent);
  const waiting = { ...run(`${root}/grpo-seed-0`, 'running'), state: null };
  list.put(waiting);
  list.put(run(`${root}/sft-seed-0`, 'starting'), waiting, run('/w/runs/mine', 'running'));
  await vi.waitFor(() => expect(all).toHaveLength(1));
  list.put(run(`${root}/sft-seed-0`, 'finished'), waiting);
  list.put(run(`${root}/grpo-seed-0`, 'running'), run(`${root}/sft-seed-0`, 'finished'));
  await vi.waitFor(() => expect(shown).toEqual([[`${root}/sft-seed-0`], [`${root}/grpo-seed-0`]]));
  record.messages = [];
  tasks.end(task, 1);
  await vi.waitFor(() => expect(list.listeners).toBe(0));
  expect(record.messages.map(({ text }) => text)).toEqual([
    'sft-grpo failed. See its terminal for the reason.',
  ]);
  expect(app.starts.active).toEqual([]);

  const heartbeat = NOW;
  const names = ['sft-seed-0', 'grpo-seed-0', 'sft-seed-1', 'grpo-seed-1'];
  const runs = names.map((name) => ({ name, state: { status: 'stopped' } }));
  const plan = { file: '/w/sft-grpo.sweep.yaml', small: true, runs };
  standing = { ...plan, state: { status: 'running', heartbeat } };
  await runSweep(app as unknown as App, { dir: '/w/elsewhere/mine/runs/grpo-seed-1' });
  expect(record.messages.at(-1)!.text).toBe('mine is already running, and starts this run.');

  // From a run of the sweep, with another name than the file's: the same sweep continues, and ends as stopped.
  standing = { ...plan, state: { status: 'stopped', heartbeat } };
  vi.spyOn(workspace, 'openTextDocument').mockResolvedValueOnce(config);
  const again = vi.spyOn(tasks, 'executeTask');
  await runSweep(app as unknown as App, { dir: '/w/elsewhere/mine/runs/sft-seed-0' });
  expect(commandLine.mock.lastCall![0]).toEqual([
    'sweep',
    '/w/sft-grpo.sweep.yaml',
    '--sweeps',
    '/w/elsewhere',
    '--name',
    'mine',
    '--small',
  ]);
  record.messages = [];
  tasks.end(again.mock.calls[0]![0], 0);
  again.mockRestore();
  await vi.waitFor(() => expect(record.messages).toHaveLength(1));
  expect(record.messages[0]).toMatchObject({
    text: 'mine stopped. Unfinished runs of the sweep: sft-seed-0, grpo-seed-0, sft-seed-1 and 1 more.',
    buttons: ['Run Sweep'],
  });
});
