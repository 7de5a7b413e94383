import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ZodMiniType } from 'zod/mini';
import { expect, test, vi } from 'vitest';
import type { App } from '../../../src/extension/app.ts';
import { evaluateRun } from '../../../src/extension/commands/evaluate-run.ts';
import { newestEvaluation } from '../../../src/lab/evaluation/evaluation-folders.ts';
import { countRows, sharedWith, unknownWords } from '../../../src/panels/data-rows.reads.ts';
import { savedRuns } from '../../../src/panels/runs/runs.reads.ts';
import { BACK, person, record, Uri, window, workspace } from './fake-vscode.ts';
import { folderOfTests } from '../../support/folder.ts';

test('evaluateRun: reports pair accuracy before the accuracies', async () => {
  const dir = resolve('test/fixtures/runs/given');
  const { results } = (await newestEvaluation(dir))!;
  const saved = {
    steps: [60],
    folders: [],
    best: null,
    sets: { val: resolve(dir, 'val.qa.jsonl') },
    train: resolve(dir, 'gone.qa.jsonl'),
    root: dir,
  };
  const app = {
    service: {
      call: (name: string) =>
        Promise.resolve({ checkpoints: saved, unknownWords: [] }[name] ?? { faults: [] }),
    },
    program: {
      answer: (schema: ZodMiniType, [command]: string[]) =>
        Promise.resolve(schema.parse(command === 'eval' ? results : [])),
    },
    roots: { allowed: [dir] },
    secrets: { get: () => Promise.resolve(undefined) },
  } as unknown as App;
  person.pick = (_, labels) => labels[0];
  await evaluateRun(app, { dir });
  person.pick = () => undefined;
  // 157, 237 and 169 of 256.
  expect(record.messages.at(-1)!.text).toBe(
    'given, step 60: val pair accuracy 61.3%; val original 92.6% (8 of 256 unparsed); val mirror 66.0% (5 of 256 unparsed).',
  );
  expect(record.messages.at(-1)!.buttons).toEqual(['Open Report', 'Show Answers']);
});

test('evaluateRun: keeps the list open until a set is selected, marks training rows, and goes back', async () => {
  const folder = folderOfTests('chirality evaluate ');
  const path = (name: string) => join(folder, `${name}.qa.jsonl`);
  const files = { own: [1, 2, 3, 4], train: [1, 2, 3], val: [4] };
  for (const [name, rows] of Object.entries(files))
    writeFileSync(path(name), rows.map((n) => `{"id":"${n}","question":"${n}?","answer":"a"}\n`).join(''));
  workspace.files = Object.keys(files).map((name) => Uri.file(path(name)));
  workspace.workspaceFolders = [{ uri: Uri.file(folder) }];
  const saved = {
    steps: [60],
    folders: [folder],
    best: null,
    sets: { held: path('val') },
    train: path('train'),
    root: folder,
  };
  const reads = {
    checkpoints: () => saved,
    countRows,
    sharedWith,
    usableRows: () => ({ faults: [] }),
    unknownWords,
  };
  const calls: string[][] = [];
  const app = {
    service: { call: (name: keyof typeof reads, args: never) => Promise.resolve(reads[name](args)) },
    program: { answer: (_: unknown, words: string[]) => Promise.resolve(calls.push(words) && []) },
    roots: { allowed: [folder] },
    secrets: { get: () => Promise.resolve(undefined) },
  } as unknown as App;
  const places: string[] = [];
  person.pick = (place, labels) => {
    places.push(place);
    const isFirst = places.filter((each) => each === place).length === 1;
    if (place === 'Select a prompting strategy' && isFirst) return BACK;
    if (!place.includes('evaluation set')) return labels[0];
    return place.includes('at least') ? 'own.qa.jsonl' : 'no item';
  };
  const lists = vi.spyOn(window, 'createQuickPick');
  const shown = vi.spyOn(window, 'showQuickPick');
  await evaluateRun(app, { dir: join(folder, 'runs/given') });
  const list = lists.mock.results[1]!.value as unknown as { title: string };
  const items = (await shown.mock.calls[1]![0]) as unknown as Record<string, unknown>[];
  vi.restoreAllMocks();
  person.pick = () => undefined;
  [workspace.files, workspace.workspaceFolders] = [[], undefined];
  expect(list.title).toBe('Evaluate Checkpoint: given, step 60 (2 of 3)');
  expect(items.map(({ label, description, picked }) => [label, description, picked])).toEqual([
    ['val.qa.jsonl', 'evaluation set held · 1 row', true],
    ['own.qa.jsonl', '75.0% shared with the training rows · 4 rows', false],
    ['train.qa.jsonl', 'training rows · 3 rows', false],
  ]);
  const [sets, none] = ['Select evaluation sets', 'No set is selected. Select at least one evaluation set'];
  const strategy = 'Select a prompting strategy';
  expect(places).toEqual(['Select a checkpoint', sets, none, strategy, sets, none, strategy]);
  expect(calls.at(-1)).toEqual(expect.arrayContaining(['--set', `own=${path('own')}`]));
});

test('evaluateRun: lists only runs with a checkpoint', async () => {
  const folder = folderOfTests('chirality evaluate ');
  const run = (name: string, more: object = {}) => ({
    name,
    dir: join(folder, name),
    status: 'running',
    active: '',
    state: null,
    error: null,
    reward: null,
    meter: null,
    ...more,
  });
  const listed = [run('new'), run('external', { origin: { holds: 'a run', written: '', isCopy: false } })];
  const app = {
    runs: { refresh: () => Promise.resolve(listed) },
    panels: {},
    service: { call: (name: string, args: never) => Promise.resolve({ savedRuns }[name]!(args)) },
  } as unknown as App;
  const offered: string[][] = [];
  person.pick = (_, labels) => void offered.push(labels);
  await evaluateRun(app);
  expect(record.messages.at(-1)!.text).toBe('No run has a checkpoint yet. Wait for the first checkpoint.');
  listed.push(run('old'));
  mkdirSync(join(folder, 'old/checkpoints/step-000010'), { recursive: true });
  await evaluateRun(app);
  person.pick = () => undefined;
  expect(offered).toEqual([[expect.stringMatching(/ old$/)]]);
});

test('evaluateRun: marks sets with words that the model does not know, and does not accept them', async () => {
  const folder = folderOfTests('chirality evaluate ');
  const own = join(folder, 'own.qa.jsonl');
  writeFileSync(own, '{"id":"1","question":"Where is the cup ?","answer":"left","images":["a.png"]}\n');
  writeFileSync(join(folder, 'config.json'), '{"model":"chirality-embedded","words":["is","the","cup","?"]}');
  const saved = { steps: [60], folders: [folder], best: null, sets: { own }, train: own, root: folder };
  const reads = {
    checkpoints: () => saved,
    countRows,
    sharedWith,
    usableRows: () => ({ faults: [] }),
    unknownWords,
  };
  const commands: string[] = [];
  const app = {
    service: { call: (name: keyof typeof reads, args: never) => Promise.resolve(reads[name](args)) },
    program: { answer: (_: unknown, [name]: string[]) => Promise.resolve(commands.push(name!) && []) },
    roots: { allowed: [folder] },
    secrets: { get: () => Promise.resolve(undefined) },
  } as unknown as App;
  const places: string[] = [];
  person.pick = (place, labels) => {
    places.push(place);
    return place.startsWith('Clear') ? undefined : labels[0];
  };
  const shown = vi.spyOn(window, 'showQuickPick');
  await evaluateRun(app, { dir: join(folder, 'runs/given') });
  const [item] = (await shown.mock.calls[1]![0]) as unknown as Record<string, unknown>[];
  vi.restoreAllMocks();
  person.pick = () => undefined;
  expect(item).toMatchObject({
    description: expect.stringMatching(
      /^1 word unknown to the model, for example "Where" · evaluation set own/,
    ),
    picked: false,
  });
  expect(places.slice(1)).toEqual([
    'Select evaluation sets',
    'Clear own.qa.jsonl: the model does not know all of its words',
  ]);
  expect(commands).not.toContain('eval');
});

test('evaluateRun: offers to allow the data folder after a refusal', async () => {
  const kept: string[] = [];
  const saved = {
    steps: [60],
    folders: ['/m'],
    best: null,
    sets: { own: '/d/a' },
    train: '/d/a',
    root: '/d',
  };
  const reads = { checkpoints: saved, usableRows: { faults: [] }, unknownWords: [] };
  const calls: string[][] = [];
  const app = {
    service: { call: (name: keyof typeof reads) => Promise.resolve(reads[name] ?? 0) },
    program: { answer: (_: unknown, words: string[]) => Promise.resolve(calls.push(words) && []) },
    roots: {
      allowed: [],
      allow: () => Promise.resolve(false),
      keep: (folder: string) => Promise.resolve(void kept.push(folder)),
    },
    secrets: { get: () => Promise.resolve(undefined) },
  } as unknown as App;
  person.pick = (_, labels) => labels[0];
  for (const pressed of [undefined, 'Allow Folder']) {
    [record.messages, calls.length] = [[], 0];
    person.press = () => pressed;
    await evaluateRun(app, { dir: '/r/given' });
    expect(record.messages[0]).toMatchObject({
      text: 'Cannot read the data of given in /d, because you declined access.',
      buttons: ['Allow Folder'],
    });
    expect(calls.some(([command]) => command === 'eval')).toBe(pressed !== undefined);
  }
  [person.pick, person.press] = [() => undefined, () => undefined];
  expect(kept).toEqual(['/d']);
});

test('evaluateRun: offers to start a run if there are none', async () => {
  person.press = (_, buttons) => buttons[0];
  await evaluateRun({ runs: { refresh: () => Promise.resolve([]) }, panels: {} } as unknown as App);
  person.press = () => undefined;
  expect(record.messages).toMatchObject([
    { text: 'No suitable run in this workspace. Start a run first.', buttons: ['Start Run'] },
  ]);
  expect(record.executed).toEqual([['chirality.startRun']]);
});
