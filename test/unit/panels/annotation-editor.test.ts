import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { Service } from '../../../src/panels/service.host.ts';
import { checkDirty, VsCodeDocument } from './annotation-editor-law.ts';
import { record } from '../extension/fake-vscode.ts';

const folder = mkdtempSync(join(tmpdir(), 'chirality-editor-'));
const path = join(folder, 'data.qa.jsonl');
const service = new Service(resolve('dist/service.cjs'));
afterAll(async () => {
  await service.dispose();
  rmSync(folder, { recursive: true });
});

const row = (id: string, answer = 'Yes') => JSON.stringify({ id, question: 'Q?', answer, images: [] });
const write = (...rows: string[]) => writeFileSync(path, rows.map((text) => `${text}\n`).join(''));
beforeEach(() => {
  record.messages.length = 0;
  write(row('a'), row('b'));
});
const edit = ({ document }: VsCodeDocument, at: number, text: string) =>
  document.splice(at, 1, [text], 'Edit');

test('property: annotation editor: marks a document unlike its file as dirty', () => {
  const own = join(folder, 'law');
  mkdirSync(own);
  return checkDirty(own, 60);
});

test('annotation editor: stays dirty after a merge with external rows, despite any undo', async () => {
  const model = await VsCodeDocument.open(service, path);
  await edit(model, 0, row('a', 'No'));
  appendFileSync(path, `${row('c')}\n`);
  await model.document.merge();
  await model.undo();
  expect(model.dirty).toBe(true);
  await model.save();
  expect(model.dirty).toBe(false);
  expect(readFileSync(path, 'utf8')).toBe(`${[row('a', 'No'), row('b'), row('c')].join('\n')}\n`);
  model.document.dispose();
});

test('annotation editor: stays dirty with edits restored from a backup, despite any undo', async () => {
  const before = await VsCodeDocument.open(service, path);
  await edit(before, 0, row('a', 'No'));
  await before.document.backup(join(folder, 'kept.json'));
  before.document.dispose();
  const model = await VsCodeDocument.open(service, path, join(folder, 'kept.json'));
  expect(model.dirty).toBe(true);
  await edit(model, 1, row('b', 'No'));
  await model.undo();
  expect(model.dirty).toBe(true);
  model.document.dispose();
});

test('annotation editor: recreates a deleted file on save', async () => {
  const model = await VsCodeDocument.open(service, path);
  await edit(model, 0, row('a', 'No'));
  rmSync(path);
  await model.document.merge();
  await edit(model, 1, row('b', 'No'));
  await model.save();
  expect(readFileSync(path, 'utf8')).toBe(`${[row('a', 'No'), row('b', 'No')].join('\n')}\n`);
  model.document.dispose();
});

test('annotation editor: stores conflicting edits in a .conflict file, even after closing', async () => {
  const beside = join(folder, 'data.conflict.qa.jsonl');
  const model = await VsCodeDocument.open(service, path);
  await edit(model, 0, row('a', 'mine'));
  write(row('a', 'theirs'), row('b'));
  await model.save();
  expect(readFileSync(beside, 'utf8')).toBe(`${row('a', 'mine')}\n`);
  await edit(model, 1, row('b', 'mine'));
  await model.document.backup(join(folder, 'kept.json'));
  model.document.dispose();
  rmSync(path);
  const again = await VsCodeDocument.open(service, path, join(folder, 'kept.json'));
  expect(readFileSync(beside, 'utf8')).toBe(`${row('a', 'mine')}\n${row('b', 'mine')}\n`);
  expect(record.messages.map(({ text, buttons }) => [text, buttons])).toEqual(
    Array(2).fill([
      'Another program changed the same rows of data.qa.jsonl. One of your edits was not applied, but saved to data.conflict.qa.jsonl.',
      ['Open Edits'],
    ]),
  );
  expect(existsSync(path)).toBe(false);
  again.document.dispose();
});

test.each([
  ['{"version":1,"edits":[{"at":', /kept\.json cannot be read: it is not JSON/],
  ['{"version":1,"edits":"none"}', /"edits" must be a list/],
  [null, /does not exist. VS Code saved the edits when the window closed, or the edits are lost/],
])('annotation editor: opens despite the broken backup %j, and preserves the backup', async (text, why) => {
  const backup = join(folder, 'kept.json');
  rmSync(backup, { force: true });
  rmSync(`${backup}.broken`, { force: true });
  if (text !== null) writeFileSync(backup, text);
  const model = await VsCodeDocument.open(service, path, backup);
  expect(model.document.state()).toMatchObject({ rows: 2 });
  expect(record.messages.map(({ kind, text }) => [kind, text])).toEqual([
    ['warning', expect.stringMatching(why)],
  ]);
  if (text !== null) expect(readFileSync(`${backup}.broken`, 'utf8')).toBe(text);
  model.document.dispose();
});
