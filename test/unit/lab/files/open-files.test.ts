import { expect, test } from 'vitest';
import { explainError, ifMissing, noEntries } from '../../../../src/lab/files/disk-error.ts';

test('a folder that is not there has no entries; one that cannot be opened for want of handles is no empty folder', () => {
  const error = (code: string) => Object.assign(new Error(`${code}: no, scandir 'runs'`), { code });
  expect(noEntries(error('ENOENT'))).toEqual([]);
  expect(noEntries(error('EACCES'))).toEqual([]);
  for (const code of ['EMFILE', 'ENFILE']) {
    expect(() => noEntries(error(code))).toThrow(code);
    expect(explainError(error(code))).toContain('Too many files are open.');
  }
});

test('only what is missing is taken for nothing', () => {
  const error = (code: string) => Object.assign(new Error(`${code}: no, open 'state.json'`), { code });
  for (const code of ['ENOENT', 'ENOTDIR']) expect(ifMissing(null)(error(code))).toBeNull();
  for (const code of ['EACCES', 'EMFILE', 'EISDIR', 'EIO'])
    expect(() => ifMissing(null)(error(code))).toThrow(code);
});
