import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { App } from '../../../src/extension/app.ts';
import { startRun, stopRun } from '../../../src/extension/commands/run-commands.ts';
import { runSweep } from '../../../src/extension/commands/run-sweep.ts';
import { ASK } from '../../../src/extension/launch/start-run.ts';
import { Starts } from '../../../src/extension/launch/starts.ts';
import { person, record, Uri, workspace, type Document } from './fake-vscode.ts';

const WARNING = { code: 'untrained', message: 'No completion earns a reward.', fix: 'Set init.' };
const CHECKED = {
  rows: 4,
  paired: 0,
  parameters: 9,
  trainable_parameters: 9,
  seconds: 26,
  warnings: [] as object[],
};

/** Calls of the program, in order, and what each waits for. */
let calls: string[];
let hold: Record<string, Promise<void> | undefined>;
let checked: object;
let app: App;

beforeEach(() => {
  [calls, hold, checked] = [[], {}, CHECKED];
  [record.messages, record.executed] = [[], []];
  const config: Document & { save(): Promise<boolean> } = {
    uri: Uri.file('/w/a.run.yaml'),
    languageId: 'yaml',
    getText: () => 'preset: demo\n',
    save: () => Promise.resolve(true),
  };
  workspace.openTextDocument = () => Promise.resolve(config);
  const answer = async (_: unknown, words: string[], { signal }: { signal?: AbortSignal }) => {
    const call = words.includes('--dry-run') ? 'check' : words[0]!;
    calls.push(call);
    const aborted = new Promise((_, reject) =>
      signal?.addEventListener('abort', () => reject(signal.reason as Error)),
    );
    await Promise.race([hold[call], aborted]);
    return { check: checked, train: { dir: '/w/runs/a' }, stop: { status: 'stopped', step: 1, steps: 3 } }[
      call
    ];
  };
  app = {
    configs: { errors: () => Promise.resolve([]) },
    program: { answer },
    secrets: { get: () => Promise.resolve(undefined) },
    service: { call: () => Promise.resolve({ sets: [], root: '/w' }) },
    runs: { refresh: () => Promise.resolve([]) },
    starts: new Starts(),
  } as unknown as App;
  person.press = () => undefined;
});
const start = () => startRun(app, Uri.file('/w/a.run.yaml'));
const texts = () => record.messages.map(({ text }) => text);

describe('Stop Run', () => {
  const choices: string[][] = [];
  beforeEach(() => {
    choices.length = 0;
    person.pick = (_, labels) => {
      choices.push(labels);
      return labels[0];
    };
  });

  test('cancels the check before a start, without creating a run', async () => {
    hold.check = new Promise(() => undefined);
    const started = start();
    await vi.waitFor(() => expect(calls).toEqual(['check']));
    await stopRun(app);
    await started;
    expect(choices).toEqual([['$(loading) a.run.yaml']]);
    expect(calls).toEqual(['check']);
    expect(texts()).toEqual(['a.run.yaml: stopped.']);
    expect(app.starts.active).toEqual([]);
  });

  test('starts one run after a double click', async () => {
    let go = (): void => undefined;
    hold.check = new Promise((resolve) => (go = resolve));
    const clicks = [start(), start()];
    await vi.waitFor(() => expect(calls).toContain('check'));
    go();
    await Promise.all(clicks);
    expect(calls.filter((call) => call === 'train')).toHaveLength(1);
  });

  test('stops the run that a starting process creates', async () => {
    let go = (): void => undefined;
    hold.train = new Promise((resolve) => (go = resolve));
    const started = start();
    await vi.waitFor(() => expect(calls).toEqual(['check', 'train']));
    const stopped = stopRun(app);
    await vi.waitFor(() => expect(choices).toHaveLength(1));
    go();
    await Promise.all([started, stopped]);
    expect(calls).toEqual(['check', 'train', 'stop']);
    expect(texts().at(-1)).toBe('a: stopped at step 1 of 3.');
  });

  test('lists again if the check ends while the list is open', async () => {
    let go = (): void => undefined;
    hold.check = new Promise((resolve) => (go = resolve));
    const started = start();
    await vi.waitFor(() => expect(calls).toEqual(['check']));
    person.pick = async (_, labels) => {
      choices.push(labels);
      go();
      await started;
      return labels[0];
    };
    await stopRun(app);
    expect(choices).toEqual([['$(loading) a.run.yaml']]);
    expect(texts()).toEqual(['No active runs.']);
    expect(record.statusBarMessages.at(-1)).toBe('$(check) Started run a: 4 rows; about 26 s of training.');
  });

  test('a stopped run of a sweep offers to continue the sweep', async () => {
    person.press = (_, buttons) => buttons[0];
    await stopRun(app, '/w/sweeps/sft-grpo/runs/sft-seed-0');
    await stopRun(app, '/w/runs/a');
    expect(record.messages.map(({ buttons }) => buttons)).toEqual([['Run Sweep'], ['Resume Run']]);
    expect(record.executed).toContainEqual([
      'chirality.runSweep',
      { dir: '/w/sweeps/sft-grpo/runs/sft-seed-0' },
    ]);
  });

  test('Stop Run reports a missing active run', async () => {
    await stopRun(app);
    expect(texts()).toEqual(['No active runs.']);
  });
});

describe('warnings of the dry run', () => {
  beforeEach(() => (checked = { ...CHECKED, warnings: [WARNING, { code: 'rewards', message: 'Hardly.' }] }));

  test.each([
    ['Start Run Anyway', ['check', 'train'], undefined],
    ['Train with SFT First', ['check'], ['chirality.newRunConfig', undefined, 'plan']],
    ['Open Config', ['check'], undefined],
  ])('shows warnings of the dry run before the start: %s', async (choice, made, executed) => {
    let shown: string[] = [];
    person.pick = (_, labels) => labels.find((label) => (shown = labels) && label.includes(choice));
    await start();
    expect(shown).toEqual([
      '$(warning) No completion earns a reward.',
      '$(warning) Hardly.',
      '',
      '$(list-ordered) Train with SFT First, Then GRPO',
      '$(edit) Open Config',
      '$(play) Start Run Anyway',
    ]);
    expect(calls).toEqual(made);
    if (executed) expect(record.executed).toContainEqual(executed);
  });

  test('shows too few rows before the start of a run and of a sweep, with a command for more', async () => {
    const few = { code: 'few-rows', message: '9 rows are too few.' };
    const more = ['chirality.newDataSet', 'scenes'];
    checked = { ...CHECKED, warnings: [few] };
    person.pick = (_, labels) => labels.find((label) => label.includes('Generate'));
    await start();
    expect(record.executed).toEqual([more]);
    checked = { work: 'SFT for 400 steps, then GRPO for 50 steps', seconds: 130, warnings: [few] };
    person.press = (_, labels) => labels.find((label) => label.includes('Generate'));
    await runSweep(app, Uri.file('/w/a.sweep.yaml'), false, ASK);
    expect(texts()).toEqual([
      'a.sweep.yaml can start: SFT for 400 steps, then GRPO for 50 steps, about 2 min 10 s of training. Run Sweep is also above the config. 9 rows are too few.',
    ]);
    expect(record.messages[0]!.buttons).toEqual(['Run Sweep', 'Generate Synthetic Scenes']);
    expect(record.executed).toEqual([more, more]);
    expect(calls).toEqual(['check', 'check']);
  });

  test('does not repeat warnings of the dry run for the same config', async () => {
    person.pick = (_, labels) => labels.at(-1);
    await start();
    person.pick = () => undefined;
    await start();
    expect(calls).toEqual(['check', 'train', 'check', 'train']);
    checked = { ...CHECKED, warnings: [{ code: 'rewards', message: 'Another.' }] };
    await start();
    expect(calls.slice(4)).toEqual(['check']);
  });

  test('does not start if the confirmation of warnings is cancelled', async () => {
    person.pick = () => undefined;
    await start();
    expect(calls).toEqual(['check']);
  });
});
