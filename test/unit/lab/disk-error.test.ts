import { execFile } from 'node:child_process';
import { existsSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { explainError } from '../../../src/lab/files/disk-error.ts';
import { writeFolder } from '../../../src/lab/files/leftovers.ts';
import { makeFolder } from '../../../src/lab/files/folders.ts';
import { CLI } from './recipes/cli.ts';
import { folderOfTests } from '../../support/folder.ts';

const folder = folderOfTests('chirality-disk-');

const failure = (path: string) =>
  makeFolder(path).then(
    () => null,
    (error: Error) => explainError(error),
  );

test('makeFolder creates missing parent folders, and accepts an existing folder', async () => {
  for (const path of ['a/b/c', 'a/b/c', 'a/b/d', 'a']) expect(await failure(join(folder, path))).toBeNull();
  expect(readdirSync(join(folder, 'a/b'))).toEqual(['c', 'd']);
});

test('makeFolder creates shared parents in parallel calls', async () => {
  for (let i = 0; i < 200; i++) {
    const paths = ['a', 'b', 'c', 'd'].map((name) => join(folder, `shared/${i}`, name));
    expect(await Promise.all(paths.map(failure))).toEqual([null, null, null, null]);
  }
});

test('writeFolder preserves a folder that another program created, and names the folder', async () => {
  const out = join(folder, 'out');
  const ends = await Promise.allSettled(
    ['a', 'b'].map((name) =>
      writeFolder(out, (staging) => Promise.resolve(writeFileSync(join(staging, name), name))),
    ),
  );
  const refused = ends.flatMap((end) =>
    end.status === 'rejected' ? [explainError(end.reason as Error)] : [],
  );
  expect(refused).toEqual([
    `Another program created ${out}, so Chirality did not overwrite that path. Choose another folder.`,
  ]);
  expect(readdirSync(out)).toHaveLength(1);
});

test.each(['file', 'file/under', 'file/far/under'])('makeFolder rejects the path %s', async (name) => {
  writeFileSync(join(folder, 'file'), '');
  expect(await failure(join(folder, name))).toMatch(
    /^Cannot create folder .*file.*: a file already exists at this path or at one of its parent folders\. Choose another path\.$/,
  );
});

test('explainError names a circular link', async () => {
  const link = join(folder, 'loop');
  symlinkSync('loop', link);
  const error = await readdir(link).catch((error: unknown) => error as Error);
  expect(explainError(error as Error)).toBe(`${link} is a circular link.`);
});

test('explainError reports a path that is too long', async () => {
  expect(await failure(join(folder, 'x'.repeat(300), 'y'))).toContain('the name is too long');
});

describe.skipIf(!existsSync('/proc/self'))('a file system that does not allow folders', () => {
  test.each([
    [['worlds', '--count', '1', '-o', '/proc/nowhere'], '/proc/nowhere'],
    [['worlds', '--count', '1', '-o', '/proc/nowhere/below'], '/proc/nowhere'],
    [['demo', '--fast', '-o', '/proc/nowhere'], '/proc/nowhere'],
  ])('explainError reports path, reason and fix for %j', async (args, path) => {
    const said = await new Promise<string>((resolve) => {
      execFile(process.execPath, [CLI, ...args], { timeout: 20_000 }, (_, __, stderr) => resolve(stderr));
    });
    expect(said).toBe(
      `chirality: Cannot create folder ${path}: the file system does not allow folders at this path. Choose another path.\n`,
    );
  });
});
