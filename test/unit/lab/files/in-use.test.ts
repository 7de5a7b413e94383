import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { rename, replaceOpen, untilReleased } from '../../../../src/lab/files/in-use.ts';
import { explainError } from '../../../../src/lab/files/disk-error.ts';
import { folderOfTests } from '../../../support/folder.ts';

const folder = folderOfTests('chirality-in-use-');
const [from, to] = [join(folder, 'from'), join(folder, 'to')];
beforeEach(() => {
  writeFileSync(from, 'new');
  writeFileSync(to, 'old');
});

/** Work that the system refuses so many times. */
function refused(times: number, code: string) {
  let tries = 0;
  return () =>
    tries++ < times ? Promise.reject(Object.assign(new Error(code), { code })) : Promise.resolve(tries);
}

test('untilReleased retries on a file in use on Windows until a timeout', async () => {
  for (const code of ['EPERM', 'EACCES', 'EBUSY'])
    expect(await untilReleased(refused(3, code), 2000, 'win32')).toBe(4);
  await expect(untilReleased(refused(1e6, 'EBUSY'), 50, 'win32')).rejects.toThrow('EBUSY');
  await expect(untilReleased(refused(1, 'ENOENT'), 2000, 'win32')).rejects.toThrow('ENOENT');
  await expect(untilReleased(refused(1, 'EPERM'), 2000, 'linux')).rejects.toThrow('EPERM');
});

test('rename replaces a file while another handle reads it', async () => {
  const reader = await open(to);
  await rename(from, to);
  expect(await reader.readFile('utf8')).toBe('old');
  await reader.close();
  expect([readFileSync(to, 'utf8'), readdirSync(folder)]).toEqual(['new', ['to']]);
});

test('replaceOpen moves an open target aside, and restores the target without a new file', async () => {
  await replaceOpen(from, to);
  expect([readFileSync(to, 'utf8'), readdirSync(folder)]).toEqual(['new', ['to']]);
  await expect(replaceOpen(from, to)).rejects.toThrow('ENOENT');
  expect([readFileSync(to, 'utf8'), readdirSync(folder)]).toEqual(['new', ['to']]);
});

test('replaceOpen leaves a folder in place', async () => {
  rmSync(to);
  mkdirSync(to);
  writeFileSync(join(to, 'kept'), '');
  const error = (await replaceOpen(from, to).catch((thrown: Error) => thrown)) as Error;
  expect(readdirSync(to)).toEqual(['kept']);
  const refusal = Object.assign(new Error('EPERM: operation not permitted, rename'), {
    path: from,
    dest: to,
  });
  expect(error.message).toMatch(/^(EISDIR|EPERM)/);
  expect(explainError(refusal)).toBe(
    `Cannot write ${to}. Check the permissions of the path, and close other programs that use the path.`,
  );
  rmSync(to, { recursive: true });
});
