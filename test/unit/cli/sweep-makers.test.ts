import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { makeSets } from '../../../src/cli/sweep-read.ts';
import { planOf } from '../../support/sweep.ts';
import { folderOfEachTest, folderOfTests } from '../../support/folder.ts';

let folder = '';
let outside = '';
folderOfEachTest('makers-', (made) => (folder = made));
beforeEach(async () => {
  outside = folderOfTests('elsewhere-');
  await mkdir(join(folder, 'sweeps'));
  await writeFile(join(outside, 'rows.qa.jsonl'), '');
});
afterEach(async () => {
  for (const each of [folder, outside]) await rm(each, { recursive: true });
});

const make = (words: string[], sweep = join(folder, 'sweeps/a')) =>
  makeSets(sweep, { ...planOf(1), file: join(folder, 'a.sweep.yaml'), make: { set: words } });

it.each([
  [
    'a file',
    async () => symlink(join(outside, 'rows.qa.jsonl'), join(folder, 'rows.qa.jsonl')),
    'rows.qa.jsonl',
  ],
  ['a folder', async () => symlink(outside, join(folder, 'data')), 'data/rows.qa.jsonl'],
  ['a missing file', async () => symlink(join(outside, 'no'), join(folder, 'no')), 'no'],
])('sweep make: rejects a link to %s outside the folder', async (_, link, path) => {
  await link();
  await expect(make(['view', 'mirror', path])).rejects.toThrow(
    `make.set: ${join(folder, path)} leads outside ${folder}.`,
  );
});

it('sweep make: writes through a link to another folder only if the user passed the link', async () => {
  await symlink(outside, join(folder, 'sweeps/a'));
  await expect(make(['worlds', '--count', '1'])).rejects.toThrow('leads out');
  expect(await readdir(outside)).toEqual(['rows.qa.jsonl']);
  process.argv[1] = resolve('dist/cli.js');
  await make(['worlds', '--count', '1', '--style', 'compact', '--size', '16'], join(outside, 'a'));
  expect(await readdir(join(outside, 'a/data/set'))).toContain('data.qa.jsonl');
});
