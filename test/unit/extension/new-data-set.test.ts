import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadRun } from '../../../src/core/config/load.ts';
import type { App } from '../../../src/extension/app.ts';
import { commands } from '../../../src/extension/commands.ts';
import { newRunConfig } from '../../../src/extension/launch/new-config.ts';
import { makeDataSet } from '../../../src/extension/launch/new-data-set.ts';
import { Program } from '../../../src/panels/host/cli-program.host.ts';
import { isHeldOut } from '../../../src/extension/launch/propose.ts';
import { ASK, PLAN } from '../../../src/extension/launch/start-run.ts';
import { loadSweep } from '../../../src/core/config/load-sweep.ts';
import { holdOut } from '../../../src/extension/launch/choose-sets.ts';
import { readPreset } from '../../../src/lab/library.ts';
import { chirality, CLI } from '../lab/recipes/cli.ts';
import { tablePanels } from '../../../src/panels/table/table.host.ts';
import type { TableState } from '../../../src/panels/table/table.contract.ts';
import {
  PairRows,
  countRows,
  rowParts,
  sharedWith,
  unknownWords,
} from '../../../src/panels/data-rows.reads.ts';
import { usableService } from '../../../src/panels/usable.reads.ts';
import { tableService } from '../../../src/panels/table/table.reads.ts';
import { quiet } from '../../support/call.ts';
import { readRows, rowLines } from '../../support/rows.ts';
import { fakePanel } from '../panels/fake-panel.ts';
import { BACK, fakeContext, notification, person, record, Uri, window, workspace } from './fake-vscode.ts';
import { few, slowly } from '../../support/slow.ts';
import { folderOfTests } from '../../support/folder.ts';

let folder: string;
let program: Program;
/** What was asked, in order, with what could be chosen. */
let asked: { question: string; labels: string[] }[];
/** What a person answers, by a part of what is asked. */
let answers: Record<string, string>;
let shown: string[];

beforeEach(() => {
  folder = folderOfTests('chirality new ');
  program = new Program(CLI);
  workspace.settings = { 'chirality.nodePath': process.execPath };
  workspace.workspaceFolders = [{ uri: Uri.file(folder) }];
  [asked, answers, shown] = [[], {}, []];
  const answer = (question: string, labels: string[] = []) => {
    asked.push({ question, labels });
    return Object.entries(answers).find(([part]) => question.includes(part))?.[1];
  };
  person.pick = (question, labels) => {
    const wanted = answer(question, labels);
    return wanted === undefined ? undefined : labels.find((label) => label.includes(wanted));
  };
  person.type = (prompt) => answer(prompt);
});
afterEach(() => {
  program.dispose();
});

const app = () =>
  ({
    program,
    service: {
      call: (name: string, args: { path: string; others: string[]; model: string }) =>
        name === 'sharedWith'
          ? sharedWith(args)
          : name in usableService
            ? usableService[name as keyof typeof usableService](args as never, quiet)
            : name === 'rowParts'
              ? rowParts(args)
              : name === 'unknownWords'
                ? unknownWords(args)
                : countRows(args),
    },
    runs: { refresh: () => Promise.resolve([]) },
    panels: { dataSets: { open: ({ uri }: { uri: string }) => void shown.push(uri) } },
    views: { dataSets: { refresh: () => undefined } },
  }) as unknown as App;

const scenes = {
  'Select a style': 'Compact',
  'Enter the number of rows': '12',
  'Enter a name for the new folder': 'scenes',
};

describe('new config and dataset', () => {
  test('creates synthetic rows for a new config', async () => {
    answers = {
      preset: 'demo-sft',
      'initial model': 'Create Tiny Model',
      'training rows': 'Synthetic',
      ...scenes,
      'evaluate on': 'None',
    };
    await newRunConfig(app());
    // The dialog of the dry run lists the warnings, so that no message stands beside it.
    expect(record.messages).toEqual([]);
    expect(record.executed).toContainEqual([
      'chirality.startRun',
      expect.objectContaining({ fsPath: join(folder, 'demo-sft.run.yaml') }),
      ASK,
      '',
    ]);
    const text = readFileSync(join(folder, 'demo-sft.run.yaml'), 'utf8');
    const { config, problems } = loadRun(text, 'demo-sft.run.yaml', readPreset);
    expect(problems).toEqual([]);
    expect(config!.data.train).toBe('scenes/data.qa.jsonl');
    const rows = readRows(join(folder, 'scenes/data.qa.jsonl'));
    expect(rows).toHaveLength(12);
    // A constant distance is within the tolerance, and the mirror of a yes/no question keeps its answer, so that a model
    // could answer both without the image.
    expect(new Set(rows.map(({ task }) => task))).toEqual(new Set(['mcq']));
  });

  test('offers the training rows for evaluation', async () => {
    answers = {
      preset: 'demo-sft',
      'initial model': 'Create Tiny Model',
      'training rows': 'Synthetic',
      ...scenes,
      'evaluate on': 'data.qa.jsonl',
    };
    await newRunConfig(app());
    const text = readFileSync(join(folder, 'demo-sft.run.yaml'), 'utf8');
    const { config } = loadRun(text, 'demo-sft.run.yaml', readPreset);
    expect(config!.data.eval).toEqual({ scenes: 'scenes/data.qa.jsonl' });
  });

  test('writes and checks a plan of SFT and GRPO for a new tiny model', async () => {
    const rows = Array.from({ length: 40 }, (_, i) =>
      JSON.stringify({ id: `${i}`, question: `${i}?`, answer: 'a' }),
    );
    writeFileSync(join(folder, 'own.qa.jsonl'), `${rows.join('\n')}\n`);
    workspace.files = [Uri.file(join(folder, 'own.qa.jsonl'))];
    answers = { 'training rows': 'own.qa.jsonl', 'evaluate on': 'Hold Out 10%' };
    const dialogs = vi.spyOn(window, 'showSaveDialog');
    await newRunConfig(app(), undefined, PLAN);
    expect(dialogs.mock.lastCall).toMatchObject([
      { title: 'Save Sweep (3 of 3)', filters: { Sweep: ['yaml'] } },
    ]);
    dialogs.mockRestore();
    expect(asked.map(({ question }) => question)).not.toContainEqual(expect.stringContaining('preset'));
    const path = join(folder, 'sft-grpo.sweep.yaml');
    expect(record.executed).toContainEqual([
      'chirality.runSweep',
      expect.objectContaining({ fsPath: path }),
      false,
    ]);
    const files = { readPreset, readConfig: () => null };
    const { sweep, problems } = loadSweep(readFileSync(path, 'utf8'), path, files);
    expect(problems).toEqual([]);
    const data = { train: 'own.train.qa.jsonl', eval: { 'own.val': 'own.val.qa.jsonl' } };
    expect(sweep!.arms.map(({ config }) => [config.recipe, config.init, config.data])).toMatchObject([
      ['sft', undefined, data],
      ['grpo', 'sft', data],
    ]);
  });

  test('starts GRPO of a tiny model from an SFT checkpoint, and ranks training files by part', async () => {
    const counts = { 'val/data': 2, 'small/data': 3, 'clean/data': 9 };
    workspace.files = Object.entries(counts).map(([name, rows]) => {
      mkdirSync(join(folder, name, '..'));
      const path = join(folder, `${name}.qa.jsonl`);
      const lines = Array.from({ length: rows }, (_, i) =>
        JSON.stringify({
          id: `${name} ${i}`,
          question: `Where is the ${name} cup ${i}?`,
          answer: 'left',
          images: [],
        }),
      );
      writeFileSync(path, `${lines.join('\n')}\n`);
      return Uri.file(path);
    });
    const run = { name: 'seen', dir: join(folder, 'runs/seen'), model: 'embedded', recipe: 'sft', note: '' };
    const state = { status: 'finished', step: 400, steps: 400, heartbeat: '2026-01-01T00:00:00Z' };
    const runs = [
      { ...run, state, meter: null, reward: null },
      { ...run, name: 'blind', state: { ...state, unrewarded: true } },
      { ...run, name: 'large', model: 'torch Qwen/Qwen2.5-VL-3B-Instruct', state },
    ];
    const tools = app();
    const { call } = tools.service as { call: (name: string, args: unknown) => unknown };
    const checkpoints = {
      steps: [100, 400],
      folders: ['a', join(run.dir, 'checkpoints/step-000400')],
      best: null,
    };
    Object.assign(tools.service, {
      call: (name: string, args: unknown) =>
        name === 'checkpoints' ? Promise.resolve(checkpoints) : call(name, args),
    });
    Object.assign(tools, { runs: { refresh: () => Promise.resolve(runs) } });
    answers = { preset: 'demo', 'initial model': 'seen', 'training rows': 'clean', 'evaluation sets': 'val' };
    person.pick = (question, labels) => {
      asked.push({ question, labels });
      const wanted = Object.entries(answers).find(([part]) => question.includes(part))?.[1];
      return labels.find((label) => (wanted === 'demo' ? label === wanted : label.includes(wanted!)));
    };
    const lists = vi.spyOn(window, 'showQuickPick');
    await newRunConfig(tools);
    const sets = (await lists.mock.lastCall![0]) as { label: string; picked?: boolean }[];
    lists.mockRestore();
    const labelsOf = (part: string) => asked.find(({ question }) => question.includes(part))!.labels;
    expect(labelsOf('initial model')).toEqual([
      '$(archive) seen, step 400',
      '$(list-ordered) Create Tiny Model: SFT First, Then GRPO',
      '$(folder-opened) Select Checkpoint Folder…',
    ]);
    expect(labelsOf('training rows').slice(0, 3)).toEqual(
      ['clean', 'small', 'val'].map((name) => `${name}/data.qa.jsonl`),
    );
    expect(sets.filter(({ picked }) => picked).map(({ label }) => label)).toEqual(['val/data.qa.jsonl']);
    const { config } = loadRun(readFileSync(join(folder, 'demo.run.yaml'), 'utf8'), 'demo', readPreset);
    expect(config).toMatchObject({
      init: 'runs/seen/checkpoints/step-000400',
      data: { train: 'clean/data.qa.jsonl', eval: { val: 'val/data.qa.jsonl' } },
    });

    // A checkpoint without some words of the rows has a remark, and cannot be the initial model.
    mkdirSync(checkpoints.folders[1]!, { recursive: true });
    const model = { model: 'chirality-embedded', words: ['Is', 'the'] };
    writeFileSync(join(checkpoints.folders[1]!, 'config.json'), JSON.stringify(model));
    writeFileSync(join(folder, 'demo.run.yaml'), '');
    const items = vi.spyOn(window, 'showQuickPick');
    answers = {
      preset: 'demo',
      'training rows': 'clean',
      'initial model': 'seen',
      'Select another': 'Sweep',
    };
    person.pick = (question, labels) => {
      asked.push({ question, labels });
      const wanted = Object.entries(answers).find(([part]) => question.includes(part))?.[1];
      return (
        wanted && labels.find((label) => (wanted === 'demo' ? label === wanted : label.includes(wanted)))
      );
    };
    await newRunConfig(tools);
    const starts = await Promise.all(items.mock.calls.map(([list]) => list as unknown as object[]));
    items.mockRestore();
    expect(starts.flat()).toContainEqual(
      expect.objectContaining({
        label: '$(archive) seen, step 400',
        description: expect.stringMatching(/^\d+ words? unknown to the model, for example "/) as string,
      }),
    );
    expect(asked.at(-1)!.question).toBe(
      'Select another model: this model does not know all words of data.qa.jsonl',
    );
  });

  test.each(
    few([
      ['the training rows, if few', ['own.mirrored', 'own'], 3, ['own.mirrored.qa.jsonl']],
      [
        'a held-out tenth of many rows',
        ['own.mirrored', 'own'],
        12,
        ['$(split-horizontal) Hold Out 10% of the Rows'],
      ],
      ['other rows, if they exist', ['own.mirrored', 'own', 'val'], 3, ['val.qa.jsonl']],
    ]),
  )('proposes for evaluation: %s', async (_, names, count, proposed) => {
    workspace.files = names.map((name) => {
      const path = join(folder, `${name}.qa.jsonl`);
      const rows = Array.from({ length: count }, (_, i) =>
        JSON.stringify({ id: `${i}`, question: `${name.slice(0, 3)} ${i}?`, answer: 'a' }),
      );
      writeFileSync(path, `${rows.join('\n')}\n`);
      return Uri.file(path);
    });
    answers = { preset: 'demo-sft', 'initial model': 'Create Tiny Model', evaluat: 'own.qa.jsonl' };
    const lists = vi.spyOn(window, 'showQuickPick');
    await newRunConfig(app(), Uri.file(join(folder, 'own.mirrored.qa.jsonl')));
    const items = (await lists.mock.lastCall![0]) as { label: string; picked?: boolean }[];
    lists.mockRestore();
    expect(items.filter(({ picked }) => picked).map(({ label }) => label)).toEqual(proposed);
  });

  slowly('proposes the held-out part, and shows the number of rows shared with training', async () => {
    const row = (n: number) => `{"id":"r${n}","question":"Is ${n} left?","answer":"yes"}\n`;
    // The list of files is sorted by name.
    const sets: Record<string, number[]> = {
      'copy.qa.jsonl': [1, 2],
      'own.qa.jsonl': [1, 2, 3, 4, 5, 6],
      'own.test.qa.jsonl': [4, 7],
      'own.train.qa.jsonl': [1, 2, 3, 4],
      'own.val.qa.jsonl': [5, 6],
    };
    workspace.files = Object.entries(sets).map(([name, rows]) => {
      writeFileSync(join(folder, name), rows.map(row).join(''));
      return Uri.file(join(folder, name));
    });
    answers = {
      preset: 'svqa-r1-24gb',
      'initial model': 'Qwen2.5-VL-3B',
      'Select evaluation sets': 'own.val.qa.jsonl',
    };
    const lists = vi.spyOn(window, 'showQuickPick');
    await newRunConfig(app(), Uri.file(join(folder, 'own.train.qa.jsonl')));
    const items = (await lists.mock.lastCall![0]) as {
      label: string;
      description: string;
      picked?: boolean;
    }[];
    lists.mockRestore();
    const of = (name: string) => items.find(({ label }) => label === name)!;
    expect(items.filter(({ picked }) => picked).map(({ label }) => label)).toEqual(['own.val.qa.jsonl']);
    // Files that share rows with training are below the files that share none, and the training rows are last.
    expect(items.map(({ label }) => label)).toEqual([
      'own.val.qa.jsonl',
      'copy.qa.jsonl',
      'own.qa.jsonl',
      'own.test.qa.jsonl',
      'own.train.qa.jsonl',
    ]);
    expect(of('own.val.qa.jsonl').description).not.toContain('shared with the training rows');
    expect(of('own.test.qa.jsonl').description).toContain('50.0% shared with the training rows');
    expect(of('copy.qa.jsonl').description).toContain('100.0% shared with the training rows');
    expect(of('own.train.qa.jsonl').description).toBe('training rows · 4 rows');
  });

  slowly('offers to hold out a tenth of the rows, and trains on the other rows', async () => {
    const rows = Array.from({ length: 60 }, (_, i) =>
      JSON.stringify({ id: `${i}`, question: `Where is cup ${i}?`, answer: 'left', images: [] }),
    );
    writeFileSync(join(folder, 'own.qa.jsonl'), `${rows.join('\n')}\n`);
    workspace.files = [Uri.file(join(folder, 'own.qa.jsonl'))];
    answers = { preset: 'demo-sft', 'initial model': 'Create Tiny Model', 'evaluate on': 'Hold Out 10%' };
    await newRunConfig(app(), Uri.file(join(folder, 'own.qa.jsonl')));
    const text = readFileSync(join(folder, 'demo-sft.run.yaml'), 'utf8');
    const { config } = loadRun(text, 'demo-sft.run.yaml', readPreset);
    expect(config!.data).toMatchObject({
      train: 'own.train.qa.jsonl',
      eval: { 'own.val': 'own.val.qa.jsonl' },
    });
    const ids = ['train', 'val'].map((part) =>
      readRows(join(folder, `own.${part}.qa.jsonl`)).map(({ id }) => id),
    );
    expect(ids.flat()).toHaveLength(60);
    expect(ids[1]).toHaveLength(6);
    expect(record.messages.at(-1)!.text).toContain(
      ` The evaluation set has ${ids[1]!.length} rows, enough to detect only large differences.`,
    );
    // Now that there is one, it is ticked, and none is offered.
    workspace.files = ['own', 'own.train', 'own.val'].map((name) =>
      Uri.file(join(folder, `${name}.qa.jsonl`)),
    );
    answers = {
      preset: 'demo-sft',
      'initial model': 'Create Tiny Model',
      'Select evaluation sets': 'own.val',
    };
    const lists = vi.spyOn(window, 'showQuickPick');
    await newRunConfig(app(), Uri.file(join(folder, 'own.train.qa.jsonl')));
    const items = (await lists.mock.lastCall![0]) as { label: string; picked?: boolean }[];
    lists.mockRestore();
    expect(items.filter(({ label }) => label.includes('Hold Out'))).toEqual([]);
    expect(items.find(({ picked }) => picked)!.label).toBe('own.val.qa.jsonl');
  });

  slowly('the config for mirrored rows without reasoning has no warnings in its dry run', async () => {
    const mirror = {
      status: 'flipped',
      question: 'Where?',
      answer: 'right',
      image_op: 'hflip',
      rules: ['r'],
    };
    const rows = Array.from({ length: 20 }, (_, i) => ({
      id: `${i}`,
      question: 'Where?',
      answer: 'left',
      images: [`${i % 10}.png`],
      variants: { mirror: { ...mirror, ...(i % 10 === 0 && { review: { state: 'discarded' } }) } },
    }));
    for (let i = 0; i < 10; i++)
      copyFileSync('test/fixtures/traces/data/images/000399.png', join(folder, `${i}.png`));
    writeFileSync(join(folder, 'own.qa.jsonl'), rowLines(rows));
    workspace.files = [Uri.file(join(folder, 'own.qa.jsonl'))];
    answers = { preset: 'demo-sft', 'initial model': 'Create Tiny Model', 'evaluate on': 'Hold Out 10%' };
    await newRunConfig(app(), Uri.file(join(folder, 'own.qa.jsonl')));
    const all = ['train', 'val'].flatMap((part) => readRows(join(folder, `own.${part}.qa.jsonl`)));
    expect(all).toEqual(expect.arrayContaining(rows.map((row) => expect.objectContaining(row) as object)));
    const { code, stdout, stderr } = await chirality(
      folder,
      'train',
      'demo-sft.run.yaml',
      '--dry-run',
      '--json',
    );
    expect(code, stderr).toBe(0);
    const { paired, config, warnings } = JSON.parse(stdout) as {
      paired: number;
      config: { target: string; views: object };
      warnings: { code: string }[];
    };
    expect(config).toMatchObject({
      target: '<think> </think> <answer> {answer} </answer>',
      views: { mirror: true },
    });
    expect([16, 18]).toContain(paired);
    expect(warnings.filter((warning) => warning.code === 'rewards')).toEqual([]);
  });

  test.each([
    ['/w/x.val.qa.jsonl', '/w/x.train.qa.jsonl', true],
    ['/w/x.test.qa.jsonl', '/w/x.mirrored.qa.jsonl', true],
    ['/w/val/data.qa.jsonl', '/w/train/data.qa.jsonl', true],
    ['/w/y.val.qa.jsonl', '/w/x.train.qa.jsonl', false],
    ['/w/val/x.qa.jsonl', '/w/val/x.train.qa.jsonl', false],
    ['/w/x.mirrored.qa.jsonl', '/w/x.qa.jsonl', false],
    ['/w/x.qa.jsonl', '/w/x.train.qa.jsonl', false],
  ])('isHeldOut(%s, %s) returns %s', (path, train, is) => expect(isHeldOut(path, train)).toBe(is));

  test('offers only existing sources of rows', async () => {
    answers = { preset: 'demo-sft', 'initial model': 'Create Tiny Model' };
    await newRunConfig(app());
    const { labels } = asked.find(({ question }) => question.includes('training rows'))!;
    expect(labels.filter((label) => label !== '').map((label) => label.replace(/^\S+ /, ''))).toEqual([
      'Generate Synthetic Scenes…',
      'Use a Table…',
      'Use Images…',
      'Browse…',
    ]);
    expect(existsSync(join(folder, 'demo-sft.run.yaml'))).toBe(false);
  });

  test.each(
    few([
      ['', 'one GPU of 24 GB · about 19 s a step on an H100 · torch not set up'],
      ['/my/python', 'one GPU of 24 GB · about 19 s a step on an H100'],
    ]),
  )('shows below a preset that its engine is not set up, with Python "%s"', async (python, detail) => {
    vi.stubEnv('XDG_CACHE_HOME', folder);
    for (const name of ['CHIRALITY_PYTHON', 'VIRTUAL_ENV', 'CONDA_PREFIX']) vi.stubEnv(name, '');
    workspace.settings = { ...workspace.settings, 'chirality.python': python };
    const lists = vi.spyOn(window, 'showQuickPick');
    await newRunConfig(app());
    const items = (await lists.mock.lastCall![0]) as { label: string; detail: string }[];
    lists.mockRestore();
    vi.unstubAllEnvs();
    const detailOf = (name: string) => items.find(({ label }) => label === name)!.detail;
    expect(detailOf('svqa-r1-24gb')).toBe(detail);
    expect(detailOf('demo-sft')).toBe('CPU · 400 steps');
  });

  test('checks rows at the step where the user chooses their file, with an answer kept on Back', async () => {
    const row = (i: number, images: string[]) =>
      `${JSON.stringify({ id: `${i}`, question: 'Left?', answer: 'yes', images })}\n`;
    writeFileSync(join(folder, 'good.qa.jsonl'), row(1, []) + row(2, []));
    writeFileSync(join(folder, 'own.qa.jsonl'), row(1, []) + row(2, ['gone.png']));
    workspace.files = ['good', 'own'].map((name) => Uri.file(join(folder, `${name}.qa.jsonl`)));
    const steps: [string, string | undefined][] = [
      ['Select a preset', 'demo-sft'],
      ['Select training rows', 'own.qa.jsonl'],
      ['Some rows are unusable', BACK],
      ['Select training rows', 'own.qa.jsonl'],
      ['Some rows are unusable', 'Exclude Unusable Rows'],
      ['Select the initial model', '$(add) Create Tiny Model'],
      ['Select evaluation sets', BACK],
      ['Select the initial model', BACK],
      ['Select training rows', BACK],
      ['Select a preset', undefined],
    ];
    const lists = vi.spyOn(window, 'showQuickPick');
    const left = [...steps];
    person.pick = (question) => {
      expect(question).toContain(left[0]![0]);
      return left.shift()![1];
    };
    await newRunConfig(app());
    expect(left).toEqual([]);
    type Listed = { label: string; detail?: string; picked?: boolean }[];
    const shown = await Promise.all(lists.mock.calls.map(([items]) => items as unknown as Listed));
    lists.mockRestore();
    const preselected = shown.map((items) => items.flatMap(({ label, picked }) => (picked ? [label] : [])));
    // The second list of training rows shows the result below the chosen file.
    expect(preselected[3]).toEqual(['own.qa.jsonl']);
    expect(shown[3]!.find(({ label }) => label === 'own.qa.jsonl')!.detail).toBe(
      '1 of 2 rows usable: 1 image missing',
    );
    expect(shown[2]![0]).toMatchObject({
      label: '$(warning) own.qa.jsonl: 1 of 2 rows usable',
      detail: '1 image missing',
    });
    expect([preselected[7], preselected[9]]).toEqual([['$(add) Create Tiny Model'], ['demo-sft']]);
    expect(readRows(join(folder, 'own.usable.qa.jsonl')).map(({ id }) => id)).toEqual(['1']);
    expect(record.messages.map(({ kind }) => kind)).toEqual(['information']);
  });

  slowly('returns to the previous question on Back, even during the creation of rows', async () => {
    const steps: [string, string][] = [
      ['Select a preset', 'demo-sft'],
      ['Select training rows', '$(add) Generate Synthetic Scenes…'],
      ['Select a style', 'Compact'],
      ['Enter the number of rows', BACK],
      ['Select a style', 'English'],
      ['Enter the number of rows', '7'],
      ['Enter a name for the new folder', BACK],
      ['Enter the number of rows', BACK],
      ['Select a style', BACK],
      ['Select training rows', BACK],
      ['Select a preset', BACK],
    ];
    const left = [...steps];
    const said: string[] = [];
    const values: (string | undefined)[] = [];
    person.pick = (question) => {
      said.push(question);
      return left.shift()![1];
    };
    person.type = (question, value) => {
      values.push(value);
      said.push(question);
      return left.shift()![1];
    };
    await newRunConfig(app());
    expect(left).toEqual([]);
    // Compact scenes, then English ones, whose typed number is there again.
    expect(values).toEqual(['4500', '1000', 'scenes', '7']);
    expect(said).toEqual(steps.map(([question]) => expect.stringContaining(question) as string));
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each(
    few([['Select a preset'], ['Select training rows'], ['Enter the number of rows'], ['evaluate on']]),
  )('ends the wizard on Escape: %s', async (last) => {
    const rows = Array.from({ length: 3 }, (_, i) => `{"id":"${i}","question":"${i}?","answer":"a"}\n`);
    writeFileSync(join(folder, 'own.qa.jsonl'), rows.join(''));
    workspace.files = [Uri.file(join(folder, 'own.qa.jsonl'))];
    answers = {
      preset: 'demo-sft',
      'initial model': 'Create Tiny Model',
      'training rows': last === 'evaluate on' ? 'own.qa.jsonl' : 'Synthetic',
      ...scenes,
    };
    Reflect.deleteProperty(answers, last.replace('Select a preset', 'preset').replace('Select ', ''));
    await newRunConfig(app());
    expect(asked.at(-1)!.question).toContain(last);
    expect(asked.filter(({ question }) => question.includes(last))).toHaveLength(1);
    expect([readdirSync(folder), record.messages]).toEqual([['own.qa.jsonl'], []]);
  });

  test('shows how far a split is, with its total', async () => {
    const train = Uri.file(join(folder, 'own.qa.jsonl'));
    writeFileSync(train.fsPath, '{"id":"1"}\n'.repeat(2000));
    const split = {
      answer: (_: unknown, __: unknown, { onLine }: { onLine: (line: string) => void }) => {
        onLine('row 1,043');
        return Promise.resolve({ splits: { train: 1800, val: 200 } });
      },
    };
    notification.messages = [];
    await holdOut({ ...app(), program: split } as unknown as App, { train, sets: [] } as never);
    expect(notification.messages).toEqual(['row 1,043 of 2,000']);
  });

  slowly('returns to the evaluation sets on Cancel in the save dialog', async () => {
    writeFileSync(join(folder, 'own.qa.jsonl'), '{"id":"1","question":"1?","answer":"a"}\n');
    answers = { preset: 'demo-sft', 'initial model': 'Create Tiny Model', 'evaluate on': 'None' };
    person.save = () => {
      answers = {};
      return undefined;
    };
    await newRunConfig(app(), Uri.file(join(folder, 'own.qa.jsonl')));
    const questions = asked.map(({ question }) => question);
    expect(questions.slice(2)).toEqual(['Select rows to evaluate on', 'Select rows to evaluate on']);
    expect(readdirSync(folder)).toEqual(['own.qa.jsonl']);
  });

  /** Opens a table by the menu; the test is the page of its panel. */
  async function openTable(
    name: string,
    text: string,
    more: Record<string, unknown> = {},
    other: Record<string, string> = {},
  ) {
    const files = { [name]: text, ...other };
    for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content);
    person.open = () => Object.keys(files).map((file) => Uri.file(join(folder, file)));
    const fake = fakePanel<TableState>();
    vi.spyOn(window, 'createWebviewPanel').mockReturnValueOnce(fake.panel as never);
    const call = (_: string, args: never) => tableService(new PairRows()).previewTable(args);
    const tables = tablePanels(fakeContext() as never, { service: { call } as never, program });
    const { panels, ...rest } = app();
    const made = makeDataSet({ ...rest, ...more, panels: { ...panels, tables } } as App, 'convert');
    await vi.waitFor(() => {
      fake.ready();
      expect(fake.shown()).not.toEqual([]);
    });
    const state = () => fake.shown().at(-1)!;
    await vi.waitFor(() => expect(state().preview ?? state().problem).toBeTruthy());
    return { ...fake, state, made };
  }

  test('detects, converts and shows a published dataset', async () => {
    const conversations = [
      { from: 'human', value: '<image>\nIs the cup left of the plate?' },
      { from: 'gpt', value: 'Yes' },
    ];
    const { state, notify, made } = await openTable(
      'llava.json',
      JSON.stringify([{ id: '1', image: 'a.jpg', conversations }]),
    );
    expect(state().preview!.format!.name).toBe('llava');
    notify('convert', null);
    await made;
    expect(record.messages).toEqual([
      {
        kind: 'warning',
        text: expect.stringMatching(
          /^llava\.qa\.jsonl: 0 of 1 row usable: \[1 image missing\]\(command:chirality\.annotateRows\?/,
        ),
        buttons: ['Locate Images…', 'Show Unusable Rows'],
      },
    ]);
    expect(shown).toEqual([`file:${join(folder, 'llava.qa.jsonl')}`]);
  });

  test.each(
    few([
      ['rows.csv', 'question,answer,image\nLeft?,yes,a.png\nRight?,no,gone.png\n', 3],
      ['spaced.csv', 'question,answer,image\nLeft?,yes,a.png\n\nRight?,no,gone.png\n', 4],
      ['broken.csv', 'question,answer,image\n"Left\nor not?",yes,a.png\nRight?,no,gone.png\n', 4],
      [
        'rows.jsonl',
        '{"question":"Left?","answer":"yes","image":"a.png"}\n{"question":"Right?","answer":"no","image":"gone.png"}\n',
        2,
      ],
    ]),
  )('names the line of an unusable row in the table of the user: %s', async (name, text, line) => {
    copyFileSync('test/fixtures/traces/data/images/000399.png', join(folder, 'a.png'));
    const { notify, made } = await openTable(name, text);
    notify('convert', null);
    await made;
    expect(record.messages[0]!.text).toMatch(/^[^:]*: 1 of 2 rows usable: \[1 image missing\]/);
    expect(record.messages[0]!.text).toContain(` (${name}, line ${line}).`);
  });

  test.each(
    few([
      ['coco.json', 'COCO instances or captions (JSON)'],
      ['cvat.xml', 'CVAT for images 1.1 (XML)'],
      ['label-studio.json', 'Label Studio, exported as JSON or JSON-MIN'],
    ]),
  )(
    'detects and converts labels in %s, and opens rows without questions for annotation',
    async (name, about) => {
      const text = readFileSync(join('test/fixtures/labels', name), 'utf8');
      const edited: string[] = [];
      const annotation = { open: (uri: Uri) => Promise.resolve(void edited.push(uri.toString())) };
      const { state, notify, made } = await openTable(name, text, { annotation });
      const { format, columns, rows } = state().preview!;
      expect([format!.about, columns]).toEqual([about, []]);
      expect(rows[0]!.labels.length).toBeGreaterThan(0);
      notify('convert', null);
      await made;
      const target = `file:${join(folder, name.replace(/\.\w+$/, '.qa.jsonl'))}`;
      const isUnasked = rows.every(({ question }) => question === '');
      expect([edited, shown]).toEqual(isUnasked ? [[target], []] : [[], [target]]);
    },
  );

  test.each(
    few([
      [
        'objects.json',
        [{ image_id: 1, objects: [{ object_id: 5, names: ['cup'], x: 1, y: 2, w: 3, h: 4 }] }],
        {
          'relations.json': [
            { image_id: 1, relationships: [{ subject_id: 5, predicate: 'on', object_id: 5 }] },
          ],
        },
        { labels: ['cup'], question: '' },
      ],
      [
        'answers.json',
        [{ no: 'a', answer: 'left' }],
        {
          'questions.json': [
            { no: 'a', question: 'Where?', image: '1.png' },
            { no: 'a', question: 'Which?', image: '1.png' },
          ],
        },
        { question: 'Where?', answer: 'left' },
      ],
    ]),
  )('joins two tables with a key, previews and converts them: %s', async (name, rows, other, first) => {
    const edited: string[] = [];
    const annotation = { open: (uri: Uri) => Promise.resolve(void edited.push(uri.toString())) };
    const [[file, content]] = Object.entries(other) as [[string, object]];
    const { state, notify, made } = await openTable(
      name,
      JSON.stringify(rows),
      { annotation },
      { [file]: JSON.stringify(content) },
    );
    const { inputs, join: second, rows: preview } = state().preview!;
    // The table whose keys repeat has the rows.
    const paths = [join(folder, name), join(folder, file)];
    expect([...inputs, second]).toEqual(name === 'answers.json' ? paths.toReversed() : paths);
    expect(preview[0]).toMatchObject(first);
    expect(existsSync(join(folder, name.replace('.json', '.qa.jsonl')))).toBe(false);
    notify('convert', null);
    await made;
    const target = join(folder, name.replace('.json', '.qa.jsonl'));
    const written = readFileSync(target, 'utf8').trim().split('\n');
    expect(written).toHaveLength(name === 'answers.json' ? 2 : 1);
    expect([...edited, ...shown]).toEqual([`file:${target}`]);
  });

  test('maps selected columns, and does not overwrite an existing file', async () => {
    writeFileSync(join(folder, 'cups.qa.jsonl'), 'mine');
    const { state, notify, made } = await openTable('cups.csv', 'x,"y, z",w\nWhich?,left,a.jpg\n');
    expect(state().preview!.choice).toEqual({ images: 'w', question: 'x', answer: 'y, z' });
    // A column is for one thing only.
    notify('choose', { field: 'answer', column: 'w' });
    await vi.waitFor(() => expect(state().preview!.choice).toEqual({ question: 'x', answer: 'w' }));
    notify('choose', { field: 'images', column: 'w' });
    await vi.waitFor(() => expect(state().preview!.choice).toEqual({ question: 'x', images: 'w' }));
    notify('choose', { field: 'answer', column: 'y, z' });
    await vi.waitFor(() => expect(state().preview!.rows).toMatchObject([{ answer: 'left', problem: null }]));
    notify('convert', null);
    await made;
    expect(readFileSync(join(folder, 'cups.qa.jsonl'), 'utf8')).toBe('mine');
    const [row] = readFileSync(join(folder, 'cups-2.qa.jsonl'), 'utf8').split('\n');
    expect(JSON.parse(row!)).toMatchObject({ question: 'Which?', answer: 'left', images: ['a.jpg'] });
  });

  test('shows a conversion error in the panel with the options that correct the error', async () => {
    const { state, notify, made, close } = await openTable(
      'cups.csv',
      'question,answer,image\n,left,a.jpg\n',
    );
    notify('convert', null);
    await vi.waitFor(() =>
      expect(state()).toMatchObject({ working: null, problem: expect.stringContaining('cups.csv') }),
    );
    close();
    await made;
    expect([record.messages, shown]).toEqual([[], []]);
  });

  slowly('opens an external dataset in place, and reuses no existing scene folder', async () => {
    person.open = () => [Uri.file('/elsewhere/rows.qa.jsonl')];
    await makeDataSet(app(), 'browse');
    expect(shown).toEqual(['file:/elsewhere/rows.qa.jsonl']);
    answers = { ...scenes, 'Enter the number of rows': '1500' };
    notification.messages = [];
    await makeDataSet(app(), 'scenes');
    expect(readdirSync(folder)).toEqual(['scenes']);
    // The title of the notification already says what is drawn.
    expect(notification.messages[0]).toMatch(/^scene [\d,]+ of 1,500 \(\d+%\)/);
  });

  test('opens the walkthrough at its first open step, also with the link of the empty view', async () => {
    const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      contributes: { viewsWelcome: { contents: string }[] };
    };
    const welcome = contributes.viewsWelcome.map(({ contents }) => contents).join('\n');
    const [link] = /(?<=\[walkthrough\]\(command:)[^)]*/.exec(welcome)!;
    record.executed = [];
    await commands[link]!({} as App);
    expect(record.executed).toEqual([['workbench.action.openWalkthrough', 'chirality.chirality#start']]);
  });
});
