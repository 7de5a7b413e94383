import { beforeEach, expect, test, vi } from 'vitest';
import {
  chooseMirror,
  chooseRight,
  findPictures,
  joinDataSet,
  valuesText,
} from '../../../src/extension/commands/interpret-run.ts';
import { Interpretations } from '../../../src/extension/commands/interpretations.ts';
import { NO_INTERPRETATION } from '../../../src/core/run-data/interpretation.ts';
import { rewardValues } from '../../../src/lab/foreign/foreign-run.ts';
import { fakeContext, person, record, Uri, workspace } from './fake-vscode.ts';

const dir = '/out/grpo';
const rewards = [
  rewardValues('letters', [0.25, null, 0.5]),
  rewardValues('format', [1, 1, 0]),
  rewardValues('accuracy', [0, 1, 0]),
].flatMap((values) => values ?? []);

let stored: Record<string, unknown>;
let told: unknown[];
let start: () => void;
let changed: ReturnType<typeof vi.fn>;
let offered: string[];
let missed: string | null;
let kept: string[];

/** The extension after a start of the window. */
function opened() {
  const call = (name: string, args: unknown) => {
    if (name === 'newRoot') return Promise.resolve({ root: '/moved', missed });
    if (name === 'rewardsOfRun')
      return Promise.resolve({ rewards, proposed: 'accuracy', sets: ['worlds', 'mirrored'] });
    told.push(args);
    return Promise.resolve();
  };
  const onStart = (starter: () => void) => ((start = starter), () => undefined);
  const service = { call, callOnce: call, onStart };
  const interpretations = new Interpretations(fakeContext(stored).workspaceState as never, service as never);
  const roots = { keep: (folder: string) => Promise.resolve(void kept.push(folder)) };
  const traces = {
    front: { key: dir, dirs: [dir] },
    all: [
      { key: dir, changed },
      { key: '/other', changed: expect.fail },
    ],
  };
  return {
    app: {
      interpretations,
      service,
      roots,
      runs: { refresh: () => Promise.resolve([]) },
      panels: { traces, runs: {}, dataSets: {} },
    } as never,
    interpretations,
  };
}

beforeEach(() => {
  [stored, told, offered, kept] = [{}, [], [], []];
  missed = null;
  changed = vi.fn();
});
const pick = (label: string | undefined) => {
  person.pick = (_, labels) => {
    offered = labels;
    return labels.find((each) => label !== undefined && each.includes(label));
  };
};

test('chooseRight: offers the likely correctness reward first, and informs a new service', async () => {
  const { app, interpretations } = opened();
  pick('accuracy');
  await chooseRight(app);
  expect(offered.join()).toBe('accuracy,letters,format,$(circle-slash) Continue Without Correctness Reward');
  expect(record.messages.at(-1)).toMatchObject({
    text: 'grpo: completions with accuracy = 1 count as correct.',
    buttons: ['Undo'],
  });
  expect(told).toEqual([{ dir, right: 'accuracy', data: null, mirrorOf: null, root: null }]);
  expect(changed).toHaveBeenCalledTimes(1);
  // What else is said meanwhile stays when it is undone.
  person.press = () => 'Undo';
  await interpretations.keep(dir, { data: '/d/rows.csv' });
  pick('format');
  await chooseRight(app);
  await vi.waitFor(() =>
    expect(interpretations.of(dir)).toEqual({
      right: 'accuracy',
      data: '/d/rows.csv',
      mirrorOf: null,
      root: null,
    }),
  );
  await interpretations.keep(dir, { data: null });
  person.press = () => undefined;
  told.splice(1);
  // The window is opened again: what was said comes back with it, ticked in the list.
  const again = opened();
  start();
  expect(told).toHaveLength(2);
  expect(told[1]).toEqual(told[0]);
  pick(undefined);
  await chooseRight(again.app);
  expect(offered[0]).toBe('$(check) accuracy');
  pick('Without Correctness');
  await chooseRight(again.app);
  expect(told.at(-1)).toEqual({ dir, right: null, data: null, mirrorOf: null, root: null });
  expect(again.interpretations.of(dir)).toEqual(NO_INTERPRETATION);
  expect(stored).toEqual({ 'chirality.interpretations': {} });
  expect(interpretations.of('/other')).toEqual(NO_INTERPRETATION);
});

test.each([
  [[0, 1, 1, 1], 'Only 0 and 1; 75.0% are 1.'],
  [[0, 0], 'Constant reward of 0.'],
  [[1, 1], 'Constant reward of 1.'],
  [[0.25, 0.5], 'From 0.25 to 0.5; never 1.'],
])('valuesText: describes the values %j as "%s"', (values, text) => {
  expect(valuesText(rewardValues('accuracy', values)!)).toBe(text);
});

test('joinDataSet: maps a run to a dataset inside or outside the workspace, with undo', async () => {
  const { app, interpretations } = opened();
  workspace.files = [Uri.file('/rows/train.qa.jsonl')];
  pick('train.qa.jsonl');
  person.press = () => 'Undo';
  await joinDataSet(app);
  await vi.waitFor(() => expect(interpretations.of(dir).data).toBeNull());
  expect(told).toEqual([
    { dir, right: null, data: '/rows/train.qa.jsonl', mirrorOf: null, root: null },
    { dir, right: null, data: null, mirrorOf: null, root: null },
  ]);
  person.press = () => undefined;
  person.open = () => [Uri.file('/elsewhere/rows.parquet')];
  pick('Browse');
  await joinDataSet(app);
  expect(interpretations.of(dir).data).toBe('/elsewhere/rows.parquet');
  pick(undefined);
  await joinDataSet(app);
  expect(offered).toEqual([
    '$(check) rows.parquet',
    'train.qa.jsonl',
    '$(folder-opened) Browse…',
    '$(circle-slash) Continue Without Dataset',
  ]);
});

test('chooseMirror: maps one evaluation set as the mirror of another, with undo', async () => {
  const { app, interpretations } = opened();
  pick('mirrored');
  await chooseMirror(app);
  expect(offered).toEqual(['mirrored', 'worlds', '$(circle-slash) Continue Without Mirror Set']);
  expect(record.messages.at(-1)).toMatchObject({ text: 'grpo: mirrored is the mirror of worlds.' });
  expect(told.at(-1)).toEqual({
    dir,
    right: null,
    data: null,
    mirrorOf: { original: 'worlds', mirror: 'mirrored' },
    root: null,
  });
  person.press = () => 'Undo';
  pick('None');
  await chooseMirror(app);
  expect(offered[0]).toBe('$(check) mirrored');
  await vi.waitFor(() => expect(interpretations.of(dir).mirrorOf?.mirror).toBe('mirrored'));
});

test('findPictures: maps the data folder of a moved run, and confirms a folder without data', async () => {
  const { app, interpretations } = opened();
  person.open = () => [Uri.file('/moved/train')];
  await findPictures(app);
  expect(interpretations.of(dir).root).toBe('/moved');
  expect(kept).toEqual(['/moved']);
  expect(record.messages.at(-1)).toMatchObject({
    text: 'grpo: loading images and rows from /moved.',
    buttons: ['Undo'],
  });
  expect(changed).toHaveBeenCalledTimes(1);
  missed = 'train/data.qa.jsonl';
  await findPictures(app);
  expect(record.messages.at(-1)!.text).toContain('/moved does not contain train/data.qa.jsonl');
  expect(changed).toHaveBeenCalledTimes(1);
  person.press = () => 'Use Folder Anyway';
  await findPictures(app);
  expect(changed).toHaveBeenCalledTimes(2);
});
