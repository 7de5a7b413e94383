import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newToken, temporaryName } from '../../../../src/lab/files/leftovers.ts';
import { withFileLock } from '../../../../src/lab/files/file-lock.ts';
import { thisProcess } from '../../../../src/lab/files/process.ts';
import { isSlow, slowly } from '../../../support/slow.ts';
import { folderOfEachTest } from '../../../support/folder.ts';

let folder = '';
let path = '';
/** A lock as somebody left it, `seconds` ago. */
const lock = (holder: object | string, { token = 'a', seconds = 0 } = {}) => {
  const file = join(folder, '.data.qa.jsonl.lock', token, 'holder.json');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof holder === 'string' ? holder : JSON.stringify(holder));
  utimesSync(file, new Date(), Date.now() / 1000 - seconds);
};
folderOfEachTest('chirality-lock-', (made) => (folder = made));
beforeEach(() => {
  path = join(folder, 'data.qa.jsonl');
});
afterEach(() => chmodSync(folder, 0o700));

const work = () => withFileLock(path, () => Promise.resolve('done'));

/** A process that has ended. */
const ended = () => ({ host: hostname(), pid: spawnSync(process.execPath, ['-e', '']).pid, pid_start: '1' });

test('withFileLock runs one task at a time, even after the lock of a dead process', async () => {
  for (let round = 0; round < 5; round++) {
    lock(ended());
    let [inside, most, done] = [0, 0, 0];
    const one = () =>
      withFileLock(path, async () => {
        most = Math.max(most, ++inside);
        await new Promise((resolve) => setTimeout(resolve, 2));
        inside -= 1;
        done += 1;
      });
    await Promise.all(Array.from({ length: 12 }, one));
    expect([most, done]).toEqual([1, 12]);
    expect(readdirSync(folder)).toEqual([]);
  }
});

test('withFileLock takes over an old lock that is damaged or from another host', async () => {
  // Of another host, six seconds are waited for a sign of life: fence.test.ts waits for it, too.
  for (const holder of ['', '{"host": "', ...(isSlow ? [{ ...ended(), host: 'elsewhere' }] : [])]) {
    lock(holder, { seconds: 70 });
    expect(await work()).toBe('done');
    expect(readdirSync(folder)).toEqual([]);
  }
});

test('withFileLock recovers from the death of a process during a takeover, and leaves no files', async () => {
  lock(ended());
  mkdirSync(
    join(folder, temporaryName('.data.qa.jsonl.lock', newToken().replace(/^\d+/, `${ended().pid}`)), 'a'),
    { recursive: true },
  );
  expect(await work()).toBe('done');
  expect(readdirSync(folder)).toEqual([]);
});

slowly('withFileLock names a living process that does not release the lock', async () => {
  lock(await thisProcess());
  await expect(work()).rejects.toThrow(`Process ${process.pid} on ${hostname()} has held`);
  expect(readdirSync(folder)).toEqual(['.data.qa.jsonl.lock']);
});

test('withFileLock returns the lock to a restarted thread with the same token', async () => {
  const token = newToken();
  lock(await thisProcess(), { token });
  expect(await withFileLock(path, () => Promise.resolve('done'), token)).toBe('done');
  expect(readdirSync(folder)).toEqual([]);
});

test('withFileLock releases the lock if the work fails', async () => {
  await expect(withFileLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(readdirSync(folder)).toEqual([]);
});
