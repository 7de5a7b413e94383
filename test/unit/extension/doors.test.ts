import { describe, expect, test, vi } from 'vitest';
import type { ConfigMistake } from '../../../src/core/config/editor/config-mistakes.ts';
import type { RunSummary } from '../../../src/panels/runs/runs.contract.ts';
import type { App } from '../../../src/extension/app.ts';
import { annotate, openPlayground, openReport } from '../../../src/extension/commands/open.ts';
import { Starts } from '../../../src/extension/launch/starts.ts';
import { startRun } from '../../../src/extension/commands/run-commands.ts';
import { ConfigLanguage } from '../../../src/extension/config-language.ts';
import { dataLenses } from '../../../src/extension/lenses.ts';
import type { Service } from '../../../src/panels/service.host.ts';
import { listSweepRecipes } from '../../../src/lab/library.ts';
import { findPython } from '../../../src/lab/torch/python.ts';
import { reportErrors } from '../../../src/panels/host/report-errors.host.ts';
import { configService } from '../../../src/panels/config-language.reads.ts';
import { events, person, Range, record, Uri, workspace, type Document } from './fake-vscode.ts';

const CONFIG = 'preset: demo\nstepps: 3\ndata: { train: a.qa.jsonl }\n';
const document = (text: string): Document & { save(): Promise<boolean> } => ({
  uri: Uri.file('/w/bad.run.yaml'),
  languageId: 'yaml',
  getText: () => text,
  save: () => Promise.resolve(true),
});
/** The service's own answers, without its thread. */
const service = {
  call: (_name: string, query: Parameters<typeof configService.checkConfig>[0]) =>
    Promise.resolve(configService.checkConfig(query)),
} as unknown as Service;

describe('config with a mistake', () => {
  test('a config with a mistake has a quick fix that replaces a misspelt field', async () => {
    const shown = document(CONFIG);
    workspace.textDocuments = [shown];
    const language = new ConfigLanguage(process.cwd(), service);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const at = (line: number) =>
      language.provideCodeActions(shown as never, new Range(line, 2, line, 2) as never) as unknown[];
    expect(at(0)).toEqual([]);
    expect(at(1)).toMatchObject([
      { title: 'Change to “steps”', isPreferred: true, edit: { replaced: [[shown.uri, {}, 'steps']] } },
    ]);
    language.dispose();
  });

  test('a data file that goes and returns is a problem of the open config, and none', async () => {
    const shown = document(CONFIG);
    workspace.textDocuments = [shown];
    let mistakes: object[] = [];
    const call = () => Promise.resolve(mistakes);
    const language = new ConfigLanguage(process.cwd(), { call } as unknown as Service);
    const told = () => record.diagnostics.get(shown.uri.toString());
    await vi.waitFor(() => expect(told()).toEqual([]));
    const gone = { severity: 'error', code: 'missing-file', message: 'No file.', line: 2, from: 0, to: 1 };
    mistakes = [gone];
    events.fileDeleted.fire(Uri.file('/w/a.qa.jsonl'));
    await vi.waitFor(() => expect(told()).toMatchObject([{ message: 'No file.' }]));
    mistakes = [];
    events.fileCreated.fire(Uri.file('/w/a.qa.jsonl'));
    await vi.waitFor(() => expect(told()).toEqual([]));
    language.dispose();
  });

  test('a config with a mistake shows why the check failed', async () => {
    const shown = document(CONFIG);
    workspace.textDocuments = [shown];
    const call = () => Promise.reject(new Error('base.run.yaml is a folder, not a file.'));
    const language = new ConfigLanguage(process.cwd(), { call } as unknown as Service);
    await vi.waitFor(() => {
      expect(record.diagnostics.get(shown.uri.toString())).toMatchObject([
        { message: 'Not checked: base.run.yaml is a folder, not a file.' },
      ]);
    });
    language.dispose();
  });

  test('a config with a mistake does not start: the editor opens at the first mistake', async () => {
    const shown = document(CONFIG);
    workspace.textDocuments = [];
    record.messages = [];
    const errors: ConfigMistake[] = [
      {
        severity: 'error',
        code: 'unknown-field',
        message: 'Unknown field "stepps".',
        line: 1,
        from: 0,
        to: 6,
      },
      { severity: 'error', code: 'missing-file', message: 'No file.', line: 2, from: 0, to: 1 },
    ];
    workspace.openTextDocument = () => Promise.resolve(shown);
    record.shown = [];
    const configs = { errors: () => Promise.resolve(errors) };
    await startRun({ configs, starts: new Starts() } as unknown as App, shown.uri);
    expect(record.shown).toEqual([shown.uri]);
    expect(record.messages).toMatchObject([
      {
        kind: 'error',
        text: 'Cannot start the run: bad.run.yaml, line 2: Unknown field "stepps". 1 more error.',
        buttons: ['Show Problems'],
      },
    ]);
  });
});

test('rejected run: shows the reason with workspace paths until the next attempt', async () => {
  const shown = document('preset: demo\n');
  workspace.openTextDocument = () => Promise.resolve(shown);
  workspace.workspaceFolders = [{ uri: Uri.file('/w') }];
  record.messages = [];
  const refusals = ['Row "a-7" of /w/mine/a.qa.jsonl: It is too long.', 'The disk is full.'];
  const app = {
    configs: { errors: () => Promise.resolve([]) },
    runs: { refresh: () => Promise.resolve([]) },
    starts: new Starts(),
    program: { answer: () => Promise.reject(new Error(refusals.shift())) },
    secrets: { get: () => Promise.resolve(undefined) },
    service: { call: () => Promise.resolve({ sets: [], root: '/w' }) },
  } as unknown as App;
  person.press = (message, buttons) => (message.includes('too long') ? buttons[0] : undefined);
  await startRun(app, shown.uri);
  await vi.waitFor(() => {
    expect(record.messages).toEqual(
      ['Row "a-7" of mine/a.qa.jsonl: It is too long.', 'The disk is full.'].map((why) => ({
        kind: 'error',
        text: `Cannot start the run: ${why}`,
        buttons: ['Try Again'],
      })),
    );
  });
});

test('run without Python: offers the command that sets up the torch engine', async () => {
  vi.stubEnv('XDG_CACHE_HOME', '/no/such/cache');
  for (const name of ['CHIRALITY_PYTHON', 'VIRTUAL_ENV', 'CONDA_PREFIX']) vi.stubEnv(name, '');
  person.press = (_, [first]) => first;
  await reportErrors('Cannot start the run', () => findPython());
  vi.unstubAllEnvs();
  person.press = () => undefined;
  expect(record.messages.map(({ buttons }) => buttons)).toEqual([['Set Up Torch Engine', 'Try Again']]);
  await vi.waitFor(() => expect(record.executed).toEqual([['chirality.engines.setUpTorch']]));
});

describe('CodeLenses above rows', () => {
  const run = (name: string, ...data: string[]) => ({ name, dir: `/w/runs/${name}`, data }) as RunSummary;
  const uri = Uri.file('/w/val.qa.jsonl') as never;
  const of = (runs: RunSummary[]) =>
    dataLenses(uri, runs).map(({ title, arguments: args }) => [title.split(') ')[1], args]);

  test('CodeLenses above rows open the gallery, the pair and the annotation editor', () => {
    expect(of([run('a', '/w/other.qa.jsonl')])).toEqual([
      ['Open Dataset', [uri]],
      ['Show Pair', [uri]],
      ['Annotate Rows', [uri]],
    ]);
  });

  test('CodeLenses above rows open the traces and the report of runs that read the rows', () => {
    const runs = [run('new', '/w/a', '/w/val.qa.jsonl'), run('old', '/w/val.qa.jsonl'), run('other')];
    expect(of(runs).slice(3)).toEqual([
      ['Open Traces of new', [{ run: '/w/runs/new' }]],
      ['Open Report', [['/w/runs/new', '/w/runs/old']]],
    ]);
  });
});

describe('title bar commands of a panel', () => {
  const panel = Uri.from({ scheme: 'webview-panel', path: 'x' });

  test('a title bar command opens the report of the runs in the panel', async () => {
    let runs: unknown;
    const reports = { open: (subject: { runs: unknown }) => Promise.resolve((runs = subject.runs)) };
    await openReport(
      { panels: { reports, runs: { front: { dirs: ['/w/runs/a'] } } } } as unknown as App,
      panel,
    );
    expect(runs).toEqual(['/w/runs/a']);
  });

  test('a title bar command annotates the dataset of the panel, or the selected file', async () => {
    const opened: string[] = [];
    const annotation = { open: ({ path }: Uri) => Promise.resolve(opened.push(path)) };
    const dataSets = { front: { uri: Uri.file('/w/a.qa.jsonl') } };
    await annotate({ annotation, panels: { dataSets } } as unknown as App, panel);
    expect(opened).toEqual(['/w/a.qa.jsonl']);
    // The pencil of another file in the side bar leaves the panel in front.
    await annotate({ annotation, panels: { dataSets } } as unknown as App, Uri.file('/w/b.qa.jsonl'));
    expect(opened).toEqual(['/w/a.qa.jsonl', '/w/b.qa.jsonl']);
  });

  test('a title bar command opens the Playground for the selected file, not the front pair', async () => {
    const opened: string[] = [];
    const playground = { openRow: ({ path }: Uri) => Promise.resolve(opened.push(path)) };
    const pair = { front: { row: { uri: Uri.file('/w/a.qa.jsonl'), line: 1 } } };
    const app = { playground, panels: { pair } } as unknown as App;
    await openPlayground(app, panel);
    await openPlayground(app, Uri.file('/w/b.qa.jsonl'));
    expect(opened).toEqual(['/w/a.qa.jsonl', '/w/b.qa.jsonl']);
  });
});

test('listSweepRecipes: reports for every recipe whether a small variant exists', () => {
  const small = Object.fromEntries(listSweepRecipes().map(({ name, small }) => [name, small]));
  expect(small.eta).toBe(true);
  expect(Object.values(small)).not.toContain(undefined);
});
