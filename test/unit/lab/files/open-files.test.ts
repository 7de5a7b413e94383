import { expect, test } from 'vitest';
import { openGraphFile } from '../../../../src/lab/datasets/foreign-graphs.ts';
import { openDataset } from '../../../../src/lab/datasets/open-dataset.ts';
import { explainError, ifMissing, noEntries, whyUnreadable } from '../../../../src/lab/files/disk-error.ts';
import { openFile } from '../../../../src/lab/files/regular.ts';

test('noEntries returns an empty list for a missing folder, but throws for too many open files', () => {
  const error = (code: string) => Object.assign(new Error(`${code}: no, scandir 'runs'`), { code });
  expect(noEntries(error('ENOENT'))).toEqual([]);
  expect(noEntries(error('EACCES'))).toEqual([]);
  for (const code of ['EMFILE', 'ENFILE']) {
    expect(() => noEntries(error(code))).toThrow(code);
    expect(explainError(error(code))).toContain('Too many files are open.');
  }
});

test('ifMissing returns its default only for missing files', () => {
  const error = (code: string) => Object.assign(new Error(`${code}: no, open 'state.json'`), { code });
  for (const code of ['ENOENT', 'ENOTDIR']) expect(ifMissing(null)(error(code))).toBeNull();
  for (const code of ['EACCES', 'EMFILE', 'EISDIR', 'EIO'])
    expect(() => ifMissing(null)(error(code))).toThrow(code);
});

test('openFile reports only absent files as missing', async () => {
  const why = (path: string) => openFile(path).then(() => 'open', whyUnreadable);
  expect(await why('/nowhere/at/all')).toBe('The file does not exist.');
  expect(await why('package.json/within')).toBe('The file does not exist.');
  expect(await why('src')).toBe('The path is a folder, not a file.');
  expect(await why('n'.repeat(1000))).toMatch(/^Cannot read the file: ENAMETOOLONG/);
  await expect(openDataset('src')).rejects.toThrow('The path is a folder, not a file.');
  await expect(openGraphFile('src')).rejects.toThrow('The path is a folder, not a file.');
});
