import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { App } from '../../../src/extension/app.ts';
import { deleteRuns, editNotes, nameFlaw, renameRun } from '../../../src/extension/commands/keep-runs.ts';
import { person, record } from './fake-vscode.ts';
import { UNREAD } from '../../../src/lab/operations/list-runs.action.ts';
import { folderOfTests } from '../../support/folder.ts';

let root: string;
/** Status of every run. */
let status: Record<string, string>;
const app = (...front: string[]) =>
  ({
    panels: { runs: {}, runsTable: { front: { dirs: front.map((name) => join(root, name)) } } },
    runs: {
      refresh: () =>
        Promise.resolve(
          Object.entries(status).map(([name, value]) => ({
            ...UNREAD,
            dir: join(root, name),
            name,
            state: { status: value, step: 1, steps: 2, heartbeat: '2026-03-01T10:00:00Z' },
            ...(value === 'foreign' && { origin: { holds: 'TRL', written: '', isCopy: false } }),
          })),
        ),
      runs: () => [{ dir: join(root, 'theirs'), name: 'theirs', state: null, origin: { isCopy: false } }],
    },
  }) as unknown as App;
const at = (name: string) => ({ dir: join(root, name) });

beforeEach(() => {
  root = folderOfTests('chirality keep ');
  status = { done: 'finished', old: 'failed', busy: 'running' };
  for (const name of Object.keys(status)) {
    mkdirSync(join(root, name, 'checkpoints'), { recursive: true });
    writeFileSync(join(root, name, 'run.yaml'), '');
  }
});

test('deleteRuns: deletes all selected runs after confirmation', async () => {
  await deleteRuns(app(), at('done'), [at('done'), at('old')]);
  expect(record.messages[0]!.text).toBe('Delete 2 runs?');
  expect(readdirSync(root)).toEqual(['busy', 'done', 'old']);
  person.press = () => 'Delete';
  await deleteRuns(app(), at('done'), [at('done'), at('old')]);
  expect(readdirSync(root)).toEqual(['busy']);
});

test('acts on the run in front of the user, and asks if the command does not suit that run', async () => {
  person.press = () => 'Delete';
  await deleteRuns(app('old'));
  expect(record.messages.at(-1)!.text).toBe(`Delete run old in ${root}?`);
  expect(readdirSync(root)).toEqual(['busy', 'done']);
  const listed: string[][] = [];
  person.pick = (_, labels) => void listed.push(labels.map((label) => label.replace(/^.* /, '')));
  await renameRun(app('busy'));
  await renameRun(app('busy', 'old'));
  expect(listed).toEqual([
    ['done', 'old'],
    ['old', 'done'],
  ]);
});

test('active run: cannot be deleted or renamed', async () => {
  person.press = () => 'Delete';
  person.type = () => 'other';
  await deleteRuns(app(), at('busy'));
  await renameRun(app(), at('busy'));
  expect(record.messages.map(({ kind, text }) => `${kind}: ${text}`)).toEqual([
    'warning: busy: an active run cannot be deleted. Stop the run first.',
    'warning: busy: an active run cannot be renamed. Stop the run first.',
  ]);
  expect(existsSync(join(root, 'busy', 'run.yaml'))).toBe(true);
});

test('deleteRuns: keeps a run that was resumed during confirmation', async () => {
  person.press = () => {
    status.old = 'running';
    return 'Delete';
  };
  await deleteRuns(app(), at('old'));
  expect(existsSync(join(root, 'old'))).toBe(true);
});

test('renameRun: renames a run within its folder, and rejects invalid names', async () => {
  person.type = () => ' best ';
  await renameRun(app(), at('done'));
  expect(readdirSync(root)).toEqual(['best', 'busy', 'old']);
  // The last ones cannot be copied to Windows.
  const refused = ['', '..', 'a/b', '-x', 'old', 'con', 'Aux.2', 'best.', 'a?', 'tab\tbed'];
  const allowed = ['new one', 'console', 'eta=1, ε'];
  expect([...refused, ...allowed].filter((name) => nameFlaw(root, name, 'best') === null)).toEqual(allowed);
});

test('editNotes: creates and opens notes.md in the run', async () => {
  await editNotes(app(), at('done'));
  expect(existsSync(join(root, 'done', 'notes.md'))).toBe(true);
  expect(record.executed.at(-1)).toMatchObject(['vscode.open', { path: join(root, 'done', 'notes.md') }]);
});

test('external run: cannot be deleted, renamed or annotated with notes', async () => {
  status.theirs = 'foreign';
  mkdirSync(join(root, 'theirs'));
  person.press = () => 'Delete';
  person.type = () => 'other';
  await deleteRuns(app(), at('done'), [at('done'), at('theirs')]);
  await renameRun(app(), at('theirs'));
  await editNotes(app(), at('theirs'));
  expect(record.messages.map(({ text }) => text)).toEqual([
    'theirs: an external run cannot be deleted in Chirality.',
    'theirs: an external run cannot be renamed in Chirality.',
    'Cannot write notes into the folder of the external run theirs. Import the run and add notes to the copy.',
  ]);
  expect(readdirSync(join(root, 'theirs'))).toEqual([]);
  expect(existsSync(join(root, 'done'))).toBe(true);
});
