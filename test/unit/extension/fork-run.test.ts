import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import type { App } from '../../../src/extension/app.ts';
import { forkRun, startWith } from '../../../src/extension/commands/fork-run.ts';
import { BACK, person, record } from './fake-vscode.ts';
import { folderOfTests } from '../../support/folder.ts';

let root: string;
const call = vi.fn();
const answer = vi.fn();
const open = vi.fn();
const app = () =>
  ({
    service: { call },
    program: { answer },
    secrets: { get: () => Promise.resolve(undefined) },
    runs: { refresh: () => Promise.resolve([]) },
    panels: { runs: { open } },
  }) as unknown as App;
const tried = () => ({ run: join(root, 'runs/spatial'), step: 43, set: ['coupling.eta=2'] });

beforeEach(() => {
  root = folderOfTests('chirality fork ');
  for (const each of [call, answer, open]) each.mockReset();
});

test('forkRun: names the starting checkpoint and shows the fork next to its parent', async () => {
  call.mockResolvedValue({ step: 40, changes: 'coupling.eta 1 → 2', broken: [] });
  const dir = join(root, 'runs/eta-2');
  answer.mockResolvedValue({ dir, step: 40 });
  let prompt = '';
  person.type = (asked) => {
    prompt = asked;
    return 'eta-2';
  };
  await forkRun(app(), tried());
  expect(prompt).toContain(
    'step 40 (the last checkpoint at or before step 43). Changed: coupling.eta 1 → 2.',
  );
  const { run } = tried();
  expect(answer.mock.calls[0]![1]).toEqual([
    'fork',
    run,
    '--step',
    '43',
    '--set',
    'coupling.eta=2',
    '--name',
    'eta-2',
    '--json',
  ]);
  expect(open).toHaveBeenCalledWith({ dirs: [run, dir] });
  expect(record.messages).toEqual([]);
  expect(record.statusBarMessages.at(-1)).toBe('$(check) Run eta-2 continues from step 40 of spatial.');
});

test('forkRun: changes settings one by one from the palette, and removes changes again, and goes back', async () => {
  const run = join(root, 'runs/spatial');
  const settings = [
    { label: 'Steps', path: 'steps', value: 60, choices: null },
    { label: 'Scope of mean and std', path: 'advantages.scope', value: 'group', choices: ['group', 'pair'] },
  ];
  call.mockImplementation((name: string) =>
    Promise.resolve(
      name === 'checkpoints'
        ? { steps: [20, 40], folders: [], best: null }
        : name === 'forkSettings'
          ? settings
          : { step: 20, changes: 'some', broken: [] },
    ),
  );
  answer.mockResolvedValue({ dir: join(root, 'runs/fork'), step: 20 });
  const picks = [
    'Step 40',
    BACK,
    'Step 20',
    'Steps',
    'Scope of mean and std',
    BACK,
    'Scope of mean and std',
    'pair',
    '$(close) steps=90',
    'Enter Another',
    '$(repo-forked)',
  ];
  const offered: string[][] = [];
  person.pick = (_, labels) => {
    offered.push(labels);
    const next = picks.shift()!;
    if (next === BACK) return BACK;
    return labels.find((label) => label.startsWith(next));
  };
  const typed = ['90', 'checkpoint.every=10', 'fork'];
  person.type = () => typed.shift();
  await forkRun(app(), { dir: run });
  expect(offered.at(-1)).toEqual([
    '$(repo-forked) Fork',
    '$(close) advantages.scope=pair',
    '$(close) checkpoint.every=10',
    'settings to change',
    'Steps',
    'Scope of mean and std',
    'Enter Another Setting…',
  ]);
  expect(answer.mock.calls[0]![1]).toEqual(
    expect.arrayContaining(['--step', '20', '--set', 'advantages.scope=pair', 'checkpoint.every=10']),
  );
});

test('forkRun: shows an error without a name, and starts nothing', async () => {
  call.mockResolvedValue({ step: 40, changes: 'nothing', broken: [] });
  await forkRun(app(), tried());
  call.mockRejectedValue(new Error('spatial has no checkpoint yet.'));
  await forkRun(app(), tried());
  expect(answer).not.toHaveBeenCalled();
  expect(record.messages.map(({ text }) => text)).toEqual([
    'Cannot fork the run: spatial has no checkpoint yet.',
  ]);
});

test('startWith: writes changed settings to a config with relative paths, and opens the config', async () => {
  const target = join(root, 'spatial-eta-2.run.yaml');
  call.mockResolvedValue('recipe: grpo\n');
  let proposed = '';
  person.save = (uri) => {
    proposed = uri.fsPath;
    return uri;
  };
  await startWith(app(), tried());
  expect(proposed).toBe(target);
  expect(call).toHaveBeenCalledWith('configWith', { ...tried(), folder: root });
  expect(readFileSync(target, 'utf8')).toBe('recipe: grpo\n');
  // The name is now taken, so the next config gets another one.
  await startWith(app(), tried());
  expect(proposed).toBe(join(root, 'spatial-eta-2-2.run.yaml'));
});
