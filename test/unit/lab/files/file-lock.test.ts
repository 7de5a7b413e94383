import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { sha256 } from '../../../../src/lab/files/atomic.ts';
import { newToken } from '../../../../src/lab/files/leftovers.ts';
import { withFileLock } from '../../../../src/lab/files/file-lock.ts';
import { thisProcess } from '../../../../src/lab/runs/process.ts';

let folder = '';
let path = '';
const lock = (text: string | object) =>
  writeFileSync(join(folder, '.data.qa.jsonl.lock'), typeof text === 'string' ? text : JSON.stringify(text));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chirality-lock-'));
  path = join(folder, 'data.qa.jsonl');
});
afterEach(() => {
  vi.restoreAllMocks();
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

/** A minute is over whenever somebody looks at the clock. */
const hurry = () => {
  let now = Date.now();
  vi.spyOn(Date, 'now').mockImplementation(() => (now += 60_000));
};
const work = () => withFileLock(path, () => Promise.resolve('done'));

/** A process that has ended. */
const ended = () => ({
  host: hostname(),
  pid: spawnSync(process.execPath, ['-e', '']).pid,
  pid_start: '1',
  token: newToken(),
});

test('one works at a time, also where many find the lock of a process that is gone', async () => {
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

test('a lock that was cut short, or whose host is another one, is taken over after a while', async () => {
  hurry();
  for (const text of ['', '{"host": "', { ...ended(), host: 'elsewhere' }]) {
    lock(text);
    expect(await work()).toBe('done');
    expect(readdirSync(folder)).toEqual([]);
  }
});

test('whoever died while taking a lock over holds nobody up', async () => {
  const gone = JSON.stringify(ended());
  lock(gone);
  const claim = `.data.qa.jsonl.lock.${sha256(gone).slice(0, 12)}`;
  writeFileSync(join(folder, claim), JSON.stringify(ended()));
  expect(await work()).toBe('done');
  expect(readdirSync(folder)).toEqual([]);
});

test('a process that lives and does not let go is named', async () => {
  hurry();
  lock({ ...(await thisProcess()), token: newToken() });
  await expect(work()).rejects.toThrow(`Process ${process.pid} has been writing`);
  expect(readdirSync(folder)).toEqual(['.data.qa.jsonl.lock']);
});

test('a thread that was killed while it held the lock has it again in its next life', async () => {
  const token = newToken();
  lock({ ...(await thisProcess()), token });
  expect(await withFileLock(path, () => Promise.resolve('done'), token)).toBe('done');
  expect(readdirSync(folder)).toEqual([]);
});

test('work that fails gives the lock back', async () => {
  await expect(withFileLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(readdirSync(folder)).toEqual([]);
});
