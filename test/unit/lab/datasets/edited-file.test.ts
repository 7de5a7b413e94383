import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { EditedFile } from '../../../../src/lab/datasets/edited-file.ts';
import { withFileLock } from '../../../../src/lab/files/file-lock.ts';
import { RowFile } from '../../../../src/lab/datasets/row-file.ts';
import { checkSequences } from './edited-file-law.ts';
import { checkWindows } from './windows-law.ts';
import { folderOfTests } from '../../../support/folder.ts';

const folder = folderOfTests('chirality-edited-');
const path = join(folder, 'data.qa.jsonl');

const row = (id: number | string) => `{"id": "${id}"}`;
async function edit(path: string) {
  const opened = await EditedFile.edit(path);
  onTestFinished(() => opened.file.close());
  return opened;
}
const open = (text: string) => {
  writeFileSync(path, text);
  return edit(path);
};
const onDisk = () => readFileSync(path, 'utf8');

test('property: edits, undos, redos, saves and crashes produce the same bytes as a list of lines', () =>
  checkSequences(path, 50));

test('property: two windows lose no row while another program writes and deletes the file', () =>
  checkWindows(join(folder, 'windows.qa.jsonl'), 60));

test('saving keeps the bytes of unedited lines: spacing, blank lines, broken rows, last line end', async () => {
  const text = '\uFEFF  {"id" :1}\t\n\n{broken\r\n{"id":2}  \n{"id": 3}';
  const { edits } = await open(text);
  await edits.edit(2, 1, [row('two')]);
  await edits.save();
  expect(onDisk()).toBe('\uFEFF  {"id" :1}\t\n\n{broken\r\n{"id": "two"}  \n{"id": 3}');
  await edits.edit(4, 0, [row('four')]);
  await edits.save();
  expect(onDisk()).toMatch(/\{"id": 3\}\n\{"id": "four"\}\n$/);
  while ((await edits.undo()) !== null);
  await edits.save();
  expect(onDisk()).toBe(text);
});

test('saving a file with a second hard link fails, and changes neither name', async () => {
  const { edits } = await open(`${row(1)}\n`);
  const other = join(folder, 'other.qa.jsonl');
  linkSync(path, other);
  await edits.edit(0, 1, [row('one')]);
  await expect(edits.save()).rejects.toThrow('with 2 hard links');
  expect([onDisk(), readFileSync(other, 'utf8')]).toEqual([`${row(1)}\n`, `${row(1)}\n`]);
  rmSync(other);
  await edits.save();
  expect(onDisk()).toBe(`${row('one')}\n`);
});

test('an edit rejects a row of several lines or without text', async () => {
  const { edits } = await open(`${row(1)}\n`);
  await expect(edits.edit(0, 1, ['{\n}'])).rejects.toThrow('one line');
  await expect(edits.edit(0, 1, [' '])).rejects.toThrow('one line');
  await expect(edits.edit(1, 1, [row(2)])).rejects.toThrow(RangeError);
  expect(edits.backup().edits).toEqual([]);
});

beforeEach(() => rmSync(path, { force: true }));

test('reloading merges changes of another program, and reports rows that both changed', async () => {
  const { file, edits } = await open([0, 1, 2, 3, 4].map((id) => `${row(id)}\n`).join(''));
  await edits.edit(1, 1, [row('mine')]);
  await edits.edit(3, 1, []);
  await edits.edit(4, 0, [row('new')]);
  appendFileSync(path, `${row(5)}\n`);
  expect(await file.changedOutside()).toBe(true);
  expect(await edits.save()).toBe(false);
  writeFileSync(`${path}.new`, ['top', 0, 1, 2, 'theirs', 4, 5].map((id) => `${row(id)}\n`).join(''));
  renameSync(`${path}.new`, path);
  const conflicts = await edits.reload();
  expect(conflicts).toMatchObject([{ removed: [`${row(3)}\n`], inserted: [] }]);
  await edits.save();
  expect(onDisk()).toBe(['top', 0, 'mine', 2, 'theirs', 4, 'new', 5].map((id) => `${row(id)}\n`).join(''));
  await edits.reload([]);
  expect(await edits.undo()).toBeNull();
});

test('saving preserves rows that another program writes during the save', async () => {
  const { edits } = await open([0, 1].map((id) => `${row(id)}\n`).join(''));
  await edits.edit(0, 1, [row('mine')]);
  const bytes = vi.spyOn(RowFile.prototype, 'bytes').mockImplementationOnce(function (
    this: RowFile,
    ...args
  ) {
    appendFileSync(path, `${row('theirs')}\n`);
    return RowFile.prototype.bytes.apply(this, args);
  });
  expect(await edits.save()).toBe(false);
  bytes.mockRestore();
  expect(await edits.reload()).toEqual([]);
  await edits.save();
  expect(onDisk()).toBe(['mine', 1, 'theirs'].map((id) => `${row(id)}\n`).join(''));
});

test.skipIf(process.platform === 'win32')('saving keeps permissions, and follows links', async () => {
  const real = join(folder, 'real.qa.jsonl');
  writeFileSync(real, `${row(1)}\n`);
  chmodSync(real, 0o640);
  symlinkSync('real.qa.jsonl', path);
  const { edits } = await edit(path);
  await edits.edit(0, 1, [row(2)]);
  await edits.save();
  expect(readFileSync(real, 'utf8')).toBe(`${row(2)}\n`);
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
  expect(statSync(real).mode & 0o777).toBe(0o640);
});

test('a last row without a line end remains a separate line after edits and merges', async () => {
  for (const end of ['\n', '\r\n']) {
    const { edits } = await open([0, 1].map(row).join(end));
    await edits.edit(1, 1, [row('mine')]);
    appendFileSync(path, `${end}${row('theirs')}${end}`);
    expect(await edits.merge()).toEqual([]);
    await edits.save();
    expect(onDisk()).toBe([0, 'mine', 'theirs'].map((id) => `${row(id)}${end}`).join(''));
    // And the other way round: their version has lost its end, and mine goes on below.
    await edits.edit(3, 0, [row('last')]);
    writeFileSync(path, [0, 'mine', 'theirs'].map(row).join(end));
    expect(await edits.merge()).toEqual([]);
    await edits.save();
    expect(onDisk()).toBe([0, 'mine', 'theirs', 'last'].map((id) => `${row(id)}${end}`).join(''));
  }
});

test('merging recognises a last row that gained only its line end', async () => {
  const { file, edits } = await open([0, 1, 2, 3, 4].map(row).join('\n'));
  await edits.edit(5, 0, [row('five'), row('six')]);
  await edits.edit(2, 2, []);
  writeFileSync(path, [0, 3, 4].map(row).join('\n'));
  const conflicts = (await edits.merge())!;
  expect(conflicts.map(({ removed, inserted }) => [removed.length, inserted])).toEqual([[2, []]]);
  expect(await edits.read((pieces) => file.texts(pieces))).toEqual([0, 3, 4, 'five', 'six'].map(row));
});

test('merging keeps edits and rows of a program that appended to and deleted the file', async () => {
  const { file, edits } = await open(`${row(0)}\n${row(1)}`);
  await edits.edit(0, 1, [row('mine')]);
  appendFileSync(path, `\n${row('theirs')}\n`);
  rmSync(path);
  expect(await edits.merge()).toEqual([]);
  expect(await edits.read((pieces) => file.texts(pieces))).toEqual(['mine', 1, 'theirs'].map(row));
  expect(edits.isUnsaved).toBe(true);
  expect(await edits.save()).toBe(true);
  expect(readFileSync(path, 'utf8')).toBe(['mine', 1, 'theirs'].map((id) => `${row(id)}\n`).join(''));
});

test('copying to a file waits while another process replaces that file', async () => {
  const { file } = await open(`${row(0)}\n`);
  const to = join(folder, 'copy.qa.jsonl');
  let copied = false;
  const copy = withFileLock(to, async () => {
    const writing = file.copy(to, [{ base: 0, count: 1 }]).then(() => (copied = true));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect([copied, existsSync(to)]).toEqual([false, false]);
    return { writing };
  });
  await (
    await copy
  ).writing;
  expect(readFileSync(to, 'utf8')).toBe(`${row(0)}\n`);
});

test('saving writes all rows again after the file and its folder were deleted', async () => {
  const away = join(folder, 'branch');
  mkdirSync(away);
  const gone = join(away, 'data.qa.jsonl');
  writeFileSync(gone, [0, 1, 2].map((id) => `${row(id)}\n`).join(''));
  const { file, edits } = await edit(gone);
  await edits.edit(1, 1, [row('mine')]);
  rmSync(away, { recursive: true });
  expect(await edits.merge()).toBeNull();
  expect(await edits.read((pieces) => file.texts(pieces))).toEqual([0, 'mine', 2].map(row));
  expect(await edits.save()).toBe(true);
  expect(readFileSync(gone, 'utf8')).toBe([0, 'mine', 2].map((id) => `${row(id)}\n`).join(''));
  // What lies there again is another program's file.
  rmSync(gone);
  await edits.edit(0, 1, [row('top')]);
  writeFileSync(gone, `${row(0)}\n${row('back')}\n`);
  expect(await edits.save()).toBe(false);
  expect(await edits.merge()).toEqual([]);
  await edits.save();
  expect(readFileSync(gone, 'utf8')).toBe([row('top'), row('back'), ''].join('\n'));
});
