import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { App } from '../../../src/extension/app.ts';
import { resumeRun, startRun, stopRun } from '../../../src/extension/commands/run-commands.ts';
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
    panels: {},
    starts: new Starts(),
  } as unknown as App;
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

/** Presses the button of a message whose label contains a text; the first of all is the options of a dialog. */
const pressing = (text: string) => (_: string, buttons: readonly unknown[]) =>
  buttons.find((button): button is string => typeof button === 'string' && button.includes(text));

describe('warnings of the dry run', () => {
  beforeEach(() => (checked = { ...CHECKED, warnings: [WARNING, { code: 'rewards', message: 'Hardly.' }] }));

  test.each([
    ['Start Run Anyway', ['check', 'train'], undefined],
    ['Train with SFT First', ['check'], ['chirality.newRunConfig', undefined, 'plan']],
  ])('shows warnings of the dry run before the start: %s', async (choice, made, executed) => {
    person.press = pressing(choice);
    await start();
    const detail = 'No completion earns a reward. Set init.\n\nHardly.\n\n4 rows; about 26 s of training.';
    expect(record.messages).toEqual([
      {
        kind: 'warning',
        text: 'a.run.yaml: 2 warnings of the dry run',
        buttons: [{ modal: true, detail }, 'Train with SFT First, Then GRPO', 'Start Run Anyway'],
      },
    ]);
    expect(calls).toEqual(made);
    if (executed) expect(record.executed).toContainEqual(executed);
  });

  test('shows too few rows before the start of a run and of a sweep, with a command for more', async () => {
    const few = { code: 'few-rows', message: '9 rows are too few.' };
    const more = ['chirality.newDataSet', 'scenes'];
    person.press = pressing('Generate');
    checked = { ...CHECKED, warnings: [few] };
    await start();
    checked = { work: 'SFT for 400 steps, then GRPO for 50 steps', seconds: 130, warnings: [few] };
    await runSweep(app, Uri.file('/w/a.sweep.yaml'), false, ASK);
    expect(texts()).toEqual(
      ['a.run.yaml', 'a.sweep.yaml'].map((name) => `${name}: 1 warning of the dry run`),
    );
    const detail =
      '9 rows are too few.\n\nSFT for 400 steps, then GRPO for 50 steps, about 2 min 10 s of training.';
    expect(record.messages[1]!.buttons).toEqual([
      { modal: true, detail },
      'Generate Synthetic Scenes',
      'Run Sweep Anyway',
    ]);
    expect(record.executed).toEqual([more, more]);
    expect(calls).toEqual(['check', 'check']);
  });

  test('names the way to split rows in the editor, in place of a command for the terminal', async () => {
    const none = { code: 'no-set', message: 'No set.', fix: 'Run chirality convert.' };
    checked = { ...CHECKED, warnings: [none] };
    await start();
    expect(record.messages[0]!.buttons[0]).toMatchObject({
      detail: expect.stringMatching(/^No set\. To split .* Hold Out 10% of the Rows\.\n\n4 rows/) as string,
    });
  });

  test('does not repeat warnings of the dry run for the same config', async () => {
    person.press = pressing('Anyway');
    await start();
    person.press = () => undefined;
    await start();
    expect(calls).toEqual(['check', 'train', 'check', 'train']);
    checked = { ...CHECKED, warnings: [{ code: 'rewards', message: 'Another.' }] };
    await start();
    expect(calls.slice(4)).toEqual(['check']);
  });

  test('asks each time before a second run of a config whose run is active', async () => {
    checked = CHECKED;
    const state = { status: 'running', step: 1, steps: 3 };
    const run = (name: string) => ({ name, dir: `/w/runs/${name}`, root: '/w/runs', state });
    app.runs.refresh = () => Promise.resolve([run('a-2'), run('ab')] as never);
    for (let i = 0; i < 2; i++) await start();
    expect(calls).toEqual(['check', 'check']);
    expect(record.messages).toHaveLength(2);
    expect(record.messages[1]!.buttons[0]).toMatchObject({
      detail: expect.stringMatching(/^a-2 is already running with this config\. .*\n\n4 rows/),
    });
    person.press = pressing('Start Run Anyway');
    await start();
    expect(calls).toEqual(['check', 'check', 'check', 'train']);
  });

  test('does not start if the confirmation of warnings is cancelled', async () => {
    await start();
    expect(calls).toEqual(['check']);
  });
});

describe('Resume Run', () => {
  const resumeWith = async (lost: number) => {
    const resumed: string[][] = [];
    const run = (words: string[]) => Promise.resolve(void resumed.push(words));
    const service = { call: () => Promise.resolve({ lost }) };
    app = { ...app, program: { run }, service } as unknown as App;
    await resumeRun(app, '/w/runs/a');
    return resumed;
  };

  test('asks before it discards the steps of a run whose checkpoints are missing', async () => {
    expect(await resumeWith(66)).toEqual([]);
    expect(record.messages).toEqual([
      {
        kind: 'warning',
        text: 'Resume a from its start?',
        buttons: [expect.objectContaining({ modal: true }), 'Discard and Resume'],
      },
    ]);
    expect(JSON.stringify(record.messages[0]!.buttons[0])).toContain('discards 66 finished steps');
    person.press = pressing('Discard');
    expect(await resumeWith(66)).toEqual([['resume', '/w/runs/a', '--detach', '--force']]);
  });

  test('continues from a checkpoint without a question', async () => {
    expect(await resumeWith(0)).toEqual([['resume', '/w/runs/a', '--detach']]);
    expect(record.messages).toEqual([]);
  });
});
